package dev.flambeau.torch;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Optional arguments of {@link Fft#stft} and {@link Fft#istft}; defaults as in PyTorch. */
public final class StftOptions {
  private int hop;
  private Optional<Tensor> window = Optional.empty();
  private boolean center = true;
  private boolean normalized;
  private Optional<Boolean> oneSided = Optional.empty();
  private OptionalLong length = OptionalLong.empty();

  private StftOptions(int size) {
    hop = Math.max(size / 4, 1);
  }

  static StftOptions of(int size, Consumer<StftOptions> options) {
    if (size < 1) {
      throw TorchException.argument("stft", "n_fft", size, "1 or more");
    }
    StftOptions o = new StftOptions(size);
    options.accept(o);
    if (o.hop < 1) {
      throw TorchException.argument("stft", "hop_length", o.hop, "1 or more");
    }
    return o;
  }

  /** From one window to the next; by default a quarter of a window. */
  public StftOptions hop(int samples) {
    hop = samples;
    return this;
  }

  /** Weights of a window's samples, at most as many as there are; zeros go around fewer. */
  public StftOptions window(Tensor weights) {
    window = Optional.of(weights);
    return this;
  }

  /**
   * Whether the first window is centred at the first sample, over a reflected signal; the default.
   */
  public StftOptions center(boolean on) {
    center = on;
    return this;
  }

  /** Whether spectra are divided by the square root of their size. */
  public StftOptions normalized(boolean on) {
    normalized = on;
    return this;
  }

  /** Whether spectra end at half the sampling rate; the default, for a real signal has no more. */
  public StftOptions oneSided(boolean on) {
    oneSided = Optional.of(on);
    return this;
  }

  /** The length of the signal that comes back. */
  public StftOptions length(long samples) {
    length = OptionalLong.of(samples);
    return this;
  }

  int hop() {
    return hop;
  }

  Optional<Tensor> window() {
    return window;
  }

  boolean center() {
    return center;
  }

  boolean normalized() {
    return normalized;
  }

  Optional<Boolean> oneSided() {
    return oneSided;
  }

  OptionalLong length() {
    return length;
  }
}
