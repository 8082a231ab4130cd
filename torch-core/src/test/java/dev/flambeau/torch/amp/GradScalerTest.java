package dev.flambeau.torch.amp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.optim.SGD;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Scaled gradients. */
class GradScalerTest {
  private final Tensor p = Torch.tensor(new float[] {1, 2}).requiresGrad(true);
  private final SGD sgd = new SGD(List.of(p), o -> o.lr(0.5));

  private void gradients(GradScaler scaler, float... direction) {
    sgd.zeroGrad();
    scaler.scale(p.mul(Torch.tensor(direction)).sum()).backward();
  }

  @Test
  void stepsAreThoseWithoutScale() {
    GradScaler scaler = new GradScaler(o -> o.initScale(1024));
    gradients(scaler, 2, 4);
    assertArrayEquals(new float[] {2048, 4096}, p.grad().orElseThrow().toFloatArray());
    assertTrue(scaler.step(sgd));
    scaler.update();
    assertArrayEquals(new float[] {0, 0}, p.detach().toFloatArray());
    assertEquals(1024, scaler.getScale());
  }

  @Test
  void overflowLeavesTheStepOutAndBacksOff() {
    GradScaler scaler = new GradScaler(o -> o.initScale(8).backoffFactor(0.25));
    gradients(scaler, Float.POSITIVE_INFINITY, 1);
    assertFalse(scaler.step(sgd));
    scaler.update();
    assertArrayEquals(new float[] {1, 2}, p.detach().toFloatArray());
    assertEquals(2, scaler.getScale());
  }

  @Test
  void growsAfterTheIntervalAndGoesOnFromItsState() {
    GradScaler scaler = new GradScaler(o -> o.initScale(4).growthInterval(2).growthFactor(3));
    for (int i = 0; i < 3; i++) {
      gradients(scaler, 0, 0);
      scaler.step(sgd);
      scaler.update();
    }
    assertEquals(12, scaler.getScale());
    Map<String, Object> state = scaler.stateDict();
    assertEquals(1L, state.get("_growth_tracker"));
    GradScaler other = new GradScaler();
    other.loadStateDict(state);
    gradients(other, 0, 0);
    other.step(sgd);
    other.update();
    assertEquals(36, other.getScale());
    assertThrows(TorchException.class, () -> other.loadStateDict(Map.of("scale", 1.0)));
  }

  @Test
  void unscalesOnce() {
    GradScaler scaler = new GradScaler(o -> o.initScale(16));
    gradients(scaler, 1, 1);
    scaler.unscale(sgd);
    assertArrayEquals(new float[] {1, 1}, p.grad().orElseThrow().toFloatArray());
    assertThrows(TorchException.class, () -> scaler.unscale(sgd));
    assertTrue(scaler.step(sgd));
    assertThrows(TorchException.class, () -> scaler.step(sgd));
    scaler.update();
    assertThrows(TorchException.class, scaler::update);
    Tensor half = Torch.ones(2).to(DType.F16).requiresGrad(true);
    half.setGrad(Optional.of(half.detach()));
    SGD halves = new SGD(List.of(half), o -> o.lr(1));
    assertThrows(TorchException.class, () -> scaler.step(halves));
  }

  /** Gradients near 1e-7 are 0 in F16 and come through scaled. */
  @Test
  void keepsSmallGradientsOfHalfPrecision() {
    Torch.manualSeed(1);
    Linear layer = new Linear(8, 4);
    Tensor x = Torch.randn(2, 8);
    GradScaler scaler = new GradScaler();
    float[][] gradients = new float[2][];
    for (int scaled = 0; scaled < 2; scaled++) {
      Tensor y = Autocast.autocast(DType.F16).run(() -> layer.call(x));
      Tensor loss = y.to(DType.F32).sum().mul(1e-8);
      layer.parameters().forEach(w -> w.setGrad(Optional.empty()));
      SGD optimizer = new SGD(layer.parameters(), o -> o.lr(0));
      if (scaled == 1) {
        scaler.scale(loss).backward();
        scaler.unscale(optimizer);
      } else {
        loss.backward();
      }
      gradients[scaled] = layer.weight.grad().orElseThrow().toFloatArray();
    }
    float[] exact = x.sum(new int[] {0}, false).mul(1e-8).toFloatArray();
    assertEquals(0, gradients[0][0]);
    assertEquals(exact[0], gradients[1][0], Math.abs(exact[0]) * 0.01);
  }
}
