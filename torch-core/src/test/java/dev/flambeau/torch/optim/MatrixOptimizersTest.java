package dev.flambeau.torch.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.linalg.Linalg;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adafactor and Muon, which PyTorch's samples of 1.13 lack, beside their papers' formulas. */
class MatrixOptimizersTest {
  private static Tensor parameter(long... sizes) {
    return Torch.randn(sizes).to(DType.F64).requiresGrad(true);
  }

  /** Algorithms 4 and 5 of the paper, element by element. */
  private static double[] adafactor(
      double[] p, double[][] gradients, int rows, int columns, double lr, double decay) {
    boolean matrix = rows > 0;
    int n = p.length;
    double[] r = new double[Math.max(rows, 1)];
    double[] c = new double[Math.max(columns, 1)];
    double[] v = new double[n];
    double eps = Math.ulp(1.0);
    double[] x = p.clone();
    for (int t = 1; t <= gradients.length; t++) {
      double[] g = gradients[t - 1];
      double fresh = Math.pow(t, -0.8);
      double size = 0;
      for (double e : x) {
        size += e * e;
      }
      double rate = Math.max(1e-3, Math.sqrt(size / n)) * Math.min(lr, 1 / Math.sqrt(t));
      double[] u = new double[n];
      if (matrix) {
        for (int i = 0; i < rows; i++) {
          double mean = 0;
          for (int j = 0; j < columns; j++) {
            mean += g[i * columns + j] * g[i * columns + j] / columns;
          }
          r[i] += fresh * (mean - r[i]);
        }
        for (int j = 0; j < columns; j++) {
          double mean = 0;
          for (int i = 0; i < rows; i++) {
            mean += g[i * columns + j] * g[i * columns + j] / rows;
          }
          c[j] += fresh * (mean - c[j]);
        }
        double mean = 0;
        for (double e : r) {
          mean += e / rows;
        }
        for (int i = 0; i < n; i++) {
          u[i] = r[i / columns] * c[i % columns] / Math.max(mean, eps);
        }
      } else {
        for (int i = 0; i < n; i++) {
          v[i] += fresh * (g[i] * g[i] - v[i]);
          u[i] = v[i];
        }
      }
      double square = 0;
      for (int i = 0; i < n; i++) {
        u[i] = g[i] / Math.sqrt(Math.max(u[i], eps * eps));
        square += u[i] * u[i];
      }
      double clip = Math.max(1, Math.sqrt(square / n));
      for (int i = 0; i < n; i++) {
        x[i] = x[i] * (1 - lr * decay) - rate * u[i] / clip;
      }
    }
    return x;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5})
  void adafactorFollowsThePaper(int rows) {
    Torch.manualSeed(1);
    Tensor p = rows == 0 ? parameter(7) : parameter(rows, 3);
    double[] before = p.detach().toDoubleArray();
    double[][] gradients = new double[4][];
    Adafactor optimizer = new Adafactor(List.of(p), o -> o.lr(0.05).weightDecay(0.1));
    for (int t = 0; t < gradients.length; t++) {
      Tensor g = Torch.randn(p.shape().sizes()).to(DType.F64).mul(t + 1);
      gradients[t] = g.toDoubleArray();
      p.setGrad(Optional.of(g));
      optimizer.step();
    }
    double[] expected = adafactor(before, gradients, rows, 3, 0.05, 0.1);
    assertArrayEquals(expected, p.detach().toDoubleArray(), 1e-12);
  }

  @Test
  void adafactorKeepsARowAndAColumnAndGoesOnFromItsState() {
    Torch.manualSeed(2);
    Tensor p = parameter(4, 6);
    Tensor q = p.detach().copy().requiresGrad(true);
    Adafactor one = new Adafactor(List.of(p), _ -> {});
    p.setGrad(Optional.of(Torch.randn(4, 6).to(DType.F64)));
    one.step();
    assertEquals("[4, 1]", one.state(p).tensors.get("row_var").shape().toString());
    assertEquals("[1, 6]", one.state(p).tensors.get("col_var").shape().toString());
    q.setData(p.detach().copy());
    Adafactor two = new Adafactor(List.of(q), _ -> {});
    two.loadStateDict(one.stateDict());
    Tensor g = Torch.randn(4, 6).to(DType.F64);
    p.setGrad(Optional.of(g));
    q.setGrad(Optional.of(g));
    one.step();
    two.step();
    assertArrayEquals(p.detach().toDoubleArray(), q.detach().toDoubleArray());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void muonsStepIsNearlyOrthogonal(boolean tall) {
    Torch.manualSeed(3);
    Tensor p = tall ? Torch.randn(40, 12) : Torch.randn(12, 40);
    p.requiresGrad(true);
    Tensor before = p.detach().copy();
    Muon optimizer = new Muon(List.of(p), o -> o.lr(1).weightDecay(0));
    Tensor g = Torch.randn(p.shape().sizes());
    p.setGrad(Optional.of(g));
    optimizer.step();
    double ratio = tall ? Math.sqrt(40 / 12.0) : 1;
    Tensor step = before.sub(p.detach()).div(ratio);
    double[] values = Linalg.svdvals(step).to(DType.F64).toDoubleArray();
    for (double value : values) {
      assertTrue(value > 0.6 && value < 1.3, "singular value " + value);
    }
    Linalg.SVD svd = Linalg.svd(g, false);
    Tensor nearest = svd.u().matmul(svd.vh());
    double cosine = nearest.mul(step).sum().item() / (nearest.norm().item() * step.norm().item());
    assertTrue(cosine > 0.97, "cosine to the nearest orthogonal matrix " + cosine);
  }

  @Test
  void muonsMomentumAndRates() {
    Torch.manualSeed(4);
    Tensor p = Torch.randn(6, 4).requiresGrad(true);
    Tensor before = p.detach().copy();
    Muon optimizer = new Muon(List.of(p), o -> o.lr(0.1).weightDecay(0.5).matchRmsAdamW(true));
    Tensor g = Torch.randn(6, 4);
    p.setGrad(Optional.of(g));
    optimizer.step();
    Tensor mean = optimizer.state(p).tensors.get("momentum_buffer");
    assertTrue(mean.sub(g.mul(0.05)).abs().max().item() < 1e-6, "the first mean");
    Tensor step = before.mul(1 - 0.1 * 0.5).sub(p.detach());
    double norm = Linalg.svdvals(step).max().item();
    double rate = 0.1 * 0.2 * Math.sqrt(6);
    assertTrue(norm > 0.6 * rate && norm < 1.3 * rate, norm + " at rate " + rate);
    assertThrows(TorchException.class, () -> new Muon(List.of(parameter(3)), _ -> {}));
  }
}
