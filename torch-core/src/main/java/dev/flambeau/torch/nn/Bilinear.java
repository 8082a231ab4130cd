package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.init.Init;
import java.util.Optional;

/**
 * x1 W x2 + b: (..., in1) and (..., in2) to (..., out). Weight (out, in1, in2) and bias (out) start
 * uniform in +-1/sqrt(in1). PyTorch: {@code torch.nn.Bilinear}.
 */
public class Bilinear extends Module {
  public final Tensor weight;
  public final Optional<Tensor> bias;

  public Bilinear(long in1, long in2, long out) {
    this(in1, in2, out, true);
  }

  /**
   * The same.
   *
   * @param bias whether b is added
   */
  public Bilinear(long in1, long in2, long out, boolean bias) {
    if (in1 < 1 || in2 < 0 || out < 0) {
      throw TorchException.argument(
          "Bilinear",
          "features",
          in1 + ", " + in2 + ", " + out,
          "1 or more for the first input, 0 or more for the others");
    }
    double bound = 1 / Math.sqrt(in1);
    this.weight = parameter(Init.uniform_(Torch.empty(out, in1, in2), -bound, bound));
    this.bias =
        bias
            ? Optional.of(parameter(Init.uniform_(Torch.empty(out), -bound, bound)))
            : Optional.empty();
  }

  public Tensor forward(Tensor first, Tensor second) {
    return F.bilinear(first, second, weight, bias);
  }

  @Override
  protected String describe() {
    return "in1_features="
        + weight.size(1)
        + ", in2_features="
        + weight.size(2)
        + ", out_features="
        + weight.size(0)
        + ", bias="
        + Kernels.text(bias.isPresent());
  }
}
