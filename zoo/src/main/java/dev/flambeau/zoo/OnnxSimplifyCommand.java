package dev.flambeau.zoo;

import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.Simplification;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes an ONNX file smaller that does the same. */
@Command(
    name = "simplify",
    description = {
      "Folds constants and computations of shapes, takes out what does nothing, and compares the"
          + " result with the original.",
      "--size fixes open sizes in the file."
    },
    footer = {
      "",
      "  flambeau onnx simplify net.onnx small.onnx",
      "  flambeau onnx simplify net.onnx small.onnx --size batch=1 --fuse"
    })
final class OnnxSimplifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OpenSizes open;

  @Parameters(index = "0", paramLabel = "IN", description = "An ONNX file.")
  private Path in;

  @Parameters(index = "1", paramLabel = "OUT", description = "Where the result goes.")
  private Path out;

  @Option(
      names = "--fuse",
      description =
          "Put batch normalization into the weights before it, and make Gemm of products"
              + " and sums.")
  private boolean fuse;

  @Option(
      names = "--growth",
      paramLabel = "BYTES",
      defaultValue = "1048576",
      description =
          "Most bytes that constants may grow by when they are folded (${DEFAULT-VALUE}).")
  private long growth;

  @Option(
      names = "--tolerance",
      paramLabel = "X",
      defaultValue = "1e-4",
      description =
          "Largest difference of an output, relative to the largest magnitude (${DEFAULT-VALUE}).")
  private double tolerance;

  @Option(
      names = "--try-size",
      paramLabel = "NAME=N",
      description = "Size of an open axis in the comparison alone.")
  private Map<String, Long> tried = Map.of();

  @Option(names = "--no-verify", description = "Do not compare the result with the original.")
  private boolean unverified;

  @Override
  public Integer call() {
    Simplification done;
    try (Activity activity = Activity.console()) {
      done =
          OnnxFiles.convert(
              in,
              out,
              () ->
                  Onnx.simplify(
                      in,
                      out,
                      o -> {
                        open.sizes().forEach(o::size);
                        tried.forEach(o::verifySize);
                        o.fuseBatchNorm(fuse).fuseGemm(fuse).growth(growth).tolerance(tolerance);
                        o.verify(!unverified).progress(activity::tell);
                      }));
    }
    PrintWriter printer = spec.commandLine().getOut();
    printer.println(done);
    printer.println(out);
    printer.flush();
    return CommandLine.ExitCode.OK;
  }
}
