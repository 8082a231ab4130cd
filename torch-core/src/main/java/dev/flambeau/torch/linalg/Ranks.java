package dev.flambeau.torch.linalg;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Matrices;
import java.util.Optional;

/** Which singular values count as 0. */
final class Ranks {
  private Ranks() {}

  /** Absolute and relative tolerance for each matrix, F64. */
  static Tensor[] tolerances(Tensor a, Optional<Tensor> atol, Optional<Tensor> rtol) {
    double eps = a.dtype() == DType.F64 ? 0x1p-52 : 0x1p-23;
    Tensor part = Torch.full(DType.F64, eps * Math.max(a.size(-2), a.size(-1)));
    Tensor none = Torch.full(DType.F64, 0);
    Tensor absolute = atol.map(t -> t.to(DType.F64)).orElse(none);
    Tensor relative =
        rtol.map(t -> t.to(DType.F64)).orElseGet(() -> Torch.where(absolute.gt(0), none, part));
    Shape batch = Matrices.batch(a.shape());
    return new Tensor[] {expand("atol", absolute, batch), expand("rtol", relative, batch)};
  }

  private static Tensor expand(String argument, Tensor t, Shape batch) {
    if (t.dim() > batch.rank()) {
      throw TorchException.shape(
          "linalg.matrix_rank", argument, t.shape(), "a shape that broadcasts to " + batch);
    }
    return t.expand(batch);
  }

  /** How many of the values, not negative, largest in any place, count. */
  static Tensor count(Tensor a, Tensor values, Optional<Tensor> atol, Optional<Tensor> rtol) {
    Tensor[] limits = tolerances(a, atol, rtol);
    if (values.size(-1) == 0) {
      return values.sum(new int[] {-1}, false).to(DType.I64);
    }
    Tensor wide = values.to(DType.F64);
    Tensor limit = limits[0].maximum(limits[1].mul(wide.amax(new int[] {-1}, false)));
    return wide.gt(limit.unsqueeze(-1)).sum(new int[] {-1}, false);
  }
}
