package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.init.Init;
import java.util.Optional;

/**
 * x W^T + b on the last axis: (..., in) to (..., out). Weight (out, in) and bias (out) start
 * uniform in +-1/sqrt(in). PyTorch: {@code torch.nn.Linear}.
 */
public class Linear extends Module {
  public final Tensor weight;
  public final Optional<Tensor> bias;

  public Linear(long inFeatures, long outFeatures) {
    this(inFeatures, outFeatures, true);
  }

  /**
   * The same.
   *
   * @param bias whether b is added
   */
  public Linear(long inFeatures, long outFeatures, boolean bias) {
    if (inFeatures < 0 || outFeatures < 0) {
      throw TorchException.argument(
          "Linear", "features", inFeatures + ", " + outFeatures, "0 or more");
    }
    Tensor w = Torch.empty(outFeatures, inFeatures);
    Init.kaimingUniform_(w, Math.sqrt(5));
    this.weight = parameter(w);
    this.bias = bias ? Optional.of(parameter(Init.fanInUniform(w, outFeatures))) : Optional.empty();
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.linear(input, weight, bias);
  }

  @Override
  protected String describe() {
    return "in_features="
        + weight.size(1)
        + ", out_features="
        + weight.size(0)
        + ", bias="
        + (bias.isPresent() ? "True" : "False");
  }
}
