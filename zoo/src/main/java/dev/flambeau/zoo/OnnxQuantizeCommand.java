package dev.flambeau.zoo;

import dev.flambeau.onnx.CalibrationMethod;
import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.QuantizeOptions;
import dev.flambeau.onnx.QuantizeReport;
import dev.flambeau.torch.DType;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes the numbers of an ONNX file smaller. */
@Command(
    name = "quantize",
    description = {
      "Converts a file to F16, BF16 or F32, or its weights to 8- or 4-bit integers.",
      "The result is run beside the original to tell how far their outputs are apart."
    },
    footer = {
      "",
      "  flambeau onnx quantize net.onnx half.onnx --to f16",
      "  flambeau onnx quantize minilm.onnx small.onnx --dynamic --embeddings",
      "  flambeau onnx quantize net.onnx int8.onnx --static --data photos.npz --keep 'head*'",
      "  flambeau onnx quantize llm.onnx int4.onnx --int4 --block 64"
    })
final class OnnxQuantizeCommand implements Callable<Integer> {
  private enum Type {
    F16,
    BF16,
    F32
  }

  /** One of them is needed. */
  private static final class Kind {
    @Option(
        names = "--to",
        paramLabel = "f16|bf16|f32",
        required = true,
        description = "The floating point type that takes the place of the others.")
    private Type to;

    @Option(
        names = "--dynamic",
        required = true,
        description = "8-bit weights; activations by their range while the model runs.")
    private boolean dynamic;

    @Option(
        names = "--static",
        required = true,
        description = "8-bit weights and activations, by ranges in --data.")
    private boolean calibrated;

    @Option(names = "--int4", required = true, description = "4-bit weights of matrix products.")
    private boolean int4;
  }

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Kind kind;

  @Parameters(index = "0", paramLabel = "IN", description = "An ONNX file.")
  private Path in;

  @Parameters(index = "1", paramLabel = "OUT", description = "Where the result goes.")
  private Path out;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "Examples: a folder of .npz files with arrays by the inputs' names, or one .npz whose"
              + " arrays have an axis of examples in front. Default for comparing: random numbers.")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--calibration",
      paramLabel = "METHOD",
      defaultValue = "min_max",
      description = "How ranges follow from examples: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private CalibrationMethod calibration;

  @Option(names = "--per-tensor", description = "One scale for a weight, not one a channel.")
  private boolean perTensor;

  @Option(
      names = "--reduce-range",
      description = "8-bit weights in 7 bits, for processors without VNNI.")
  private boolean reduceRange;

  @Option(names = "--signed", description = "Activations of --static in INT8 around 0.")
  private boolean signed;

  @Option(names = "--conv", description = "Convolutions, too, with --dynamic.")
  private boolean convolutions;

  @Option(names = "--embeddings", description = "Tables that Gather takes rows from, too.")
  private boolean embeddings;

  @Option(
      names = "--standard",
      description = "4-bit weights by ONNX's DequantizeLinear, not ONNX Runtime's MatMulNBits.")
  private boolean standard;

  @Option(names = "--asymmetric", description = "4-bit blocks with zero points.")
  private boolean asymmetric;

  @Option(
      names = "--block",
      paramLabel = "N",
      defaultValue = "32",
      description = "Numbers that share a 4-bit scale: 16 to 256 (${DEFAULT-VALUE}).")
  private int block;

  @Option(
      names = "--accuracy",
      paramLabel = "N",
      defaultValue = "0",
      description = "MatMulNBits' accuracy_level, 0 to 4 (${DEFAULT-VALUE}).")
  private int accuracy;

  @Option(
      names = "--operators",
      paramLabel = "TYPE",
      split = ",",
      description = "The operators to quantize, instead of all that can be.")
  private List<String> operators = List.of();

  @Option(
      names = "--keep",
      paramLabel = "PATTERN",
      description = "Operator, or pattern for nodes' names, to leave as it is; may be repeated.")
  private List<String> kept = List.of();

  @Option(names = "--change-io", description = "Inputs and outputs, too, with --to.")
  private boolean changeIo;

  @Option(names = "--layers", description = "Tell of each layer's results.")
  private boolean layers;

  @Option(names = "--no-measure", description = "Do not run the result.")
  private boolean unmeasured;

  @Override
  public Integer call() {
    if (kind.calibrated && data.isEmpty()) {
      throw new UserError("--static needs --data, a folder of .npz files or an .npz file");
    }
    QuantizeReport report;
    try (Activity activity = Activity.console()) {
      report =
          OnnxFiles.convert(
              in, out, () -> kind.to == null ? integers(activity) : precision(activity));
    }
    PrintWriter printer = spec.commandLine().getOut();
    printer.println(report);
    printer.println(out);
    printer.flush();
    return CommandLine.ExitCode.OK;
  }

  private Optional<NpzSamples> samples() {
    return data.map(path -> NpzSamples.of(path, in));
  }

  private QuantizeReport precision(Activity activity) {
    return Onnx.convertPrecision(
        in,
        out,
        DType.valueOf(kind.to.name()),
        o -> {
          samples().ifPresent(o::samples);
          o.keepIo(!changeIo).keep(kept.toArray(String[]::new));
          o.measure(!unmeasured).progress(activity::tell);
        });
  }

  private QuantizeReport integers(Activity activity) {
    return Onnx.quantize(
        in,
        out,
        o -> {
          if (kind.dynamic) {
            o.dynamic();
          } else if (kind.int4) {
            o.int4();
          }
          samples().ifPresent(kind.calibrated ? o::calibrated : o::samples);
          choose(o);
          o.layers(layers).measure(!unmeasured).progress(activity::tell);
        });
  }

  private void choose(QuantizeOptions o) {
    o.calibration(calibration).perChannel(!perTensor).reduceRange(reduceRange);
    o.signedActivations(signed).convolutions(convolutions).embeddings(embeddings);
    o.standard(standard).symmetric(!asymmetric).blockSize(block).accuracyLevel(accuracy);
    o.operators(operators.toArray(String[]::new)).keep(kept.toArray(String[]::new));
  }
}
