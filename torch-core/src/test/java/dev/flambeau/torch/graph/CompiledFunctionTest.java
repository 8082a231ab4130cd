package dev.flambeau.torch.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Dropout;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.op.Fused;
import dev.flambeau.torch.op.Pointwise;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Captured and fused programs compute what the function computes, or leave it alone. */
class CompiledFunctionTest {
  /** A stem, a block with a shortcut, a gate and a classifier. */
  private static final class Net extends Module {
    final Conv2d stem = new Conv2d(3, 16, 3, o -> o.stride(2).padding(1).bias(false));
    final BatchNorm2d norm = new BatchNorm2d(16);
    final Conv2d inner = new Conv2d(16, 16, 3, o -> o.padding(1).groups(4));
    final BatchNorm2d innerNorm = new BatchNorm2d(16);
    final Conv2d gate = new Conv2d(16, 16, 1);
    final Dropout dropout = new Dropout(0.5);
    final Linear hidden = new Linear(16, 24);
    final Linear head = new Linear(24, 5);

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = norm.forward(stem.forward(x)).hardswish();
      Tensor z = innerNorm.forward(inner.forward(y)).add_(y).relu_();
      z = z.mul(gate.forward(z.mean(new int[] {2, 3}, true)).sigmoid());
      z = dropout.forward(z.mean(2, 3));
      return head.forward(hidden.forward(z).gelu());
    }
  }

  @BeforeEach
  void seed() {
    Torch.manualSeed(7);
  }

  private static void same(Tensor expected, Tensor actual, double tolerance) {
    assertEquals(expected.shape(), actual.shape());
    assertEquals(expected.dtype(), actual.dtype());
    double worst = expected.sub(actual).abs().amax().item();
    assertTrue(worst <= tolerance, "differs by " + worst);
  }

  private static Net trained(DType type) {
    Net net = new Net();
    net.train();
    // Running statistics that are not 0 and 1, and parameters that matter.
    Torch.noGrad(
        () -> {
          net.norm.weight.orElseThrow().uniform_(0.5, 2);
          net.innerNorm.bias.orElseThrow().uniform_(-1, 1);
          for (int i = 0; i < 3; i++) {
            net.forward(Torch.randn(4, 3, 12, 10));
          }
        });
    net.to(type);
    net.eval();
    return net;
  }

  @ParameterizedTest
  @ValueSource(strings = {"F32", "F64"})
  void aNetworkComputesTheSameFused(String name) {
    DType type = DType.valueOf(name);
    Net net = trained(type);
    UnaryOperator<Tensor> fast = net.compile();
    for (long[] sizes : new long[][] {{1, 3, 12, 10}, {5, 3, 9, 9}, {1, 3, 12, 10}}) {
      Tensor x = Torch.randn(sizes).to(type);
      Torch.noGrad(() -> same(net.forward(x), fast.apply(x), type == DType.F32 ? 2e-5 : 1e-12));
    }
  }

  @Test
  void batchNormsAndActivationsTakeNoCallsOfTheirOwn() {
    Net net = trained(DType.F32);
    CompiledFunction compiled = new CompiledFunction(net::forward);
    Tensor x = Torch.randn(1, 3, 12, 10);
    // Five fused products, the multiplication by the gate, two means and their reshapes at most.
    int calls = Torch.noGrad(() -> compiled.calls(x));
    assertTrue(calls >= 8 && calls <= 10, calls + " calls");
  }

  @Test
  void changedWeightsAreNoticed() {
    Net net = trained(DType.F32);
    UnaryOperator<Tensor> fast = net.compile();
    Tensor x = Torch.randn(2, 3, 12, 10);
    Torch.noGrad(
        () -> {
          Tensor before = fast.apply(x);
          net.stem.weight.mul_(2);
          net.norm.runningVar.orElseThrow().add_(1);
          Tensor after = fast.apply(x);
          assertTrue(before.sub(after).abs().amax().item() > 1e-3);
          same(net.forward(x), after, 2e-5);
        });
  }

  @Test
  void resultsAndProgramsOutliveScopes() {
    Net net = trained(DType.F32);
    UnaryOperator<Tensor> fast = net.compile();
    Tensor x = Torch.randn(1, 3, 12, 10);
    Torch.noGrad(
        () -> {
          Tensor first;
          try (Scope scope = Scope.open()) {
            first = scope.keep(fast.apply(x));
          }
          Tensor copy = first.copy();
          same(net.forward(x), fast.apply(x), 2e-5);
          fast.apply(x.mul(3));
          same(copy, first, 0);
        });
  }

  @Test
  void gradientsAndTrainingRunTheFunctionItself() {
    Net net = trained(DType.F32);
    UnaryOperator<Tensor> fast = net.compile();
    Tensor x = Torch.randn(2, 3, 12, 10);
    fast.apply(x).sum().backward();
    assertTrue(net.stem.weight.grad().isPresent());
    net.train();
    Tensor before = net.norm.runningMean.orElseThrow().copy();
    Torch.noGrad(() -> fast.apply(x));
    assertTrue(before.sub(net.norm.runningMean.orElseThrow()).abs().amax().item() > 0);
  }

  /** One call, also where a value is read twice and where numbers and rows take part. */
  @Test
  void chainsOfPointwiseOperatorsAreOneCall() {
    Tensor row = Torch.randn(33);
    UnaryOperator<Tensor> chain =
        t -> t.mul(1.5).add(row).tanh().mul(t).sigmoid().sub(t).mul(t.gt(0).to(DType.F32));
    for (DType type : new DType[] {DType.F32, DType.F64}) {
      Tensor x = Torch.randn(type, 17, 33);
      CompiledFunction fast = new CompiledFunction(chain);
      same(chain.apply(x), fast.apply(x), 1e-6);
    }
    CompiledFunction fast = new CompiledFunction(t -> t.mul(1.5).add(row).tanh().mul(t).neg());
    Tensor x = Torch.randn(17, 33);
    fast.apply(x);
    assertEquals(1, fast.calls(x));
    // What is broadcast is computed once, before.
    CompiledFunction outer = new CompiledFunction(t -> t.add(t.narrow(0, 0, 1).exp()));
    assertEquals(3, outer.calls(x));
    same(x.add(x.narrow(0, 0, 1).exp()), outer.apply(x), 0);
  }

  /** Recording gradients matters only where there is one to record. */
  @Test
  void withoutAnythingToTrainGradModeDoesNotMatter() {
    int[] runs = {0};
    UnaryOperator<Tensor> chain =
        t -> {
          runs[0]++;
          return t.exp().neg();
        };
    UnaryOperator<Tensor> fast = Torch.compile(chain);
    Tensor x = Torch.randn(5);
    fast.apply(x);
    fast.apply(x);
    assertEquals(1, runs[0]);
    Tensor w = Torch.randn(5).requiresGrad(true);
    fast.apply(w).sum().backward();
    assertEquals(2, runs[0]);
    same(w.detach().exp().neg(), w.grad().orElseThrow(), 1e-6);
  }

  @Test
  void whatCallsDoNotTellRunsUncompiled() {
    Tensor x = Torch.randn(3, 4);
    refused(x, t -> t.mul(t.amax().item()));
    refused(x, t -> t.add(Torch.rand(3, 4).mul(0)));
    refused(
        x,
        t -> {
          Tensor y = t.mul(2);
          y.narrow(0, 0, 1).add_(1);
          return y;
        });
    Tensor counter = Torch.zeros(1);
    refused(x, t -> t.add(counter.add_(1).mul(0)));
    refused(x, t -> t.detach().add_(0));
  }

  private static void refused(Tensor x, UnaryOperator<Tensor> function) {
    CompiledFunction compiled = new CompiledFunction(function);
    Torch.noGrad(
        () -> {
          Tensor copy = x.copy();
          assertEquals(0, compiled.calls(copy), "captured, but it must not be");
          same(function.apply(x.copy()), compiled.apply(x.copy()), 0);
        });
  }

  @Test
  void readingConstantsAndDetachingIsFine() {
    Tensor scale = Torch.full(DType.F32, 3);
    CompiledFunction compiled =
        new CompiledFunction(t -> t.mul(scale.item()).detach().reshape(-1).add(1));
    Tensor x = Torch.randn(3, 4);
    Torch.noGrad(
        () -> {
          same(x.mul(3).reshape(-1).add(1), compiled.apply(x), 0);
          same(x.add(1).mul(3).reshape(-1).add(1), compiled.apply(x.add(1)), 0);
          assertTrue(compiled.calls(x) > 0);
        });
  }

  @Test
  void everyActivationFuses() {
    for (Pointwise activation : Fused.ACTIVATIONS) {
      Conv2d conv = new Conv2d(3, 8, 3);
      Linear linear = new Linear(6, 7);
      Tensor picture = Torch.randn(2, 3, 7, 6).mul(2);
      Tensor rows = Torch.randn(4, 6).mul(2);
      Torch.noGrad(
          () -> {
            var c = new CompiledFunction(t -> conv.forward(t).apply(activation));
            same(conv.forward(picture).apply(activation), c.apply(picture), 1e-5);
            assertEquals(1, c.calls(picture), activation.name());
            var l = new CompiledFunction(t -> linear.forward(t).apply(activation));
            same(linear.forward(rows).apply(activation), l.apply(rows), 1e-5);
            assertEquals(1, l.calls(rows), activation.name());
          });
    }
  }
}
