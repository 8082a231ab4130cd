package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** One derivative of {@link Functional}: the inputs it is taken by, and its options. */
final class Differentiation {
  private final String operator;
  private final FunctionalOptions options = new FunctionalOptions();
  private final List<Tensor> inputs;

  /** By places of their own in the graph, so that only the function's use of the inputs counts. */
  Differentiation(String operator, List<Tensor> given, Consumer<FunctionalOptions> configure) {
    this.operator = operator;
    configure.accept(options);
    this.inputs = Torch.enableGrad(() -> given.stream().map(this::fresh).toList());
  }

  /** A derivative inside another one, by the same inputs. */
  Differentiation(String operator, Consumer<FunctionalOptions> configure, List<Tensor> inputs) {
    this.operator = operator;
    configure.accept(options);
    this.inputs = inputs;
  }

  private Tensor fresh(Tensor t) {
    return options.createGraph() && t.requiresGrad()
        ? t.expand(t.shape().sizes())
        : t.detach().requiresGrad(true);
  }

  <T> T run(Supplier<T> body) {
    return Torch.enableGrad(body);
  }

  List<Tensor> inputs() {
    return inputs;
  }

  boolean keepsGraph() {
    return options.createGraph();
  }

  List<Tensor> outputs(UnaryOperator<List<Tensor>> f) {
    List<Tensor> outputs = f.apply(inputs);
    for (int i = 0; i < outputs.size(); i++) {
      if (options.strict() && !outputs.get(i).requiresGrad()) {
        throw TorchException.gradient(
            operator + ": output " + i + " does not depend on the inputs (strict)");
      }
    }
    return outputs;
  }

  void checkFits(String argument, List<Tensor> v, List<Tensor> like) {
    if (v.size() != like.size()) {
      throw TorchException.argument(
          operator, argument, v.size() + " tensors", Integer.toString(like.size()));
    }
    for (int i = 0; i < v.size(); i++) {
      if (!v.get(i).shape().equals(like.get(i).shape())) {
        throw TorchException.shape(
            operator, argument + "[" + i + "]", v.get(i).shape(), like.get(i).shape().toString());
      }
    }
  }

  /** v^T J. */
  List<Tensor> grad(List<Tensor> outputs, List<Tensor> by, List<Tensor> v) {
    return grad(outputs, by, v, options.createGraph());
  }

  private List<Tensor> grad(
      List<Tensor> outputs, List<Tensor> by, List<Tensor> v, boolean createGraph) {
    List<Tensor> roots = new ArrayList<>();
    List<Tensor> seeds = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i).requiresGrad()) {
        roots.add(outputs.get(i));
        seeds.add(v.get(i));
      }
    }
    if (roots.isEmpty()) {
      return by.stream().map(t -> t.detach().zerosLike()).toList();
    }
    return Torch.grad(
        roots,
        by,
        o ->
            o.gradOutputs(seeds)
                .retainGraph(true)
                .createGraph(createGraph)
                .allowUnused(!options.strict()));
  }

  /** J v. */
  List<Tensor> forward(List<Tensor> outputs, List<Tensor> v) {
    List<Tensor> u = outputs.stream().map(t -> t.detach().zerosLike().requiresGrad(true)).toList();
    return grad(grad(outputs, inputs, u, true), u, v);
  }

  /** The gradient with its own graph. */
  List<Tensor> recordedGrad(Tensor output) {
    return grad(List.of(output), inputs, List.of(output.detach().onesLike()), true);
  }

  List<Tensor> jacobian(Tensor output) {
    List<List<Tensor>> columns = inputs.stream().<List<Tensor>>map(_ -> new ArrayList<>()).toList();
    Tensor flat = output.reshape(-1);
    for (long k = 0; k < flat.numel(); k++) {
      Tensor element = flat.get(k);
      List<Tensor> row = grad(List.of(element), inputs, List.of(element.detach().onesLike()));
      for (int j = 0; j < row.size(); j++) {
        columns.get(j).add(row.get(j));
      }
    }
    List<Tensor> blocks = new ArrayList<>();
    for (int j = 0; j < inputs.size(); j++) {
      long[] sizes = concat(output.shape().sizes(), inputs.get(j).shape().sizes());
      blocks.add(
          columns.get(j).isEmpty()
              ? inputs.get(j).detach().newZeros(sizes)
              : Torch.stack(columns.get(j), 0).reshape(sizes));
    }
    return blocks;
  }

  private static long[] concat(long[] a, long[] b) {
    long[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /** The result, without history unless a graph is wanted. */
  Functional.Products result(List<Tensor> outputs, List<Tensor> products) {
    return options.createGraph()
        ? new Functional.Products(outputs, products)
        : new Functional.Products(
            outputs.stream().map(Tensor::detach).toList(),
            products.stream().map(Tensor::detach).toList());
  }
}
