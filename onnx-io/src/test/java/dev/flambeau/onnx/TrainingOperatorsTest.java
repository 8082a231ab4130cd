package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.optim.Adam;
import dev.flambeau.torch.optim.Optimizer;
import dev.flambeau.torch.optim.SGD;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrainingOperatorsTest {
  private static AttributeProto names(String name, String... values) {
    AttributeProto.Builder a =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.STRINGS);
    for (String value : values) {
      a.addStrings(com.google.protobuf.ByteString.copyFromUtf8(value));
    }
    return a.build();
  }

  /** A node d of y by xs at the values in. */
  private static void gradient(
      Graphs graphs, String in, String out, String y, String[] xs, String[] zs) {
    graphs.graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Gradient")
            .setDomain(Registry.TRAINING)
            .addAllInput(List.of(in.split(" ")))
            .addAllOutput(List.of(out.split(" ")))
            .addAttribute(names("xs", xs))
            .addAttribute(names("zs", zs))
            .addAttribute(Graphs.text("y", y)));
  }

  private static OnnxModule load(Graphs graphs) {
    ModelProto model =
        graphs.model().toBuilder()
            .addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(Registry.TRAINING).setVersion(1))
            .build();
    return Onnx.load(model.toByteArray(), "gradient");
  }

  /** y = sum(w^2 x^2) with w, x in the graph and at other values; dy/dw = 2 w x^2. */
  private static Graphs square() {
    return new Graphs()
        .input("x", 3)
        .input("w", 3)
        .node("Mul", "product", "w x", "h")
        .node("Mul", "square", "h h", "y");
  }

  @Test
  void firstAndSecondOrder() {
    Graphs graphs = square();
    gradient(graphs, "w x", "dw", "y", new String[] {"w"}, new String[] {"x"});
    gradient(graphs, "w x", "dww dwx", "dw", new String[] {"w", "x"}, new String[] {});
    graphs.output("dw", 3).output("dww", 3).output("dwx", 3);
    OnnxModule module = load(graphs);
    double[] x = {1, 2, -3};
    double[] w = {0.5, -1, 2};
    List<Tensor> in = List.of(OneNode.floats(x), OneNode.floats(w));
    assertThrows(TorchException.class, () -> Torch.inferenceMode(() -> module.forward(in)));
    for (List<Tensor> out : List.of(module.forward(in), Torch.noGrad(() -> module.forward(in)))) {
      for (int i = 0; i < 3; i++) {
        assertEquals(2 * w[i] * x[i] * x[i], TestData.values(out.get(0))[i], 1e-5);
        assertEquals(2 * x[i] * x[i], TestData.values(out.get(1))[i], 1e-5);
        assertEquals(4 * w[i] * x[i], TestData.values(out.get(2))[i], 1e-5);
      }
    }
  }

  /** By a value in between, at another value than the graph's: dy/dh = 2 h. */
  @Test
  void atAnotherValue() {
    Graphs graphs = square().weight("one", Torch.ones(3));
    gradient(graphs, "one", "dh", "y", new String[] {"h"}, new String[] {});
    OnnxModule module = load(graphs.output("dh", 3));
    Tensor dh = module.forward(List.of(OneNode.floats(1, 2, 3), OneNode.floats(4, 5, 6))).get(0);
    assertEquals(0, TestData.largestDifference(Torch.full(DType.F32, 2, 3), dh));
  }

  /** The gradient is a value like others: what is computed of it has a gradient too. */
  @Test
  void trainsThroughGradients() {
    Graphs graphs = square();
    gradient(graphs, "w x", "dw", "y", new String[] {"w"}, new String[] {"x"});
    OnnxModule module = load(graphs.output("dw", 3));
    Tensor x = OneNode.floats(1, 2, -3);
    Tensor w = OneNode.floats(0.5, -1, 2).requiresGrad(true);
    module.forward(List.of(x, w)).get(0).sum().backward();
    assertTrue(TestData.largestDifference(x.square().mul(2), w.grad().orElseThrow()) < 1e-5);
  }

  @Test
  void whatDoesNotDependHasZeros() {
    Graphs graphs = square().input("u", 2);
    gradient(graphs, "u w", "du dw", "y", new String[] {"u", "w"}, new String[] {});
    OnnxModule module = load(graphs.output("du", 2).output("dw", 3));
    List<Tensor> in = List.of(Torch.ones(3), Torch.ones(3), Torch.ones(2));
    List<Tensor> out = module.forward(in);
    assertEquals(0, TestData.largestDifference(Torch.zeros(2), out.get(0)));
    assertEquals(0, TestData.largestDifference(Torch.full(DType.F32, 2, 3), out.get(1)));
    Graphs elsewhere = square();
    gradient(elsewhere, "w", "dw", "x", new String[] {"w"}, new String[] {});
    TorchException e = assertThrows(TorchException.class, () -> load(elsewhere.output("dw", 3)));
    assertTrue(e.getMessage().contains("'x' is not computed"), e.getMessage());
  }

  private static OneNode optimizer(String type) {
    return new OneNode(Registry.TRAINING, type, 1);
  }

  /** Several steps as those of the optimizers for modules. */
  private static void same(OneNode node, Optimizer<?> theirs, Tensor x, int states, int first) {
    Tensor[] state = new Tensor[states];
    Tensor value = x.detach().copy();
    Arrays.setAll(state, _ -> x.detach().zerosLike());
    for (int step = 0; step < 4; step++) {
      Tensor gradient = x.detach().mul(step + 1).add(0.1);
      OneNode one = new OneNode(node).on(Torch.full(DType.F32, 0.1));
      one.on(Torch.full(DType.I64, step + first)).on(value).on(gradient);
      for (Tensor s : state) {
        one.on(s);
      }
      List<OnnxValue> out = one.run(1 + states);
      value = ((OnnxValue.Numbers) out.get(0)).tensor();
      for (int i = 0; i < states; i++) {
        state[i] = ((OnnxValue.Numbers) out.get(i + 1)).tensor();
      }
      x.setGrad(Optional.of(gradient));
      theirs.step();
      assertTrue(TestData.largestDifference(x, value) < 1e-6, "step " + step);
    }
  }

  @Test
  void asOptimizersOfModules() {
    Tensor a = TestData.waves(5).requiresGrad(true);
    OneNode momentum =
        optimizer("Momentum").with("alpha", 0.9f).with("beta", 1f).with("norm_coefficient", 0.01f);
    Optimizer<?> sgd = new SGD(List.of(a), o -> o.lr(0.1).momentum(0.9).weightDecay(0.01));
    same(new OneNode(momentum).with("mode", "standard"), sgd, a, 1, 0);
    Tensor b = TestData.waves(5).requiresGrad(true);
    Optimizer<?> nesterov =
        new SGD(List.of(b), o -> o.lr(0.1).momentum(0.9).weightDecay(0.01).nesterov(true));
    same(new OneNode(momentum).with("mode", "nesterov"), nesterov, b, 1, 0);
  }

  /** The specification adds epsilon to the uncorrected root; without it both are Adam. */
  @Test
  void asAdam() {
    Tensor c = TestData.waves(5).requiresGrad(true);
    Optimizer<?> adam = new Adam(List.of(c), o -> o.lr(0.1).epsilon(0));
    same(optimizer("Adam"), adam, c, 2, 1);
  }
}
