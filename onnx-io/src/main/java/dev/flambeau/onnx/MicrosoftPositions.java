package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;

/**
 * What com.microsoft's attention adds to the scores for the distance of key and query. Source:
 * onnxruntime, docs/ContribOperators.md.
 */
final class MicrosoftPositions {
  private MicrosoftPositions() {}

  static void register(Registry r) {
    r.map("RelativePositionBias", MicrosoftPositions::binned);
    r.map("GatedRelativePositionBias", MicrosoftPositions::gated);
  }

  /**
   * A number a head and bucket of distances, for (1, heads, queries, keys): one a distance up to
   * half of the buckets, then by the logarithm up to a largest distance (T5, Raffel et al. 2020).
   * The table's sizes are (buckets, heads), but a head's numbers lie side by side.
   */
  private static Tensor binned(Call c) {
    Tensor table = c.in(0);
    long queries = c.scalarLong(1);
    long keys = c.scalarLong(2);
    long far = c.node().i("max_distance", 0);
    boolean both = c.node().flag("is_bidirectional", false);
    if (table.dim() != 2 || table.size(0) < 4) {
      throw c.bad("bias_table", table.shape(), "(buckets, heads), four buckets or more");
    }
    long buckets = both ? table.size(0) / 2 : table.size(0);
    long exact = buckets / 2;
    if (far <= exact) {
      throw c.bad("max_distance", far, "more than " + exact);
    }
    Limits.checked(c.name(), table.size(1), queries, keys);
    Tensor distance = Torch.arange(keys).sub(Torch.arange(queries).unsqueeze(1));
    Tensor ahead = distance.gt(0).to(DType.I64).mul(buckets);
    Tensor near = both ? distance.abs() : distance.neg().clampMin(0);
    double width = (buckets - exact) / Math.log((double) far / exact);
    Tensor logarithm = near.clampMin(exact).to(DType.F32).div(exact).log().mul(width);
    Tensor wide = logarithm.to(DType.I64).add(exact).clampMax(buckets - 1);
    Tensor bucket = Torch.where(near.lt(exact), near, wide);
    Tensor place = both ? bucket.add(ahead) : bucket;
    Tensor rows = table.reshape(table.size(1), table.size(0));
    return rows.indexSelect(1, place.reshape(-1)).reshape(1, table.size(1), queries, keys);
  }

  /** Position scores (1, H, L, L) by gates that each query (N, L, H D) sets (Chi et al. 2022). */
  private static Tensor gated(Call c) {
    if (c.has(6)) {
      throw c.bad("token_offset", "given", "none: sequences are not packed");
    }
    Tensor q = Attention.heads(c, c.in(0).add(c.in(1)), c.node().i("num_heads", 0));
    Tensor all = q.matmul(c.in(3)).add(c.in(4));
    Tensor gates = all.unflatten(3, 2, all.size(3) / 2).sum(new int[] {-1}, false).sigmoid();
    Tensor update = gates.narrow(3, 0, 1);
    Tensor reset = gates.narrow(3, 1, 1);
    return update.mul(reset.mul(c.in(5)).sub(1)).add(2).mul(c.in(2));
  }
}
