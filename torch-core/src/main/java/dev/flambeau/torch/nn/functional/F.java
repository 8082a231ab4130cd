package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.Optional;
import java.util.OptionalLong;

/** The functions behind the modules. PyTorch: {@code torch.nn.functional}. */
public final class F {
  private F() {}

  /** x W^T + b: (..., in) with weight (out, in) and bias (out) to (..., out). */
  public static Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias) {
    if (input.dim() == 0 || weight.dim() != 2 || input.size(-1) != weight.size(1)) {
      throw TorchException.shape(
          "linear",
          "input and weight",
          input.shape() + " and " + weight.shape(),
          "(..., in) and (out, in)");
    }
    Tensor product = input.matmul(weight.t());
    return bias.map(product::add).orElse(product);
  }

  /** The rows of {@code weight} named by an integer tensor: (...) to (..., dim). */
  public static Tensor embedding(Tensor input, Tensor weight) {
    return embedding(input, weight, OptionalLong.empty());
  }

  /**
   * The same.
   *
   * @param paddingIndex the row that gets no gradient
   */
  public static Tensor embedding(Tensor input, Tensor weight, OptionalLong paddingIndex) {
    if (input.dtype().category() != DType.Category.INTEGER) {
      throw TorchException.type("embedding", "input", input.dtype(), "an integer type");
    }
    Tensor index = input.to(DType.I64);
    long[] sizes = java.util.Arrays.copyOf(input.shape().sizes(), input.dim() + 1);
    sizes[input.dim()] = weight.size(1);
    Tensor rows = weight.indexSelect(0, index.reshape(-1)).reshape(sizes);
    if (paddingIndex.isEmpty() || !rows.requiresGrad()) {
      return rows;
    }
    Tensor padding = index.eq(paddingIndex.getAsLong()).unsqueeze(-1);
    return Torch.where(padding, rows.detach(), rows);
  }

  /** In training, 0 with probability p, else scaled by 1/(1 - p); else the input. */
  public static Tensor dropout(Tensor input, double p, boolean training) {
    return dropout(input, p, training, Generator.getDefault());
  }

  public static Tensor dropout(Tensor input, double p, boolean training, Generator generator) {
    checkProbability("dropout", p);
    if (!training || p == 0) {
      return input;
    }
    if (p == 1) {
      return input.mul(input.detach().zerosLike());
    }
    Tensor mask = input.detach().zerosLike().bernoulli_(1 - p, generator);
    return input.mul(mask.div_(Torch.scalar(1 - p)));
  }

  /** Returns p if it is in [0, 1]. */
  public static double checkProbability(String operator, double p) {
    if (!(p >= 0 && p <= 1)) {
      throw TorchException.argument(operator, "p", p, "a probability in [0, 1]");
    }
    return p;
  }
}
