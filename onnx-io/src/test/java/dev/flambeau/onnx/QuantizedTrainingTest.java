package dev.flambeau.onnx;

import static dev.flambeau.onnx.Graphs.ints;
import static dev.flambeau.onnx.QuantizedGraphs.aware;
import static dev.flambeau.onnx.QuantizedGraphs.byteNumber;
import static dev.flambeau.onnx.QuantizedGraphs.bytes;
import static dev.flambeau.onnx.QuantizedGraphs.integer;
import static dev.flambeau.onnx.QuantizedGraphs.layers;
import static dev.flambeau.onnx.QuantizedGraphs.number;
import static dev.flambeau.onnx.QuantizedGraphs.positive;
import static dev.flambeau.onnx.QuantizedGraphs.start;
import static dev.flambeau.onnx.QuantizedGraphs.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.optim.SGD;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gradients through quantization, and quantized modules written again. */
class QuantizedTrainingTest {
  @TempDir Path folder;

  /** Fake quantization: gradient 1 inside the range, 0 outside; by the scale as Esser et al. */
  @Test
  void gradientsPassStraightThrough() {
    double scale = 0.5;
    double[] numbers = {0, 0.3, -0.3, 1.1, 60, 62.9, 63.4, 64, 100, -0.9, -1.3, -5, 0.25};
    Graphs g =
        new Graphs()
            .input("x", numbers.length)
            .weight("s", number(scale).reshape(1))
            .weight("z", byteNumber(DType.U8, 2).reshape(1))
            .node("QuantizeLinear", "q", "x s z", "i", integer("axis", 0))
            .node("DequantizeLinear", "d", "i s z", "y", integer("axis", 0))
            .output("y", numbers.length);
    OnnxModule module = Onnx.load(writeModel(g), o -> o.trained("s"));
    Tensor x = Torch.tensor(numbers, numbers.length).to(DType.F32).requiresGrad(true);
    for (boolean training : new boolean[] {true, false}) {
      module.train(training);
      module.zeroGrad();
      x.setGrad(Optional.empty());
      Tensor y = module.forward(x);
      y.sum().backward();
      double[] byX = x.grad().orElseThrow().toDoubleArray();
      double byScale = 0;
      for (int i = 0; i < numbers.length; i++) {
        double step = Math.rint((float) numbers[i] / scale);
        boolean inside = step >= -2 && step <= 253;
        assertEquals(inside ? 1 : 0, byX[i], "by " + numbers[i]);
        assertEquals(scale * Math.clamp(step, -2, 253), y.at(i), "of " + numbers[i]);
        byScale += inside ? step - (float) numbers[i] / scale : Math.clamp(step, -2, 253);
      }
      Tensor got = module.namedParameters().get("s").grad().orElseThrow();
      assertEquals(byScale, got.item(), 1e-4);
    }
  }

  private Path writeModel(Graphs g) {
    Path file = folder.resolve("written.onnx");
    ModelFile.write(g.model(), file, Long.MAX_VALUE);
    return file;
  }

  @Test
  void trainsQuantized() {
    OnnxModule module = aware().load();
    assertEquals(Set.of("w", "b"), module.namedParameters().keySet());
    Tensor x = values(4, 3, 8, 8);
    Tensor target = TestData.waves(4, 6, 6, 6).relu();
    SGD optimizer = new SGD(module.parameters(), o -> o.lr(0.2));
    module.train();
    double first = 0;
    double last = 0;
    for (int i = 0; i < 30; i++) {
      Tensor loss = optimizer.step(() -> module.forward(x).sub(target).square().mean());
      first = i == 0 ? loss.item() : first;
      last = loss.item();
    }
    assertTrue(last < 0.8 * first, first + " to " + last);
    module.eval();
    Map<String, Integer> running = QuantizedNetsTest.running(module);
    assertEquals(1, running.get("JoinedProduct"), running::toString);
    Tensor joined = Torch.noGrad(() -> module.forward(x));
    assertTrue(TestData.largestDifference(joined, QuantizedNetsTest.apart(module, x)) < 0.0201);
    // With gradients wanted, evaluation computes in floats and passes them.
    module.zeroGrad();
    module.forward(x).sum().backward();
    assertTrue(module.namedParameters().get("w").grad().orElseThrow().abs().amax().item() > 0);
  }

  @Test
  void exportsWhatItImported() throws Exception {
    Tensor x = values(2, 4, 9, 9);
    Graphs dynamic =
        new Graphs()
            .input("x", 2, 13, 64)
            .weight("w", bytes(1, DType.U8, 64, 25))
            .weight("wz", bytes(3, DType.U8, 25))
            .node("DynamicQuantizeLinear", "d", "x", "q s z")
            .node("MatMulInteger", "product", "q w z wz", "sums")
            .node("Cast", "cast", "sums", "real", integer("to", 1))
            .node("Mul", "scaled", "real s", "y")
            .output("y", 2, 13, 25);
    Graphs linear =
        start(DType.U8, 2, 4, 9, 9)
            .weight("w", bytes(1, DType.I8, 6, 4, 3, 3))
            .weight("ws", positive(2, 6, 0.01))
            .weight("wz", Torch.zeros(DType.I8, 6))
            .weight("ys", number(0.5))
            .weight("yz", byteNumber(DType.U8, 5))
            .weight("b", bytes(5, DType.U8, 6).to(DType.I32).mul(20).sub(2000))
            .node("QLinearConv", "conv", "q s z w ws wz ys yz b", "i", ints("pads", 1, 1, 1, 1))
            .node("MaxPool", "pool", "i", "p", ints("kernel_shape", 2, 2))
            .node("DequantizeLinear", "dy", "p ys yz", "y")
            .output("y", 2, 6, 8, 8);
    Graphs layers = layers().output("pf", 2, 8, 4, 4);
    Map<Graphs, Tensor> all = Map.of(dynamic, values(2, 13, 64), linear, x, layers, x);
    for (Map.Entry<Graphs, Tensor> e : all.entrySet()) {
      OnnxModule module = e.getKey().load();
      Path file = folder.resolve("again.onnx");
      Onnx.export(module, List.of(e.getValue()), file, o -> o.opset(17));
      Tensor ours = Torch.noGrad(() -> module.forward(e.getValue()));
      Tensor again = Torch.noGrad(() -> Onnx.load(file).forward(e.getValue()));
      Tensor theirs =
          Reference.run(file, "again", true, Map.of(module.inputs().getFirst(), e.getValue()))
              .values()
              .iterator()
              .next()
              .orElseThrow();
      // A step at most, where a half was rounded the other way.
      double step = e.getKey() == dynamic ? 1e-4 * ours.abs().amax().item() : 0.501;
      assertTrue(TestData.largestDifference(ours, theirs) <= step, module.outputs() + "");
      assertTrue(TestData.largestDifference(ours, again) <= step, module.outputs() + "");
    }
  }
}
