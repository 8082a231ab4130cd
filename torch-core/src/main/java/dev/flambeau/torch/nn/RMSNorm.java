package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Divides each sample by the root of the mean of its squares over its last axes (Zhang and Sennrich
 * 2019). PyTorch: {@code torch.nn.RMSNorm}.
 */
public class RMSNorm extends Module {
  public final Optional<Tensor> weight;
  private final long[] shape;
  private final OptionalDouble eps;

  /** The type's own epsilon, with a weight. */
  public static final class Options {
    private OptionalDouble eps = OptionalDouble.empty();
    private boolean affine = true;

    Options() {}

    /** Added to the mean of the squares. */
    public Options eps(double value) {
      eps = OptionalDouble.of(value);
      return this;
    }

    /** Whether there is a weight to train. */
    public Options elementwiseAffine(boolean on) {
      affine = on;
      return this;
    }
  }

  /** Over the last axis, of this size. */
  public RMSNorm(long size) {
    this(new long[] {size}, _ -> {});
  }

  /** Over the last axes, of these sizes. */
  public RMSNorm(long[] shape, Consumer<Options> options) {
    Options o = new Options();
    options.accept(o);
    this.shape = shape.clone();
    this.eps = o.eps;
    this.weight = o.affine ? Optional.of(parameter(Torch.ones(shape))) : Optional.empty();
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.rmsNorm(input, shape, weight, eps);
  }

  @Override
  protected String describe() {
    return Kernels.tuple(Arrays.stream(shape).boxed().toList())
        + ", eps="
        + (eps.isPresent() ? Kernels.text(eps.getAsDouble()) : "None")
        + ", elementwise_affine="
        + Kernels.text(weight.isPresent());
  }
}
