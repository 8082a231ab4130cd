package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * In training, sets elements to 0 with probability p and scales the others by 1/(1 - p); else the
 * identity (Srivastava et al. 2014). PyTorch: {@code torch.nn.Dropout}.
 */
public class Dropout extends Module {
  final double p;

  /** With p 0.5. */
  public Dropout() {
    this(0.5);
  }

  /**
   * The same.
   *
   * @throws dev.flambeau.torch.TorchException if p is outside [0, 1]
   */
  public Dropout(double p) {
    this.p = F.checkProbability("Dropout", p);
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.dropout(input, p, isTraining());
  }

  @Override
  protected String describe() {
    return "p=" + p + ", inplace=False";
  }
}
