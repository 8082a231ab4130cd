package dev.flambeau.torch.autograd;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Compares derivatives with central differences in F64. The outputs are contracted with fixed
 * weights cos(0.7 i + 0.3), so that all elements of the Jacobian take part. PyTorch: {@code
 * torch.autograd.gradcheck}, {@code gradgradcheck}.
 */
public final class Gradcheck {
  private static final double STEP = 1e-6;
  private static final double RELATIVE = 1e-4;
  private static final double ABSOLUTE = 1e-5;

  private Gradcheck() {}

  /**
   * Checks the gradient of {@code f} by every floating point input that requires grad.
   *
   * @throws TorchException that names the input, the element and both values where they differ
   */
  public static void check(Function<List<Tensor>, Tensor> f, List<Tensor> inputs) {
    List<Tensor> wanted = differentiable(inputs);
    List<Tensor> analytic = gradients(loss(f, inputs), wanted, false);
    for (int i = 0; i < wanted.size(); i++) {
      compare(f, inputs, wanted.get(i), i, analytic.get(i));
    }
  }

  /** Checks the gradient of the gradient as well. */
  public static void checkTwice(Function<List<Tensor>, Tensor> f, List<Tensor> inputs) {
    check(f, inputs);
    check(
        in -> {
          Tensor sum = null;
          for (Tensor g : gradients(loss(f, in), differentiable(in), true)) {
            Tensor part = contract(g);
            sum = sum == null ? part : sum.add(part);
          }
          // A linear function's gradient does not depend on its inputs; the numbers must agree.
          for (Tensor t : differentiable(in)) {
            sum = sum.add(t.sum().mul(0));
          }
          return sum;
        },
        inputs);
  }

  private static List<Tensor> gradients(Tensor loss, List<Tensor> inputs, boolean createGraph) {
    return Torch.grad(List.of(loss), inputs, o -> o.createGraph(createGraph).allowUnused(true));
  }

  private static List<Tensor> differentiable(List<Tensor> inputs) {
    List<Tensor> wanted = new ArrayList<>();
    for (Tensor t : inputs) {
      if (t.requiresGrad()) {
        if (t.dtype() != DType.F64) {
          throw TorchException.type("gradcheck", "input", t.dtype(), "F64: others are too coarse");
        }
        wanted.add(t);
      }
    }
    return wanted;
  }

  private static Tensor loss(Function<List<Tensor>, Tensor> f, List<Tensor> inputs) {
    return contract(f.apply(inputs));
  }

  private static Tensor contract(Tensor out) {
    Tensor weights =
        Torch.arange(out.numel())
            .to(DType.F64)
            .mul(0.7)
            .add(0.3)
            .cos()
            .reshape(out.shape().sizes());
    return out.mul(weights).sum();
  }

  private static void compare(
      Function<List<Tensor>, Tensor> f,
      List<Tensor> inputs,
      Tensor input,
      int which,
      Tensor analytic) {
    double[] gradient = analytic.toDoubleArray();
    long[] sizes = input.shape().sizes();
    long[] index = new long[sizes.length];
    for (int n = 0; n < gradient.length; n++) {
      long rest = n;
      long offset = 0;
      for (int d = sizes.length - 1; d >= 0; d--) {
        index[d] = rest % sizes[d];
        rest /= sizes[d];
        offset += index[d] * input.layout().stride(d);
      }
      long at = input.address() + offset * Double.BYTES;
      double value = Memory.real(DType.F64, at);
      Memory.real(DType.F64, at, value + STEP);
      double above = loss(f, inputs).item();
      Memory.real(DType.F64, at, value - STEP);
      double below = loss(f, inputs).item();
      Memory.real(DType.F64, at, value);
      double numeric = (above - below) / (2 * STEP);
      if (!(Math.abs(numeric - gradient[n]) <= ABSOLUTE + RELATIVE * Math.abs(numeric))) {
        throw TorchException.gradient(
            "gradcheck: by input %d, element %d: analytic %s, numeric %s"
                .formatted(which, n, gradient[n], numeric));
      }
    }
  }
}
