package dev.flambeau.zoo;

import dev.flambeau.onnx.Onnx;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks after ONNX files. */
@Command(
    name = "onnx",
    description = "Looks after ONNX files.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      OnnxCommand.Check.class,
      OnnxInfoCommand.class,
      OnnxRunCommand.class,
      OnnxDiffCommand.class,
      OnnxConvertCommand.class,
      OnnxSimplifyCommand.class,
      OnnxQuantizeCommand.class,
      OnnxShapesCommand.class,
      OnnxGraphCommand.class
    })
final class OnnxCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }

  /** Says what is wrong with a file; exit code 1 if anything is. */
  @Command(name = "check", description = "Checks a file's form against ONNX's specification.")
  static final class Check implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "An ONNX file.")
    private Path file;

    @Override
    public Integer call() {
      List<String> faults = OnnxFiles.read(file, Onnx::check);
      PrintWriter out = spec.commandLine().getOut();
      faults.forEach(out::println);
      out.println(file + ": " + (faults.isEmpty() ? "correct" : faults.size() + " faults"));
      out.flush();
      return faults.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
  }
}
