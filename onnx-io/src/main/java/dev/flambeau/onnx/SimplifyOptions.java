package dev.flambeau.onnx;

import dev.flambeau.torch.TorchException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How a file is simplified. Without options layers keep their weights and batch normalization its
 * statistics, each its own, so that the result can be trained, though without Dropout; and it is
 * compared with the original on random inputs.
 */
public final class SimplifyOptions {
  private final Map<String, Long> sizes = new LinkedHashMap<>();
  private final Map<String, Long> verifySizes = new LinkedHashMap<>();
  private boolean fuseNorms;
  private boolean fuseGemm;
  private boolean verify = true;
  private double tolerance = 1e-4;
  private long growth = 1 << 20;
  private long largestFile = ModelFile.LARGEST;
  private Consumer<String> progress = _ -> {};

  SimplifyOptions() {}

  /** Fixes the size of an open axis, by its name or, such as {@code image:2}, by input and axis. */
  public SimplifyOptions size(String axis, long size) {
    if (size < 1) {
      throw TorchException.argument("Onnx.simplify", "size of " + axis, size, "1 or more");
    }
    sizes.put(axis, size);
    return this;
  }

  /** The size of an open axis in the comparison alone; for those not given some are tried. */
  public SimplifyOptions verifySize(String axis, long size) {
    verifySizes.put(axis, size);
    return this;
  }

  /**
   * Whether batch normalization, and factors and shifts of channels, become part of the weights of
   * the convolution or linear layer before them; default false. ONNX Runtime and {@code
   * Module.compile} do so by themselves; in the file it saves space, but ends its training.
   */
  public SimplifyOptions fuseBatchNorm(boolean on) {
    fuseNorms = on;
    return this;
  }

  /** Whether MatMul and Add of matrices become one Gemm; default false. */
  public SimplifyOptions fuseGemm(boolean on) {
    fuseGemm = on;
    return this;
  }

  /**
   * Most bytes by which results that are computed beforehand may exceed the constants that they
   * save, all together; default 1 MB.
   */
  public SimplifyOptions growth(long bytes) {
    if (bytes < 0) {
      throw TorchException.argument("Onnx.simplify", "growth", bytes, "0 or more");
    }
    growth = bytes;
    return this;
  }

  /** Whether original and result are compared before the result is written; default true. */
  public SimplifyOptions verify(boolean on) {
    verify = on;
    return this;
  }

  /** The difference, relative to the largest magnitude, up to which they agree; default 1e-4. */
  public SimplifyOptions tolerance(double most) {
    if (!(most >= 0)) {
      throw TorchException.argument("Onnx.simplify", "tolerance", most, "0 or more");
    }
    tolerance = most;
    return this;
  }

  /** Puts the weights into a file of their own where they have more bytes; default 1 GB. */
  public SimplifyOptions externalDataAbove(long bytes) {
    largestFile = ModelFile.checked("Onnx.simplify", bytes);
    return this;
  }

  /** Told what is being done. */
  public SimplifyOptions progress(Consumer<String> listener) {
    progress = listener;
    return this;
  }

  Map<String, Long> sizes() {
    return sizes;
  }

  /** Of the comparison, those fixed in the file included. */
  Map<String, Long> verifySizes() {
    Map<String, Long> all = new LinkedHashMap<>(verifySizes);
    all.putAll(sizes);
    return all;
  }

  boolean fusesNorms() {
    return fuseNorms;
  }

  boolean fusesGemm() {
    return fuseGemm;
  }

  long growth() {
    return growth;
  }

  boolean verifies() {
    return verify;
  }

  double tolerance() {
    return tolerance;
  }

  long largestFile() {
    return largestFile;
  }

  void tell(String what) {
    progress.accept(what);
  }
}
