package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a file's weights and computations become integers: {@link #dynamic}, {@link #calibrated} or
 * {@link #int4}, of which one has to be chosen.
 */
public final class QuantizeOptions {
  enum Mode {
    DYNAMIC,
    STATIC,
    INT4
  }

  private static final String METHOD = "Onnx.quantize";

  private Optional<Mode> mode = Optional.empty();
  private Optional<Iterable<Map<String, Tensor>>> samples = Optional.empty();
  private CalibrationMethod calibration = CalibrationMethod.MIN_MAX;
  private boolean perChannel = true;
  private boolean reduceRange;
  private boolean signed;
  private boolean convolutions;
  private boolean embeddings;
  private boolean standard;
  private boolean symmetric = true;
  private int blockSize = 32;
  private int accuracy;
  private boolean measure = true;
  private boolean layers;
  private final List<String> operators = new ArrayList<>();
  private final List<String> kept = new ArrayList<>();
  private long largestFile = ModelFile.LARGEST;
  private Consumer<String> progress = _ -> {};

  QuantizeOptions() {}

  private QuantizeOptions mode(Mode chosen) {
    if (mode.isPresent() && mode.get() != chosen) {
      throw TorchException.argument(
          METHOD, "options", mode.get() + " and " + chosen, "one of them");
    }
    mode = Optional.of(chosen);
    return this;
  }

  /**
   * Weights of MatMul and Gemm in 8 bits; activations are quantized while the model runs, by the
   * range they have then. Needs no examples.
   */
  public QuantizeOptions dynamic() {
    return mode(Mode.DYNAMIC);
  }

  /**
   * Weights and activations in 8 bits, between QuantizeLinear and DequantizeLinear with ranges from
   * examples of the inputs, by name.
   */
  public QuantizeOptions calibrated(Iterable<Map<String, Tensor>> examples) {
    samples = Optional.of(examples);
    return mode(Mode.STATIC);
  }

  /** Weights of MatMul and Gemm in 4 bits, a scale for each block; activations stay FLOAT. */
  public QuantizeOptions int4() {
    return mode(Mode.INT4);
  }

  /** Inputs to run the result on, by name, if it is not calibrated; default random ones. */
  public QuantizeOptions samples(Iterable<Map<String, Tensor>> inputs) {
    samples = Optional.of(inputs);
    return this;
  }

  /** How ranges follow from examples; default {@link CalibrationMethod#MIN_MAX}. */
  public QuantizeOptions calibration(CalibrationMethod method) {
    calibration = method;
    return this;
  }

  /**
   * Whether each channel of a weight has a scale of its own, instead of one for all; default true.
   */
  public QuantizeOptions perChannel(boolean on) {
    perChannel = on;
    return this;
  }

  /**
   * Whether 8-bit weights use 7 bits, which processors without VNNI need to add them up without
   * overflow; default false.
   */
  public QuantizeOptions reduceRange(boolean on) {
    reduceRange = on;
    return this;
  }

  /**
   * Whether activations are INT8 around 0 instead of UINT8 over their range; default false. For
   * calibrated quantization.
   */
  public QuantizeOptions signedActivations(boolean on) {
    signed = on;
    return this;
  }

  /** Whether dynamic quantization does convolutions, too; default false. */
  public QuantizeOptions convolutions(boolean on) {
    convolutions = on;
    return this;
  }

  /** Whether tables that Gather takes rows from become integers, too; default false. */
  public QuantizeOptions embeddings(boolean on) {
    embeddings = on;
    return this;
  }

  /**
   * Whether 4-bit weights are written with ONNX's own DequantizeLinear, of operator set 21, instead
   * of ONNX Runtime's MatMulNBits; default false.
   */
  public QuantizeOptions standard(boolean on) {
    standard = on;
    return this;
  }

  /** Whether 4-bit blocks are symmetric around 0, without zero points; default true. */
  public QuantizeOptions symmetric(boolean on) {
    symmetric = on;
    return this;
  }

  /** Numbers that share a 4-bit scale: 16, 32, 64, 128 or 256; default 32. */
  public QuantizeOptions blockSize(int size) {
    if (size < 16 || size > 256 || Integer.bitCount(size) != 1) {
      throw TorchException.argument(METHOD, "blockSize", size, "16, 32, 64, 128 or 256");
    }
    blockSize = size;
    return this;
  }

  /**
   * In what ONNX Runtime's MatMulNBits may compute at least: 0 any, 1 F32, 2 F16, 3 BF16, 4 8-bit
   * integers; default 0.
   */
  public QuantizeOptions accuracyLevel(int level) {
    if (level < 0 || level > 4) {
      throw TorchException.argument(METHOD, "accuracyLevel", level, "0 to 4");
    }
    accuracy = level;
    return this;
  }

  /** The operators to quantize, instead of all that can be. */
  public QuantizeOptions operators(String... types) {
    operators.addAll(List.of(types));
    return this;
  }

  /**
   * Leaves nodes as they are: operators, or patterns for nodes' names, {@code *} for any
   * characters.
   */
  public QuantizeOptions keep(String... operatorsOrNames) {
    kept.addAll(List.of(operatorsOrNames));
    return this;
  }

  /**
   * Whether the result is run, on the examples or else random inputs, to tell how far it is from
   * the original; default true.
   */
  public QuantizeOptions measure(boolean on) {
    measure = on;
    return this;
  }

  /** Whether the report tells of each layer's results, too; default false. */
  public QuantizeOptions layers(boolean on) {
    layers = on;
    return this;
  }

  /** Puts the weights into a file of their own where they have more bytes; default 1 GB. */
  public QuantizeOptions externalDataAbove(long bytes) {
    largestFile = ModelFile.checked(METHOD, bytes);
    return this;
  }

  /** Told what is being done. */
  public QuantizeOptions progress(Consumer<String> listener) {
    progress = listener;
    return this;
  }

  Mode mode() {
    return mode.orElseThrow(
        () ->
            TorchException.argument(
                METHOD, "options", "none", "dynamic(), calibrated() or int4()"));
  }

  Optional<Iterable<Map<String, Tensor>>> samples() {
    return samples;
  }

  CalibrationMethod calibration() {
    return calibration;
  }

  boolean isPerChannel() {
    return perChannel;
  }

  boolean reducesRange() {
    return reduceRange;
  }

  boolean isSigned() {
    return signed;
  }

  boolean doesConvolutions() {
    return convolutions;
  }

  boolean doesEmbeddings() {
    return embeddings;
  }

  boolean isStandard() {
    return standard;
  }

  boolean isSymmetric() {
    return symmetric;
  }

  int blockSize() {
    return blockSize;
  }

  int accuracyLevel() {
    return accuracy;
  }

  boolean does(String operator) {
    return operators.isEmpty() || operators.contains(operator);
  }

  List<String> kept() {
    return kept;
  }

  boolean measures() {
    return measure;
  }

  boolean tellsLayers() {
    return layers;
  }

  long largestFile() {
    return largestFile;
  }

  void tell(String what) {
    progress.accept(what);
  }
}
