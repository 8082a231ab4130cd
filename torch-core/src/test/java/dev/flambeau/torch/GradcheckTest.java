package dev.flambeau.torch;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.torch.autograd.Gradcheck;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Fold;
import dev.flambeau.torch.op.Ops;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Reduction;
import dev.flambeau.torch.op.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** First and second derivatives of every operator in the registry, and of compositions. */
class GradcheckTest {
  /** Open intervals where an operator is smooth; the default is (-1.9, 1.9), off 0. */
  private static final Map<String, double[]> DOMAINS =
      Map.ofEntries(
          Map.entry("log", new double[] {0.3, 3}),
          Map.entry("log1p", new double[] {-0.7, 3}),
          Map.entry("sqrt", new double[] {0.3, 3}),
          Map.entry("rsqrt", new double[] {0.3, 3}),
          Map.entry("pow", new double[] {0.3, 2}),
          Map.entry("asin", new double[] {-0.8, 0.8}),
          Map.entry("acos", new double[] {-0.8, 0.8}),
          Map.entry("tan", new double[] {-1.2, 1.2}),
          Map.entry("log2", new double[] {0.3, 3}),
          Map.entry("log10", new double[] {0.3, 3}),
          Map.entry("acosh", new double[] {1.2, 3}),
          Map.entry("atanh", new double[] {-0.8, 0.8}),
          Map.entry("erfinv", new double[] {-0.8, 0.8}),
          Map.entry("lgamma", new double[] {0.3, 3}),
          Map.entry("digamma", new double[] {0.3, 3}),
          Map.entry("xlogy", new double[] {0.3, 3}),
          Map.entry("norm.root", new double[] {0.3, 3}),
          Map.entry("special.entr", new double[] {0.3, 3}),
          Map.entry("special.xlog1py", new double[] {0.3, 3}),
          Map.entry("special.ndtri", new double[] {0.1, 0.9}),
          Map.entry("nn.functional.relu6", new double[] {-4, 9}),
          Map.entry("nn.functional.hardswish", new double[] {-5, 5}),
          Map.entry("nn.functional.hardsigmoid", new double[] {-5, 5}));

  private static final Set<String> WITHOUT_GRADIENT = Set.of("any", "all");

  /** Elements spread over the interval in a scrambled order, none at its middle. */
  static Tensor sample(double low, double high, int seed, long... sizes) {
    Tensor t = Torch.empty(DType.F64, sizes);
    double[] values = new double[(int) t.numel()];
    for (int i = 0; i < values.length; i++) {
      double u = ((i * 0.6180339887 + seed * 0.377 + 0.21) % 1.0 + 1.0) % 1.0;
      values[i] = low + (high - low) * u;
    }
    return Torch.tensor(values, sizes).requiresGrad(true);
  }

  private static List<Tensor> inputs(Pointwise op, long[]... sizes) {
    double[] domain = DOMAINS.getOrDefault(op.name(), new double[] {-1.9, 1.9});
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < op.arity(); i++) {
      Tensor t = sample(domain[0], domain[1], i, sizes[i % sizes.length]);
      inputs.add(
          op == Pointwise.WHERE && i == 0
              ? t.detach().gt(0)
              : t.detach().copy().requiresGrad(true));
    }
    return inputs;
  }

  @TestFactory
  Stream<DynamicTest> pointwise() {
    return Ops.pointwise().values().stream()
        .filter(op -> op.types() != Types.BOOL && op.types() != Types.INTEGERS)
        .filter(op -> op.types() != Types.BITS && op.differentiable())
        .map(
            op ->
                dynamicTest(
                    op.name(),
                    () -> {
                      Function<List<Tensor>, Tensor> f =
                          in -> Dispatcher.call(op, in.toArray(Tensor[]::new));
                      Gradcheck.checkTwice(f, inputs(op, new long[] {2, 3}));
                      Gradcheck.checkTwice(f, inputs(op, new long[] {2, 3}, new long[] {3}));
                    }));
  }

  @TestFactory
  Stream<DynamicTest> reductions() {
    return Stream.concat(Ops.folds().values().stream(), Stream.of(Fold.variance(1)))
        .filter(fold -> !WITHOUT_GRADIENT.contains(fold.name()))
        .map(
            fold ->
                dynamicTest(
                    fold.name(),
                    () -> {
                      for (int[] axes : new int[][] {{1}, {0}}) {
                        Gradcheck.checkTwice(
                            in -> Dispatcher.call(Reduction.of(fold, axes, false), in.get(0)),
                            List.of(sample(-1.9, 1.9, 3, 3, 4)));
                      }
                    }));
  }

  private static DynamicTest check(String name, Function<List<Tensor>, Tensor> f, Tensor... in) {
    return dynamicTest(name, () -> Gradcheck.checkTwice(f, List.of(in)));
  }

  @TestFactory
  Stream<DynamicTest> structured() {
    Tensor index = Torch.tensor(new long[] {2, 0, 1, 1}, 2, 2);
    Tensor x = sample(-2, 2, 1, 3, 4);
    return Stream.of(
        check("matmul", in -> in.get(0).matmul(in.get(1)), x, sample(-2, 2, 2, 4, 2)),
        check(
            "matmul batched",
            in -> in.get(0).matmul(in.get(1)),
            sample(-2, 2, 1, 2, 1, 2, 3),
            sample(-2, 2, 2, 2, 3, 2)),
        check("cumsum", in -> in.get(0).cumsum(1), x),
        check("cumprod", in -> in.get(0).cumprod(1), x),
        check("cummax", in -> in.get(0).cummax(1).values(), x),
        check("logcumsumexp", in -> in.get(0).logcumsumexp(0), x),
        check("norm 3", in -> in.get(0).norm(3, new int[] {1}, false), x),
        check("norm 1/2", in -> in.get(0).norm(0.5, new int[] {0}, true), x),
        check("std", in -> in.get(0).std(new int[] {1}, 1, false), x),
        check("softmax", in -> in.get(0).softmax(1), x),
        check("log_softmax", in -> in.get(0).logSoftmax(0), x),
        check("logsumexp", in -> in.get(0).logsumexp(new int[] {1}, false), x),
        check("gather", in -> in.get(0).gather(0, index), sample(-2, 2, 1, 3, 2)),
        check(
            "scatter_add",
            in -> in.get(0).scatterAdd(0, index, in.get(1)),
            sample(-2, 2, 1, 3, 2),
            sample(-2, 2, 5, 3, 3)),
        check(
            "index_select", in -> in.get(0).indexSelect(1, Torch.tensor(new long[] {3, 0, 3})), x),
        check("cat", in -> Torch.cat(List.of(in.get(0), in.get(1)), 1), x, sample(-2, 2, 6, 3, 2)),
        check(
            "views",
            in -> in.get(0).t().slice(0, 1, 4, 2).unsqueeze(1).expand(2, 2, 3).flatten(1).square(),
            x));
  }

  @Test
  void findsWrongDerivative() {
    Tensor x = sample(-1, 1, 1, 3);
    assertThrows(
        TorchException.class,
        () -> Gradcheck.check(in -> in.get(0).mul(in.get(0).detach()), List.of(x)));
    assertTrue(x.requiresGrad());
  }
}
