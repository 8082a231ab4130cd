package dev.flambeau.torch.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModuleTest {
  private static class Base extends Module {
    final Linear zulu = new Linear(2, 2);

    @Buffer final Tensor runningSum = Torch.zeros(1);

    @Buffer(persistent = false)
    final Tensor cache = Torch.zeros(1);
  }

  private static final class Net extends Base {
    final Tensor alphaScale = parameter(Torch.ones(2));
    final Sequential layers = new Sequential(new Linear(2, 3, false), new ReLU());

    @Name("Conv2d_1a")
    final Optional<Module> first = Optional.of(new Linear(3, 1));

    final Optional<Module> absent = Optional.empty();
    final ModuleList<Linear> list = new ModuleList<>(List.of(zulu));

    @Override
    public Tensor forward(Tensor x) {
      return first.orElseThrow().forward(layers.forward(zulu.forward(x.mul(alphaScale))));
    }
  }

  @Test
  void namesFollowTheFieldsFromTheSuperclassDown() {
    assertEquals(
        List.of(
            "alpha_scale",
            "running_sum",
            "zulu.weight",
            "zulu.bias",
            "layers.0.weight",
            "Conv2d_1a.weight",
            "Conv2d_1a.bias",
            "list.0.weight",
            "list.0.bias"),
        new ArrayList<>(new Net().stateDict().keySet()));
  }

  @Test
  void aSharedParameterCountsOnce() {
    Net net = new Net();
    assertEquals(6, net.parameters().size());
    assertFalse(net.namedParameters().containsKey("list.0.weight"));
    assertEquals(List.of("running_sum", "cache"), new ArrayList<>(net.namedBuffers().keySet()));
  }

  @Test
  void printsAsPyTorch() {
    Module model =
        new Sequential(
            new Conv2d(1, 32, 3, o -> o.padding(1).bias(false)),
            new BatchNorm2d(32),
            new ReLU(),
            new MaxPool2d(2),
            new Sequential(new Flatten(), new Linear(8, 10), new Dropout(0.1)));
    assertEquals(
        """
        Sequential(
          (0): Conv2d(1, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)
          (1): BatchNorm2d(32, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
          (2): ReLU()
          (3): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
          (4): Sequential(
            (0): Flatten(start_dim=1, end_dim=-1)
            (1): Linear(in_features=8, out_features=10, bias=True)
            (2): Dropout(p=0.1, inplace=False)
          )
        )\
        """,
        model.toString());
  }

  @Test
  void loadingReportsEveryProblemAndChangesNothing() {
    Linear linear = new Linear(2, 3);
    double[] before = linear.weight.toDoubleArray();
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("weight", Torch.ones(3, 2));
    state.put("extra", Torch.ones(1));
    TorchException e = assertThrows(TorchException.class, () -> linear.loadStateDict(state));
    assertTrue(e.getMessage().contains("missing keys: bias"), e.getMessage());
    assertTrue(e.getMessage().contains("unexpected keys: extra"), e.getMessage());
    assertArrayEquals(before, linear.weight.toDoubleArray());
    StateLoader.Report report = linear.loadStateDict(state, false);
    assertEquals(new StateLoader.Report(List.of("bias"), List.of("extra")), report);
    assertArrayEquals(new double[] {1, 1, 1, 1, 1, 1}, linear.weight.toDoubleArray());
    state.put("weight", Torch.ones(2, 3));
    e = assertThrows(TorchException.class, () -> linear.loadStateDict(state, false));
    assertTrue(e.getMessage().contains("weight [2, 3] instead of [3, 2]"), e.getMessage());
  }

  @Test
  void statesOfWrappedModelsAreRecognized() {
    Map<String, Tensor> wrapped = new LinkedHashMap<>();
    new Linear(2, 3).stateDict().forEach((key, t) -> wrapped.put("module." + key, t));
    Linear linear = new Linear(2, 3);
    TorchException e = assertThrows(TorchException.class, () -> linear.loadStateDict(wrapped));
    assertTrue(e.getMessage().contains("behind \"module.\""), e.getMessage());
  }

  @Test
  void oldStatesHaveNoCountsOfBatches() {
    Sequential model = new Sequential(new BatchNorm1d(2), new Linear(2, 2));
    model.forward(Torch.rand(4, 2));
    Map<String, Tensor> state =
        new LinkedHashMap<>(new Sequential(new BatchNorm1d(2), new Linear(2, 2)).stateDict());
    state.remove("0.num_batches_tracked");
    model.loadStateDict(state);
    assertEquals(1, model.getBuffer("0.num_batches_tracked").itemLong());
    assertEquals(0, model.getBuffer("0.running_mean").sum().item());
    state.remove("0.running_mean");
    assertThrows(TorchException.class, () -> model.loadStateDict(state));
  }

  @Test
  void convertingKeepsTheParametersIdentity() {
    Net net = new Net();
    Tensor parameter = net.zulu.weight;
    net.to(DType.F64);
    assertSame(parameter, net.zulu.weight);
    assertEquals(DType.F64, parameter.dtype());
    assertEquals(DType.F64, net.runningSum.dtype());
    assertTrue(parameter.requiresGrad());
    net.forward(Torch.ones(DType.F64, 4, 2)).sum().backward();
    assertEquals(DType.F64, parameter.grad().orElseThrow().dtype());
    net.zeroGrad();
    assertTrue(parameter.grad().isEmpty());
    assertThrows(TorchException.class, () -> net.to(DType.I64));
  }

  @Test
  void metaModulesTakeTheLoadedData() {
    Module meta = new Linear(2, 2).to(Device.META);
    assertEquals(Device.META, meta.parameters().get(0).device());
    assertThrows(TorchException.class, () -> meta.to(Device.CPU));
    Linear source = new Linear(2, 2);
    meta.loadStateDict(source.stateDict());
    Tensor x = Torch.ones(1, 2);
    assertArrayEquals(source.forward(x).toDoubleArray(), meta.forward(x).toDoubleArray());
  }

  @Test
  void modesReachEveryModule() {
    Module model = new Sequential(new Dropout(0.5), new Sequential(new Dropout(1)));
    Tensor x = Torch.ones(100);
    assertEquals(0, model.forward(x).sum().item());
    assertSame(x, model.eval().forward(x));
    assertTrue(model.namedModules().values().stream().noneMatch(Module::isTraining));
    assertTrue(model.train().isTraining());
  }

  @Test
  void dropoutKeepsTheMean() {
    Torch.manualSeed(0);
    Tensor x = Torch.ones(10_000).requiresGrad(true);
    Tensor y = F.dropout(x, 0.25, true);
    assertEquals(1, y.mean().item(), 0.03);
    y.sum().backward();
    assertArrayEquals(y.toDoubleArray(), x.grad().orElseThrow().toDoubleArray());
    assertThrows(TorchException.class, () -> new Dropout(1.5));
  }

  @Test
  void theSeedDecidesTheWeights() {
    Torch.manualSeed(0);
    Linear linear = new Linear(4, 3);
    // What torch.manual_seed(0); torch.nn.Linear(4, 3) prints.
    assertEquals(
        """
        tensor([[-0.0037,  0.2682, -0.4115, -0.3680],
                [-0.1926,  0.1341, -0.0099,  0.3964],
                [-0.0444,  0.1323, -0.1511, -0.0983]], requires_grad=True)\
        """,
        linear.weight.toString());
  }
}
