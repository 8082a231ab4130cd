package dev.flambeau.torch.nn.utils;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.linalg.Linalg;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.ConvTranspose2d;
import dev.flambeau.torch.nn.LSTM;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.nn.Tanh;
import dev.flambeau.torch.optim.SGD;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParametrizeTest {
  @BeforeEach
  void seed() {
    Torch.manualSeed(3);
  }

  private static void near(Tensor expected, Tensor actual, double tolerance) {
    assertEquals(expected.shape(), actual.shape());
    double error = expected.detach().sub(actual.detach()).abs().amax().item();
    assertTrue(error <= tolerance, "differs by " + error);
  }

  @Test
  void namesArePyTorchs() {
    Linear normed = Parametrizations.weightNorm(new Linear(3, 4));
    String path = "parametrizations.weight.";
    assertEquals(
        List.of("bias", path + "original0", path + "original1"),
        List.copyOf(normed.stateDict().keySet()));
    assertEquals(List.of(4L, 1L), sizes(normed.getParameter(path + "original0")));
    Linear spectral = Parametrizations.spectralNorm(new Linear(3, 4));
    assertEquals(
        List.of("bias", path + "original", path + "0._u", path + "0._v"),
        List.copyOf(spectral.stateDict().keySet()));
    Linear orthogonal = Parametrizations.orthogonal(new Linear(3, 4));
    assertEquals(
        List.of("bias", path + "original", path + "0.base"),
        List.copyOf(orthogonal.stateDict().keySet()));
    assertEquals(
        List.of("bias", path + "original"), List.copyOf(orthogonal.namedParameters().keySet()));
  }

  private static List<Long> sizes(Tensor t) {
    return Arrays.stream(t.shape().sizes()).boxed().toList();
  }

  @Test
  void lengthAndDirectionAreTrainedApart() {
    Conv2d conv = new Conv2d(2, 3, 3);
    Tensor x = Torch.randn(1, 2, 5, 5);
    Tensor before = conv.call(x).detach();
    Tensor weight = conv.weight.detach().copy();
    Parametrizations.weightNorm(conv);
    near(before, conv.call(x), 1e-5);
    conv.call(x).sum().backward();
    Tensor v = conv.getParameter("parametrizations.weight.original1");
    Tensor gradient = v.grad().orElseThrow();
    // The length does not depend on v's, so no gradient goes along v.
    near(Torch.zeros(3), gradient.mul(v).sum(1, 2, 3), 1e-4);
    Tensor g = conv.getParameter("parametrizations.weight.original0");
    Torch.noGrad(() -> g.mul_(2));
    conv.call(x);
    near(weight.mul(2), conv.weight, 1e-5);
  }

  @Test
  void theLargestSingularValueIsOne() {
    for (Module module : List.of(new Conv2d(3, 4, 2), new ConvTranspose2d(3, 4, 2))) {
      Tensor x = Torch.randn(1, 3, 4, 4);
      Parametrizations.spectralNorm(module);
      for (int i = 0; i < 60; i++) {
        module.call(x);
      }
      int axis = module instanceof ConvTranspose2d ? 1 : 0;
      Tensor weight = module instanceof Conv2d c ? c.weight : ((ConvTranspose2d) module).weight;
      Tensor values = Linalg.svdvals(weight.detach().movedim(axis, 0).flatten(1));
      assertEquals(1, values.amax().item(), 1e-4);
      module.eval();
      near(module.call(x), module.call(x), 0);
    }
  }

  @Test
  void orthogonalStaysSo() {
    for (OrthogonalMap map : OrthogonalMap.values()) {
      for (long[] size : new long[][] {{4, 4}, {3, 5}, {5, 3}}) {
        for (boolean trivial : new boolean[] {true, false}) {
          if (!trivial && map != OrthogonalMap.HOUSEHOLDER) {
            continue;
          }
          Linear linear = new Linear(size[1], size[0], false);
          Parametrizations.orthogonal(linear, "weight", map, trivial);
          SGD sgd = new SGD(linear.parameters(), o -> o.lr(0.3));
          Tensor x = Torch.randn(6, size[1]);
          Tensor first = linear.weight.detach().copy();
          for (int i = 0; i < 3; i++) {
            sgd.step(() -> linear.call(x).sin().sum());
          }
          linear.call(x);
          Tensor w = linear.weight.detach();
          Tensor tall = size[0] >= size[1] ? w : w.mT();
          near(Torch.eye(Math.min(size[0], size[1])), tall.mT().matmul(tall), 1e-4);
          assertTrue(first.sub(w).abs().amax().item() > 1e-3, map + " was not trained");
        }
      }
    }
    assertThrows(
        TorchException.class,
        () -> Parametrizations.orthogonal(new Linear(3, 3), "weight", OrthogonalMap.CAYLEY, false));
  }

  @Test
  void anOrthogonalMatrixIsKept() {
    Tensor q = Linalg.qr(Torch.randn(5, 5)).q().contiguous();
    for (OrthogonalMap map : OrthogonalMap.values()) {
      Linear linear = new Linear(5, 5, false);
      linear.loadStateDict(Map.of("weight", q));
      Parametrizations.orthogonal(linear, "weight", map, map != OrthogonalMap.HOUSEHOLDER);
      near(q, linear.weight, 1e-5);
    }
  }

  private static final class Symmetric extends Module {
    @Override
    public Tensor forward(Tensor x) {
      return x.triu(0).add(x.triu(1).mT());
    }
  }

  @Test
  void anyModuleWillDoAndStepsFollowEachOther() {
    Linear linear = new Linear(3, 3);
    Tensor trained = linear.weight;
    Parametrize.register(linear, "weight", new Symmetric());
    assertSame(trained, linear.getParameter("parametrizations.weight.original"));
    near(linear.weight.mT(), linear.weight, 0);
    Parametrize.register(linear, "weight", new Tanh());
    near(trained.triu(0).add(trained.triu(1).mT()).tanh(), linear.weight, 1e-6);
    linear.call(Torch.randn(2, 3)).sum().backward();
    assertTrue(trained.grad().isPresent());
    Tensor value = linear.weight.detach().copy();
    Parametrize.remove(linear, "weight", true);
    assertSame(trained, linear.weight);
    near(value, linear.weight, 0);
    assertFalse(Parametrize.isParametrized(linear));
    assertEquals(List.of("weight", "bias"), List.copyOf(linear.stateDict().keySet()));
  }

  @Test
  void whatDoesNotFitIsRefusedAndNothingChanges() {
    Linear linear = new Linear(3, 4);
    Tensor before = linear.weight.detach().copy();
    TorchException e =
        assertThrows(
            TorchException.class, () -> Parametrize.register(linear, "weight", new Linear(3, 2)));
    assertTrue(e.getMessage().contains("[4, 2]"), e.getMessage());
    near(before, linear.weight, 0);
    assertFalse(Parametrize.isParametrized(linear));
    assertThrows(
        TorchException.class, () -> Parametrize.register(linear, "wight", new Symmetric()));
  }

  @Test
  void insideANetworkAndInRecurrentLayers() {
    Sequential net = new Sequential(Parametrizations.weightNorm(new Linear(3, 4)), new Tanh());
    assertTrue(net.stateDict().containsKey("0.parametrizations.weight.original1"));
    Sequential other = new Sequential(Parametrizations.weightNorm(new Linear(3, 4)), new Tanh());
    other.loadStateDict(net.stateDict());
    Tensor x = Torch.randn(2, 3);
    near(net.call(x), other.call(x), 0);
    LSTM lstm = new LSTM(3, 4);
    Tensor steps = Torch.randn(5, 2, 3);
    Tensor before = lstm.call(steps).detach();
    Parametrizations.weightNorm(lstm, "weight_hh_l0", 0);
    near(before, lstm.call(steps), 1e-5);
    lstm.call(steps).sum().backward();
    assertTrue(lstm.getParameter("parametrizations.weight_hh_l0.original0").grad().isPresent());
  }
}
