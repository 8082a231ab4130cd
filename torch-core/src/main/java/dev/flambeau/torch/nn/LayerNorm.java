package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Normalizes each sample over its last axes (Ba et al. 2016). PyTorch: {@code torch.nn.LayerNorm}.
 */
public class LayerNorm extends Module {
  public final Optional<Tensor> weight;
  public final Optional<Tensor> bias;
  private final long[] shape;
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
    public Options elementwiseAffine(boolean on) {
      affine = on;
      return this;
    }
  }

  /** Over the last axis, of this size. */
  public LayerNorm(long size) {
    this(size, _ -> {});
  }

  public LayerNorm(long size, Consumer<Options> options) {
    this(new long[] {size}, options);
  }

  /** Over the last axes, of these sizes. */
  public LayerNorm(long[] shape, Consumer<Options> options) {
    Options o = new Options();
    options.accept(o);
    this.shape = shape.clone();
    this.eps = o.eps;
    this.weight = o.affine ? Optional.of(parameter(Torch.ones(shape))) : Optional.empty();
    this.bias = o.affine ? Optional.of(parameter(Torch.zeros(shape))) : Optional.empty();
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.layerNorm(input, shape, weight, bias, eps);
  }

  @Override
  protected String describe() {
    return Kernels.tuple(Arrays.stream(shape).boxed().toList())
        + ", eps="
        + Kernels.text(eps)
        + ", elementwise_affine="
        + (weight.isPresent() ? "True" : "False");
  }
}
