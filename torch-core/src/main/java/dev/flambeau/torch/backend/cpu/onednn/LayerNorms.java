package dev.flambeau.torch.backend.cpu.onednn;

import static dev.flambeau.torch.backend.cpu.onednn.Norms.*;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.op.LayerNorm;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Optional;

/** Layer normalization and its gradient in F32. */
final class LayerNorms {
  private LayerNorms() {}

  static void register(Kernels kernels) {
    kernels.register(
        LayerNorm.class,
        (_, in, out) -> in.length == 3 && suits(in, out, in[0]) && contiguous(in),
        (op, in, out) -> {
          layer(op, in, out).run(addresses(in[0], in[1], in[2], out[0], out[1], out[2]));
          variancesToInverse(out[2], op.eps());
        });
    kernels.register(
        LayerNorm.Backward.class,
        (_, in, out) -> in.length == 5 && suits(in, out, in[1]) && contiguous(in),
        (op, in, out) -> {
          MemorySegment variance = variances(in[3], op.eps());
          long[] addresses = addresses(in[0], in[1], in[4], in[2], in[3], out[0], out[1], out[2]);
          addresses[4] = variance.address();
          layerBackward(op, in, out).run(addresses);
          Reference.reachabilityFence(variance);
        });
  }

  private static boolean contiguous(Tensor[] in) {
    for (Tensor t : in) {
      if (!t.isContiguous()) {
        return false;
      }
    }
    return true;
  }

  /** x as a matrix with the normalized axes as columns. */
  private static long matrix(Tensor x, int axes) {
    long columns = 1;
    for (int i = x.dim() - axes; i < x.dim(); i++) {
      columns *= x.size(i);
    }
    return Dnnl.descriptor(DType.F32, Layout.contiguous(Shape.of(x.numel() / columns, columns)));
  }

  private static long layerForward(long x, long statistics, double eps) {
    long attributes = OneDnn.attributes();
    long pd =
        Dnnl.create(
            "dnnl_layer_normalization_forward_primitive_desc_create",
            Dnnl.ENGINE,
            TRAINING,
            x,
            x,
            statistics,
            (float) eps,
            AFFINE,
            attributes);
    OneDnn.free("primitive_attr", attributes);
    return pd;
  }

  private static Plan layer(LayerNorm op, Tensor[] in, Tensor[] out) {
    return Plans.find(
            op,
            in,
            out,
            () -> {
              long x = matrix(in[0], op.axes());
              long statistics = vector(out[1]);
              long pd = layerForward(x, statistics, op.eps());
              return Optional.of(
                  new Plan(pd)
                      .argument(SRC, x, 0, false)
                      .argument(SCALE, vector(in[1]), 0, false)
                      .argument(SHIFT, vector(in[1]), 0, false)
                      .argument(DST, matrix(in[0], op.axes()), 0, true)
                      .argument(MEAN, statistics, 0, true)
                      .argument(VARIANCE, vector(out[1]), 0, true)
                      .ready());
            })
        .orElseThrow();
  }

  private static Plan layerBackward(LayerNorm.Backward op, Tensor[] in, Tensor[] out) {
    return Plans.find(
            op,
            in,
            out,
            () -> {
              long x = matrix(in[1], op.axes());
              long statistics = vector(in[2]);
              long hint = layerForward(x, statistics, op.eps());
              long attributes = OneDnn.attributes();
              long pd =
                  Dnnl.create(
                      "dnnl_layer_normalization_backward_primitive_desc_create",
                      Dnnl.ENGINE,
                      BACKWARD,
                      x,
                      x,
                      x,
                      statistics,
                      (float) op.eps(),
                      AFFINE,
                      hint,
                      attributes);
              OneDnn.free("primitive_attr", attributes);
              OneDnn.free("primitive_desc", hint);
              return Optional.of(
                  new Plan(pd)
                      .argument(DIFF_DST, x, 0, false)
                      .argument(SRC, matrix(in[1], op.axes()), 0, false)
                      .argument(SCALE, vector(in[4]), 0, false)
                      .argument(MEAN, statistics, 0, false)
                      .argument(VARIANCE, vector(in[3]), 0, false)
                      .argument(DIFF_SRC, matrix(in[1], op.axes()), 0, true)
                      .argument(DIFF_SCALE, vector(in[4]), 0, true)
                      .argument(DIFF_SHIFT, vector(in[4]), 0, true)
                      .ready());
            })
        .orElseThrow();
  }
}
