package dev.flambeau.torch.nn.utils;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClippingTest {
  private static Tensor withGradient(double... values) {
    Tensor p = Torch.zeros(values.length).requiresGrad(true);
    p.setGrad(Optional.of(Torch.tensor(values).to(p.dtype())));
    return p;
  }

  private static double[] gradient(Tensor p) {
    return p.grad().orElseThrow().toDoubleArray();
  }

  @Test
  void scalesToTheNormAndReturnsTheOneBefore() {
    List<Tensor> p = List.of(withGradient(3, 0), Torch.ones(2).requiresGrad(true), withGradient(4));
    assertEquals(5, Clipping.clipGradNorm_(p, 1).item(), 1e-6);
    assertArrayEquals(new double[] {0.6, 0}, gradient(p.get(0)), 1e-6);
    assertArrayEquals(new double[] {0.8}, gradient(p.get(2)), 1e-6);
    assertEquals(1, Clipping.clipGradNorm_(p, 10).item(), 1e-6);
    assertArrayEquals(new double[] {0.8}, gradient(p.get(2)), 1e-6);
  }

  @Test
  void otherNorms() {
    List<Tensor> p = List.of(withGradient(-3, 1), withGradient(2));
    assertEquals(3, Clipping.clipGradNorm_(p, 9, Double.POSITIVE_INFINITY, false).item());
    assertEquals(6, Clipping.clipGradNorm_(p, 3, 1, false).item());
    assertArrayEquals(new double[] {-1.5, 0.5}, gradient(p.get(0)), 1e-6);
    assertEquals(0, Clipping.clipGradNorm_(List.of(), 1).item());
  }

  @Test
  void aNormThatIsNoNumberIsRefusedOnRequest() {
    List<Tensor> p = List.of(withGradient(Double.NaN, 1));
    assertThrows(TorchException.class, () -> Clipping.clipGradNorm_(p, 1, 2, true));
    assertEquals(1, gradient(p.get(0))[1]);
    assertThrows(TorchException.class, () -> Clipping.clipGradNorm_(p, Double.NaN));
  }

  @Test
  void boundsEachElement() {
    List<Tensor> p = List.of(withGradient(-3, 0.25), withGradient(2));
    Clipping.clipGradValue_(p, 0.5);
    assertArrayEquals(new double[] {-0.5, 0.25}, gradient(p.get(0)));
    assertArrayEquals(new double[] {0.5}, gradient(p.get(1)));
    assertThrows(TorchException.class, () -> Clipping.clipGradValue_(p, -1));
  }
}
