package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * In training, elements take SELU's saturation value with probability p, and all are scaled and
 * shifted so that mean and variance stay (Klambauer et al. 2017). PyTorch: {@code
 * torch.nn.AlphaDropout}.
 */
public class AlphaDropout extends Dropout {
  /** With p 0.5. */
  public AlphaDropout() {
    this(0.5);
  }

  public AlphaDropout(double p) {
    super(p);
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.alphaDropout(input, p, isTraining());
  }
}
