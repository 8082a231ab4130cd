package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/** {@link AlphaDropout} of whole channels. PyTorch: {@code torch.nn.FeatureAlphaDropout}. */
public class FeatureAlphaDropout extends Dropout {
  /** With p 0.5. */
  public FeatureAlphaDropout() {
    this(0.5);
  }

  public FeatureAlphaDropout(double p) {
    super(p);
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.featureAlphaDropout(input, p, isTraining());
  }
}
