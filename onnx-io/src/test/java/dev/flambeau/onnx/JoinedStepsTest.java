package dev.flambeau.onnx;

import static dev.flambeau.onnx.Graphs.ints;
import static dev.flambeau.onnx.QuantizedGraphs.bytes;
import static dev.flambeau.onnx.QuantizedGraphs.compare;
import static dev.flambeau.onnx.QuantizedGraphs.integer;
import static dev.flambeau.onnx.QuantizedGraphs.layers;
import static dev.flambeau.onnx.QuantizedGraphs.number;
import static dev.flambeau.onnx.QuantizedGraphs.positive;
import static dev.flambeau.onnx.QuantizedGraphs.reference;
import static dev.flambeau.onnx.QuantizedGraphs.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Joined steps of quantized graphs against ONNX Runtime and the steps one by one. */
class JoinedStepsTest {
  @TempDir Path folder;

  @Test
  void quantizedLayersAreJoined() throws Exception {
    Graphs g =
        layers()
            .node("Transpose", "turn", "pf", "t", ints("perm", 0, 1, 3, 2))
            .node("QuantizeLinear", "q3", "t ys yz", "tq")
            .node("DequantizeLinear", "d3", "tq ys yz", "tf")
            .node("Add", "add", "pf tf", "sum")
            .node("QuantizeLinear", "q4", "sum ts tz", "sumq")
            .node("DequantizeLinear", "d4", "sumq ts tz", "sumf")
            .node("Concat", "cat", "sumf pf", "cat", integer("axis", 1))
            .node("QuantizeLinear", "q5", "cat ts tz", "catq")
            .node("DequantizeLinear", "d5", "sumq ts tz", "flat4")
            .node("Flatten", "flat", "flat4", "flat2")
            .node("DequantizeLinear", "dv", "v vs vz", "fv")
            .node("Gemm", "gemm", "flat2 fv c", "g", integer("transB", 1))
            .node("QuantizeLinear", "q6", "g ts tz", "gq")
            .output("rq", ElementType.UINT8, 2, 8, 9, 9)
            .output("pq", ElementType.UINT8, 2, 8, 4, 4)
            .output("tq", ElementType.UINT8, 2, 8, 4, 4)
            .output("sumq", ElementType.UINT8, 2, 8, 4, 4)
            .output("catq", ElementType.UINT8, 2, 16, 4, 4)
            .output("gq", ElementType.UINT8, 2, 5);
    Map<String, Integer> running = QuantizedNetsTest.running(g.load());
    assertEquals(2, running.get("JoinedProduct"), running::toString);
    assertEquals(2, running.get("JoinedElements"), running::toString);
    assertFalse(running.containsKey("Conv") || running.containsKey("Gemm"), running::toString);
    assertEquals(1, running.get("QuantizeLinear"), running::toString);
    Tensor x = values(2, 4, 9, 9);
    compare(folder, g, x, 2);
    OnnxModule module = g.load();
    Tensor apart = QuantizedNetsTest.apart(module, x);
    Tensor joined = Torch.noGrad(() -> module.forward(x));
    assertTrue(TestData.largestDifference(apart.to(DType.F32), joined.to(DType.F32)) <= 1);
  }

  /** What a pass cannot know: types, sizes and scales that do not allow integers. */
  @Test
  void whatDoesNotFitRunsApart() throws Exception {
    Tensor x = values(2, 4, 9, 9);
    Graphs wide =
        layers()
            .weight("us", number(0.001))
            .weight("uz", Torch.full(DType.I16, 5))
            .node("QuantizeLinear", "q16", "fx us uz", "h")
            .node("DequantizeLinear", "d16", "h us uz", "hf")
            .node("Conv", "other", "hf fw fb", "y")
            .output("y", 2, 8, 7, 7);
    Graphs byChannel =
        layers()
            .weight("cs", positive(8, 4, 0.03))
            .weight("cz", Torch.full(DType.U8, 128, 4))
            .node("QuantizeLinear", "qc", "x cs cz", "h", integer("axis", 1))
            .node("DequantizeLinear", "dc", "h cs cz", "hf", integer("axis", 1))
            .node("Conv", "other", "hf fw fb", "y")
            .output("y", 2, 8, 7, 7);
    for (Graphs g : List.of(wide, byChannel)) {
      g.opset(21);
      OnnxModule module = g.load();
      assertEquals(1, QuantizedNetsTest.running(module).get("JoinedProduct"));
      Tensor got = Torch.noGrad(() -> module.forward(x));
      assertEquals(0, TestData.largestDifference(got, QuantizedNetsTest.apart(module, x)));
      Tensor theirs = reference(folder, g, Map.of("x", x)).get("y").orElseThrow();
      assertTrue(TestData.largestDifference(got, theirs) < 1e-4);
    }
  }

  @Test
  void clipAndFloatResults() throws Exception {
    Graphs g =
        layers()
            .weight("low", number(0))
            .weight("high", number(0.7))
            .node("Conv", "c2", "fx fw fb", "c2", ints("strides", 2, 2))
            .node("Clip", "clip", "c2 low high", "y")
            .node("QuantizeLinear", "qy", "y ts tz", "yq")
            .node("Conv", "c3", "fx fw", "c3")
            .node("Relu", "r3", "c3", "real")
            .output("yq", ElementType.UINT8, 2, 8, 4, 4)
            .output("real", 2, 8, 7, 7);
    Tensor x = values(2, 4, 9, 9);
    OnnxModule module = g.load();
    Map<String, Integer> running = QuantizedNetsTest.running(module);
    assertFalse(running.containsKey("Conv") || running.containsKey("Clip"), running::toString);
    Map<String, Optional<Tensor>> theirs = reference(folder, g, Map.of("x", x));
    Map<String, Tensor> got = Torch.noGrad(() -> module.forward(Map.of("x", x)));
    Tensor real = theirs.get("real").orElseThrow();
    assertTrue(TestData.largestDifference(got.get("real"), real) < 1e-5 * real.amax().item());
    assertArrayEquals(theirs.get("yq").orElseThrow().toLongArray(), got.get("yq").toLongArray());
  }

  /** MatMulInteger, Cast, Mul and Add as dynamic quantization writes them. */
  @Test
  void dynamicProductsAreJoined() throws Exception {
    Graphs g =
        new Graphs()
            .input("x", 2, 13, 64)
            .weight("w", bytes(1, DType.I8, 64, 25))
            .weight("wz", Torch.zeros(DType.I8, 25))
            .weight("ws", positive(2, 25, 0.01))
            .weight("b", TestData.waves(25))
            .node("DynamicQuantizeLinear", "d", "x", "q s z")
            .node("MatMulInteger", "product", "q w z wz", "sums")
            .node("Cast", "cast", "sums", "real", integer("to", 1))
            .node("Mul", "both", "s ws", "scale")
            .node("Mul", "scaled", "real scale", "p")
            .node("Add", "add", "b p", "y")
            .output("y", 2, 13, 25);
    OnnxModule module = g.load();
    Map<String, Integer> running = QuantizedNetsTest.running(module);
    assertEquals(Map.of("DynamicQuantizeLinear", 1, "Mul", 1, "JoinedProduct", 1), running);
    Tensor x = values(2, 13, 64);
    Tensor theirs = reference(folder, g, Map.of("x", x)).get("y").orElseThrow();
    Tensor got = Torch.noGrad(() -> module.forward(x));
    assertTrue(TestData.largestDifference(got, theirs) < 1e-5 * theirs.abs().amax().item());
    // The bias is a parameter: where its gradient is wanted, the steps run one by one.
    module.forward(x).sum().backward();
    Tensor gradient = module.namedParameters().get("b").grad().orElseThrow();
    assertEquals(0, TestData.largestDifference(gradient, Torch.full(DType.F32, 26, 25)));
  }

  /** A residual is no bias, and what is used twice is not taken in. */
  @Test
  void whatLooksAlikeStays() {
    Graphs g =
        layers()
            .node("Conv", "c2", "fx fw", "c2")
            .node("Relu", "r2", "c2", "real")
            .node("QuantizeLinear", "qa", "c2 ts tz", "steps")
            .output("real", 2, 8, 7, 7)
            .output("steps", ElementType.UINT8, 2, 8, 7, 7);
    OnnxModule module = g.load();
    Map<String, Integer> running = QuantizedNetsTest.running(module);
    assertEquals(1, running.get("Relu"), running::toString);
    Tensor x = values(2, 4, 9, 9);
    Map<String, Tensor> got = Torch.noGrad(() -> module.forward(Map.of("x", x)));
    Run run = new Run("model", false, (_, _) -> {});
    List<OnnxValue> apart = Torch.noGrad(() -> module.run(List.of(OnnxValue.of(x)), run));
    assertTrue(TestData.largestDifference(got.get("real"), apart.get(0).tensor("real")) < 1e-4);
    double gap =
        TestData.largestDifference(
            got.get("steps").to(DType.F32), apart.get(1).tensor("steps").to(DType.F32));
    assertTrue(gap <= 1, "" + gap);
  }

  @Test
  void cutModulesAndChangedConstantsAreJoinedAnew() {
    OnnxModule module =
        layers().output("pf", 2, 8, 4, 4).output("rq", ElementType.UINT8, 2, 8, 9, 9).load();
    Tensor x = values(2, 4, 9, 9);
    Tensor before = Torch.noGrad(() -> module.forward(Map.of("x", x)).get("pf"));
    OnnxModule cut = module.withOutputs("r");
    Tensor r = Torch.noGrad(() -> cut.forward(x));
    assertTrue(TestData.largestDifference(r, QuantizedNetsTest.apart(cut, x)) < 1e-4);
    Tensor scale = module.constants().get("ws");
    Torch.noGrad(() -> scale.mul_(0.5));
    Tensor after = Torch.noGrad(() -> module.forward(Map.of("x", x)).get("pf"));
    Tensor apart =
        Torch.noGrad(
            () ->
                module
                    .run(List.of(OnnxValue.of(x)), new Run("model", false, (_, _) -> {}))
                    .getFirst()
                    .tensor("pf"));
    assertTrue(TestData.largestDifference(before, after) > 0.1, "the scale was halved");
    assertTrue(TestData.largestDifference(apart, after) < 0.0501, "a step is 0.05");
  }
}
