package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Normalizes groups of channels of each member of the batch (Wu and He 2018). PyTorch: {@code
 * torch.nn.GroupNorm}.
 */
public class GroupNorm extends Module {
  public final Optional<Tensor> weight;
  public final Optional<Tensor> bias;
  private final long groups;
  private final long channels;
  private final double eps;

  /** Epsilon 1e-5, with weight and bias. */
  public static final class Options {
    private double eps = 1e-5;
    private boolean affine = true;

    Options() {}

    /** Added to the variance. */
    public Options eps(double value) {
      eps = value;
      return this;
    }

    /** Whether there are a weight and a bias to train. */
    public Options affine(boolean on) {
      affine = on;
      return this;
    }
  }

  public GroupNorm(long groups, long channels) {
    this(groups, channels, _ -> {});
  }

  public GroupNorm(long groups, long channels, Consumer<Options> options) {
    Options o = new Options();
    options.accept(o);
    if (groups < 1 || channels < 1 || channels % groups != 0) {
      throw TorchException.argument(
          "GroupNorm",
          "num_groups, num_channels",
          groups + ", " + channels,
          "positive numbers, channels divisible by groups");
    }
    this.groups = groups;
    this.channels = channels;
    this.eps = o.eps;
    this.weight = o.affine ? Optional.of(parameter(Torch.ones(channels))) : Optional.empty();
    this.bias = o.affine ? Optional.of(parameter(Torch.zeros(channels))) : Optional.empty();
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.groupNorm(input, groups, weight, bias, eps);
  }

  @Override
  protected String describe() {
    return groups
        + ", "
        + channels
        + ", eps="
        + Kernels.text(eps)
        + ", affine="
        + Kernels.text(weight.isPresent());
  }
}
