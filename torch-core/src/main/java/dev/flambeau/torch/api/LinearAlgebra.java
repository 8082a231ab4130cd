package dev.flambeau.torch.api;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.MatMul;

/** Matrix products. */
public sealed interface LinearAlgebra extends Self permits Tensor {
  /**
   * Matrix product of the last two axes; leading axes broadcast, and a vector takes part as a row
   * on the left or a column on the right. PyTorch: {@code torch.matmul}.
   */
  default Tensor matmul(Tensor other) {
    Tensor a = self();
    if (a.dim() == 0 || other.dim() == 0) {
      throw TorchException.shape(
          "matmul", "operands", a.shape() + " x " + other.shape(), "at least one dimension each");
    }
    boolean row = a.dim() == 1;
    boolean column = other.dim() == 1;
    Tensor left = row ? a.unsqueeze(0) : a;
    Tensor right = column ? other.unsqueeze(1) : other;
    Tensor product = multiply(left, right);
    if (column) {
      product = product.squeeze(-1);
    }
    return row ? product.squeeze(column ? -1 : -2) : product;
  }

  /** A batch times one matrix is one product of a taller matrix. */
  private static Tensor multiply(Tensor a, Tensor b) {
    if (a.dim() > 2 && b.dim() == 2 && a.size(-1) == b.size(0)) {
      long[] sizes = a.shape().sizes();
      sizes[sizes.length - 1] = b.size(1);
      return multiply(a.flatten(0, -2), b).reshape(sizes);
    }
    return Dispatcher.call(new MatMul(), a, b);
  }
}
