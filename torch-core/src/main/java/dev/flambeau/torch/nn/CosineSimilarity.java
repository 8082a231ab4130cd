package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/** The cosine of the angle of vectors along an axis. PyTorch: {@code torch.nn.CosineSimilarity}. */
public class CosineSimilarity extends Module {
  private final int axis;
  private final double eps;

  /** Along axis 1, lengths counting as 1e-8 at least. */
  public CosineSimilarity() {
    this(1, 1e-8);
  }

  public CosineSimilarity(int axis, double eps) {
    this.axis = axis;
    this.eps = eps;
  }

  public Tensor forward(Tensor first, Tensor second) {
    return F.cosineSimilarity(first, second, axis, eps);
  }
}
