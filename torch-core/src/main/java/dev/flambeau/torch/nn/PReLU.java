package dev.flambeau.torch.nn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;

/**
 * x where positive, else a learned slope times x (He et al. 2015). The weight has one slope, or one
 * a channel. PyTorch: {@code torch.nn.PReLU}.
 */
public class PReLU extends Module {
  public final Tensor weight;

  /** One slope, which starts at 0.25. */
  public PReLU() {
    this(1, 0.25);
  }

  /**
   * The same.
   *
   * @param count 1 or the number of channels
   * @param start the slopes at first
   */
  public PReLU(long count, double start) {
    this.weight = parameter(Torch.full(DType.F32, start, count));
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.prelu(input, weight);
  }

  @Override
  protected String describe() {
    return "num_parameters=" + weight.numel();
  }
}
