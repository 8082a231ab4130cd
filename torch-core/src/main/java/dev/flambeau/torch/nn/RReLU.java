package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;

/**
 * x where positive, else r x: r uniform on [lower, upper) in training, else their mean (Xu et al.
 * 2015). PyTorch: {@code torch.nn.RReLU}.
 */
public class RReLU extends Module {
  private final double lower;
  private final double upper;

  /** Between 1/8 and 1/3. */
  public RReLU() {
    this(1.0 / 8, 1.0 / 3);
  }

  public RReLU(double lower, double upper) {
    if (!(lower <= upper)) {
      throw TorchException.argument("RReLU", "lower", lower, "at most upper, " + upper);
    }
    this.lower = lower;
    this.upper = upper;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.rrelu(input, lower, upper, isTraining());
  }

  @Override
  protected String describe() {
    return "lower=" + lower + ", upper=" + upper;
  }
}
