package dev.flambeau.torch.nn.init;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.linalg.Linalg;
import java.util.function.Supplier;

/** Initializers that treat a tensor as a matrix, or that need more than one pass. */
final class Matrices {
  private Matrices() {}

  private static Tensor within(Tensor t, Supplier<Tensor> values) {
    Torch.noGrad(() -> t.copy_(values.get()));
    return t;
  }

  /** By the inverse of the distribution function. */
  static Tensor truncatedNormal(Tensor t, double mean, double std, double low, double high) {
    if (!(std > 0) || !(low < high)) {
      throw TorchException.argument(
          "trunc_normal_", "std, a, b", std + ", " + low + ", " + high, "std above 0, a below b");
    }
    double from = 2 * distribution((low - mean) / std) - 1;
    double to = 2 * distribution((high - mean) / std) - 1;
    return Torch.noGrad(
        () -> t.uniform_(from, to).erfinv_().mul_(std * Math.sqrt(2)).add_(mean).clamp_(low, high));
  }

  /** Of the standard normal distribution. */
  private static double distribution(double x) {
    return Torch.noGrad(() -> Torch.scalar(x / Math.sqrt(2)).to(DType.F64).erf().item() + 1) / 2;
  }

  private static void requireMatrix(String name, Tensor t) {
    if (t.dim() != 2) {
      throw TorchException.shape(name, "tensor", t.shape(), "two dimensions");
    }
  }

  static Tensor eye(Tensor t) {
    requireMatrix("eye_", t);
    Torch.noGrad(() -> t.fill_(0).diagonal(0, 0, 1).fill_(1));
    return t;
  }

  static Tensor dirac(Tensor t, long groups) {
    if (t.dim() < 3 || t.dim() > 5) {
      throw TorchException.shape("dirac_", "tensor", t.shape(), "three to five dimensions");
    }
    if (groups < 1 || t.size(0) % groups != 0) {
      throw TorchException.argument(
          "dirac_", "groups", groups, "a divisor of the " + t.size(0) + " output channels");
    }
    Torch.noGrad(
        () -> {
          Tensor middle = t.fill_(0);
          for (int axis = t.dim() - 1; axis > 1; axis--) {
            middle = middle.select(axis, t.size(axis) / 2);
          }
          long channels = t.size(0) / groups;
          for (long g = 0; g < groups; g++) {
            middle.narrow(0, g * channels, channels).diagonal(0, 0, 1).fill_(1);
          }
        });
    return t;
  }

  static Tensor orthogonal(Tensor t, double gain) {
    if (t.dim() < 2) {
      throw TorchException.shape("orthogonal_", "tensor", t.shape(), "two dimensions or more");
    }
    if (t.numel() == 0) {
      return t;
    }
    return within(
        t,
        () -> {
          long rows = t.size(0);
          long columns = t.numel() / rows;
          Tensor drawn = t.newEmpty(rows, columns).normal_(0, 1);
          Linalg.QR qr = Linalg.qr(rows < columns ? drawn.t() : drawn);
          // Uniform among orthogonal matrices only if the signs of R's diagonal are taken out.
          Tensor q = qr.q().mul(qr.r().diagonal(0, 0, 1).sign());
          return (rows < columns ? q.t() : q).reshape(t.shape().sizes()).mul(gain);
        });
  }

  static Tensor sparse(Tensor t, double sparsity, double std) {
    requireMatrix("sparse_", t);
    if (!(sparsity >= 0 && sparsity <= 1)) {
      throw TorchException.argument("sparse_", "sparsity", sparsity, "a part in [0, 1]");
    }
    long zeros = (long) Math.ceil(sparsity * t.size(0));
    Torch.noGrad(
        () -> {
          t.normal_(0, std);
          for (long column = 0; column < t.size(1); column++) {
            Tensor rows = Torch.randperm(t.size(0)).narrow(0, 0, zeros);
            t.select(1, column).indexFill_(0, rows, 0);
          }
        });
    return t;
  }
}
