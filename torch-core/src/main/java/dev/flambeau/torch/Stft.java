package dev.flambeau.torch;

import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pad;
import dev.flambeau.torch.op.PairFft;
import dev.flambeau.torch.op.ViewBackward;
import dev.flambeau.torch.op.Views;
import java.util.List;

/** Short-time Fourier transforms (Allen 1977; inverse: Griffin and Lim 1984). */
final class Stft {
  private Stft() {}

  static Tensor forward(Tensor signal, int size, StftOptions o) {
    if (signal.dim() < 1 || signal.dim() > 2 || !signal.dtype().isFloat()) {
      throw TorchException.argument(
          "stft",
          "input",
          signal.dtype() + " " + signal.shape(),
          "a real signal of one or two dimensions");
    }
    Tensor x = o.center() ? reflected(signal, size / 2) : signal;
    if (x.size(-1) < size) {
      throw TorchException.argument(
          "stft", "n_fft", size, "at most the length of the signal, " + x.size(-1));
    }
    Tensor windows = x.unfold(-1, size, o.hop()).mul(window(size, o, x.dtype()));
    Tensor pairs = Torch.stack(List.of(windows, windows.zerosLike()), -1);
    Tensor spectra = Dispatcher.call(new PairFft(pairs.dim() - 2, false), pairs);
    if (o.oneSided().orElse(true)) {
      spectra = spectra.narrow(-2, 0, size / 2 + 1);
    }
    Tensor scaled = o.normalized() ? spectra.div(Math.sqrt(size)) : spectra;
    return scaled.transpose(-2, -3);
  }

  /** The signal with its mirror image at both ends, whose edge is not repeated. */
  private static Tensor reflected(Tensor signal, int by) {
    long n = signal.size(-1);
    if (by >= n) {
      throw TorchException.argument(
          "stft", "n_fft", 2 * by, "less than twice the length of the signal, " + n);
    }
    long[] places = new long[(int) n + 2 * by];
    for (int i = 0; i < places.length; i++) {
      long at = Math.abs(i - by);
      places[i] = at < n ? at : 2 * (n - 1) - at;
    }
    return signal.indexSelect(-1, Torch.tensor(places));
  }

  private static Tensor window(int size, StftOptions o, DType type) {
    Tensor w = o.window().orElseGet(() -> Torch.ones(type, size));
    if (w.dim() != 1 || w.numel() == 0 || w.numel() > size) {
      throw TorchException.shape("stft", "window", w.shape(), "a vector of 1 to " + size);
    }
    long left = (size - w.numel()) / 2;
    Pad around = new Pad(List.of(left), List.of(size - w.numel() - left), 0);
    return left == 0 && w.numel() == size ? w.to(type) : Dispatcher.call(around, w.to(type));
  }

  static Tensor inverse(Tensor spectra, int size, StftOptions o) {
    int rank = spectra.dim();
    boolean half = o.oneSided().orElse(rank < 3 || spectra.size(-3) != size);
    long frequencies = half ? size / 2 + 1 : size;
    boolean fits = rank == 3 || rank == 4;
    if (!fits || spectra.size(-3) != frequencies || spectra.size(-1) != 2 || o.hop() > size) {
      throw TorchException.argument(
          "istft",
          "input, n_fft, hop_length",
          spectra.shape() + ", " + size + ", " + o.hop(),
          "(..., " + frequencies + ", windows, 2), and a hop of at most n_fft");
    }
    // Of a full spectrum half is enough, as the signal is real: the rest is conjugate to it.
    long given = size / 2 + 1;
    Tensor pairs = spectra.transpose(-2, -3).narrow(-2, 0, given);
    Tensor mirrored = pairs.narrow(-2, 1, size - given).flip(-2);
    Tensor sign = Torch.tensor(new double[] {1, -1}).to(pairs.dtype());
    pairs = Torch.cat(List.of(pairs, mirrored.mul(sign)), pairs.dim() - 2);
    Tensor full = Dispatcher.call(new PairFft(pairs.dim() - 2, true), pairs.contiguous());
    double scale = o.normalized() ? 1 / Math.sqrt(size) : 1.0 / size;
    Tensor windows = full.select(-1, 0).mul(scale);
    return overlapped(windows, size, o);
  }

  /** Windows (..., windows, size) added up at their places, over the sum of squared weights. */
  private static Tensor overlapped(Tensor windows, int size, StftOptions o) {
    Tensor weights = window(size, o, windows.dtype());
    Tensor sum = add(windows.mul(weights), size, o.hop());
    Tensor squares = weights.square().expand(windows.size(-2), size);
    Tensor envelope = add(squares, size, o.hop());
    long start = o.center() ? size / 2 : 0;
    long total = sum.size(-1);
    long end =
        o.length().isPresent() ? Math.min(start + o.length().getAsLong(), total) : total - start;
    if (end <= start) {
      throw TorchException.argument(
          "istft", "input", windows.size(-2) + " windows", "more, to cover a signal");
    }
    Tensor covered = envelope.narrow(-1, start, end - start);
    if (Mode.checking() && covered.abs().amin().item() < 1e-11) {
      throw TorchException.argument(
          "istft", "window", "weights of 0 at some samples", "windows that cover the signal");
    }
    Tensor signal = sum.narrow(-1, start, end - start).div(covered);
    long missing = o.length().orElse(end - start) - (end - start);
    return missing <= 0
        ? signal
        : Torch.cat(
            List.of(signal, signal.narrow(-1, 0, 1).zerosLike().expand(tail(signal, missing))), -1);
  }

  private static long[] tail(Tensor signal, long missing) {
    long[] sizes = signal.shape().sizes();
    sizes[sizes.length - 1] = missing;
    return sizes;
  }

  private static Tensor add(Tensor windows, int size, int hop) {
    long[] sizes = new long[windows.dim() - 1];
    for (int i = 0; i < sizes.length - 1; i++) {
      sizes[i] = windows.size(i);
    }
    sizes[sizes.length - 1] = (windows.size(-2) - 1) * hop + size;
    Views.Unfold view = new Views.Unfold(sizes.length - 1, size, hop);
    return Dispatcher.call(new ViewBackward(Shape.of(sizes), view, hop < size), windows);
  }
}
