package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.op.AvgPool;
import dev.flambeau.torch.op.Softmax;
import dev.flambeau.torch.op.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/** Average pooling, its gradient, and softmax. */
final class Pools {
  static final int MAXIMUM = 0x1ff;
  private static final int INCLUDE_PADDING = 0x2ff;
  private static final int EXCLUDE_PADDING = 0x3ff;
  private static final int ACCURATE = 0x30000;
  private static final int LOG = 0x30001;
  private static final int TRAINING = 64;
  private static final int INFERENCE = 96;

  private Pools() {}

  static void register(Kernels kernels) {
    kernels.register(
        AvgPool.class,
        (op, in, out) ->
            OneDnn.accepts(in, out)
                && fits(op, in[0].meta(), out[0].meta())
                && mean(op, in, out).isPresent(),
        (op, in, out) -> mean(op, in, out).orElseThrow().run(in[0].address(), out[0].address()));
    kernels.register(
        AvgPool.Backward.class,
        (op, in, out) ->
            OneDnn.accepts(in, out)
                && fits(op.pool(), out[0].meta(), in[0].meta())
                && meanBackward(op, in, out).isPresent(),
        (op, in, out) ->
            meanBackward(op, in, out).orElseThrow().run(in[0].address(), out[0].address()));
    kernels.register(
        Softmax.class,
        (op, in, out) ->
            in[0].dtype() == DType.F32
                && OneDnn.accepts(in, out)
                && in[0].dim() > 0
                && softmax(op, in, out).isPresent(),
        (op, in, out) -> softmax(op, in, out).orElseThrow().run(in[0].address(), out[0].address()));
  }

  /** What the windows reach after the data. */
  private static long after(Window window, List<Long> kernel, Meta x, Meta y, int axis) {
    return (y.size(axis + 2) - 1) * window.stride().get(axis)
        + window.dilation().get(axis) * (kernel.get(axis) - 1)
        + 1
        - x.size(axis + 2)
        - window.padding().get(axis);
  }

  /** oneDNN divides by the whole window, PyTorch by what is inside the padded input. */
  private static boolean fits(AvgPool op, Meta x, Meta y) {
    boolean fits = op.divisor() == 0;
    for (int i = 0; i < op.window().axes(); i++) {
      fits &= after(op.window(), op.kernel(), x, y, i) <= op.window().paddingEnd().get(i);
    }
    return fits;
  }

  /** What a descriptor is for: results alone, results with what training needs, gradients. */
  enum Pass {
    INFERENCE,
    FORWARD,
    BACKWARD
  }

  static long descriptor(
      int algorithm, Window window, List<Long> sizes, Meta x, Meta y, Pass pass) {
    long[] after = new long[window.axes()];
    for (int i = 0; i < after.length; i++) {
      after[i] = after(window, sizes, x, y, i);
    }
    long attributes = OneDnn.attributes();
    long dx = OneDnn.activation(x);
    long dy = OneDnn.activation(y);
    try (Arena arena = Arena.ofConfined()) {
      long strides = array(arena, window.stride());
      long kernel = array(arena, sizes);
      long dilations = array(arena, window.dilation().stream().map(d -> d - 1).toList());
      long before = array(arena, window.padding());
      long end = arena.allocateFrom(ValueLayout.JAVA_LONG, after).address();
      long forward =
          Dnnl.create(
              "dnnl_pooling_forward_primitive_desc_create",
              Dnnl.ENGINE,
              pass == Pass.INFERENCE ? INFERENCE : TRAINING,
              algorithm,
              dx,
              dy,
              strides,
              kernel,
              dilations,
              before,
              end,
              attributes);
      if (pass != Pass.BACKWARD || forward == 0) {
        return forward;
      }
      long pd =
          Dnnl.create(
              "dnnl_pooling_backward_primitive_desc_create",
              Dnnl.ENGINE,
              algorithm,
              dx,
              dy,
              strides,
              kernel,
              dilations,
              before,
              end,
              forward,
              attributes);
      OneDnn.free("primitive_desc", forward);
      return pd;
    } finally {
      OneDnn.free("memory_desc", dx, dy);
      OneDnn.free("primitive_attr", attributes);
    }
  }

  private static long descriptor(AvgPool op, Meta x, Meta y, Pass pass) {
    int algorithm = op.countPadding() ? INCLUDE_PADDING : EXCLUDE_PADDING;
    return descriptor(algorithm, op.window(), op.kernel(), x, y, pass);
  }

  private static long array(Arena arena, List<Long> values) {
    long[] longs = values.stream().mapToLong(Long::longValue).toArray();
    return arena.allocateFrom(ValueLayout.JAVA_LONG, longs).address();
  }

  private static Optional<Plan> mean(AvgPool op, Tensor[] in, Tensor[] out) {
    return Plans.find(
        op,
        in,
        out,
        () -> {
          long pd = descriptor(op, in[0].meta(), out[0].meta(), Pass.FORWARD);
          return pd == 0 ? Optional.empty() : Optional.of(plan(pd, 1, 129, in, 17, 133, out));
        });
  }

  private static Optional<Plan> meanBackward(AvgPool.Backward op, Tensor[] in, Tensor[] out) {
    return Plans.find(
        op,
        in,
        out,
        () -> {
          long pd = descriptor(op.pool(), out[0].meta(), in[0].meta(), Pass.BACKWARD);
          return pd == 0 ? Optional.empty() : Optional.of(plan(pd, 145, 134, in, 129, 130, out));
        });
  }

  static Plan plan(
      long pd, int from, int fromQuery, Tensor[] in, int to, int toQuery, Tensor[] out) {
    return new Plan(pd)
        .argument(from, OneDnn.caller(in[0].meta()), Dnnl.query(pd, fromQuery), false)
        .argument(to, OneDnn.caller(out[0].meta()), Dnnl.query(pd, toQuery), true)
        .ready();
  }

  private static Optional<Plan> softmax(Softmax op, Tensor[] in, Tensor[] out) {
    return Plans.find(
        op,
        in,
        out,
        () -> {
          long attributes = OneDnn.attributes();
          long order = OneDnn.caller(out[0].meta());
          long pd =
              Dnnl.create(
                  "dnnl_softmax_forward_primitive_desc_create",
                  Dnnl.ENGINE,
                  INFERENCE,
                  op.log() ? LOG : ACCURATE,
                  order,
                  order,
                  op.axis(),
                  attributes);
          OneDnn.free("memory_desc", order);
          OneDnn.free("primitive_attr", attributes);
          return pd == 0 ? Optional.empty() : Optional.of(plan(pd, 1, 129, in, 17, 133, out));
        });
  }
}
