package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Batch normalization by the batch's own statistics: x (N, C, ...), optionally weight and bias (C)
 * -> (x - mean) * invstd * weight + bias, mean (C), invstd (C) = 1 / sqrt(biased variance + eps).
 * Running statistics are the caller's, see {@link #unbiased}. PyTorch: {@code
 * torch.nn.functional.batch_norm} with {@code training=True}.
 *
 * @param relu whether negative results become 0: the activation without a pass over memory of its
 *     own
 */
public record BatchNorm(double eps, boolean relu) implements Structured {
  public BatchNorm(double eps) {
    this(eps, false);
  }

  @Override
  public String name() {
    return "batch_norm";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    check(name(), inputs, "weight", "bias");
    if (x.shape().numel() / Math.max(x.size(1), 1) <= 1) {
      throw TorchException.shape(
          name(), "input", x.shape(), "more than one value per channel when training");
    }
    DType type = inputs.length > 1 ? inputs[1].dtype() : x.dtype();
    Meta channel = Meta.contiguous(type, x.device(), Shape.of(x.size(1)));
    return new Meta[] {dense(x), channel, channel};
  }

  static Meta dense(Meta x) {
    return x.layout().isDense()
        ? x.withDType(x.dtype())
        : x.rank() == 4
            ? Conv.activation(x, x.shape().sizes())
            : Meta.contiguous(x.dtype(), x.device(), x.shape());
  }

  static void check(String operator, Meta[] inputs, String... names) {
    Meta x = inputs[0];
    if (x.rank() < 2) {
      throw TorchException.shape(operator, "input", x.shape(), "at least two dimensions");
    }
    if (!x.dtype().isFloat()) {
      throw TorchException.type(operator, "input", x.dtype(), "a floating point type");
    }
    for (int i = 1; i < inputs.length; i++) {
      if (!inputs[i].shape().equals(Shape.of(x.size(1)))) {
        throw TorchException.shape(
            operator, names[i - 1], inputs[i].shape(), "[" + x.size(1) + "], one a channel");
      }
      boolean mixed = x.dtype() == DType.BF16 && inputs[i].dtype() == DType.F32;
      if (inputs[i].dtype() != x.dtype() && !mixed || inputs[i].dtype() != inputs[1].dtype()) {
        throw TorchException.type(
            operator,
            names[i - 1],
            inputs[i].dtype(),
            "the type of the input, " + x.dtype() + ", or for BF16 all F32");
      }
    }
  }

  /** The unbiased variance, which running statistics are made of, from {@code invstd}. */
  public Tensor unbiased(Tensor invstd, Shape input) {
    double count = (double) input.numel() / input.size(1);
    return invstd.pow(-2).sub(eps).mul(count / (count - 1));
  }

  @Override
  public Saves saves() {
    return new Saves(0b11, relu ? 0b111 : 0b110);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor x = saved.input(0);
    Tensor mean = saved.output(1);
    Tensor invstd = saved.output(2);
    boolean affine = saved.inputs() > 1;
    boolean fused = !Mode.current().grad() && gradients[1] == null && gradients[2] == null;
    if (fused) {
      List<Tensor> in = new ArrayList<>(List.of(gradients[0], x, mean, invstd));
      if (affine) {
        in.add(saved.input(1));
      }
      if (relu) {
        in.add(saved.output(0));
      }
      return Dispatcher.callAll(new Backward(eps, relu), in.toArray(Tensor[]::new));
    }
    Tensor[] out = composed(saved, gradients, x.to(mean.dtype()), mean, invstd);
    out[0] = out[0].to(x.dtype());
    return out;
  }

  private Tensor[] composed(Saved saved, Tensor[] gradients, Tensor x, Tensor mean, Tensor invstd) {
    boolean affine = saved.inputs() > 1;
    Tensor[] out = new Tensor[saved.inputs()];
    Tensor centred = x.sub(channels(mean, x.dim()));
    Tensor scale = channels(invstd, x.dim());
    Tensor normal = centred.mul(scale);
    double count = (double) x.numel() / x.size(1);
    if (gradients[0] != null) {
      Tensor g = relu ? passed(gradients[0], saved.output(0)) : gradients[0];
      g = g.to(x.dtype());
      Tensor sum = Conv.sumOfChannels(g);
      Tensor dot = Conv.sumOfChannels(g.mul(normal));
      Tensor inner =
          g.sub(channels(sum.div(count), x.dim()))
              .sub(normal.mul(channels(dot.div(count), x.dim())));
      out[0] = inner.mul(affine ? scale.mul(channels(saved.input(1), x.dim())) : scale);
      if (affine) {
        out[1] = dot;
        out[2] = sum;
      }
    }
    if (gradients[1] != null) {
      out[0] = plus(out[0], channels(gradients[1].div(count), x.dim()).expand(x.shape()));
    }
    if (gradients[2] != null) {
      Tensor slope = gradients[2].mul(invstd.pow(3)).div(-count);
      out[0] = plus(out[0], centred.mul(channels(slope, x.dim())));
    }
    return out;
  }

  /** The gradient where the activation let its input pass, else 0. */
  private static Tensor passed(Tensor g, Tensor y) {
    return Dispatcher.call(Pointwise.WHERE, y.le(0), g.detach().zerosLike(), g);
  }

  static Tensor plus(Tensor a, Tensor b) {
    return a == null ? b : a.add(b);
  }

  /** (C) as (1, C, 1, ...). */
  static Tensor channels(Tensor t, int rank) {
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    sizes[1] = t.size(0);
    return t.reshape(sizes);
  }

  /**
   * The first derivative in one go: gradient, x, mean, invstd, optionally weight, with {@code relu}
   * the result -> gradients by x, and by weight and bias where there is a weight. {@link
   * BatchNorm#backward} does without it where it is differentiated itself.
   */
  public record Backward(double eps, boolean relu) implements Structured {
    @Override
    public String name() {
      return "batch_norm_backward";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      Meta x = dense(inputs[1]);
      Meta channel = inputs[2];
      return inputs.length > (relu ? 5 : 4) ? new Meta[] {x, channel, channel} : new Meta[] {x};
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
   * Batch normalization by given statistics: x (N, C, ...), mean, variance, weight and bias (C) ->
   * (x - mean) / sqrt(variance + eps) * weight + bias. PyTorch: {@code
   * torch.nn.functional.batch_norm} with {@code training=False}.
   */
  public record Eval(double eps) implements Structured {
    @Override
    public String name() {
      return "batch_norm";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      check(name(), inputs, "running_mean", "running_var", "weight", "bias");
      return new Meta[] {dense(inputs[0])};
    }

    @Override
    public Saves saves() {
      return Saves.inputs(0, 1, 2, 3);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor[] gradients) {
      Tensor g = gradients[0];
      Tensor invstd = saved.input(2).add(eps).rsqrt();
      Tensor weight = saved.input(3);
      Tensor slope = invstd.mul(weight);
      Tensor[] out = new Tensor[5];
      if (saved.needs(0)) {
        out[0] = g.mul(channels(slope, g.dim()));
      }
      if (!saved.needs(1) && !saved.needs(2) && !saved.needs(3) && !saved.needs(4)) {
        return out;
      }
      Tensor sum = Conv.sumOfChannels(g);
      Tensor centred = saved.input(0).sub(channels(saved.input(1), g.dim()));
      Tensor dot = Conv.sumOfChannels(g.mul(centred));
      out[1] = sum.mul(slope).neg();
      out[2] = dot.mul(weight).mul(invstd.pow(3)).mul(-0.5);
      out[3] = dot.mul(invstd);
      out[4] = sum;
      return out;
    }
  }
}
