package dev.flambeau.text;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/** From a transformer's last hidden state to one vector a text (Reimers and Gurevych 2019). */
public final class SentenceEmbeddings {
  /** PyTorch's {@code functional.normalize} guards a zero vector with this. */
  private static final double EPSILON = 1e-12;

  private SentenceEmbeddings() {}

  /**
   * Mean of each text's token vectors, padding left out: N x L x D and a mask N x L give N x D. A
   * text without tokens gives zeros.
   */
  public static Tensor meanPool(Tensor hidden, Tensor mask) {
    if (hidden.dim() != 3
        || mask.dim() != 2
        || mask.size(0) != hidden.size(0)
        || mask.size(1) != hidden.size(1)) {
      throw TorchException.shape(
          "meanPool", "hidden, mask", hidden.shape() + ", " + mask.shape(), "N x L x D, N x L");
    }
    Tensor weight = mask.to(hidden.dtype()).unsqueeze(-1);
    Tensor count = weight.sum(new int[] {1}, false).clamp(1e-9, Double.POSITIVE_INFINITY);
    return hidden.mul(weight).sum(new int[] {1}, false).div(count);
  }

  /** Each row divided by its Euclidean length; PyTorch: {@code functional.normalize}. */
  public static Tensor normalize(Tensor rows) {
    Tensor length = rows.square().sum(new int[] {-1}, true).sqrt();
    return rows.div(length.clamp(EPSILON, Double.POSITIVE_INFINITY));
  }

  /** Cosine of each row of {@code a} (N x D) with each of {@code b} (M x D): N x M. */
  public static Tensor cosineSimilarity(Tensor a, Tensor b) {
    if (a.dim() != 2 || b.dim() != 2 || a.size(1) != b.size(1)) {
      throw TorchException.shape(
          "cosineSimilarity", "a, b", a.shape() + ", " + b.shape(), "N x D, M x D");
    }
    DType type = a.dtype();
    return normalize(a).matmul(normalize(b.to(type)).mT());
  }
}
