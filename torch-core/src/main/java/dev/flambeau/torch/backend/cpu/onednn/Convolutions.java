package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.ConvTranspose;
import dev.flambeau.torch.op.ConvWeight;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/** Convolution and its gradients: channels-last activations, weights in the order oneDNN likes. */
final class Convolutions {
  private static final int DIRECT = 1;
  private static final int TRAINING = 64;
  private static final int SRC = 1;
  private static final int DST = 17;
  private static final int WEIGHTS = 33;
  private static final int BIAS = 41;
  private static final int DIFF_SRC = 129;
  private static final int DIFF_DST = 145;
  private static final int DIFF_WEIGHTS = 161;

  private Convolutions() {}

  static void register(Kernels kernels) {
    kernels.register(
        Conv.class,
        (op, in, out) ->
            OneDnn.accepts(in, out) && denseBias(in) && forward(op, in, out).isPresent(),
        (op, in, out) -> run(forward(op, in, out).orElseThrow(), in, out));
    kernels.register(
        ConvTranspose.class,
        (op, in, out) -> OneDnn.accepts(in, out) && input(op, in, out).isPresent(),
        (op, in, out) ->
            input(op, in, out)
                .orElseThrow()
                .run(in[0].address(), in[1].address(), out[0].address()));
    kernels.register(
        ConvWeight.class,
        (op, in, out) -> OneDnn.accepts(in, out) && weight(op, in, out).isPresent(),
        (op, in, out) ->
            weight(op, in, out)
                .orElseThrow()
                .run(in[0].address(), in[1].address(), out[0].address()));
  }

  /** oneDNN takes descriptors of biases with gaps and then ignores the gaps. */
  private static boolean denseBias(Tensor[] in) {
    return in.length < 3 || in[2].isContiguous();
  }

  private static void run(Plan plan, Tensor[] in, Tensor[] out) {
    long[] addresses = new long[in.length + 1];
    for (int i = 0; i < in.length; i++) {
      addresses[i] = in[i].address();
    }
    addresses[in.length] = out[0].address();
    if (plan.copies(1) && !Mode.current().grad()) {
      plan.run(1, PackedWeights.of(in[1], plan, 1), addresses);
    } else {
      plan.run(addresses);
    }
  }

  /** The problem's descriptors and parameter arrays, as primitives are made from them. */
  record Problem(
      Arena arena, long x, long w, long y, long strides, long dilations, long before, long after)
      implements AutoCloseable {
    static Problem of(Window window, long groups, Meta x, Meta w, Meta y) {
      Arena arena = Arena.ofConfined();
      List<Long> dilations = window.dilation().stream().map(d -> d - 1).toList();
      long[] after = new long[window.axes()];
      for (int i = 0; i < after.length; i++) {
        // What the kernel reaches, which may be less than there is.
        after[i] =
            (y.size(i + 2) - 1) * window.stride().get(i)
                + window.dilation().get(i) * (w.size(i + 2) - 1)
                + 1
                - x.size(i + 2)
                - window.padding().get(i);
      }
      return new Problem(
          arena,
          OneDnn.activation(x),
          Dnnl.descriptorAny(w.dtype(), grouped(w, groups).shape().sizes()),
          OneDnn.activation(y),
          array(arena, window.stride()),
          array(arena, dilations),
          array(arena, window.padding()),
          arena.allocateFrom(ValueLayout.JAVA_LONG, after).address());
    }

    private static long array(Arena arena, List<Long> values) {
      long[] longs = values.stream().mapToLong(Long::longValue).toArray();
      return arena.allocateFrom(ValueLayout.JAVA_LONG, longs).address();
    }

    long forward(int kind, long bias, long attributes) {
      return Dnnl.create(
          "dnnl_convolution_forward_primitive_desc_create",
          Dnnl.ENGINE,
          kind,
          DIRECT,
          x,
          w,
          bias,
          y,
          strides,
          dilations,
          before,
          after,
          attributes);
    }

    @Override
    public void close() {
      OneDnn.free("memory_desc", x, w, y);
      arena.close();
    }
  }

  /** (K, C / groups, ...) as (groups, K / groups, C / groups, ...). */
  static Layout grouped(Meta w, long groups) {
    if (groups == 1) {
      return w.layout();
    }
    int rank = w.rank();
    long[] sizes = new long[rank + 1];
    long[] strides = new long[rank + 1];
    System.arraycopy(w.shape().sizes(), 0, sizes, 1, rank);
    System.arraycopy(w.layout().strides(), 0, strides, 1, rank);
    sizes[0] = groups;
    sizes[1] /= groups;
    strides[0] = sizes[1] * strides[1];
    return Layout.of(Shape.of(sizes), strides, 0);
  }

  private static Optional<Plan> forward(Conv op, Tensor[] in, Tensor[] out) {
    return Plans.find(
        op,
        in,
        out,
        () -> {
          Meta w = in[1].meta();
          long attributes = OneDnn.attributes();
          long bias = in.length > 2 ? OneDnn.caller(in[2].meta()) : 0;
          try (Problem p = Problem.of(op.window(), op.groups(), in[0].meta(), w, out[0].meta())) {
            long pd = p.forward(TRAINING, bias, attributes);
            if (pd == 0) {
              OneDnn.free("memory_desc", bias);
              return Optional.empty();
            }
            Plan plan = new Plan(pd);
            plan.argument(SRC, OneDnn.caller(in[0].meta()), Dnnl.query(pd, 129), false);
            long order = Dnnl.descriptor(w.dtype(), grouped(w, op.groups()));
            plan.argument(WEIGHTS, order, Dnnl.query(pd, 131), false);
            if (bias != 0) {
              plan.argument(BIAS, bias, 0, false);
            }
            plan.argument(DST, OneDnn.caller(out[0].meta()), Dnnl.query(pd, 133), true);
            return Optional.of(plan.ready());
          } finally {
            OneDnn.free("primitive_attr", attributes);
          }
        });
  }

  private static Optional<Plan> input(ConvTranspose op, Tensor[] in, Tensor[] out) {
    return Plans.find(
        op,
        in,
        out,
        () -> {
          Meta w = in[1].meta();
          return backward(
              op,
              Problem.of(op.window(), op.groups(), out[0].meta(), w, in[0].meta()),
              (pd) ->
                  new Plan(pd)
                      .argument(DIFF_DST, OneDnn.caller(in[0].meta()), Dnnl.query(pd, 134), false)
                      .argument(
                          WEIGHTS,
                          Dnnl.descriptor(w.dtype(), grouped(w, op.groups())),
                          Dnnl.query(pd, 131),
                          false)
                      .argument(DIFF_SRC, OneDnn.caller(out[0].meta()), Dnnl.query(pd, 130), true));
        });
  }

  private static Optional<Plan> weight(ConvWeight op, Tensor[] in, Tensor[] out) {
    return Plans.find(
        op,
        in,
        out,
        () -> {
          Meta w = out[0].meta();
          return backward(
              op,
              Problem.of(op.window(), op.groups(), in[0].meta(), w, in[1].meta()),
              (pd) ->
                  new Plan(pd)
                      .argument(SRC, OneDnn.caller(in[0].meta()), Dnnl.query(pd, 129), false)
                      .argument(DIFF_DST, OneDnn.caller(in[1].meta()), Dnnl.query(pd, 134), false)
                      .argument(
                          DIFF_WEIGHTS,
                          Dnnl.descriptor(w.dtype(), grouped(w, op.groups())),
                          Dnnl.query(pd, 132),
                          true));
        });
  }

  private static Optional<Plan> backward(Op op, Problem problem, LongFunction<Plan> plan) {
    long attributes = OneDnn.attributes();
    try (Problem p = problem) {
      long hint = p.forward(TRAINING, 0, attributes);
      if (hint == 0) {
        return Optional.empty();
      }
      long pd =
          op instanceof ConvTranspose
              ? Dnnl.create(
                  "dnnl_convolution_backward_data_primitive_desc_create",
                  Dnnl.ENGINE,
                  DIRECT,
                  p.x,
                  p.w,
                  p.y,
                  p.strides,
                  p.dilations,
                  p.before,
                  p.after,
                  hint,
                  attributes)
              : Dnnl.create(
                  "dnnl_convolution_backward_weights_primitive_desc_create",
                  Dnnl.ENGINE,
                  DIRECT,
                  p.x,
                  p.w,
                  0L,
                  p.y,
                  p.strides,
                  p.dilations,
                  p.before,
                  p.after,
                  hint,
                  attributes);
      OneDnn.free("primitive_desc", hint);
      return pd == 0 ? Optional.empty() : Optional.of(plan.apply(pd).ready());
    } finally {
      OneDnn.free("primitive_attr", attributes);
    }
  }
}
