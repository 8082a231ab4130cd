package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.PairFft;
import java.util.List;

/** Fourier transforms, windows and mel filters; complex numbers are pairs along the last axis. */
final class Signals {
  private Signals() {}

  static void register(Registry r) {
    r.map("DFT", since(17), Signals::dft);
    r.map("STFT", since(17), Signals::stft);
    r.values("HannWindow", since(17), c -> window(c, 0.5, 0.5, 0));
    r.values("HammingWindow", since(17), c -> window(c, 25.0 / 46, 21.0 / 46, 0));
    r.values("BlackmanWindow", since(17), c -> window(c, 0.42, 0.5, 0.08));
    r.values("MelWeightMatrix", since(17), Signals::mel);
  }

  /** The axis is an attribute below operator set 20, an input from then on. */
  private static Tensor dft(Call c) {
    Tensor x = c.in(0);
    long given = c.opset() < 20 ? c.node().i("axis", 1) : c.has(2) ? c.scalarLong(2) : -2;
    int axis = x.shape().axis(c.axis(given));
    if (axis == x.dim() - 1) {
      throw c.bad("axis", axis, "an axis before the last, which holds the complex numbers");
    }
    boolean inverse = c.node().flag("inverse", false);
    boolean oneSided = c.node().flag("onesided", false);
    long natural = inverse && oneSided ? 2 * (x.size(axis) - 1) : x.size(axis);
    long length = c.has(1) ? c.scalarLong(1) : natural;
    Limits.checked(c.name(), length);
    if (inverse && oneSided) {
      Tensor whole = mirrored(sized(x, axis, length / 2 + 1), axis, length);
      return transformed(whole, axis, true).narrow(-1, 0, 1);
    }
    Tensor y = transformed(sized(x, axis, length), axis, inverse);
    return oneSided ? y.narrow(axis, 0, length / 2 + 1) : y;
  }

  /** Cut off or filled up with zeros. */
  private static Tensor sized(Tensor x, int axis, long length) {
    if (x.size(axis) >= length) {
      return x.narrow(axis, 0, length);
    }
    long[] sizes = x.shape().sizes();
    sizes[axis] = length - x.size(axis);
    return Torch.cat(List.of(x, Torch.zeros(x.dtype(), sizes)), axis);
  }

  static Tensor transformed(Tensor x, int axis, boolean inverse) {
    Tensor pairs = x.size(-1) == 2 ? x : Torch.cat(List.of(x, x.zerosLike()), -1);
    Tensor y = Dispatcher.call(new PairFft(axis, inverse), pairs.contiguous());
    return inverse ? y.div(x.size(axis)) : y;
  }

  /** The whole of a Hermitian spectrum from its first half. */
  static Tensor mirrored(Tensor half, int axis, long length) {
    long rest = length - half.size(axis);
    if (rest <= 0) {
      return half.narrow(axis, 0, length);
    }
    Tensor back = half.narrow(axis, 1, rest).flip(axis);
    Tensor conjugate = back.mul(Torch.tensor(new float[] {1, -1}).to(half.dtype()));
    return Torch.cat(List.of(half, conjugate), axis);
  }

  /** signal (N, L, 1 or 2), step, window, frame length -> (N, frames, bins, 2). */
  private static Tensor stft(Call c) {
    Tensor signal = c.in(0).dim() == 2 ? c.in(0).unsqueeze(2) : c.in(0);
    long step = c.scalarLong(1);
    long length = c.has(3) ? c.scalarLong(3) : c.in(2).numel();
    long frames = (signal.size(1) - length) / Math.max(1, step) + 1;
    if (step < 1 || length < 1 || frames < 1) {
      throw c.bad("frame_step, frame_length", step + ", " + length, "frames inside the signal");
    }
    Limits.checked(c.name(), signal.size(0), frames, length, 2);
    Tensor index =
        Torch.arange(frames).mul(step).unsqueeze(1).add(Torch.arange(length)).reshape(-1);
    Tensor cut =
        signal.indexSelect(1, index).reshape(signal.size(0), frames, length, signal.size(2));
    if (c.has(2)) {
      cut = cut.mul(c.in(2).reshape(-1, 1));
    }
    Tensor y = transformed(cut, 2, false);
    return c.node().flag("onesided", true) ? y.narrow(2, 0, length / 2 + 1) : y;
  }

  /** a - b cos(2 pi n / N) + d cos(4 pi n / N); N is one less where not periodic. */
  private static OnnxValue[] window(Call c, double a, double b, double d) {
    long size = c.scalarLong(0);
    Limits.checked(c.name(), size);
    double period = c.node().flag("periodic", true) ? size : size - 1;
    double[] out = new double[Math.toIntExact(size)];
    for (int n = 0; n < size; n++) {
      double angle = 2 * Math.PI * n / period;
      out[n] = a - b * Math.cos(angle) + d * Math.cos(2 * angle);
    }
    return output(c, Torch.tensor(out));
  }

  private static OnnxValue[] output(Call c, Tensor values) {
    ElementType type = c.node().element("output_datatype", ElementType.FLOAT);
    return Casting.cast(OnnxValue.of(values), type, c);
  }

  /** Triangles over the bins of a spectrum, evenly spaced on the mel scale. */
  private static OnnxValue[] mel(Call c) {
    int bands = Math.toIntExact(c.scalarLong(0));
    long length = c.scalarLong(1);
    double rate = c.scalar(2);
    int bins = Math.toIntExact(length / 2 + 1);
    Limits.checked(c.name(), bins, bands + 2L);
    double low = 2595 * Math.log10(1 + c.scalar(3) / 700);
    double high = 2595 * Math.log10(1 + c.scalar(4) / 700);
    int[] edges = new int[bands + 2];
    for (int i = 0; i < edges.length; i++) {
      double hertz = 700 * (Math.pow(10, (low + i * (high - low) / (bands + 2)) / 2595) - 1);
      edges[i] = (int) Math.clamp((long) Math.floor((length + 1) * hertz / rate), 0, bins - 1L);
    }
    double[] out = new double[bins * bands];
    for (int i = 0; i < bands; i++) {
      int rise = edges[i + 1] - edges[i];
      if (rise == 0) {
        out[edges[i + 1] * bands + i] = 1;
      }
      for (int j = edges[i]; j <= edges[i + 1] && rise > 0; j++) {
        out[j * bands + i] = (double) (j - edges[i]) / rise;
      }
      int fall = edges[i + 2] - edges[i + 1];
      for (int j = edges[i + 1]; j < edges[i + 2]; j++) {
        out[j * bands + i] = (double) (edges[i + 2] - j) / fall;
      }
    }
    return output(c, Torch.tensor(out, bins, bands));
  }
}
