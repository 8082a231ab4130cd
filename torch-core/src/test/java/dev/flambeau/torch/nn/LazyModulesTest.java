package dev.flambeau.torch.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LazyModulesTest {
  @Test
  void theFirstInputDecidesAndTheTensorsStay() {
    LazyLinear lazy = new LazyLinear(3);
    Tensor weight = lazy.weight;
    assertFalse(lazy.isInitialized());
    assertEquals("LazyLinear(in_features=0, out_features=3, bias=True)", lazy.toString());
    Torch.manualSeed(5);
    lazy.forward(Torch.ones(2, 4));
    assertSame(weight, lazy.weight);
    assertTrue(lazy.isInitialized() && weight.requiresGrad());
    assertEquals("Linear(in_features=4, out_features=3, bias=True)", lazy.toString());
    Torch.manualSeed(5);
    Linear linear = new Linear(4, 3);
    assertArrayEquals(linear.weight.toDoubleArray(), weight.toDoubleArray());
    assertArrayEquals(
        linear.bias.orElseThrow().toDoubleArray(), lazy.bias.orElseThrow().toDoubleArray());
    assertThrows(TorchException.class, () -> lazy.forward(Torch.ones(2, 5)));
  }

  @Test
  void typesSetBeforeCount() {
    Module lazy = new LazyConv2d(4, 3, o -> o.groups(2)).to(DType.F64);
    Tensor y = lazy.forward(Torch.ones(DType.F64, 6, 5, 5));
    assertEquals(DType.F64, y.dtype());
    assertEquals(List.of("weight", "bias"), List.copyOf(lazy.stateDict().keySet()));
    assertArrayEquals(new long[] {4, 3, 3, 3}, lazy.getParameter("weight").shape().sizes());
    Module transposed = new LazyConvTranspose1d(2, 3);
    assertThrows(TorchException.class, () -> transposed.forward(Torch.ones(1)));
    transposed.forward(Torch.ones(1, 5, 7));
    assertArrayEquals(new long[] {5, 2, 3}, transposed.getParameter("weight").shape().sizes());
  }

  @Test
  void aLoadedStateDecidesAndDrawsNothing() {
    Sequential made = new Sequential(new Conv1d(3, 4, 2), new BatchNorm1d(4), new Linear(6, 2));
    Sequential lazy =
        new Sequential(new LazyConv1d(4, 2), new LazyBatchNorm1d(), new LazyLinear(2));
    Map<String, Tensor> state = made.stateDict();
    double[] generator = Generator.getDefault().state().toDoubleArray();
    lazy.loadStateDict(state);
    assertArrayEquals(generator, Generator.getDefault().state().toDoubleArray());
    Tensor x = Torch.rand(2, 3, 7);
    assertArrayEquals(made.forward(x).toDoubleArray(), lazy.forward(x).toDoubleArray());
  }

  @Test
  void containersGrow() {
    ModuleList<Linear> list = new ModuleList<>();
    list.append(new Linear(1, 2, false)).insert(0, new Linear(3, 4, false));
    assertEquals(List.of("0.weight", "1.weight"), List.copyOf(list.stateDict().keySet()));
    assertArrayEquals(new long[] {2, 1}, list.get(-1).weight.shape().sizes());
    assertThrows(TorchException.class, () -> list.get(2));
    ModuleDict<Module> dict = new ModuleDict<>(Map.of("a", new ReLU()));
    dict.put("b", new PReLU());
    assertEquals(List.of("b.weight"), List.copyOf(dict.stateDict().keySet()));
    assertThrows(TorchException.class, () -> dict.put("c.d", new ReLU()));
    assertThrows(TorchException.class, () -> dict.get("c"));
    dict.remove("b");
    assertEquals(1, dict.size());
    ParameterList parameters = new ParameterList(Torch.ones(2), Torch.ones(3));
    assertTrue(parameters.parameters().stream().allMatch(Tensor::requiresGrad));
    parameters.append(Torch.ones(4)).set(0, Torch.zeros(5));
    assertEquals(12, parameters.parameters().stream().mapToLong(Tensor::numel).sum());
    Sequential sequence = new Sequential(new ReLU()).append(new Linear(2, 2));
    assertSame(sequence.get(1), sequence.getSubmodule("1"));
    assertSame(sequence.getParameter("1.bias"), sequence.parameters().get(1));
    String message =
        assertThrows(TorchException.class, () -> sequence.getSubmodule("1.deep")).getMessage();
    assertTrue(message.contains("no module deep"), message);
  }
}
