package dev.flambeau.torch.nn.utils;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.nn.Tanh;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatelessTest {
  @Test
  void vectorsHoldAllParameters() {
    Sequential net = new Sequential(new Linear(2, 3), new Tanh(), new Linear(3, 1));
    Tensor vector = Vectors.parametersToVector(net.parameters());
    assertEquals(13, vector.numel());
    Tensor x = Torch.randn(4, 2);
    float[] before = net.call(x).toFloatArray();
    Sequential other = new Sequential(new Linear(2, 3), new Tanh(), new Linear(3, 1));
    Vectors.vectorToParameters(vector.detach(), other.parameters());
    assertArrayEquals(before, other.call(x).toFloatArray());
    assertThrows(
        TorchException.class,
        () -> Vectors.vectorToParameters(vector.narrow(0, 0, 12), other.parameters()));
    vector.sum().backward();
    assertTrue(net.parameters().stream().allMatch(p -> p.grad().isPresent()));
  }

  @Test
  void otherParametersForOneCall() {
    Sequential net = new Sequential(new Linear(2, 3), new Tanh(), new Linear(3, 1));
    Tensor own = net.getParameter("0.weight");
    Tensor x = Torch.randn(4, 2);
    float[] before = net.call(x).toFloatArray();
    Tensor zeros = Torch.zeros(3, 2).requiresGrad(true);
    Tensor bias = Torch.zeros(3);
    Map<String, Tensor> others = Map.of("0.weight", zeros, "0.bias", bias);
    Tensor y = Stateless.functionalCall(net, others, x);
    for (float value : y.toFloatArray()) {
      assertEquals(net.getParameter("2.bias").item(), value, 1e-6);
    }
    y.sum().backward();
    assertTrue(zeros.grad().isPresent());
    assertTrue(own.grad().isEmpty());
    assertSame(own, net.getParameter("0.weight"));
    assertArrayEquals(before, net.call(x).toFloatArray());
    assertThrows(
        TorchException.class, () -> Stateless.functionalCall(net, Map.of("0.wight", zeros), x));
    assertThrows(
        TorchException.class,
        () -> Stateless.functionalCall(net, Map.of("0.weight", Torch.zeros(3, 5)), x));
    assertSame(own, net.getParameter("0.weight"));
  }
}
