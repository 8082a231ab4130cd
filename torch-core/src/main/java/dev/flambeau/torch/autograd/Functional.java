package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Derivatives of functions of tensors, which need not require grad; functions of several tensors
 * take and return lists. PyTorch: {@code torch.autograd.functional}.
 */
public final class Functional {
  /** A function's output and the product with a derivative. */
  public record Product(Tensor output, Tensor product) {}

  /** A function's outputs and the products with a derivative. */
  public record Products(List<Tensor> outputs, List<Tensor> products) {}

  private Functional() {}

  /** f(x) and v^T J, where J is the Jacobian at x and {@code v} has the output's shape. */
  public static Product vjp(UnaryOperator<Tensor> f, Tensor x, Tensor v) {
    return single(vjp(several(f), List.of(x), List.of(v), _ -> {}));
  }

  /** The same for several inputs and outputs; {@code v} has the outputs' shapes. */
  public static Products vjp(
      UnaryOperator<List<Tensor>> f,
      List<Tensor> inputs,
      List<Tensor> v,
      Consumer<FunctionalOptions> options) {
    Differentiation d = new Differentiation("vjp", inputs, options);
    return d.run(
        () -> {
          List<Tensor> outputs = d.outputs(f);
          d.checkFits("v", v, outputs);
          return d.result(outputs, d.grad(outputs, d.inputs(), v));
        });
  }

  /**
   * f(x) and J v, where J is the Jacobian at x and {@code v} has the input's shape: the derivative
   * by u of u^T J, which is linear in u.
   */
  public static Product jvp(UnaryOperator<Tensor> f, Tensor x, Tensor v) {
    return single(jvp(several(f), List.of(x), List.of(v), _ -> {}));
  }

  /** The same for several inputs and outputs; {@code v} has the inputs' shapes. */
  public static Products jvp(
      UnaryOperator<List<Tensor>> f,
      List<Tensor> inputs,
      List<Tensor> v,
      Consumer<FunctionalOptions> options) {
    Differentiation d = new Differentiation("jvp", inputs, options);
    d.checkFits("v", v, inputs);
    return d.run(
        () -> {
          List<Tensor> outputs = d.outputs(f);
          return d.result(outputs, d.forward(outputs, v));
        });
  }

  /** The derivative of each output element by each input element: output shape + input shape. */
  public static Tensor jacobian(UnaryOperator<Tensor> f, Tensor x) {
    return jacobian(several(f), List.of(x), _ -> {}).get(0).get(0);
  }

  /** The same for several: element [i][j] is by input j of output i. */
  public static List<List<Tensor>> jacobian(
      UnaryOperator<List<Tensor>> f, List<Tensor> inputs, Consumer<FunctionalOptions> options) {
    Differentiation d = new Differentiation("jacobian", inputs, options);
    return d.run(
        () -> {
          List<List<Tensor>> rows = new ArrayList<>();
          for (Tensor output : d.outputs(f)) {
            rows.add(d.jacobian(output));
          }
          return rows;
        });
  }

  /** The second derivatives of a function with one output element: input shape twice. */
  public static Tensor hessian(UnaryOperator<Tensor> f, Tensor x) {
    return hessian(in -> f.apply(in.get(0)), List.of(x), _ -> {}).get(0).get(0);
  }

  /** The same for several inputs: element [i][j] is by input i and input j. */
  public static List<List<Tensor>> hessian(
      Function<List<Tensor>, Tensor> f, List<Tensor> inputs, Consumer<FunctionalOptions> options) {
    return jacobian(gradient("hessian", f, new ArrayList<>(), options), inputs, options);
  }

  /** f(x) and v^T H, where H is the Hessian at x and {@code v} has the input's shape. */
  public static Product vhp(UnaryOperator<Tensor> f, Tensor x, Tensor v) {
    return single(vhp(in -> f.apply(in.get(0)), List.of(x), List.of(v), _ -> {}));
  }

  /** The same for several inputs. */
  public static Products vhp(
      Function<List<Tensor>, Tensor> f,
      List<Tensor> inputs,
      List<Tensor> v,
      Consumer<FunctionalOptions> options) {
    List<Tensor> value = new ArrayList<>();
    Products p = vjp(gradient("vhp", f, value, options), inputs, v, options);
    return new Products(value, p.products);
  }

  /**
   * f(x) and H v, where H is the Hessian at x and {@code v} has the input's shape; where second
   * derivatives are continuous it equals {@link #vhp}, which takes less time.
   */
  public static Product hvp(UnaryOperator<Tensor> f, Tensor x, Tensor v) {
    return single(hvp(in -> f.apply(in.get(0)), List.of(x), List.of(v), _ -> {}));
  }

  /** The same for several inputs. */
  public static Products hvp(
      Function<List<Tensor>, Tensor> f,
      List<Tensor> inputs,
      List<Tensor> v,
      Consumer<FunctionalOptions> options) {
    List<Tensor> value = new ArrayList<>();
    Products p = jvp(gradient("hvp", f, value, options), inputs, v, options);
    return new Products(value, p.products);
  }

  /** The gradient of a function with one output element, which is put into {@code value}. */
  private static UnaryOperator<List<Tensor>> gradient(
      String operator,
      Function<List<Tensor>, Tensor> f,
      List<Tensor> value,
      Consumer<FunctionalOptions> options) {
    return in -> {
      Differentiation d = new Differentiation(operator, options, in);
      Tensor output = d.outputs(i -> List.of(f.apply(i))).get(0);
      if (output.numel() != 1) {
        throw TorchException.shape(operator, "output", output.shape(), "one element");
      }
      value.add(d.keepsGraph() ? output : output.detach());
      return d.recordedGrad(output);
    };
  }

  private static UnaryOperator<List<Tensor>> several(UnaryOperator<Tensor> f) {
    return in -> List.of(f.apply(in.get(0)));
  }

  private static Product single(Products p) {
    return new Product(p.outputs.get(0), p.products.get(0));
  }
}
