package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.Fused;
import dev.flambeau.torch.op.Pointwise;
import java.util.Map;
import java.util.Optional;

/** Convolutions and matrix products with bias, residual and activation as oneDNN's post-ops. */
final class FusedKernels {
  private static final int INFERENCE = 96;
  private static final int SRC = 1;
  private static final int DST = 17;
  private static final int WEIGHTS = 33;
  private static final int BIAS = 41;
  private static final int BINARY_ADD = 0x1fff0;

  /** The second operand of the first post-op. */
  private static final int RESIDUAL = 0x8000 | 2;

  private record Eltwise(int algorithm, double alpha, double beta) {}

  private static final Map<Pointwise, Eltwise> ACTIVATIONS =
      Map.of(
          Pointwise.RELU, new Eltwise(0x20, 0, 0),
          Pointwise.RELU6, new Eltwise(0x2e, 0, 6),
          Pointwise.HARDSWISH, new Eltwise(0x34, 1 / 6.0, 0.5),
          Pointwise.HARDSIGMOID, new Eltwise(0x28, 1 / 6.0, 0.5),
          Pointwise.SIGMOID, new Eltwise(0x29, 0, 0),
          Pointwise.TANH, new Eltwise(0x21, 0, 0),
          Pointwise.SILU, new Eltwise(0x2c, 1, 0),
          Pointwise.GELU, new Eltwise(0x31, 0, 0),
          Pointwise.GELU_TANH, new Eltwise(0x2b, 0, 0));

  private FusedKernels() {}

  static void register(Kernels kernels) {
    kernels.register(
        Fused.class,
        // oneDNN reads a bias as if it had no gaps.
        (op, in, out) ->
            OneDnn.accepts(in, out) && in[2].isContiguous() && plan(op, in, out).isPresent(),
        (op, in, out) -> {
          Plan plan = plan(op, in, out).orElseThrow();
          long[] addresses = new long[in.length + 1];
          for (int i = 0; i < in.length; i++) {
            addresses[i] = in[i].address();
          }
          addresses[in.length] = out[0].address();
          if (plan.copies(1)) {
            plan.run(1, PackedWeights.of(in[1], plan, 1), addresses);
          } else {
            plan.run(addresses);
          }
        });
  }

  private static Optional<Plan> plan(Fused op, Tensor[] in, Tensor[] out) {
    return Plans.find(
        op,
        in,
        out,
        () -> {
          Meta x = in[0].meta();
          Meta y = out[0].meta();
          long bias = bias(op, in[2].meta(), y);
          long attributes = attributes(op, in);
          try {
            long pd =
                op.base() instanceof Conv conv
                    ? convolution(conv, x, in[1].meta(), y, bias, attributes)
                    : product(x, in[1].meta(), y, bias, attributes);
            if (pd == 0) {
              OneDnn.free("memory_desc", bias);
              return Optional.empty();
            }
            long weight =
                op.base() instanceof Conv conv
                    ? Dnnl.descriptor(x.dtype(), Convolutions.grouped(in[1].meta(), conv.groups()))
                    : Dnnl.descriptor(x.dtype(), MatrixProducts.aligned(in[1].layout(), y.rank()));
            Plan plan =
                new Plan(pd)
                    .argument(SRC, OneDnn.caller(x), Dnnl.query(pd, 129), false)
                    .argument(WEIGHTS, weight, Dnnl.query(pd, 131), false)
                    .argument(BIAS, bias, 0, false);
            if (op.residual()) {
              plan.argument(RESIDUAL, OneDnn.caller(in[3].meta()), 0, false);
            }
            return Optional.of(
                plan.argument(DST, OneDnn.caller(y), Dnnl.query(pd, 133), true).ready());
          } finally {
            OneDnn.free("primitive_attr", attributes);
          }
        });
  }

  /** A vector for a convolution; for a product a row, as it is broadcast to the result. */
  private static long bias(Fused op, Meta bias, Meta y) {
    if (op.base() instanceof Conv) {
      return OneDnn.caller(bias);
    }
    return MatrixProducts.row(bias, y.rank());
  }

  private static long convolution(Conv conv, Meta x, Meta w, Meta y, long bias, long attributes) {
    try (var problem = Convolutions.Problem.of(conv.window(), conv.groups(), x, w, y)) {
      return problem.forward(INFERENCE, bias, attributes);
    }
  }

  private static long product(Meta x, Meta w, Meta y, long bias, long attributes) {
    long[] sizes = MatrixProducts.aligned(w.layout(), y.rank()).shape().sizes();
    long a = OneDnn.caller(x);
    long b = Dnnl.descriptorAny(w.dtype(), sizes);
    long c = OneDnn.caller(y);
    long pd =
        Dnnl.create("dnnl_matmul_primitive_desc_create", Dnnl.ENGINE, a, b, bias, c, attributes);
    OneDnn.free("memory_desc", a, b, c);
    return pd;
  }

  private static long attributes(Fused op, Tensor[] in) {
    long attributes = OneDnn.attributes();
    long ops = Dnnl.create("dnnl_post_ops_create");
    if (op.residual()) {
      long residual = OneDnn.caller(in[3].meta());
      Dnnl.call("dnnl_post_ops_append_binary", ops, BINARY_ADD, residual);
      OneDnn.free("memory_desc", residual);
    }
    op.activation()
        .map(ACTIVATIONS::get)
        .ifPresent(
            e ->
                Dnnl.call(
                    "dnnl_post_ops_append_eltwise",
                    ops,
                    e.algorithm,
                    (float) e.alpha,
                    (float) e.beta));
    Dnnl.call("dnnl_primitive_attr_set_post_ops", attributes, ops);
    OneDnn.free("post_ops", ops);
    return attributes;
  }
}
