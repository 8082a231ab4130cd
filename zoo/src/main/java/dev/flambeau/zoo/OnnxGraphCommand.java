package dev.flambeau.zoo;

import dev.flambeau.onnx.Onnx;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws an ONNX file. */
@Command(
    name = "graph",
    description = "Draws a file's graph as a page to click through, or as an SVG picture.")
final class OnnxGraphCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "An ONNX file.")
  private Path file;

  @Option(
      names = {"--out", "-o"},
      paramLabel = "FILE.html|FILE.svg",
      description = "Where to. Default: the file's name with .html, in the current folder.")
  private Optional<Path> target = Optional.empty();

  @Override
  public Integer call() {
    Path out = target.orElseGet(() -> Path.of(file.getFileName() + ".html"));
    if (!out.toString().matches(".*\\.(html|svg)")) {
      throw new UserError("--out is " + out + "; allowed: a file that ends in .html or .svg");
    }
    OnnxFiles.read(
        file,
        f -> {
          Onnx.draw(f, out);
          return out;
        });
    spec.commandLine().getOut().println(out);
    return CommandLine.ExitCode.OK;
  }
}
