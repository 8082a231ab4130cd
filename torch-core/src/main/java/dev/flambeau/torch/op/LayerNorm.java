package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.Arrays;

/**
 * Normalization over the last {@code axes} axes: x, optionally weight and bias of those axes' shape
 * -> (x - mean) * rstd * weight + bias, mean, rstd = 1 / sqrt(biased variance + eps), both with 1
 * at the normalized axes. PyTorch: {@code torch.nn.functional.layer_norm}.
 */
public record LayerNorm(int axes, double eps) implements Structured {
  @Override
  public String name() {
    return "layer_norm";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    if (axes < 1 || x.rank() < axes) {
      throw TorchException.shape(
          name(), "normalized_shape", axes + " axes of " + x.shape(), "1 to all axes");
    }
    if (!x.dtype().isFloat()) {
      throw TorchException.type(name(), "input", x.dtype(), "a floating point type");
    }
    long[] sizes = x.shape().sizes();
    Shape normalized = Shape.of(Arrays.copyOfRange(sizes, sizes.length - axes, sizes.length));
    for (int i = 1; i < inputs.length; i++) {
      if (!inputs[i].shape().equals(normalized) || inputs[i].dtype() != x.dtype()) {
        throw TorchException.shape(
            name(),
            i == 1 ? "weight" : "bias",
            inputs[i].dtype() + " " + inputs[i].shape(),
            "normalized_shape " + normalized + " of type " + x.dtype());
      }
    }
    Arrays.fill(sizes, sizes.length - axes, sizes.length, 1);
    Meta statistic = Meta.contiguous(x.dtype(), x.device(), Shape.of(sizes));
    return new Meta[] {Meta.contiguous(x.dtype(), x.device(), x.shape()), statistic, statistic};
  }

  @Override
  public Saves saves() {
    return new Saves(0b11, 0b110);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor x = saved.input(0);
    Tensor mean = saved.output(1);
    Tensor rstd = saved.output(2);
    boolean affine = saved.inputs() > 1;
    if (!Mode.current().grad() && gradients[1] == null && gradients[2] == null) {
      Tensor[] in =
          affine
              ? new Tensor[] {gradients[0], x, mean, rstd, saved.input(1)}
              : new Tensor[] {gradients[0], x, mean, rstd};
      return Dispatcher.callAll(new Backward(axes, eps), in);
    }
    int[] last = new int[axes];
    long count = 1;
    for (int i = 0; i < axes; i++) {
      last[i] = x.dim() - axes + i;
      count *= x.size(last[i]);
    }
    Tensor[] out = new Tensor[saved.inputs()];
    Tensor centred = x.sub(mean);
    Tensor normal = centred.mul(rstd);
    if (gradients[0] != null) {
      Tensor g = affine ? gradients[0].mul(saved.input(1)) : gradients[0];
      Tensor dot = g.mul(normal).mean(last, true);
      out[0] = g.sub(g.mean(last, true)).sub(normal.mul(dot)).mul(rstd);
      if (affine) {
        Shape shape = saved.inputMeta(1).shape();
        out[1] = gradients[0].mul(normal).sumToSize(shape);
        out[2] = gradients[0].sumToSize(shape);
      }
    }
    if (gradients[1] != null) {
      out[0] = BatchNorm.plus(out[0], gradients[1].div(count).expand(x.shape()));
    }
    if (gradients[2] != null) {
      Tensor slope = gradients[2].mul(rstd.pow(3)).div(-count);
      out[0] = BatchNorm.plus(out[0], centred.mul(slope));
    }
    return out;
  }

  /**
   * The first derivative in one go: gradient, x, mean, rstd, optionally weight -> gradients by x,
   * and by weight and bias where there is a weight. {@link LayerNorm#backward} does without it
   * where it is differentiated itself.
   */
  public record Backward(int axes, double eps) implements Structured {
    @Override
    public String name() {
      return "layer_norm_backward";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      Meta x = Meta.contiguous(inputs[1].dtype(), inputs[1].device(), inputs[1].shape());
      return inputs.length > 4
          ? new Meta[] {x, inputs[4].withDType(x.dtype()), inputs[4].withDType(x.dtype())}
          : new Meta[] {x};
    }

    @Override
    public Saves saves() {
      return Saves.NOTHING;
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor[] gradients) {
      throw TorchException.gradient(name() + " has no derivative of its own");
    }
  }

  /**
   * Normalization of each sample over groups of channels, x (N, C, ...), weight and bias (C) or
   * null. PyTorch: {@code torch.nn.functional.group_norm}.
   */
  public static Tensor group(Tensor x, long groups, Tensor weight, Tensor bias, double eps) {
    if (x.dim() < 2 || groups < 1 || x.size(1) % groups != 0) {
      throw TorchException.argument(
          "group_norm", "num_groups", groups, "a divisor of the channels of " + x.shape());
    }
    Tensor rows = x.reshape(x.size(0), groups, x.numel() / Math.max(x.size(0) * groups, 1));
    Tensor y = Dispatcher.call(new LayerNorm(1, eps), rows).reshape(x.shape().sizes());
    Tensor scaled = weight == null ? y : y.mul(BatchNorm.channels(weight, x.dim()));
    return bias == null ? scaled : scaled.add(BatchNorm.channels(bias, x.dim()));
  }
}
