package dev.flambeau.zoo;

import dev.flambeau.onnx.OnnxConformance;
import dev.flambeau.torch.conformance.CaseResult.Outcome;
import dev.flambeau.torch.conformance.ConformanceRunner;
import dev.flambeau.torch.conformance.FileResult;
import dev.flambeau.torch.conformance.NetworkRunner;
import dev.flambeau.torch.conformance.OperatorPage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares with recorded answers of PyTorch and ONNX. */
@Command(name = "conformance", description = "Compares with recorded answers of PyTorch and ONNX.")
final class ConformanceCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "conformance: say what to compare: ops DIR, nn DIR or onnx DIR");
  }

  @Command(
      name = "ops",
      description = {
        "Runs PyTorch's operator samples: a line for each operator that fails, then the counts.",
        "Exit code 1 if a case failed."
      })
  int ops(
      @Parameters(paramLabel = "DIR", description = "A folder of safetensors files of samples.")
          Path folder,
      @Option(names = "--page", description = "Writes the page of operators to this file.")
          Optional<Path> page)
      throws IOException {
    List<Path> files = found(folder, ConformanceRunner::files, "safetensors files");
    PrintWriter out = spec.commandLine().getOut();
    List<FileResult> results = new ArrayList<>();
    for (Path file : files) {
      FileResult result = ConformanceRunner.run(file);
      results.add(result);
      if (result.count(Outcome.FAILED) > 0) {
        out.println(result.line());
      }
    }
    if (page.isPresent()) {
      write(OperatorPage.of(results), page.get().toAbsolutePath());
    }
    return total(results);
  }

  @Command(
      name = "nn",
      description = {
        "Runs PyTorch's modules, optimizers, schedulers, initializers, random streams and",
        "trainings: a line for each case that fails, then the counts. Exit code 1 if one failed."
      })
  int networks(
      @Parameters(
              paramLabel = "DIR",
              description = "A folder of safetensors files of cases, or of such folders.")
          Path folder)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<FileResult> results = new ArrayList<>();
    for (Path file : found(folder, NetworkRunner::files, "safetensors files")) {
      FileResult result = NetworkRunner.run(file);
      results.add(result);
      result.failures().lines().forEach(line -> out.println(result.file() + " " + line));
    }
    return total(results);
  }

  private interface Finder {
    List<Path> files(Path folder) throws IOException;
  }

  private static List<Path> found(Path folder, Finder finder, String what) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new UserError("DIR is " + folder + ", which is no folder");
    }
    List<Path> files = finder.files(folder);
    if (files.isEmpty()) {
      throw new UserError("DIR is " + folder + ", which has no " + what);
    }
    return files;
  }

  /** Prints the counts. Returns the exit code. */
  private int total(List<FileResult> results) {
    PrintWriter out = spec.commandLine().getOut();
    long failed = count(results, Outcome.FAILED);
    out.printf(
        "%d passed, %d failed, %d not supported%n",
        count(results, Outcome.PASSED), failed, count(results, Outcome.NOT_SUPPORTED));
    out.flush();
    return failed == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  @Command(
      name = "onnx",
      description = {
        "Runs ONNX's backend tests: a line for each test that does not pass, a table by kind of"
            + " model, then the counts.",
        "Exit code 1 if a test failed."
      })
  int onnx(
      @Parameters(paramLabel = "DIR", description = "Folders with model.onnx and test_data_set_*.")
          Path folder)
      throws IOException {
    List<Path> tests = found(folder, OnnxConformance::tests, "model.onnx");
    PrintWriter out = spec.commandLine().getOut();
    List<OnnxConformance.Result> results = new ArrayList<>();
    for (Path test : tests) {
      OnnxConformance.Result result = OnnxConformance.run(folder, test);
      results.add(result);
      if (result.outcome() != OnnxConformance.Outcome.PASSED) {
        out.printf("%s: %s: %s%n", result.name(), result.outcome(), result.reason());
      }
    }
    out.print(OnnxConformance.table(results));
    out.println(OnnxConformance.counts(results));
    out.flush();
    boolean failed = results.stream().anyMatch(r -> r.outcome() == OnnxConformance.Outcome.FAILED);
    return failed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
  }

  private static void write(String text, Path file) throws IOException {
    Path partial = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".partial");
    try {
      AtomicFiles.move(Files.writeString(partial, text), file);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static long count(List<FileResult> results, Outcome outcome) {
    return results.stream().mapToLong(r -> r.count(outcome)).sum();
  }
}
