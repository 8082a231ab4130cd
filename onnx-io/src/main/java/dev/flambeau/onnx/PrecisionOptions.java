package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a file is converted to another floating point type. Without options inputs and outputs keep
 * theirs, with casts behind and before them.
 */
public final class PrecisionOptions {
  private boolean keepIo = true;
  private final List<String> kept = new ArrayList<>();
  private boolean fuseNorms = true;
  private boolean measure = true;
  private Optional<Iterable<Map<String, Tensor>>> samples = Optional.empty();
  private long largestFile = ModelFile.LARGEST;
  private Consumer<String> progress = _ -> {};

  PrecisionOptions() {}

  /** Whether the model's inputs and outputs keep their type; default true. */
  public PrecisionOptions keepIo(boolean on) {
    keepIo = on;
    return this;
  }

  /**
   * Leaves nodes as they are: operators such as {@code Softmax}, or patterns for nodes' names,
   * {@code *} for any characters.
   */
  public PrecisionOptions keep(String... operatorsOrNames) {
    kept.addAll(List.of(operatorsOrNames));
    return this;
  }

  /**
   * Whether batch normalization becomes part of the layer before it, as its statistics often do not
   * fit into F16 and BF16; default true. Otherwise they stay FLOAT.
   */
  public PrecisionOptions fuseBatchNorm(boolean on) {
    fuseNorms = on;
    return this;
  }

  /** Whether the result is run to tell how far it is from the original; default true. */
  public PrecisionOptions measure(boolean on) {
    measure = on;
    return this;
  }

  /** Inputs to run it on, by name; default random ones. */
  public PrecisionOptions samples(Iterable<Map<String, Tensor>> inputs) {
    samples = Optional.of(inputs);
    return this;
  }

  /** Puts the weights into a file of their own where they have more bytes; default 1 GB. */
  public PrecisionOptions externalDataAbove(long bytes) {
    largestFile = ModelFile.checked("Onnx.convertPrecision", bytes);
    return this;
  }

  /** Told what is being done. */
  public PrecisionOptions progress(Consumer<String> listener) {
    progress = listener;
    return this;
  }

  boolean keepsIo() {
    return keepIo;
  }

  List<String> kept() {
    return kept;
  }

  boolean fusesNorms() {
    return fuseNorms;
  }

  boolean measures() {
    return measure;
  }

  Optional<Iterable<Map<String, Tensor>>> samples() {
    return samples;
  }

  long largestFile() {
    return largestFile;
  }

  void tell(String what) {
    progress.accept(what);
  }
}
