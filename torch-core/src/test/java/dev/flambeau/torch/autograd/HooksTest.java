package dev.flambeau.torch.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.HookHandle;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Hooks see whole gradients, once, and may replace them. */
class HooksTest {
  private static Tensor leaf(double... values) {
    return Torch.tensor(values).requiresGrad(true);
  }

  private static double[] grad(Tensor t) {
    return t.grad().orElseThrow().toDoubleArray();
  }

  @Test
  void hookOfAValueUsedTwiceGetsTheSumOnce() {
    Tensor x = leaf(1, 2, 3);
    Tensor y = x.mul(2);
    List<double[]> seen = new ArrayList<>();
    y.registerHook(
        g -> {
          seen.add(g.toDoubleArray());
          return g;
        });
    y.mul(3).add(y.mul(4)).sum().backward();
    assertEquals(1, seen.size());
    assertArrayEquals(new double[] {7, 7, 7}, seen.get(0));
    assertArrayEquals(new double[] {14, 14, 14}, grad(x));
  }

  @Test
  void hookOfALeafUsedTwiceGetsTheSumOnce() {
    Tensor x = leaf(1, 2);
    List<double[]> seen = new ArrayList<>();
    x.registerHook(
        g -> {
          seen.add(g.toDoubleArray());
          return g.mul(10);
        });
    x.mul(x).add(x.mul(3)).sum().backward();
    assertEquals(1, seen.size());
    assertArrayEquals(new double[] {5, 7}, seen.get(0));
    assertArrayEquals(new double[] {50, 70}, grad(x));
  }

  @Test
  void hooksRunInOrderAndCanBeRemoved() {
    Tensor x = leaf(1);
    Tensor y = x.mul(1);
    List<String> order = new ArrayList<>();
    HookHandle first =
        y.registerHook(
            g -> {
              order.add("first");
              return g.add(1);
            });
    y.registerHook(
        g -> {
          order.add("second");
          return g.mul(5);
        });
    y.sum().backward(true);
    assertEquals(List.of("first", "second"), order);
    assertArrayEquals(new double[] {10}, grad(x));
    first.remove();
    first.remove();
    x.setGrad(Optional.empty());
    y.sum().backward();
    assertEquals(List.of("first", "second", "second"), order);
    assertArrayEquals(new double[] {5}, grad(x));
  }

  @Test
  void wrongReplacementIsRefused() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(2);
    y.registerHook(Tensor::sum);
    TorchException e = assertThrows(TorchException.GradientError.class, () -> y.sum().backward());
    assertTrue(e.getMessage().contains("mul"), e.getMessage());
    Tensor z = x.mul(2);
    z.registerHook(_ -> null);
    assertThrows(TorchException.GradientError.class, () -> z.sum().backward());
    Tensor constant = Torch.ones(2);
    assertThrows(TorchException.GradientError.class, () -> constant.registerHook(g -> g));
    assertThrows(TorchException.GradientError.class, constant::retainGrad);
  }

  @Test
  void gradOfAnInputIsWhatItsHooksLeft() {
    Tensor x = leaf(1, 2);
    x.registerHook(g -> g.mul(2));
    Tensor y = x.mul(3);
    y.registerHook(g -> g.mul(10));
    Tensor out = y.sum();
    List<Tensor> g = Torch.grad(List.of(out), List.of(y, x), o -> o.retainGraph(true));
    assertArrayEquals(new double[] {10, 10}, g.get(0).toDoubleArray());
    assertArrayEquals(new double[] {60, 60}, g.get(1).toDoubleArray());
    assertTrue(x.grad().isEmpty());
  }

  @Test
  void retainedGradIsTheWholeOneAfterHooks() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(2).retainGrad();
    assertTrue(y.retainsGrad());
    assertFalse(x.retainGrad().retainsGrad());
    y.registerHook(g -> g.mul(2));
    y.mul(y).add(y).sum().backward();
    assertArrayEquals(new double[] {10, 18}, grad(y));
    assertArrayEquals(new double[] {20, 36}, grad(x));
  }

  @Test
  void overwrittenTensorRetainsItsLastValuesGradientButItsHooksStay() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(2).retainGrad();
    List<double[]> seen = new ArrayList<>();
    y.registerHook(
        g -> {
          seen.add(g.toDoubleArray());
          return g;
        });
    y.mul_(5);
    y.mul(3).sum().backward();
    assertArrayEquals(new double[] {3, 3}, grad(y));
    assertArrayEquals(new double[] {15, 15}, seen.get(0));
  }

  @Test
  void postAccumulateHookRunsAsSoonAsTheLeafIsComplete() {
    Tensor early = leaf(1);
    Tensor late = leaf(2);
    List<String> order = new ArrayList<>();
    late.registerPostAccumulateGradHook(
        t -> {
          assertSame(late, t);
          order.add("late " + grad(t)[0]);
          t.setGrad(Optional.empty());
        });
    Tensor h = early.mul(3);
    h.registerHook(
        g -> {
          order.add("h");
          return g;
        });
    h.mul(late).mul(late).sum().backward();
    assertEquals(List.of("late 12.0", "h"), order);
    assertTrue(late.grad().isEmpty());
    assertThrows(
        TorchException.GradientError.class, () -> h.registerPostAccumulateGradHook(_ -> {}));
  }

  @Test
  void postAccumulateHookCanTrain() {
    Tensor w = leaf(4);
    w.registerPostAccumulateGradHook(
        p -> {
          p.sub_(p.grad().orElseThrow().mul(0.25));
          p.setGrad(Optional.empty());
        });
    for (int i = 0; i < 3; i++) {
      w.mul(w).sum().backward();
    }
    assertArrayEquals(new double[] {0.5}, w.toDoubleArray());
  }

  @Test
  void hookedLeafBehindACallWithoutGradientIsToldAtTheEnd() {
    Tensor x = leaf(1, 2);
    AtomicInteger calls = new AtomicInteger();
    x.registerPostAccumulateGradHook(_ -> calls.incrementAndGet());
    Function silent =
        new Function() {
          @Override
          protected Tensor[] forward(FunctionContext context, Tensor... inputs) {
            return new Tensor[] {inputs[0].mul(1)};
          }

          @Override
          protected Tensor[] backward(FunctionContext context, Tensor... gradients) {
            return new Tensor[] {null};
          }
        };
    x.mul(2).add(silent.apply(x.mul(3))).sum().backward();
    assertEquals(1, calls.get());
    assertArrayEquals(new double[] {2, 2}, grad(x));
  }

  @Test
  void nodeHooksSeeAndReplaceGradients() {
    Tensor x = leaf(1, 2);
    Tensor w = leaf(3, 4);
    Tensor y = x.mul(w);
    Node node = y.gradFn().orElseThrow();
    assertEquals("mul", node.name());
    assertEquals(2, node.nextFunctions().size());
    HookHandle before = node.registerPrehook(g -> new Tensor[] {g[0].mul(2)});
    node.registerHook(
        (in, out) -> {
          assertArrayEquals(new double[] {2, 2}, out[0].toDoubleArray());
          return new Tensor[] {in[0].neg(), in[1]};
        });
    y.sum().backward(true);
    assertArrayEquals(new double[] {-6, -8}, grad(x));
    assertArrayEquals(new double[] {2, 4}, grad(w));
    before.remove();
    Tensor z = x.mul(w);
    z.gradFn().orElseThrow().registerHook((in, _) -> new Tensor[] {in[0]});
    assertThrows(TorchException.GradientError.class, () -> z.sum().backward());
  }

  @Test
  void whatHooksKeepOutlivesTheBackwardButNotTheUsersScope() {
    Tensor x = leaf(1, 2);
    Tensor[] kept = new Tensor[2];
    Tensor made;
    try (Scope scope = Scope.open()) {
      Tensor y = x.mul(2);
      y.registerHook(
          g -> {
            kept[0] = g;
            kept[1] = g.add(1);
            return g;
          });
      y.square().sum().backward();
      assertArrayEquals(new double[] {4, 8}, kept[0].toDoubleArray());
      assertArrayEquals(new double[] {5, 9}, kept[1].toDoubleArray());
      made = scope.keep(kept[0]);
    }
    assertArrayEquals(new double[] {4, 8}, made.toDoubleArray());
    assertThrows(TorchException.MemoryError.class, () -> kept[1].toDoubleArray());
    assertArrayEquals(new double[] {8, 16}, grad(x));
  }

  @Test
  void hooksWorkWhileAGraphIsMade() {
    Tensor x = leaf(2);
    x.registerHook(g -> g.mul(x));
    // d/dx (x^3) = 3 x^2, by the hook 3 x^3, whose derivative 9 x^2 the hook makes 9 x^3.
    Tensor g = Torch.grad(x.pow(3), List.of(x), true).get(0);
    assertArrayEquals(new double[] {24}, g.toDoubleArray());
    assertArrayEquals(new double[] {72}, Torch.grad(g, List.of(x), false).get(0).toDoubleArray());
  }
}
