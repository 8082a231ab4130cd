package dev.flambeau.torch.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Backward itself: what it refuses, deep graphs, several threads, what stays alive. */
class EngineTest {
  private static Tensor leaf(double... values) {
    return Torch.tensor(values).requiresGrad(true);
  }

  private static double[] grad(Tensor t) {
    return t.grad().orElseThrow().toDoubleArray();
  }

  private static void refused(String part, Executable body) {
    TorchException e = assertThrows(TorchException.class, body);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void whatBackwardRefuses() {
    Tensor x = leaf(1, 2);
    refused("one element", () -> x.mul(2).backward());
    refused("does not require grad", () -> Torch.ones(1).backward());
    refused("[3]", () -> x.mul(2).backward(Torch.ones(DType.F64, 3), false, false));
    refused("type", () -> x.mul(2).backward(Torch.ones(DType.F32, 2), false, false));
    refused("leaf that requires grad", () -> x.add_(1));
    refused("only leaves", () -> x.mul(2).requiresGrad(false));
    refused("floating point", () -> Torch.ones(DType.I64, 2).requiresGrad(true));
    assertTrue(x.grad().isEmpty());
  }

  @Test
  void whatGradRefuses() {
    Tensor x = leaf(1, 2);
    Tensor y = leaf(3, 4);
    Tensor out = x.mul(2).sum();
    refused("not used", () -> Torch.grad(List.of(out), List.of(x, y), o -> o.retainGraph(true)));
    refused("input 1", () -> Torch.grad(List.of(out), List.of(x, Torch.ones(1)), _ -> {}));
    refused(
        "gradOutputs",
        () -> Torch.grad(List.of(out, out), List.of(x), o -> o.gradOutputs(List.of(out))));
    List<Tensor> g = Torch.grad(List.of(out), List.of(x, y), o -> o.allowUnused(true));
    assertArrayEquals(new double[] {2, 2}, g.get(0).toDoubleArray());
    assertArrayEquals(new double[] {0, 0}, g.get(1).toDoubleArray());
  }

  @Test
  void severalOutputsAndGivenGradients() {
    Tensor x = leaf(1, 2);
    Tensor y = leaf(3, 4);
    Tensor a = x.mul(y);
    Tensor b = y.square();
    List<Tensor> seeds =
        List.of(Torch.tensor(new double[] {1, 10}), Torch.tensor(new double[] {100, 1000}));
    List<Tensor> g =
        Torch.grad(List.of(a, b), List.of(x, y), o -> o.gradOutputs(seeds).retainGraph(true));
    assertArrayEquals(new double[] {3, 40}, g.get(0).toDoubleArray());
    assertArrayEquals(new double[] {601, 8020}, g.get(1).toDoubleArray());
    Torch.backward(List.of(a, b), o -> o.gradOutputs(seeds).inputs(List.of(y)));
    assertTrue(x.grad().isEmpty());
    assertArrayEquals(new double[] {601, 8020}, grad(y));
  }

  @Test
  void gradRunsOnlyWhatLeadsToItsInputs() {
    Tensor x = leaf(1, 2);
    Tensor w = leaf(3, 4);
    Tensor branch = w.mul(2);
    int[] ran = {0};
    branch
        .gradFn()
        .orElseThrow()
        .registerHook(
            (in, _) -> {
              ran[0]++;
              return in;
            });
    Tensor out = x.mul(branch).sum();
    Torch.grad(List.of(out), List.of(x), o -> o.retainGraph(true));
    assertEquals(0, ran[0]);
    Torch.grad(List.of(out), List.of(w), o -> o.retainGraph(true));
    assertEquals(1, ran[0]);
    assertTrue(w.grad().isEmpty() && x.grad().isEmpty());
  }

  @Test
  void secondBackwardNeedsWhatWasSaved() {
    Tensor x = leaf(1, 2);
    Tensor y = x.exp().sum();
    y.backward(true);
    y.backward();
    refused("retainGraph", y::backward);
    // Nothing is saved for a sum of a sum: as in PyTorch it may be repeated.
    Tensor z = x.add(1).sum();
    z.backward();
    z.backward();
  }

  @Test
  void gradientsAccumulateInPlace() {
    Tensor x = leaf(1, 2);
    x.mul(2).sum().backward();
    Tensor first = x.grad().orElseThrow();
    x.mul(3).sum().backward();
    assertSame(first, x.grad().orElseThrow());
    assertArrayEquals(new double[] {5, 5}, first.toDoubleArray());
  }

  @Test
  void gradientsOfLeavesAreTheirOwn() {
    Tensor x = leaf(1, 2);
    Tensor y = leaf(3, 4);
    Tensor seed = Torch.tensor(new double[] {5, 6});
    x.add(y).backward(seed, false, false);
    x.grad().orElseThrow().mul_(0);
    assertArrayEquals(new double[] {5, 6}, grad(y));
    assertArrayEquals(new double[] {5, 6}, seed.toDoubleArray());
    Tensor z = leaf(1, 1);
    z.backward(seed, false, false);
    z.grad().orElseThrow().mul_(0);
    assertArrayEquals(new double[] {5, 6}, seed.toDoubleArray());
  }

  @Test
  void savedTensorsMayNotChange() {
    Tensor x = leaf(1, 2);
    Tensor w = leaf(3, 4);
    Tensor y = x.mul(w);
    Torch.noGrad(() -> w.mul_(2));
    refused("changed in place", () -> y.sum().backward());
    Tensor z = x.mul(w);
    w.setData(Torch.tensor(new double[] {7, 8}));
    refused("replaced", () -> z.sum().backward());
    Tensor s = x.sigmoid();
    s.add_(1);
    refused("output 0", () -> s.sum().backward());
    // An addition saves nothing.
    Tensor sum = x.add(w);
    Torch.noGrad(() -> w.mul_(2));
    sum.sum().backward();
  }

  @Test
  void readBeforeAWriteThroughAnotherViewIsRunInOrder() {
    Tensor x = leaf(1, 2, 3);
    Tensor y = x.mul(1);
    Tensor view = y.narrow(0, 0, 2);
    y.mul_(2);
    // The view learns of the write here, as the input of a call that is used again later.
    Tensor a = view.mul(view);
    Tensor b = view.mul(3);
    a.add(b).sum().backward();
    assertArrayEquals(new double[] {14, 22, 0}, grad(x));
  }

  @Test
  void deepGraph() {
    Tensor x = leaf(1);
    Tensor y = x;
    for (int i = 0; i < 100_000; i++) {
      y = y.add(1);
    }
    y.backward(true);
    assertArrayEquals(new double[] {1}, grad(x));
    assertArrayEquals(
        new double[] {1}, Torch.grad(List.of(y), List.of(x), _ -> {}).get(0).toDoubleArray());
    Tensor z = x;
    for (int i = 0; i < 100_000; i++) {
      z = z.mul(1.0000001);
    }
    Tensor g = Torch.grad(z, List.of(x), true).get(0);
    assertEquals(Math.pow(1.0000001, 100_000), g.item(), 1e-9);
    WeakReference<Node> last = new WeakReference<>(z.gradFn().orElseThrow());
    z = null;
    g = null;
    y = null;
    assertTrue(collected(last), "the graph is still alive");
  }

  @Test
  void valuesNobodyNeedsAreNotKeptByTheGraph() {
    Tensor x = Torch.ones(DType.F64, 1000).requiresGrad(true);
    Tensor middle = x.add(1);
    WeakReference<Storage> storage = new WeakReference<>(middle.storage());
    Tensor y = middle.add(2);
    middle = null;
    assertTrue(collected(storage), "the graph keeps a value that no gradient needs");
    y.sum().backward();
    assertEquals(1000, x.grad().orElseThrow().sum().item());
  }

  private static boolean collected(WeakReference<?> reference) {
    for (int i = 0; i < 50 && reference.get() != null; i++) {
      System.gc();
    }
    return reference.get() == null;
  }

  /** What each of four threads computes at the same time. */
  private static void fourTimes(Callable<Void> body) throws InterruptedException {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Void>> results = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        results.add(threads.submit(body));
      }
      for (Future<Void> r : results) {
        try {
          r.get();
        } catch (ExecutionException e) {
          throw new AssertionError(e.getCause());
        }
      }
    }
  }

  @Test
  void backwardsOfSeparateGraphsIntoSharedLeaves() throws InterruptedException {
    Tensor w = Torch.ones(DType.F64, 50, 50).requiresGrad(true);
    fourTimes(
        () -> {
          for (int i = 0; i < 50; i++) {
            Tensor x = Torch.ones(DType.F64, 50, 50);
            x.matmul(w).relu().sum().backward();
          }
          return null;
        });
    assertEquals(4 * 50 * 50, w.grad().orElseThrow().min().item());
    assertEquals(4 * 50 * 50, w.grad().orElseThrow().max().item());
  }

  @Test
  void backwardsOfASharedGraph() throws InterruptedException {
    Tensor x = Torch.ones(DType.F64, 20, 20).requiresGrad(true);
    Tensor shared = x.mul(2).exp().matmul(x);
    Tensor out = shared.square().sum();
    List<Tensor> expected = Torch.grad(List.of(out), List.of(x), o -> o.retainGraph(true));
    fourTimes(
        () -> {
          for (int i = 0; i < 25; i++) {
            List<Tensor> g = Torch.grad(List.of(out), List.of(x), o -> o.retainGraph(true));
            assertArrayEquals(expected.get(0).toDoubleArray(), g.get(0).toDoubleArray());
            shared.sum().backward(true);
          }
          return null;
        });
    List<Tensor> once = Torch.grad(List.of(shared.sum()), List.of(x), _ -> {});
    assertEquals(100 * once.get(0).sum().item(), x.grad().orElseThrow().sum().item(), 1e-3);
  }

  @Test
  void sharedGraphThatIsReleasedIsAClearError() throws InterruptedException {
    Tensor x = Torch.ones(DType.F64, 20, 20).requiresGrad(true);
    for (int round = 0; round < 20; round++) {
      Tensor shared = x.mul(2).exp();
      Tensor out = shared.mul(shared).sum();
      fourTimes(
          () -> {
            try {
              out.backward();
            } catch (TorchException.GradientError e) {
              assertTrue(e.getMessage().contains("second time"), e.getMessage());
            }
            return null;
          });
    }
    assertFalse(x.grad().isEmpty());
  }
}
