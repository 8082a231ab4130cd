package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Arrays;

/**
 * Batched matrix product (..., m, k) x (..., k, n) -> (..., m, n); leading axes broadcast. Both
 * inputs have at least two axes; {@code api.LinearAlgebra.matmul} adds them for vectors. A third
 * input, a bias (n), is added to each row.
 */
public record MatMul() implements Structured {
  @Override
  public String name() {
    return "matmul";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Shape a = inputs[0].shape();
    Shape b = inputs[1].shape();
    if (a.size(-1) != b.size(-2)) {
      throw TorchException.shape(
          name(),
          "other",
          a + " x " + b,
          "inner sizes that agree (" + a.size(-1) + " and " + b.size(-2) + ")");
    }
    if (inputs[0].dtype() != inputs[1].dtype()) {
      throw TorchException.type(
          name(), "other", inputs[1].dtype(), "the type of the first matrix, " + inputs[0].dtype());
    }
    if (inputs[0].dtype() == DType.BOOL) {
      throw TorchException.type(name(), "input", DType.BOOL, "a numeric type");
    }
    if (inputs.length > 2) {
      checkBias(inputs[2], b.size(-1), inputs[0].dtype());
    }
    Shape batch = lead(a).broadcast(lead(b), name());
    long[] sizes = Arrays.copyOf(batch.sizes(), batch.rank() + 2);
    sizes[batch.rank()] = a.size(-2);
    sizes[batch.rank() + 1] = b.size(-1);
    return new Meta[] {Meta.contiguous(inputs[0].dtype(), inputs[0].device(), Shape.of(sizes))};
  }

  private void checkBias(Meta bias, long columns, DType type) {
    if (!bias.shape().equals(Shape.of(columns))) {
      throw TorchException.shape(name(), "bias", bias.shape(), "[" + columns + "]");
    }
    if (bias.dtype() != type) {
      throw TorchException.type(
          name(), "bias", bias.dtype(), "the type of the first matrix, " + type);
    }
  }

  private static Shape lead(Shape s) {
    return Shape.of(Arrays.copyOf(s.sizes(), s.rank() - 2));
  }

  @Override
  public Saves saves() {
    return Saves.inputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor g = gradients[0];
    Tensor[] out = new Tensor[saved.inputs()];
    if (saved.needs(0)) {
      out[0] = g.matmul(saved.input(1).mT()).sumToSize(saved.inputMeta(0).shape());
    }
    if (saved.needs(1)) {
      Tensor a = saved.input(0);
      Layout b = saved.inputMeta(1).layout();
      // Of a transposed matrix, the gradient is transposed, too, so that its owner's is dense.
      boolean columns = b.stride(b.rank() - 2) == 1 && b.stride(b.rank() - 1) > 1;
      Tensor gradient = columns ? g.mT().matmul(a).mT() : a.mT().matmul(g);
      out[1] = gradient.sumToSize(b.shape());
    }
    if (out.length > 2 && saved.needs(2)) {
      out[2] = g.sumToSize(saved.inputMeta(2).shape());
    }
    return out;
  }
}
