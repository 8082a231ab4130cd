package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.op.MatMul;
import java.util.Arrays;
import java.util.Optional;

/** Batched matrix products; transposed and broadcast inputs are read where they lie. */
final class MatrixProducts {
  private MatrixProducts() {}

  static void register(Kernels kernels) {
    kernels.register(
        MatMul.class,
        (op, in, out) ->
            OneDnn.accepts(in, out)
                && out[0].dim() <= 12
                && (in.length < 3 || in[2].isContiguous())
                && plan(op, in, out).isPresent(),
        (op, in, out) -> {
          Plan plan = plan(op, in, out).orElseThrow();
          if (in.length > 2) {
            plan.run(in[0].address(), in[1].address(), in[2].address(), out[0].address());
          } else {
            plan.run(in[0].address(), in[1].address(), out[0].address());
          }
        });
  }

  private static Optional<Plan> plan(MatMul op, Tensor[] in, Tensor[] out) {
    return Plans.find(
        op,
        in,
        out,
        () -> {
          int rank = out[0].dim();
          Layout a = aligned(in[0].layout(), rank);
          Layout b = aligned(in[1].layout(), rank);
          long attributes = OneDnn.attributes();
          long da = Dnnl.descriptor(in[0].dtype(), readable(a));
          long db = Dnnl.descriptor(in[0].dtype(), readable(b));
          long dc = OneDnn.caller(out[0].meta());
          long bias = in.length > 2 ? row(in[2].meta(), rank) : 0;
          long pd =
              Dnnl.create(
                  "dnnl_matmul_primitive_desc_create", Dnnl.ENGINE, da, db, bias, dc, attributes);
          OneDnn.free("memory_desc", da, db);
          OneDnn.free("primitive_attr", attributes);
          if (pd == 0) {
            OneDnn.free("memory_desc", dc, bias);
            return Optional.empty();
          }
          Meta meta = in[0].meta();
          Plan plan =
              new Plan(pd)
                  .argument(1, Dnnl.descriptor(meta.dtype(), a), Dnnl.query(pd, 129), false)
                  .argument(33, Dnnl.descriptor(meta.dtype(), b), Dnnl.query(pd, 131), false);
          if (bias != 0) {
            plan.argument(41, bias, 0, false);
          }
          return Optional.of(plan.argument(17, dc, 0, true).ready());
        });
  }

  /** The descriptor of a vector that is added to each row of a result. */
  static long row(Meta vector, int rank) {
    long[] sizes = new long[rank];
    long[] strides = new long[rank];
    Arrays.fill(sizes, 1);
    Arrays.fill(strides, vector.shape().numel());
    sizes[rank - 1] = vector.shape().numel();
    strides[rank - 1] = 1;
    return Dnnl.descriptor(vector.dtype(), sizes, strides);
  }

  /** Leading axes of size 1 up to the rank; a broadcast axis has size 1, too. */
  static Layout aligned(Layout layout, int rank) {
    long[] sizes = new long[rank];
    long[] strides = new long[rank];
    int lead = rank - layout.rank();
    for (int i = 0; i < rank; i++) {
      boolean repeated = i < lead || i < rank - 2 && layout.stride(i - lead) == 0;
      sizes[i] = repeated ? 1 : layout.size(i - lead);
      strides[i] = repeated || sizes[i] == 1 ? 0 : layout.stride(i - lead);
    }
    // An axis of size 1 has the stride it would have if it were outermost of the rest.
    for (int i = 0; i < rank; i++) {
      if (sizes[i] == 1) {
        strides[i] =
            i >= rank - 2
                ? tight(sizes, strides, i)
                : Layout.of(Shape.of(sizes), strides, 0).numel();
      }
    }
    return Layout.of(Shape.of(sizes), strides, 0);
  }

  /** The stride of a matrix axis of size 1 beside its partner. */
  private static long tight(long[] sizes, long[] strides, int axis) {
    int partner = axis == sizes.length - 1 ? axis - 1 : axis + 1;
    return strides[partner] == 1 ? sizes[partner] : 1;
  }

  /**
   * The layout itself if one matrix axis is dense, else row-major. oneDNN reads parts of larger
   * batches wrongly (3.11, matrices of one row), so these are copied.
   */
  static Layout readable(Layout layout) {
    int rank = layout.rank();
    long rows = layout.stride(rank - 2);
    long columns = layout.stride(rank - 1);
    boolean direct =
        columns == 1 && rows >= layout.size(rank - 1)
            || rows == 1 && columns >= layout.size(rank - 2);
    return direct && (rank == 2 || layout.isDense()) ? layout : Layout.contiguous(layout.shape());
  }
}
