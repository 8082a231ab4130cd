package dev.flambeau.torch.backend.cpu;

import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.BLOCK;
import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.COMPONENTS;
import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.SCRATCH;
import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.TAPS;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.lapack.Blas;
import dev.flambeau.torch.backend.cpu.vector.FloatMath;
import dev.flambeau.torch.backend.cpu.vector.WinogradTransforms;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.ConvTranspose;
import dev.flambeau.torch.op.ConvWeight;
import dev.flambeau.torch.op.Window;
import java.util.Collections;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Convolutions by {@link Winograd} and their gradients, where that is faster: F32, channels-last,
 * 3x3 kernels at step 1 without groups. ResNet-18's take half the time of oneDNN's direct sums,
 * which run at the processor's peak. {@code -Dflambeau.winograd=off} keeps to direct sums; they
 * round a little less, and an infinity makes NaN of its own outputs only.
 */
final class WinogradKernels {
  private static final List<Long> ONES = List.of(1L, 1L);
  private static final long FLOAT = Float.BYTES;

  private final LongFunction<Storage> allocator;

  private WinogradKernels(LongFunction<Storage> allocator) {
    this.allocator = allocator;
  }

  /** To be called before other kernels for convolutions are registered. */
  static void register(Kernels kernels, LongFunction<Storage> allocator) {
    boolean wanted = !"off".equals(System.getProperty("flambeau.winograd"));
    if (!wanted || !Blas.has(DType.F32) || !FloatMath.vectors()) {
      return;
    }
    WinogradKernels all = new WinogradKernels(allocator);
    kernels.register(
        Conv.class,
        (op, in, out) ->
            suits(op.window(), op.groups(), in, out[0], in[1]) && forward(op, in).pays(false),
        (op, in, out) -> all.convolve(forward(op, in), in, out[0], false));
    kernels.register(
        ConvTranspose.class,
        (op, in, out) ->
            suits(op.window(), op.groups(), in, out[0], in[1])
                && transposed(op, in, out[0]).pays(false),
        (op, in, out) -> all.convolve(transposed(op, in, out[0]), in, out[0], true));
    kernels.register(
        ConvWeight.class,
        (op, in, out) ->
            suits(op.window(), op.groups(), in, out[0], out[0]) && weight(op, in).pays(true),
        (op, in, out) -> all.weight(weight(op, in), in, out[0]));
  }

  private static boolean suits(Window window, long groups, Tensor[] in, Tensor out, Tensor w) {
    if (groups != 1
        || window.axes() != 2
        || !window.stride().equals(ONES)
        || !window.dilation().equals(ONES)
        || Collections.max(window.padding()) > 2
        || w.size(2) != 3
        || w.size(3) != 3
        || w.size(0) % FloatMath.GROUP != 0
        || w.size(1) % FloatMath.GROUP != 0) {
      return false;
    }
    for (Tensor t : in) {
      if (!plain(t, w)) {
        return false;
      }
    }
    return plain(out, w);
  }

  private static boolean plain(Tensor t, Tensor w) {
    boolean activation = t != w && t.dim() == 4;
    return t.dtype() == DType.F32
        && (activation ? t.layout().isChannelsLast() : t.isContiguous())
        && t.numel() > 0
        && t.numel() < 1L << 31;
  }

  private static WinogradGrid forward(Conv op, Tensor[] in) {
    Tensor x = in[0];
    Window w = op.window();
    long h = x.size(2) + w.padding().get(0) + w.paddingEnd().get(0) - 2;
    long v = x.size(3) + w.padding().get(1) + w.paddingEnd().get(1) - 2;
    return grid(x, h, v, in[1].size(0), w.padding().get(0), w.padding().get(1));
  }

  private static WinogradGrid transposed(ConvTranspose op, Tensor[] in, Tensor out) {
    Window w = op.window();
    return grid(
        in[0],
        out.size(2),
        out.size(3),
        out.size(1),
        2 - w.padding().get(0),
        2 - w.padding().get(1));
  }

  private static WinogradGrid weight(ConvWeight op, Tensor[] in) {
    Tensor y = in[1];
    Window w = op.window();
    return grid(in[0], y.size(2), y.size(3), y.size(1), w.padding().get(0), w.padding().get(1));
  }

  private static WinogradGrid grid(
      Tensor x, long outHeight, long outWidth, long outChannels, long padTop, long padLeft) {
    return new WinogradGrid(
        (int) x.size(0),
        (int) x.size(2),
        (int) x.size(3),
        (int) x.size(1),
        (int) outHeight,
        (int) outWidth,
        (int) outChannels,
        (int) padTop,
        (int) padLeft);
  }

  private void convolve(WinogradGrid grid, Tensor[] in, Tensor out, boolean turned) {
    WinogradWeights weights = new WinogradWeights(grid, in[1].address(), turned);
    try (Winograd winograd = new Winograd(grid, allocator)) {
      long bias = in.length > 2 ? in[2].address() : 0;
      winograd.convolve(in[0].address(), weights, bias, out.address());
    }
  }

  private void weight(WinogradGrid grid, Tensor[] in, Tensor out) {
    Storage kernels = allocator.apply(COMPONENTS * grid.kernelStride());
    try (Winograd winograd = new Winograd(grid, allocator)) {
      winograd.kernelGradients(in[0].address(), in[1].address(), kernels.address());
      gradients(grid, kernels.address(), out.address());
    } finally {
      kernels.free();
    }
  }

  /** (36, outChannels, channels) to (outChannels, channels, 3, 3). */
  private void gradients(WinogradGrid grid, long kernels, long out) {
    long pairs = (long) grid.channels() * grid.outChannels();
    Parallel.run(
        Math.ceilDiv(pairs, BLOCK),
        40L * BLOCK,
        (from, to) -> {
          Storage small = allocator.apply(SCRATCH + TAPS * BLOCK * FLOAT);
          long taps = small.address() + SCRATCH;
          for (long block = from; block < to; block++) {
            long at = block * BLOCK;
            int count = (int) Math.min(BLOCK, pairs - at);
            WinogradTransforms.kernelGradient(
                kernels + at * FLOAT, grid.kernelStride(), taps, count, small.address());
            scatter(taps, count, out + at * TAPS * FLOAT);
          }
          small.free();
        });
  }

  private static void scatter(long taps, int kernels, long out) {
    for (int l = 0; l < kernels; l++) {
      for (int j = 0; j < TAPS; j++) {
        float value = Memory.ALL.get(Memory.FLOAT, taps + (j * kernels + l) * FLOAT);
        Memory.ALL.set(Memory.FLOAT, out + (l * TAPS + j) * FLOAT, value);
      }
    }
  }
}
