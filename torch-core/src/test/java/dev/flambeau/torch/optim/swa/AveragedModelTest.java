package dev.flambeau.torch.optim.swa;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.BatchNorm1d;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.optim.SGD;
import dev.flambeau.torch.optim.lr.SWALR;
import dev.flambeau.torch.optim.swa.AveragedModel.Average;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Averages over a training, their statistics and rates. */
class AveragedModelTest {
  private static Linear constant(double value) {
    Linear layer = new Linear(2, 1);
    set(layer, value);
    return layer;
  }

  private static void set(Linear layer, double value) {
    Torch.noGrad(() -> layer.parameters().forEach(p -> p.fill_(value)));
  }

  @Test
  void equalAverages() {
    Linear model = constant(7);
    AveragedModel<Linear> averaged = new AveragedModel<>(model, constant(0));
    Tensor x = Torch.ones(1, 2);
    assertEquals(21, averaged.call(x).item());
    for (double value : new double[] {1, 2, 6}) {
      set(model, value);
      averaged.updateParameters(model);
    }
    assertEquals(3, averaged.nAveraged.itemLong());
    assertEquals(9, averaged.call(x).item(), 1e-5);
    assertEquals(
        List.of("module.weight", "module.bias", "n_averaged").stream().sorted().toList(),
        averaged.stateDict().keySet().stream().sorted().toList());
    assertThrows(TorchException.class, () -> new AveragedModel<>(model, new Linear(3, 1)));
    assertThrows(TorchException.class, () -> new AveragedModel<>(model, model));
  }

  @Test
  void exponentialAverages() {
    Linear model = constant(1);
    AveragedModel<Linear> averaged = new AveragedModel<>(model, constant(0), Average.ema(0.9));
    averaged.updateParameters(model);
    set(model, 11);
    averaged.updateParameters(model);
    assertEquals(2, averaged.module.bias.orElseThrow().item(), 1e-6);
    assertThrows(TorchException.class, () -> Average.ema(1.5));
  }

  @Test
  void statisticsAreMeansOverAllBatches() {
    Torch.manualSeed(1);
    BatchNorm1d norm = new BatchNorm1d(3);
    Sequential model = new Sequential(norm);
    model.eval();
    List<Tensor> batches = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      batches.add(Torch.randn(5, 3).add(i));
    }
    AveragedModel.updateBn(batches, Function.identity(), model);
    Tensor mean = Torch.stack(batches, 0).mean(new int[] {0, 1}, false);
    Tensor variance = Torch.zeros(3);
    for (Tensor b : batches) {
      variance = variance.add(b.var(new int[] {0}, 1, false).div(4));
    }
    assertArrayEquals(mean.toFloatArray(), norm.runningMean.orElseThrow().toFloatArray(), 1e-5f);
    assertArrayEquals(variance.toFloatArray(), norm.runningVar.orElseThrow().toFloatArray(), 1e-5f);
    assertEquals(0.1, norm.momentum().orElseThrow());
    assertEquals(false, model.isTraining());
  }

  /** torch.optim.swa_utils.SWALR of PyTorch 1.13: swa_lr 0.05 from 1.0. */
  @Test
  void ratesAnneal() {
    SGD sgd = new SGD(constant(0).parameters(), o -> o.lr(1));
    SWALR line = new SWALR(sgd, 0.05, 4, false);
    double[] rates = new double[6];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = line.lastLr().getFirst();
      line.step();
    }
    assertArrayEquals(new double[] {1, 0.7625, 0.525, 0.2875, 0.05, 0.05}, rates, 1e-12);
    SGD other = new SGD(constant(0).parameters(), o -> o.lr(1));
    SWALR cosine = new SWALR(other, 0.05, 4, true);
    for (int i = 0; i < rates.length; i++) {
      rates[i] = cosine.lastLr().getFirst();
      cosine.step();
    }
    double quarter = (1 - Math.cos(Math.PI / 4)) / 2;
    double[] expected = {1, 1 - 0.95 * quarter, 0.525, 1 - 0.95 * (1 - quarter), 0.05, 0.05};
    assertArrayEquals(expected, rates, 1e-12);
  }
}
