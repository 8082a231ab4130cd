package dev.flambeau.onnx;

import static dev.flambeau.onnx.Graphs.ints;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files with integer weights against the F32 ones they were made of. */
class QuantizeTest {
  @TempDir Path folder;

  private Path write(ModelProto model) {
    Path file = folder.resolve("in.onnx");
    ModelFile.write(model, file, Long.MAX_VALUE);
    return file;
  }

  private Path out() {
    return folder.resolve("out.onnx");
  }

  private static Map<String, Tensor> sentences(OnnxModule module) {
    Tensor ids = Torch.arange(3 * 12).mul(137).add(1000).reshape(3, 12);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (String name : module.inputs()) {
      Tensor t = name.equals("input_ids") ? ids : ids.zerosLike();
      inputs.put(name, name.equals("attention_mask") ? ids.onesLike() : t);
    }
    return inputs;
  }

  /** The least cosine of two batches of sentences, each the mean of its words. */
  private static double cosine(Tensor a, Tensor b) {
    Tensor x = a.to(DType.F64).mean(1);
    Tensor y = b.to(DType.F64).mean(1);
    Tensor lengths = x.mul(x).sum(1).sqrt().mul(y.mul(y).sum(1).sqrt());
    return x.mul(y).sum(1).div(lengths).amin().item();
  }

  @Test
  void miniLmDynamic() throws Exception {
    Path file = TestData.miniLm();
    OnnxModule module = Onnx.load(file);
    Map<String, Tensor> inputs = sentences(module);
    QuantizeReport report =
        Onnx.quantize(file, out(), o -> o.dynamic().embeddings(true).samples(List.of(inputs)));
    assertEquals(Map.of("Gather", 3, "MatMul", 36), report.changed());
    assertTrue(report.bytesAfter() < 0.26 * report.bytesBefore(), report::toString);
    assertEquals(List.of(), Onnx.check(out()));
    Tensor expected = Torch.noGrad(() -> module.forward(inputs)).get("last_hidden_state");
    Tensor got = Torch.noGrad(() -> Onnx.load(out()).forward(inputs)).get("last_hidden_state");
    try (Peer peer = new Peer(out())) {
      Tensor peers = peer.run(inputs);
      System.out.printf(
          "MiniLM dynamic: cosine %.4f here, %.4f in ONNX Runtime; %.2f MB%n",
          cosine(expected, got), cosine(expected, peers), report.bytesAfter() / 1e6);
      assertTrue(cosine(expected, got) > 0.98, "cosine " + cosine(expected, got));
      assertTrue(cosine(expected, peers) > 0.98, "cosine " + cosine(expected, peers));
    }
  }

  private static Graphs layers() {
    return new Graphs()
        .input("x", "n", 3, 8, 8)
        .weight("w", TestData.waves(4, 3, 3, 3))
        .weight("v", TestData.waves(4))
        .weight("m", TestData.waves(16, 6).mul(TestData.waves(6).add(1.2)))
        .weight("b", TestData.waves(5))
        .weight("g", TestData.waves(5, 6))
        .node("Conv", "conv", "x w v", "c", ints("strides", 3, 3))
        .node("Flatten", "flat", "c", "f")
        .node("MatMul", "product", "f m", "p")
        .node("Gemm", "gemm", "p g b", "y", ExportGraph.attribute("transB", 1L))
        .output("y", "n", 5);
  }

  /** What is asked for, and one or several scales for a weight. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void dynamicOptions(boolean channels) throws Exception {
    Graphs graphs = layers();
    graphs.graph.getNodeBuilder(2).setInput(0, "f");
    Path file = write(graphs.model());
    Tensor x = TestData.waves(3, 3, 8, 8);
    QuantizeReport report =
        Onnx.quantize(
            file,
            out(),
            o ->
                o.dynamic()
                    .perChannel(channels)
                    .convolutions(channels)
                    .keep(channels ? "gem*" : "Gemm")
                    .samples(List.of(Map.of("x", x))));
    assertEquals(channels ? 2 : 1, report.changed().size());
    assertEquals(List.of("Gemm 'gemm'"), report.kept().get("asked for"));
    Map<String, Integer> operators = Simplifier.operators(Onnx.parse(out()));
    assertEquals(channels ? 1 : 0, operators.getOrDefault("ConvInteger", 0));
    assertEquals(1, operators.get("MatMulInteger"));
    double sqnr = report.outputs().getFirst().sqnr();
    assertTrue(sqnr > 20 && sqnr < 60, report::toString);
    try (Peer peer = new Peer(out())) {
      double gap = Equivalence.gap(Onnx.load(out()).forward(x), peer.run(Map.of("x", x)));
      assertTrue(gap < 1e-5, "differs by " + gap);
    }
  }

  private static List<Map<String, Tensor>> images(String input, double scale, long... sizes) {
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (double contrast : new double[] {1, 0.8, 0.6}) {
      samples.add(Map.of(input, TestData.waves(sizes).mul(scale * contrast)));
    }
    return samples;
  }

  /** In ONNX Runtime by integer kernels: no more than a step apart from what is computed here. */
  @ParameterizedTest
  @CsvSource({
    "mnist.onnx, 1, 28, 28, 255, 25",
    "onnx/mnist_pytorch.onnx, 1, 28, 28, 1, 30",
    "onnx/face_version-RFB-320.onnx, 3, 240, 320, 1, 35",
  })
  void calibratedModels(String name, int channels, int height, int width, double scale, double sqnr)
      throws Exception {
    Path file = TestData.model(name);
    OnnxModule module = Onnx.load(file);
    String input = module.inputs().getFirst();
    List<Map<String, Tensor>> samples = images(input, scale, 1, channels, height, width);
    QuantizeReport report = Onnx.quantize(file, out(), o -> o.calibrated(samples));
    System.out.println(name + ": " + report.outputs());
    assertEquals(List.of(), Onnx.check(out()));
    assertTrue(report.bytesAfter() < 0.55 * report.bytesBefore(), report::toString);
    report.outputs().forEach(d -> assertTrue(d.sqnr() > sqnr, d::toString));
    Map<String, Integer> operators = Simplifier.operators(Onnx.parse(out()));
    assertTrue(!operators.containsKey("Relu") || name.contains("pytorch"), "" + operators);
    OnnxModule quantized = Onnx.load(out());
    try (Peer peer = new Peer(out())) {
      for (Map<String, Tensor> sample : samples) {
        Tensor x = sample.get(input);
        Tensor ours = Torch.noGrad(() -> quantized.forward(x));
        double gap = Equivalence.gap(ours, peer.run(sample));
        // A step is 1/255 of the range of the output.
        assertTrue(gap <= 2.0 / 255, "differs by " + gap);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(CalibrationMethod.class)
  void methodsOfCalibration(CalibrationMethod method) {
    Path file = write(layers().model());
    List<Map<String, Tensor>> samples = images("x", 1, 4, 3, 8, 8);
    for (boolean signed : new boolean[] {false, true}) {
      QuantizeReport report =
          Onnx.quantize(
              file,
              out(),
              o ->
                  o.calibrated(samples).calibration(method).signedActivations(signed).layers(true));
      // An average range cuts the largest inputs off.
      double least = method == CalibrationMethod.MOVING_AVERAGE ? 10 : 15;
      assertTrue(report.outputs().getFirst().sqnr() > least, report::toString);
      assertEquals(
          List.of("x", "c", "f", "p", "y").subList(1, 5),
          report.layers().stream().map(QuantizeReport.Deviation::value).toList());
    }
  }

  /** The file's integers are the numbers divided by their scales; biases count in both. */
  @Test
  void integersAreWhatTheScalesSay() {
    Path file = write(layers().model());
    Onnx.quantize(file, out(), o -> o.calibrated(images("x", 1, 4, 3, 8, 8)));
    Map<String, Tensor> got = new LinkedHashMap<>();
    TensorReader reader = new TensorReader("", new ExternalData(Optional.empty()));
    for (TensorProto t : Onnx.parse(out()).getGraph().getInitializerList()) {
      got.put(t.getName(), reader.read(t).tensor(t.getName()).to(DType.F64));
    }
    Tensor w = TestData.waves(4, 3, 3, 3).to(DType.F64);
    Tensor scale = w.abs().amax(1, 2, 3).div(127);
    assertTrue(TestData.largestDifference(scale, got.get("w_scale")) < 1e-9);
    Tensor steps = w.div(scale.reshape(4, 1, 1, 1)).round();
    assertEquals(0, TestData.largestDifference(steps, got.get("w_quantized")));
    Tensor x = images("x", 1, 4, 3, 8, 8).getFirst().get("x");
    assertEquals((x.amax().item() - x.amin().item()) / 255, got.get("x_scale").item(), 1e-8);
    Tensor biasScale = scale.mul(got.get("x_scale"));
    Tensor bias = TestData.waves(4).to(DType.F64).div(biasScale).round();
    assertTrue(TestData.largestDifference(bias, got.get("v_quantized")) <= 1);
    // What is moved keeps its steps.
    assertEquals(got.get("c_scale").item(), got.get("f_scale").item());
    // A column of the product, a row of the transposed one.
    assertEquals(6, got.get("m_scale").numel());
    assertEquals(5, got.get("g_scale").numel());
  }

  /** Relu and Clip go where the range ends at their bounds. */
  @ParameterizedTest
  @CsvSource({"false, 0, 6, 0", "false, -1, 6, 0", "false, 0, 1e9, 0", "true, 0, 6, 1"})
  void boundsAreTakenOff(boolean signed, float low, float high, int left) throws Exception {
    Graphs graphs =
        new Graphs()
            .input("x", 1, 2, 6, 6)
            .weight("w", TestData.waves(4, 1, 3, 3).mul(5))
            .weight("v", TestData.waves(4))
            .weight("low", Torch.full(DType.F32, low))
            .weight("high", Torch.full(DType.F32, high))
            .node("Conv", "conv", "x w v", "c", ExportGraph.attribute("group", 2L))
            .node("Clip", "clip", "c low high", "d")
            .node("GlobalAveragePool", "pool", "d", "y")
            .output("y", 1, 4, 1, 1);
    Path file = write(graphs.model());
    Tensor x = TestData.waves(1, 2, 6, 6);
    List<Map<String, Tensor>> samples = List.of(Map.of("x", x));
    QuantizeReport report =
        Onnx.quantize(file, out(), o -> o.calibrated(samples).signedActivations(signed));
    assertEquals(left, Simplifier.operators(Onnx.parse(out())).getOrDefault("Clip", 0));
    assertTrue(report.outputs().getFirst().sqnr() > 30, report::toString);
    try (Peer peer = new Peer(out())) {
      double gap = Equivalence.gap(Onnx.load(out()).forward(x), peer.run(samples.getFirst()));
      assertTrue(gap <= 2.0 / 255, "differs by " + gap);
    }
  }

  /** A transposed convolution of two groups, a sum of two branches, one graph output inside. */
  @Test
  void branchesGroupsAndSeveralOutputs() throws Exception {
    Graphs graphs =
        new Graphs()
            .input("x", "n", 4, 5, 5)
            .weight("w", TestData.waves(4, 3, 2, 2))
            .weight("v", TestData.waves(6))
            .weight("k", TestData.waves(6, 6, 1, 1))
            .node(
                "ConvTranspose",
                "up",
                "x w v",
                "a",
                ExportGraph.attribute("group", 2L),
                ints("strides", 2, 2))
            .node("Conv", "one", "a k", "b")
            .node("Add", "sum", "a b", "s")
            .node("MaxPool", "pool", "s", "p", ints("kernel_shape", 2, 2))
            .node("Softmax", "soft", "p", "y", ExportGraph.attribute("axis", 1L))
            .output("y", "n", 6, 9, 9)
            .output("a", "n", 6, 10, 10);
    Path file = write(graphs.model());
    Tensor x = TestData.waves(2, 4, 5, 5);
    List<Map<String, Tensor>> samples = List.of(Map.of("x", x));
    QuantizeReport report = Onnx.quantize(file, out(), o -> o.calibrated(samples));
    assertEquals(Map.of("Add", 1, "Conv", 1, "ConvTranspose", 1, "MaxPool", 1), report.changed());
    report.outputs().forEach(d -> assertTrue(d.sqnr() > 25, d::toString));
    assertEquals(
        List.of("y", "a"),
        Onnx.parse(out()).getGraph().getOutputList().stream().map(o -> o.getName()).toList());
    try (Peer peer = new Peer(out())) {
      Tensor ours = Onnx.load(out()).forward(List.of(x)).getFirst();
      double gap = Equivalence.gap(ours, peer.run(samples.getFirst()));
      assertTrue(gap < 2e-2, "differs by " + gap);
    }
  }

  @Test
  void mistakesAreNamed() {
    Path file = write(layers().model());
    refused(() -> Onnx.quantize(file, out(), _ -> {}), "dynamic()");
    refused(() -> Onnx.quantize(file, out(), o -> o.dynamic().int4()), "DYNAMIC and INT4");
    refused(() -> Onnx.quantize(file, out(), o -> o.calibrated(List.of())), "at least one");
    refused(
        () -> Onnx.quantize(file, out(), o -> o.calibrated(List.of(Map.of("z", Torch.ones(1))))),
        "[z]");
    refused(() -> Onnx.quantize(file, out(), o -> o.int4().blockSize(48)), "16, 32");
    refused(() -> Onnx.quantize(file, out(), o -> o.dynamic().keep("nothing*")), "conv");
    Path old =
        write(new Graphs().opset(6).input("x", 2).node("Relu", "r", "x", "y").output("y").model());
    refused(() -> Onnx.quantize(old, out(), o -> o.dynamic()), "sets below 7");
  }

  private static void refused(Runnable action, String word) {
    String message = assertThrows(TorchException.class, action::run).getMessage();
    assertTrue(message.contains(word), message);
  }
}
