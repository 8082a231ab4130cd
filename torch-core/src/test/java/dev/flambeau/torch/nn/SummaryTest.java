package dev.flambeau.torch.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static Sequential network() {
    Linear shared = new Linear(8, 8);
    return new Sequential(
        new Conv2d(1, 2, 3, o -> o.bias(false)),
        new BatchNorm2d(2),
        new Sequential(new Flatten(), new Dropout(0.5)),
        shared,
        new ReLU(),
        shared);
  }

  @Test
  void tellsShapesParametersAndMemory() {
    Sequential network = network();
    network.get(0).requiresGrad(false);
    assertEquals(
        """
        ===========================================
        Layer (type)       Output shape  Parameters
        ===========================================
        Sequential         [3, 8]                 -
          0 (Conv2d)       [3, 2, 2, 2]          18
          1 (BatchNorm2d)  [3, 2, 2, 2]           4
          2 (Sequential)   [3, 8]                 -
            0 (Flatten)    [3, 8]                 -
            1 (Dropout)    [3, 8]                 -
          3 (Linear) x2    [3, 8]                72
          4 (ReLU)         [3, 8]                 -
        ===========================================
        Parameters: 94, of which trainable: 76
        Memory: input 192 B, outputs of layers 672 B, parameters and buffers 400 B, together 1.23 KiB\
        """,
        network.summary(3, 1, 4, 4).toString());
  }

  @Test
  void leavesTheModuleAsItWas() {
    Sequential network = network();
    network.get(1).eval();
    var norm = (BatchNorm2d) network.get(1);
    double[] mean = norm.runningMean.orElseThrow().toDoubleArray();
    network.get(2).train(false);
    network.summary(3, 1, 4, 4);
    assertTrue(network.isTraining() && network.get(0).isTraining());
    assertFalse(network.get(1).isTraining() || network.get(2).isTraining());
    assertEquals(mean[0], norm.runningMean.orElseThrow().toDoubleArray()[0]);
    assertFalse(network.get(0).isHooked());
    assertThrows(TorchException.class, () -> network.summary(3, 2, 4, 4));
    assertFalse(network.get(0).isHooked());
    assertTrue(network.get(0).isTraining());
  }

  @Test
  void takesInputsOfOtherTypes() {
    Module words = new Sequential(new Embedding(10, 4), new Linear(4, 2)).to(DType.F64);
    Summary summary = words.summary(Torch.zeros(DType.I64, 2, 7));
    assertEquals(List.of(Shape.of(2, 7, 2)), summary.layer("1").orElseThrow().outputs());
    assertEquals(8 * (40 + 10), summary.stateBytes());
    Module linear = new Linear(3, 2).to(DType.F64);
    assertEquals(24, linear.summary(1, 3).inputBytes());
  }

  @Test
  void aLayerThatIsNotCalledHasNoShape() {
    Module idle =
        new Module() {
          final Linear used = new Linear(2, 2);
          final Linear unused = new Linear(3, 3);

          @Override
          public Tensor forward(Tensor x) {
            return used.call(x);
          }
        };
    Summary summary = idle.summary(1, 2);
    assertEquals(0, summary.layer("unused").orElseThrow().calls());
    assertTrue(summary.toString().contains("unused (Linear)  -"), summary.toString());
    assertEquals(18, summary.parameters());
  }
}
