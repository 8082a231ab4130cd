package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.linalg.Linalg;
import dev.flambeau.torch.op.Op;
import java.util.Optional;
import java.util.OptionalLong;

/** Attention, distances and bags of embeddings: a part of {@link F}. */
abstract class MixingFunctions extends SamplingFunctions {
  MixingFunctions() {}

  /** What attention gives and the weights of the values. */
  public record Attention(Tensor output, Tensor weights) {}

  /**
   * softmax(q k^T / sqrt(d) + mask) v (Vaswani et al. 2017): q (..., L, d), k (..., S, d), v (...,
   * S, e).
   *
   * @param mask added to the scores, or of bool: where it is false nothing is attended to
   * @param dropout the part of the weights that becomes 0; the rest is scaled
   * @param causal element i attends to the first i + 1
   */
  public static Attention scaledDotProductAttention(
      Tensor q, Tensor k, Tensor v, Optional<Tensor> mask, double dropout, boolean causal) {
    return scaledDotProductAttention(q, k, v, mask, dropout, true, causal);
  }

  /** As above; without {@code training} nothing is dropped, but an export knows of it. */
  public static Attention scaledDotProductAttention(
      Tensor q,
      Tensor k,
      Tensor v,
      Optional<Tensor> mask,
      double dropout,
      boolean training,
      boolean causal) {
    if (causal && mask.isPresent()) {
      throw TorchException.argument(
          "scaled_dot_product_attention", "attn_mask", "given", "none, if causal");
    }
    if (fits(q, k, v, mask) && (dropout == 0 || !training)) {
      Op op = new dev.flambeau.torch.op.Attention(1 / Math.sqrt(q.size(-1)), causal);
      Tensor[] in =
          mask.isPresent() ? new Tensor[] {q, k, v, additive(mask.get())} : new Tensor[] {q, k, v};
      Tensor[] out = Dispatcher.callAll(op, in);
      return new Attention(out[0], out[1]);
    }
    Tensor scores = q.div(Math.sqrt(q.size(-1))).matmul(k.mT());
    if (causal) {
      Tensor rows = Torch.arange(q.size(-2)).unsqueeze(1);
      scores = attended(scores, Torch.arange(k.size(-2)).le(rows));
    } else if (mask.isPresent()) {
      Tensor m = mask.get();
      scores = m.dtype() == DType.BOOL ? attended(scores, m) : scores.add(m);
    }
    Tensor weights = F.dropout(scores.softmax(-1), dropout, training);
    return new Attention(weights.matmul(v), weights);
  }

  /** Whether one operator does all of it. Recorded and mixed precision calls take it to pieces. */
  private static boolean fits(Tensor q, Tensor k, Tensor v, Optional<Tensor> mask) {
    Mode mode = Mode.current();
    boolean plain =
        q.dtype() == DType.F32
            && k.dtype() == DType.F32
            && v.dtype() == DType.F32
            && mode.capture() == null
            && mode.casting() == null
            && q.dim() > 2
            && k.dim() == q.dim()
            && v.dim() == q.dim()
            && q.size(-1) == k.size(-1)
            && k.size(-2) == v.size(-2);
    for (int i = 0; plain && i < q.dim() - 2; i++) {
      plain = q.size(i) == k.size(i) && q.size(i) == v.size(i);
    }
    return plain
        && mask.map(m -> !m.requiresGrad() && (m.dtype() == DType.BOOL || m.dtype() == DType.F32))
            .orElse(true);
  }

  private static Tensor additive(Tensor mask) {
    if (mask.dtype() != DType.BOOL) {
      return mask;
    }
    Tensor zeros = mask.zerosLike(DType.F32);
    return Torch.where(mask, zeros, zeros.fullLike(Double.NEGATIVE_INFINITY));
  }

  private static Tensor attended(Tensor scores, Tensor mask) {
    Tensor never = scores.detach().fullLike(Double.NEGATIVE_INFINITY);
    return Torch.where(mask, scores, never);
  }

  /** p-norms of the differences of all rows of x1 (..., m, d) and x2 (..., n, d): (..., m, n). */
  public static Tensor cdist(Tensor x1, Tensor x2, double p) {
    if (x1.dim() < 2 || x2.dim() < 2 || x1.size(-1) != x2.size(-1)) {
      throw TorchException.shape(
          "cdist", "x2", x2.shape(), "(..., n, d) for x1 " + x1.shape() + " of (..., m, d)");
    }
    if (!(p >= 0)) {
      throw TorchException.argument("cdist", "p", p, "0 or more");
    }
    Tensor difference = x1.unsqueeze(-2).sub(x2.unsqueeze(-3));
    return Linalg.vectorNorm(difference, p, new int[] {-1}, false);
  }

  /**
   * Sums, means or maxima of rows of a table (Mikolov et al. 2013 call it a bag of words).
   *
   * @param input rows: (bags, size), or all bags one after another with their offsets
   * @param perSample a factor for each row; sums only
   * @param lastIncluded the last offset is the end
   * @param padding a row that does not count
   */
  public static Tensor embeddingBag(
      Tensor input,
      Tensor weight,
      Optional<Tensor> offsets,
      BagMode mode,
      Optional<Tensor> perSample,
      boolean lastIncluded,
      OptionalLong padding) {
    return Bags.embed(input, weight, offsets, mode, perSample, lastIncluded, padding);
  }

  /**
   * Scales those rows of {@code weight} down, in place, that {@code input} names and whose p-norm
   * exceeds {@code most}. PyTorch: {@code torch.embedding_renorm_}.
   */
  public static void embeddingRenorm_(Tensor weight, Tensor input, double most, double p) {
    Torch.noGrad(
        () -> {
          Tensor rows = input.detach().to(DType.I64).reshape(-1);
          weight.indexCopy_(0, rows, weight.detach().indexSelect(0, rows).renorm(p, 0, most));
        });
  }
}
