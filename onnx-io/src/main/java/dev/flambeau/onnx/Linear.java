package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.linalg.Linalg;
import java.util.Arrays;

/** Matrix products and softmax. */
final class Linear {
  private Linear() {}

  static void register(Registry r) {
    r.binary("MatMul", Tensor::matmul);
    r.map("Einsum", since(12), c -> Torch.einsum(c.node().s("equation", ""), c.inputs()));
    r.unary("Det", since(11), Linalg::det);
    r.map("Gemm", Linear::gemm);
    r.map("Softmax", c -> softmax(c, false));
    r.map("LogSoftmax", c -> softmax(c, true));
    r.map("Hardmax", Linear::hardmax);
  }

  static Tensor gemm(Call c) {
    Tensor a = c.node().i("transA", 0) != 0 ? c.in(0).t() : c.in(0);
    Tensor b = c.node().i("transB", 0) != 0 ? c.in(1).t() : c.in(1);
    if (a.dim() != 2 || b.dim() != 2) {
      throw c.bad("A, B", a.shape() + ", " + b.shape(), "two axes each");
    }
    double alpha = c.node().f("alpha", 1);
    double beta = c.node().f("beta", 1);
    Tensor product = a.matmul(b);
    if (alpha != 1) {
      product = product.mul(alpha);
    }
    return c.has(2) ? product.add(beta == 1 ? c.in(2) : c.in(2).mul(beta)) : product;
  }

  /** Below operator set 13 all axes from {@code axis} on count as one. */
  static Tensor softmax(Call c, boolean log) {
    Tensor x = c.in(0);
    int axis = c.axis(c.opset() < 13 ? 1 : -1, x);
    boolean flat = c.opset() < 13 && axis < x.dim() - 1;
    Tensor rows = flat ? x.flatten(axis) : x;
    Tensor out = log ? rows.logSoftmax(axis) : rows.softmax(axis);
    return flat ? out.reshape(x.shape().sizes()) : out;
  }

  private static Tensor hardmax(Call c) {
    Tensor x = c.in(0);
    int axis = c.axis(c.opset() < 13 ? 1 : -1, x);
    boolean flat = c.opset() < 13 && axis < x.dim() - 1;
    Tensor rows = flat ? x.flatten(axis) : x;
    Tensor best = rows.max(axis, true).indices();
    long[] sizes = new long[rows.dim()];
    Arrays.fill(sizes, 1);
    sizes[axis] = rows.size(axis);
    Tensor place = Torch.arange(rows.size(axis)).reshape(sizes);
    return place.eq(best).to(x.dtype()).reshape(x.shape().sizes());
  }
}
