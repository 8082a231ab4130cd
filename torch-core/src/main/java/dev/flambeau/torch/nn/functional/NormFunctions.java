package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/** The functions of {@link F} that normalize. */
abstract class NormFunctions extends LossFunctions {
  NormFunctions() {}

  /** A vector along axis 1 of something with so many axes. */
  static Tensor channels(Tensor vector, int rank) {
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    sizes[1] = vector.numel();
    return vector.reshape(sizes);
  }

  /** The input over its p-norm along an axis, or over eps if that is larger. */
  public static Tensor normalize(Tensor input, double p, int axis, double eps) {
    return input.div(input.norm(p, new int[] {axis}, true).clampMin(eps));
  }

  /** Normalizes groups of channels of each member of the batch (Wu and He 2018). */
  public static Tensor groupNorm(
      Tensor input, long groups, Optional<Tensor> weight, Optional<Tensor> bias, double eps) {
    if (input.dim() < 2 || groups < 1 || input.size(1) % groups != 0) {
      throw TorchException.shape(
          "group_norm",
          "input",
          input.shape(),
          "(N, C, ...) with C a multiple of num_groups, " + groups);
    }
    return Norms.affine(Norms.grouped(input, groups, eps), weight, bias);
  }

  /**
   * Normalizes each channel of each member of the batch (Ulyanov et al. 2016), by its own
   * statistics, which the running ones follow, or by these.
   */
  public static Tensor instanceNorm(
      Tensor input,
      Optional<Tensor> runningMean,
      Optional<Tensor> runningVar,
      Optional<Tensor> weight,
      Optional<Tensor> bias,
      boolean ownStatistics,
      double momentum,
      double eps) {
    return Norms.instance(
        input, runningMean, runningVar, weight, bias, ownStatistics, momentum, eps);
  }

  /**
   * x / (k + alpha m)^beta with m the mean of the squares of {@code size} neighbouring channels
   * (Krizhevsky et al. 2012).
   */
  public static Tensor localResponseNorm(
      Tensor input, long size, double alpha, double beta, double k) {
    if (input.dim() < 3 || size < 1) {
      throw TorchException.shape(
          "local_response_norm", "input", input.shape(), "(N, C, ...), and a size of 1 or more");
    }
    long[] pads = new long[2 * (input.dim() - 1)];
    pads[pads.length - 2] = size / 2;
    pads[pads.length - 1] = (size - 1) / 2;
    Tensor squares = F.pad(input.square(), pads);
    if (input.numel() == 0) {
      return input;
    }
    Tensor sums = squares.unfold(1, size, 1).sum(-1);
    Tensor means = input.dtype().isFloat() ? sums.div(size) : sums.div(size).trunc();
    return input.div(means.mul(alpha).add(k).pow(beta));
  }

  /**
   * {@link #localResponseNorm} of (N, C, H, W) as Torch 7 had it: from the channel on where the
   * first one leaves the neighbourhood, that one still counts. The gradient is the derivative of
   * that; PyTorch's is not, it sums over neighbours one too early. PyTorch: {@code CrossMapLRN2d}.
   */
  public static Tensor crossMapLrn2d(Tensor input, long size, double alpha, double beta, double k) {
    if (input.dim() != 4 || size < 1) {
      throw TorchException.shape(
          "cross_map_lrn2d", "input", input.shape(), "(N, C, H, W), and a size of 1 or more");
    }
    if (input.numel() == 0) {
      return input;
    }
    long reach = (size - 1) / 2;
    Tensor squares = input.square();
    Tensor padded = F.pad(squares, 0, 0, 0, 0, reach, reach);
    Tensor sums = padded.unfold(1, 2 * reach + 1, 1).sum(-1);
    Tensor beyond = channels(Torch.arange(input.size(1)).gt(reach).to(input.dtype()), 4);
    sums = sums.add(squares.narrow(1, 0, 1).mul(beyond));
    return input.mul(sums.mul(alpha / size).add(k).pow(-beta));
  }

  /**
   * x / sqrt(mean of x^2 + eps) * weight over the last axes, whose sizes are {@code shape} (Zhang
   * and Sennrich 2019).
   *
   * @param eps by default the machine epsilon of the type
   */
  public static Tensor rmsNorm(
      Tensor input, long[] shape, Optional<Tensor> weight, OptionalDouble eps) {
    int from = input.dim() - shape.length;
    long[] sizes = input.shape().sizes();
    if (shape.length == 0
        || from < 0
        || !Arrays.equals(Arrays.copyOfRange(sizes, from, sizes.length), shape)) {
      throw TorchException.shape(
          "rms_norm", "input", input.shape(), "last sizes " + Arrays.toString(shape));
    }
    int[] axes = new int[shape.length];
    Arrays.setAll(axes, i -> from + i);
    boolean half = input.dtype() == DType.F16 || input.dtype() == DType.BF16;
    Tensor x = half ? input.to(DType.F32) : input;
    double least = eps.orElse(x.dtype() == DType.F64 ? Math.ulp(1.0) : Math.ulp(1f));
    Tensor y = x.mul(x.square().mean(axes, true).add(least).rsqrt()).to(input.dtype());
    return weight.map(y::mul).orElse(y);
  }
}
