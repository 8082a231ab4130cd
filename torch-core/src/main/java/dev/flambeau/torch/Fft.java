package dev.flambeau.torch;

import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.HalfFft;
import dev.flambeau.torch.op.Pad;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Fourier transforms from real half spectra (the part up to N/2 of a Hermitian spectrum whose
 * imaginary part is 0) to real signals. PyTorch: {@code torch.fft}.
 */
public final class Fft {
  /** Where the factor 1/N goes. */
  public enum Norm {
    /** To the inverse transform. */
    BACKWARD,
    /** Half of it (1/sqrt N) to each. */
    ORTHO,
    /** To the forward transform. */
    FORWARD
  }

  private Fft() {}

  /**
   * The signal of a half spectrum.
   *
   * @param length of the signal; by default 2 (size - 1)
   */
  public static Tensor irfft(Tensor x, OptionalLong length, int axis, Norm norm) {
    return irfftn(x, sizes(length), new int[] {axis}, norm);
  }

  /** The forward transform of a Hermitian signal of which half is given. */
  public static Tensor hfft(Tensor x, OptionalLong length, int axis, Norm norm) {
    return hfftn(x, sizes(length), new int[] {axis}, norm);
  }

  private static Optional<long[]> sizes(OptionalLong length) {
    return length.isPresent() ? Optional.of(new long[] {length.getAsLong()}) : Optional.empty();
  }

  /**
   * {@link #irfft} over several axes, the last of which is halved.
   *
   * @param sizes of the signal, one an axis: the input is cut or padded with zeros to fit
   * @param axes none: as many last ones as there are sizes, or all
   */
  public static Tensor irfftn(Tensor x, Optional<long[]> sizes, int[] axes, Norm norm) {
    return transform("fft.irfftn", x, sizes, axes, norm, Norm.BACKWARD);
  }

  /** {@link #hfft} over several axes, the last of which is halved. */
  public static Tensor hfftn(Tensor x, Optional<long[]> sizes, int[] axes, Norm norm) {
    return transform("fft.hfftn", x, sizes, axes, norm, Norm.FORWARD);
  }

  private static Tensor transform(
      String operator,
      Tensor input,
      Optional<long[]> sizes,
      int[] given,
      Norm norm,
      Norm direction) {
    Tensor x = input.dtype().isFloat() ? input : input.to(DType.F32);
    if (x.dim() == 0) {
      throw TorchException.shape(operator, "input", x.shape(), "at least one dimension");
    }
    int[] axes = axes(operator, x, sizes, given);
    int last = axes[axes.length - 1];
    long[] signal = new long[axes.length];
    List<Long> before = new ArrayList<>();
    List<Long> after = new ArrayList<>();
    for (int i = 0; i < x.dim(); i++) {
      before.add(0L);
      after.add(0L);
    }
    double count = 1;
    for (int i = 0; i < axes.length; i++) {
      long size = x.size(axes[i]);
      long wanted = sizes.isPresent() ? sizes.get()[i] : -1;
      signal[i] = wanted == -1 ? axes[i] == last ? 2 * (size - 1) : size : wanted;
      if (signal[i] < 1) {
        throw TorchException.argument(operator, "n", signal[i], "1 or more data points");
      }
      count *= signal[i];
      after.set(axes[i], (axes[i] == last ? signal[i] / 2 + 1 : signal[i]) - size);
    }
    boolean fits = after.stream().allMatch(n -> n == 0);
    Tensor fitted = fits ? x : Dispatcher.call(new Pad(before, after, 0), x);
    double scale = norm == Norm.ORTHO ? 1 / Math.sqrt(count) : norm == direction ? 1 / count : 1;
    List<Integer> all = Arrays.stream(axes).boxed().toList();
    return Dispatcher.call(new HalfFft(all, signal[axes.length - 1], false, scale), fitted);
  }

  private static int[] axes(String operator, Tensor x, Optional<long[]> sizes, int[] given) {
    int count = sizes.map(s -> s.length).orElse(x.dim());
    if (given.length > 0 && sizes.isPresent() && count != given.length || count > x.dim()) {
      throw TorchException.argument(
          operator,
          "s, dim",
          count + " sizes, " + Arrays.toString(given),
          "one size for each dimension of " + x.shape());
    }
    if (given.length > 0) {
      return x.shape().axes(given);
    }
    int[] axes = new int[count];
    Arrays.setAll(axes, i -> x.dim() - count + i);
    return axes;
  }

  /**
   * Spectra of windows along a signal (..., time) as pairs of real and imaginary part: (...,
   * frequencies, windows, 2). PyTorch: {@code torch.stft(return_complex=False)}.
   *
   * @param size of the windows
   */
  public static Tensor stft(Tensor signal, int size, Consumer<StftOptions> options) {
    StftOptions o = StftOptions.of(size, options);
    return Stft.forward(signal, size, o);
  }

  /**
   * The signal (..., time) with these spectra of windows: the least squares inverse of {@link
   * #stft}. PyTorch: {@code torch.istft}.
   *
   * @throws TorchException if windows leave parts of the signal open
   */
  public static Tensor istft(Tensor spectra, int size, Consumer<StftOptions> options) {
    StftOptions o = StftOptions.of(size, options);
    return Stft.inverse(spectra, size, o);
  }
}
