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
    check(inFeatures, outFeatures);
    Tensor w = Torch.empty(outFeatures, inFeatures);
    Init.kaimingUniform_(w, Math.sqrt(5));
    this.weight = parameter(w);
    this.bias = bias ? Optional.of(parameter(Init.fanInUniform(w, outFeatures))) : Optional.empty();
  }

  /** For {@link #initialize}. */
  Linear(boolean bias, long outFeatures) {
    check(0, outFeatures);
    this.weight = parameter(Torch.empty(outFeatures, 0));
    this.bias = bias ? Optional.of(parameter(Torch.empty(outFeatures))) : Optional.empty();
  }

  private static void check(long in, long out) {
    if (in < 0 || out < 0) {
      throw TorchException.argument("Linear", "features", in + ", " + out, "0 or more");
    }
  }

  void initialize(long inFeatures) {
    check(inFeatures, weight.size(0));
    Tensor w = Init.kaimingUniform_(Lazy.resized(weight, 1, inFeatures), Math.sqrt(5));
    weight.setData(w);
    bias.ifPresent(b -> b.setData(Init.fanInUniform(w, weight.size(0))));
  }

  @Override
  public Tensor forward(Tensor input) {
    Lazy.prepare(this, input, -1);
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
