package dev.flambeau.torch.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Where gradients are recorded, on which thread, and inference mode. */
class ModesTest {
  private static Tensor leaf(double... values) {
    return Torch.tensor(values).requiresGrad(true);
  }

  private static void refused(String part, Executable body) {
    TorchException e = assertThrows(TorchException.GradientError.class, body);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void nestedModesEndWithTheirBodies() {
    Tensor x = leaf(1);
    assertTrue(Torch.isGradEnabled());
    Torch.noGrad(
        () -> {
          assertFalse(Torch.isGradEnabled());
          assertFalse(x.mul(2).requiresGrad());
          assertTrue(Torch.enableGrad(() -> x.mul(2)).requiresGrad());
          assertTrue(Torch.setGradEnabled(true, () -> x.mul(2)).requiresGrad());
          assertFalse(Torch.isGradEnabled());
        });
    assertFalse(Torch.setGradEnabled(false, () -> x.mul(2)).requiresGrad());
    assertThrows(
        IllegalStateException.class,
        () ->
            Torch.noGrad(
                (Runnable)
                    () -> {
                      throw new IllegalStateException();
                    }));
    assertTrue(Torch.isGradEnabled());
  }

  @Test
  void modeIsPerThreadUnlessPassedOn() throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      boolean[] there =
          Torch.noGrad(
              () -> {
                Mode mode = Mode.current();
                return new boolean[] {
                  CompletableFuture.supplyAsync(Torch::isGradEnabled, threads).join(),
                  CompletableFuture.supplyAsync(() -> mode.call(Torch::isGradEnabled), threads)
                      .join()
                };
              });
      assertTrue(there[0]);
      assertFalse(there[1]);
    }
  }

  @Test
  void inferenceModeDoesNotRecord() {
    Tensor x = leaf(1, 2);
    Tensor y =
        Torch.inferenceMode(
            () -> {
              assertTrue(Torch.isInferenceModeEnabled());
              assertFalse(Torch.isGradEnabled());
              assertFalse(Torch.enableGrad(() -> x.mul(2)).requiresGrad());
              assertTrue(Torch.inferenceMode(false, () -> x.mul(2)).requiresGrad());
              return x.mul(2);
            });
    assertFalse(Torch.isInferenceModeEnabled());
    assertTrue(y.isInference());
    assertFalse(y.requiresGrad());
    assertFalse(x.isInference());
    assertTrue(y.get(0).isInference());
    assertFalse(y.mul(2).isInference());
    assertFalse(Torch.inferenceMode(() -> x.get(0)).isInference());
  }

  @Test
  void inferenceTensorsStayOutOfAutograd() {
    Tensor x = leaf(1, 2);
    Tensor y = Torch.inferenceMode(() -> Torch.ones(x.dtype(), 2));
    refused("inference mode", () -> x.mul(y));
    refused("inference mode", () -> y.requiresGrad(true));
    refused("inference mode", () -> y.add_(1));
    refused("inference mode", () -> y.get(0).zero_());
    // Nothing is saved for a sum.
    x.add(y).sum().backward();
    x.mul(y.copy()).sum().backward();
    assertArrayEquals(new double[] {2, 2}, x.grad().orElseThrow().toDoubleArray());
    Torch.inferenceMode(() -> y.add_(1));
    assertEquals(4, y.sum().item());
  }

  @Test
  void normalTensorsMayChangeInInferenceModeAndAreWatched() {
    Tensor x = leaf(1, 2);
    Tensor w = Torch.ones(x.dtype(), 2);
    Tensor y = x.mul(w);
    Torch.inferenceMode(() -> w.add_(1));
    refused("changed in place", () -> y.sum().backward());
  }

  @Test
  void gradientsFromInsideInferenceModeAreNormal() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(x).sum();
    Torch.inferenceMode(() -> y.backward());
    assertFalse(x.grad().orElseThrow().isInference());
    x.grad().orElseThrow().add_(1);
  }
}
