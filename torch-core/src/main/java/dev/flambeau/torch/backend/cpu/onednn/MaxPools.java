package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.vector.FloatMath;
import dev.flambeau.torch.op.MaxPool;
import dev.flambeau.torch.op.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Maximum pooling of channels-last F32 images. oneDNN notes a byte for each maximum, its number in
 * the window; here bytes become PyTorch's places and back. It passes over NaN where PyTorch takes
 * it as the largest, so images with NaN are left to the plain kernel.
 */
final class MaxPools {
  private static final int LARGEST_WINDOW = 255;
  private static final long PART = 1 << 18;

  private MaxPools() {}

  static void register(Kernels kernels) {
    kernels.register(
        MaxPool.class,
        (op, in, out) ->
            suits(op, in[0], out[0], in[0]) && forward(op, in, out).isPresent() && !anyNaN(in[0]),
        MaxPools::run);
    kernels.register(
        MaxPool.Backward.class,
        (op, in, out) ->
            suits(op.pool(), in[0], out[0], out[0])
                && in[1].layout().isChannelsLast()
                && backward(op, in, out).isPresent(),
        MaxPools::runBackward);
    kernels.register(
        MaxPool.OfBytes.class,
        (op, in, out) ->
            in[0].numel() > 0 && out[0].numel() > 0 && ofBytes(op, in, out).isPresent(),
        (op, in, out) -> ofBytes(op, in, out).orElseThrow().run(in[0].address(), out[0].address()));
  }

  private static Optional<Plan> ofBytes(MaxPool.OfBytes op, Tensor[] in, Tensor[] out) {
    MaxPool pool = op.pool();
    return Plans.find(
        op,
        in,
        out,
        () -> {
          long pd =
              Pools.descriptor(
                  Pools.MAXIMUM,
                  pool.window(),
                  pool.kernel(),
                  in[0].meta(),
                  out[0].meta(),
                  Pools.Pass.INFERENCE);
          return pd == 0 ? Optional.empty() : Optional.of(Pools.plan(pd, 1, 129, in, 17, 133, out));
        });
  }

  /** Windows wider than the image are left out: their elements' places would coincide. */
  private static boolean suits(MaxPool op, Tensor in, Tensor out, Tensor image) {
    return op.window().axes() == 2
        && op.kernel().get(0) * op.kernel().get(1) <= LARGEST_WINDOW
        && (op.kernel().get(1) - 1) * op.window().dilation().get(1) < image.size(3)
        && in.dtype() == DType.F32
        && in.layout().isChannelsLast()
        && in.numel() > 0
        && out.numel() > 0;
  }

  private static boolean anyNaN(Tensor x) {
    return LongStream.range(0, (x.numel() + PART - 1) / PART)
        .parallel()
        .anyMatch(
            part -> {
              long from = part * PART;
              return FloatMath.INSTANCE.anyNaN(
                  x.address() + from * Float.BYTES, Math.min(PART, x.numel() - from));
            });
  }

  private static Optional<Plan> forward(MaxPool op, Tensor[] in, Tensor[] out) {
    return Plans.find(op, in, out, () -> make(op, in[0].meta(), out[0].meta(), Pools.Pass.FORWARD));
  }

  private static Optional<Plan> backward(MaxPool.Backward op, Tensor[] in, Tensor[] out) {
    return Plans.find(
        op, in, out, () -> make(op.pool(), out[0].meta(), in[0].meta(), Pools.Pass.BACKWARD));
  }

  private static Optional<Plan> make(MaxPool op, Meta x, Meta y, Pools.Pass pass) {
    long pd = Pools.descriptor(Pools.MAXIMUM, op.window(), op.kernel(), x, y, pass);
    if (pd == 0) {
      return Optional.empty();
    }
    long places = Dnnl.query(pd, 135);
    if (places == 0 || Dnnl.bytes(places) != y.shape().numel()) {
      OneDnn.free("primitive_desc", pd);
      return Optional.empty();
    }
    long copy = Dnnl.create("dnnl_memory_desc_clone", places);
    Plan plan = new Plan(pd);
    if (pass == Pools.Pass.BACKWARD) {
      plan.argument(145, OneDnn.caller(y), Dnnl.query(pd, 134), false);
      plan.argument(129, OneDnn.caller(x), Dnnl.query(pd, 130), true);
    } else {
      plan.argument(1, OneDnn.caller(x), Dnnl.query(pd, 129), false);
      plan.argument(17, OneDnn.caller(y), Dnnl.query(pd, 133), true);
    }
    return Optional.of(plan.argument(64, copy, 0, pass == Pools.Pass.FORWARD).ready());
  }

  private static void run(MaxPool op, Tensor[] in, Tensor[] out) {
    Shape x = in[0].shape();
    Shape y = out[0].shape();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment bytes = arena.allocate(y.numel(), 64);
      forward(op, in, out).orElseThrow().run(in[0].address(), out[0].address(), bytes.address());
      int channels = (int) y.size(1);
      int width = (int) y.size(3);
      int[] offsets = offsets(op, x);
      long places = out[1].address();
      IntStream.range(0, (int) (y.size(0) * y.size(2)))
          .parallel()
          .forEach(
              nh -> {
                for (int w = 0; w < width; w++) {
                  long at = ((long) nh * width + w) * channels;
                  int start = start(op.window(), x, nh % (int) y.size(2), w);
                  for (int c = 0; c < channels; c++) {
                    int k = bytes.get(Memory.BYTE, at + c) & 0xff;
                    Memory.ALL.set(Memory.LONG, places + (at + c) * 8, start + offsets[k]);
                  }
                }
              });
    }
  }

  /** The place of the window's first element, which may be outside. */
  private static int start(Window window, Shape x, int row, int column) {
    long h = row * window.stride().get(0) - window.padding().get(0);
    long w = column * window.stride().get(1) - window.padding().get(1);
    return (int) (h * x.size(3) + w);
  }

  /** How far each element of the window is from the first. */
  private static int[] offsets(MaxPool op, Shape x) {
    int columns = op.kernel().get(1).intValue();
    int[] out = new int[LARGEST_WINDOW + 1];
    for (int k = 0; k < op.kernel().get(0) * columns; k++) {
      long h = k / columns * op.window().dilation().get(0);
      out[k] = (int) (h * x.size(3) + k % columns * op.window().dilation().get(1));
    }
    return out;
  }

  private static void runBackward(MaxPool.Backward op, Tensor[] in, Tensor[] out) {
    MaxPool pool = op.pool();
    Shape x = out[0].shape();
    Shape y = in[0].shape();
    int[] offsets = offsets(pool, x);
    int count = (int) (pool.kernel().get(0) * pool.kernel().get(1));
    byte[] numbers = new byte[Arrays.stream(offsets, 0, count).max().orElse(0) + 1];
    for (int k = 0; k < count; k++) {
      numbers[offsets[k]] = (byte) k;
    }
    try (Arena arena = Arena.ofShared()) {
      MemorySegment bytes = arena.allocate(y.numel(), 64);
      int channels = (int) y.size(1);
      int width = (int) y.size(3);
      long places = in[1].address();
      IntStream.range(0, (int) (y.size(0) * y.size(2)))
          .parallel()
          .forEach(
              nh -> {
                for (int w = 0; w < width; w++) {
                  long at = ((long) nh * width + w) * channels;
                  int start = start(pool.window(), x, nh % (int) y.size(2), w);
                  for (int c = 0; c < channels; c++) {
                    long place = Memory.ALL.get(Memory.LONG, places + (at + c) * 8);
                    bytes.set(Memory.BYTE, at + c, numbers[(int) place - start]);
                  }
                }
              });
      backward(op, in, out).orElseThrow().run(in[0].address(), out[0].address(), bytes.address());
    }
  }
}
