package dev.flambeau.torch.nn.utils;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Sequential;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PruneTest {
  private static Linear linear() {
    Linear linear = new Linear(4, 2, false);
    Tensor weight = Torch.tensor(new float[] {1, -5, 3, -2, 7, 4, -8, 6}, 2, 4);
    linear.loadStateDict(Map.of("weight", weight));
    return linear;
  }

  @Test
  void theSmallestGoFirstAndTheirPartIsOfWhatIsLeft() {
    Linear linear = linear();
    Tensor trained = linear.weight;
    Prune.l1Unstructured(linear, "weight", 0.25);
    assertArrayEquals(
        new float[] {0, -5, 3, 0, 7, 4, -8, 6}, linear.weight.detach().toFloatArray(), 1e-6f);
    assertEquals(List.of("weight_orig", "weight_mask"), List.copyOf(linear.stateDict().keySet()));
    Prune.l1Unstructured(linear, "weight", 0.5);
    assertArrayEquals(
        new float[] {0, 0, 0, 0, 7, 0, -8, 6}, linear.weight.detach().toFloatArray(), 1e-6f);
    linear.call(Torch.ones(1, 4)).sum().backward();
    assertArrayEquals(
        new float[] {0, 0, 0, 0, 1, 0, 1, 1}, trained.grad().orElseThrow().toFloatArray(), 1e-6f);
    assertTrue(Prune.isPruned(new Sequential(linear)));
    Prune.remove(linear, "weight");
    assertSame(trained, linear.weight);
    assertArrayEquals(
        new float[] {0, 0, 0, 0, 7, 0, -8, 6}, linear.weight.detach().toFloatArray(), 1e-6f);
    assertFalse(Prune.isPruned(linear));
    assertThrows(TorchException.class, () -> Prune.remove(linear, "weight"));
  }

  @Test
  void slicesRandomElementsAndMasks() {
    Linear columns = Prune.lnStructured(linear(), "weight", 0.5, 2, 1);
    assertArrayEquals(
        new float[] {1, 0, 3, 0, 7, 0, -8, 0}, columns.weight.detach().toFloatArray(), 1e-6f);
    Linear rows = Prune.randomStructured(linear(), "weight", 0.5, 0);
    assertEquals(4, zeros(rows.weight));
    assertEquals(1, rows.weight.detach().ne(0).any(1).to(rows.weight.dtype()).sum().item());
    assertEquals(4, zeros(Prune.randomUnstructured(linear(), "weight", 0.5).weight));
    Tensor mask = Torch.tensor(new float[] {0, 1, 1, 1, 1, 1, 1, 1}, 2, 4);
    assertEquals(1, zeros(Prune.customFromMask(linear(), "weight", mask).weight));
    assertEquals(0, zeros(Prune.identity(linear(), "weight").weight));
    assertThrows(TorchException.class, () -> Prune.l1Unstructured(linear(), "weight", 1.5));
    assertThrows(
        TorchException.class, () -> Prune.customFromMask(linear(), "weight", Torch.ones(2, 3)));
  }

  private static long zeros(Tensor t) {
    return t.numel() - t.detach().nonzero().size(0);
  }

  @Test
  void severalTogether() {
    Linear small = linear();
    Torch.noGrad(() -> small.weight.mul_(0.01));
    Linear large = linear();
    Prune.globalL1Unstructured(
        List.of(new Prune.Place(small, "weight"), new Prune.Place(large, "weight")), 0.5);
    assertEquals(8, zeros(small.weight));
    assertEquals(0, zeros(large.weight));
    Prune.globalRandomUnstructured(List.of(new Prune.Place(large, "weight")), 0.25);
    assertEquals(2, zeros(large.weight));
  }
}
