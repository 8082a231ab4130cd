package dev.flambeau.zoo;

import dev.flambeau.onnx.Onnx;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the shapes inside an ONNX file, or writes them into a copy. */
@Command(
    name = "shapes",
    description = {
      "Shows the type and shape of every value of a file, or writes them into a copy of it.",
      "Sizes that are open are expressions over the inputs', such as batch*2."
    })
final class OnnxShapesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "An ONNX file.")
  private Path file;

  @Option(
      names = {"--out", "-o"},
      paramLabel = "FILE.onnx",
      description = "Writes the file with its shapes there instead.")
  private Optional<Path> target = Optional.empty();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (target.isEmpty()) {
      Map<String, String> shapes = OnnxFiles.read(file, Onnx::shapes);
      int width = shapes.keySet().stream().mapToInt(String::length).max().orElse(1);
      shapes.forEach(
          (name, type) -> out.println(name + " ".repeat(width - name.length() + 2) + type));
      return CommandLine.ExitCode.OK;
    }
    List<String> faults = OnnxFiles.read(file, f -> Onnx.inferShapes(f, target.get()));
    faults.forEach(out::println);
    out.println(target.get());
    return faults.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }
}
