package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.BatchNorm;
import dev.flambeau.torch.op.LayerNorm;
import java.util.Arrays;
import java.util.Optional;

/** Normalizations with optional weight, bias and running statistics. */
final class Norms {
  private Norms() {}

  static Tensor batchNorm(
      Tensor x,
      Optional<Tensor> runningMean,
      Optional<Tensor> runningVar,
      Optional<Tensor> weight,
      Optional<Tensor> bias,
      boolean training,
      double momentum,
      double eps,
      boolean relu) {
    if (x.dim() < 2) {
      throw TorchException.shape("batch_norm", "input", x.shape(), "(batch, channels, ...)");
    }
    boolean affine = weight.isPresent() || bias.isPresent();
    Tensor w = affine ? weight.orElseGet(() -> channels(x, 1)) : null;
    Tensor b = affine ? bias.orElseGet(() -> channels(x, 0)) : null;
    if (training && x.numel() == 0) {
      // Nothing to take statistics of: they stay, and parameters get gradients of 0.
      return batchNorm(
          x,
          Optional.of(channels(x, 0)),
          Optional.of(channels(x, 1)),
          weight,
          bias,
          false,
          momentum,
          eps,
          relu);
    }
    if (!training) {
      if (runningMean.isEmpty() || runningVar.isEmpty()) {
        throw TorchException.argument(
            "batch_norm", "running_mean, running_var", "absent", "both, outside training");
      }
      Tensor y =
          Dispatcher.call(
              new BatchNorm.Eval(eps),
              x,
              runningMean.get(),
              runningVar.get(),
              affine ? w : channels(x, 1),
              affine ? b : channels(x, 0));
      return relu ? y.relu() : y;
    }
    BatchNorm op = new BatchNorm(eps, relu);
    Tensor[] out = affine ? Dispatcher.callAll(op, x, w, b) : Dispatcher.callAll(op, x);
    Torch.noGrad(
        () -> {
          runningMean.ifPresent(mean -> follow(mean, out[1].detach(), momentum));
          runningVar.ifPresent(v -> follow(v, op.unbiased(out[2].detach(), x.shape()), momentum));
        });
    return out[0];
  }

  private static void follow(Tensor running, Tensor now, double momentum) {
    running.mul_(1 - momentum).add_(now.mul(momentum));
  }

  private static Tensor channels(Tensor x, double value) {
    return Torch.full(x.dtype(), value, x.size(1));
  }

  /** Each group of channels with mean 0 and variance 1. */
  static Tensor grouped(Tensor x, long groups, double eps) {
    long[] sizes = x.shape().sizes();
    long members = sizes[0] * groups;
    if (x.numel() == 0) {
      return x.mul(1);
    }
    return Dispatcher.composite(
        new Composites.GroupNorm(groups, eps),
        () -> {
          Tensor rows = x.reshape(members, x.numel() / members);
          return Dispatcher.call(new LayerNorm(1, eps), rows).reshape(sizes);
        },
        x);
  }

  /** Times weight plus bias, one number a channel. */
  static Tensor affine(Tensor x, Optional<Tensor> weight, Optional<Tensor> bias) {
    Tensor y = weight.isPresent() ? x.mul(F.channels(weight.get(), x.dim())) : x;
    return bias.isPresent() ? y.add(F.channels(bias.get(), x.dim())) : y;
  }

  static Tensor instance(
      Tensor x,
      Optional<Tensor> runningMean,
      Optional<Tensor> runningVar,
      Optional<Tensor> weight,
      Optional<Tensor> bias,
      boolean own,
      double momentum,
      double eps) {
    if (x.dim() < 2) {
      throw TorchException.shape("instance_norm", "input", x.shape(), "(N, C, ...)");
    }
    if (!own) {
      return batchNorm(x, runningMean, runningVar, weight, bias, false, momentum, eps, false);
    }
    Torch.noGrad(
        () -> {
          Tensor rows = x.detach().flatten(2);
          runningMean.ifPresent(m -> follow(m, rows.mean(2).mean(0), momentum));
          runningVar.ifPresent(v -> follow(v, rows.var(2).mean(0), momentum));
        });
    return affine(grouped(x, x.size(1), eps), weight, bias);
  }

  static Tensor layerNorm(
      Tensor x, long[] shape, Optional<Tensor> weight, Optional<Tensor> bias, double eps) {
    int axes = shape.length;
    long[] sizes = x.shape().sizes();
    int from = sizes.length - axes;
    if (axes == 0
        || from < 0
        || !Arrays.equals(Arrays.copyOfRange(sizes, from, sizes.length), shape)) {
      throw TorchException.shape(
          "layer_norm", "input", x.shape(), "last sizes " + Arrays.toString(shape));
    }
    LayerNorm op = new LayerNorm(axes, eps);
    if (weight.isEmpty() && bias.isEmpty()) {
      return Dispatcher.call(op, x);
    }
    return Dispatcher.call(
        op,
        x,
        weight.orElseGet(() -> Torch.full(x.dtype(), 1, shape)),
        bias.orElseGet(() -> Torch.full(x.dtype(), 0, shape)));
  }
}
