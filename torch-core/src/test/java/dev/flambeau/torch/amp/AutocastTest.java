package dev.flambeau.torch.amp;

import static dev.flambeau.torch.amp.Autocast.autocast;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.linalg.Linalg;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Flatten;
import dev.flambeau.torch.nn.LSTM;
import dev.flambeau.torch.nn.LayerNorm;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.ReLU;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.nn.TransformerEncoderLayer;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.optim.SGD;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AutocastTest {
  @BeforeEach
  void seed() {
    Torch.manualSeed(5);
  }

  @Test
  void operatorsChooseTheirTypes() {
    Tensor x = Torch.randn(4, 4);
    Tensor wide = Torch.randn(DType.F64, 4, 4);
    for (DType type : new DType[] {DType.BF16, DType.F16}) {
      autocast(type)
          .run(
              () -> {
                Tensor low = x.matmul(x);
                assertEquals(type, low.dtype());
                assertEquals(type, new Linear(4, 3).call(x).dtype());
                assertEquals(type, new Conv2d(1, 2, 3).call(x.view(1, 1, 4, 4)).dtype());
                assertEquals(type, low.relu().dtype());
                assertEquals(DType.F32, low.add(x).dtype());
                assertEquals(DType.F32, Torch.cat(List.of(low, x), 0).dtype());
                assertEquals(DType.F32, Linalg.det(low).dtype());
                assertEquals(DType.F32, low.logSoftmax(1).dtype());
                assertEquals(type, low.softmax(1).dtype());
                assertEquals(type, new LayerNorm(4).call(low).dtype());
                assertEquals(DType.F32, new LayerNorm(4).call(x).dtype());
                assertEquals(type, new BatchNorm2d(1).call(low.view(1, 1, 4, 4)).dtype());
                assertEquals(DType.F32, new LSTM(4, 2).call(low.unsqueeze(0)).dtype());
                assertEquals(DType.F64, wide.matmul(wide).dtype());
                assertEquals(DType.I64, x.argmax(1).dtype());
              });
    }
    assertThrows(TorchException.class, () -> autocast(DType.F32));
  }

  @Test
  void nestsAndHoldsForOneThread() throws InterruptedException {
    Tensor x = Torch.randn(2, 2);
    AtomicReference<DType> elsewhere = new AtomicReference<>();
    autocast(DType.BF16)
        .run(
            () -> {
              Autocast.disabled()
                  .run(
                      () -> {
                        assertFalse(Autocast.isEnabled());
                        assertEquals(DType.F32, x.matmul(x).dtype());
                        autocast(DType.F16).run(() -> assertEquals(DType.F16, x.matmul(x).dtype()));
                      });
              assertEquals(DType.BF16, x.matmul(x).dtype());
              Thread other = new Thread(() -> elsewhere.set(x.matmul(x).dtype()));
              other.start();
              try {
                other.join();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    assertEquals(DType.F32, elsewhere.get());
    assertThrows(
        IllegalStateException.class,
        () ->
            autocast(DType.BF16)
                .run(
                    () -> {
                      throw new IllegalStateException("out");
                    }));
    assertFalse(Autocast.isEnabled());
  }

  /** The weight is used without a graph, twice with one, and after a change. */
  @Test
  void castWeightsAreNeitherStaleNorWithoutGradient() {
    Linear linear = new Linear(3, 2, false);
    Tensor x = Torch.ones(1, 3);
    autocast(DType.BF16)
        .run(
            () -> {
              Torch.noGrad(() -> linear.call(x));
              linear.call(x).add(linear.call(x)).sum().backward();
              Tensor gradient = linear.weight.grad().orElseThrow();
              assertEquals(DType.F32, gradient.dtype());
              assertEquals(2, gradient.amin().item());
              linear.call(x).sum().backward();
              assertEquals(3, linear.weight.grad().orElseThrow().amax().item());
              Torch.noGrad(() -> linear.weight.fill_(2));
              assertEquals(6, linear.call(x).amax().item());
            });
  }

  private static Module mlp() {
    return new Sequential(new Linear(8, 32), new ReLU(), new Linear(32, 4));
  }

  private static Module convolutions() {
    return new Sequential(
        new Conv2d(3, 8, 3, o -> o.padding(1)),
        new BatchNorm2d(8),
        new ReLU(),
        new Conv2d(8, 4, 3),
        new Flatten(),
        new Linear(64, 4));
  }

  /** Relative distance of all gradients of one step as one vector. */
  private static double distance(Module model, Tensor x, DType type) {
    Tensor[] gradients = new Tensor[2];
    for (int i = 0; i < 2; i++) {
      model.zeroGrad();
      Tensor y = i == 0 ? model.call(x).square().mean() : autocast(type).run(() -> loss(model, x));
      y.backward();
      gradients[i] =
          Torch.cat(
              model.parameters().stream().map(p -> p.grad().orElseThrow().ravel().copy()).toList(),
              0);
      assertEquals(DType.F32, gradients[i].dtype());
    }
    return gradients[1].sub(gradients[0]).norm().item() / gradients[0].norm().item();
  }

  private static Tensor loss(Module model, Tensor x) {
    return model.call(x).to(DType.F32).square().mean();
  }

  @Test
  void gradientsAreCloseToThoseOfFullPrecision() {
    Module layer = new TransformerEncoderLayer(16, 2, o -> o.dropout(0));
    for (Map.Entry<DType, Double> e : Map.of(DType.BF16, 0.03, DType.F16, 0.004).entrySet()) {
      DType type = e.getKey();
      double[] found = {
        distance(mlp(), Torch.randn(16, 8), type),
        distance(convolutions(), Torch.randn(8, 3, 6, 6), type),
        distance(layer, Torch.randn(5, 3, 16), type)
      };
      for (double d : found) {
        // More than nothing: otherwise nothing was computed in the lower type.
        assertTrue(
            d > 1e-5 && d < e.getValue(), type + ": " + List.of(found[0], found[1], found[2]));
      }
    }
  }

  @Test
  void trainingConverges() {
    for (boolean pictures : new boolean[] {false, true}) {
      Module model = pictures ? convolutions() : mlp();
      Tensor x = pictures ? Torch.randn(32, 3, 6, 6) : Torch.randn(32, 8);
      Tensor y = x.flatten(1).narrow(1, 0, 4).argmax(1);
      SGD sgd = new SGD(model.parameters(), o -> o.lr(0.1).momentum(0.9));
      double first = 0;
      double last = 0;
      for (int i = 0; i < 60; i++) {
        Tensor loss =
            sgd.step(() -> autocast(DType.BF16).run(() -> F.crossEntropy(model.call(x), y)));
        first = i == 0 ? loss.item() : first;
        last = loss.item();
      }
      assertTrue(last < 0.2 * first, first + " to " + last);
      assertTrue(model.parameters().stream().allMatch(p -> p.dtype() == DType.F32));
    }
  }
}
