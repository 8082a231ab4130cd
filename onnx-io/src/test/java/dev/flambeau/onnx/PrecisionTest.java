package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** F16 and BF16 files against the F32 ones they were made of. */
class PrecisionTest {
  @TempDir Path folder;

  private Path write(ModelProto model) {
    Path file = folder.resolve("in.onnx");
    ModelFile.write(model, file, Long.MAX_VALUE);
    return file;
  }

  private Path out() {
    return folder.resolve("out.onnx");
  }

  /** Bytes of the initializers of a type. */
  private static long bytes(Path file, ElementType type) {
    return Onnx.parse(file).getGraph().getInitializerList().stream()
        .filter(t -> t.getDataType() == type.code())
        .mapToLong(t -> t.getRawData().size())
        .sum();
  }

  /**
   * @param floats bytes left in FLOAT: the statistics of a norm behind Relu, the scales of Resize
   * @param tolerance in ONNX Runtime, which also adds up in halves
   */
  @ParameterizedTest
  @CsvSource({
    "onnx/face_version-RFB-320.onnx, 3, 240, 320, 1, 0, 5e-3",
    "onnx/mnist_pytorch.onnx, 1, 28, 28, 1, 384, 1e-1",
    "onnx/yolox_nano.onnx, 3, 416, 416, 100, 16, 2e-2"
  })
  void realModelsInHalf(
      String name, int channels, int height, int width, double scale, long floats, double tolerance)
      throws Exception {
    Path file = TestData.model(name);
    Tensor image = TestData.waves(1, channels, height, width).mul(scale);
    String input = Onnx.load(file).inputs().getFirst();
    QuantizeReport report =
        Onnx.convertPrecision(
            file, out(), DType.F16, o -> o.samples(List.of(Map.of(input, image))));
    System.out.println(name + ": " + report.outputs());
    assertEquals(floats, bytes(out(), ElementType.FLOAT));
    assertEquals(List.of(), Onnx.check(out()));
    assertTrue(report.bytesAfter() < 0.55 * report.bytesBefore(), report::toString);
    report.outputs().forEach(d -> assertTrue(d.relative() < 1e-2, d::toString));
    Tensor expected = Torch.noGrad(() -> Onnx.load(file).forward(image));
    try (Peer peer = new Peer(out())) {
      double gap = Equivalence.gap(expected, peer.run(Map.of(input, image)));
      System.out.printf("%s in ONNX Runtime: %.2e%n", name, gap);
      assertTrue(gap > 0 && gap < tolerance, "differs by " + gap);
    }
  }

  @Test
  void miniLmInHalf() throws Exception {
    Path file = TestData.miniLm();
    OnnxModule module = Onnx.load(file);
    Tensor ids = Torch.arange(2 * 9).mul(37).add(1000).reshape(2, 9);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (String name : module.inputs()) {
      Tensor t = name.equals("input_ids") ? ids : ids.zerosLike();
      inputs.put(name, name.equals("attention_mask") ? ids.onesLike() : t);
    }
    QuantizeReport report =
        Onnx.convertPrecision(file, out(), DType.F16, o -> o.samples(List.of(inputs)));
    assertTrue(report.bytesAfter() < 0.51 * report.bytesBefore(), report::toString);
    assertTrue(report.outputs().getFirst().sqnr() > 50, report::toString);
    // The epsilon of LayerNorm would be 0, and the mask's minus infinity beyond the type's range.
    assertTrue(
        report.warnings().stream().anyMatch(w -> w.contains("is too small, now 5.9")), "epsilon");
    assertTrue(report.warnings().stream().anyMatch(w -> w.contains("beyond 65504")), "mask");
    Tensor expected = Torch.noGrad(() -> module.forward(inputs)).get("last_hidden_state");
    try (Peer peer = new Peer(out())) {
      double gap = Equivalence.gap(expected, peer.run(inputs));
      assertTrue(gap < 5e-3, "differs by " + gap);
    }
  }

  private static Graphs bodies() {
    Graphs then =
        new Graphs()
            .weight("w", TestData.waves(3))
            .node("Mul", "mul", "x w", "o")
            .output("o", 2, 3);
    Graphs otherwise = new Graphs().node("Neg", "neg", "x", "p").output("p", 2, 3);
    Graphs loop =
        new Graphs()
            .input("i")
            .input("go")
            .input("s", 2, 3)
            .node("Cast", "real", "i", "f", ExportGraph.attribute("to", 1L))
            .node("Add", "add", "s f", "t")
            .node("CumSum", "sums", "t axis", "u")
            .node("Identity", "id", "go", "more")
            .output("more", ElementType.BOOL)
            .output("u", 2, 3);
    List<ElementType> types = List.of(ElementType.INT64, ElementType.BOOL);
    for (int i = 0; i < 2; i++) {
      loop.graph
          .getInputBuilder(i)
          .getTypeBuilder()
          .getTensorTypeBuilder()
          .setElemType(types.get(i).code());
    }
    return new Graphs()
        .input("x", 2, 3)
        .weight("limit", Torch.full(DType.F32, 0.5))
        .weight("trips", Torch.full(DType.I64, 3))
        .weight("yes", Torch.ones(DType.BOOL))
        .weight("axis", Torch.full(DType.I32, 1))
        .node("ReduceMax", "max", "x", "m", ExportGraph.attribute("keepdims", 0L))
        .node("Greater", "gt", "m limit", "c")
        .node(
            "If",
            "if",
            "c",
            "a",
            Graphs.body("then_branch", then),
            Graphs.body("else_branch", otherwise))
        .node("Loop", "loop", "trips yes a", "y", Graphs.body("body", loop))
        .output("y", 2, 3);
  }

  /** Bodies are converted; CumSum sums in F32 between casts. */
  @ParameterizedTest
  @CsvSource({"F16, 2e-3", "BF16, 2e-2"})
  void bodiesOfControlFlow(DType type, double tolerance) throws Exception {
    Path file = write(bodies().model());
    QuantizeReport report = Onnx.convertPrecision(file, out(), type, _ -> {});
    assertEquals(List.of(), Onnx.check(out()));
    assertTrue(
        report.kept().containsKey("CumSum-17 is not defined for " + ElementType.of(type)),
        report::toString);
    Map<String, Tensor> x = Map.of("x", TestData.waves(2, 3).mul(3));
    Tensor expected = bodies().load().forward(x.get("x"));
    Tensor got = Onnx.load(out()).forward(x.get("x"));
    assertTrue(Equivalence.gap(expected, got) < tolerance, "" + Equivalence.gap(expected, got));
    if (type == DType.F16) {
      try (Peer peer = new Peer(out())) {
        assertTrue(Equivalence.gap(expected, peer.run(x)) < tolerance);
      }
    }
  }

  @Test
  void inputsAndOutputsWhereAskedFor() throws Exception {
    Path file = write(bodies().model());
    Onnx.convertPrecision(file, out(), DType.F16, o -> o.keepIo(false));
    Tensor x = TestData.waves(2, 3).mul(3);
    Tensor got = Onnx.load(out()).forward(x.to(DType.F16));
    assertEquals(DType.F16, got.dtype());
    try (Peer peer = new Peer(out())) {
      Tensor peers = peer.run(Map.of("x", x.to(DType.F16)));
      assertEquals(DType.F16, peers.dtype());
      assertTrue(Equivalence.gap(bodies().load().forward(x), peers) < 5e-3);
    }
  }

  /** What was made of F32 goes back to it, bodies as well. */
  @ParameterizedTest
  @CsvSource({"F16, true", "F16, false", "BF16, true", "BF16, false"})
  void halvesBecomeFloats(DType type, boolean keepIo) throws Exception {
    Path half = folder.resolve("half.onnx");
    Onnx.convertPrecision(write(bodies().model()), half, type, o -> o.keepIo(false));
    QuantizeReport report = Onnx.convertPrecision(half, out(), DType.F32, o -> o.keepIo(keepIo));
    assertEquals(Map.of(), report.kept());
    assertEquals(List.of(), Onnx.check(out()));
    assertEquals(0, bytes(out(), ElementType.of(type)));
    assertTrue(bytes(half, ElementType.of(type)) > 0);
    Tensor x = TestData.waves(2, 3).mul(3);
    Tensor expected = Onnx.load(half).forward(x.to(type)).to(DType.F32);
    Map<String, Tensor> given = Map.of("x", keepIo ? x.to(type) : x);
    Tensor got = Onnx.load(out()).forward(given.get("x"));
    assertEquals(keepIo ? type : DType.F32, got.dtype());
    assertTrue(Equivalence.gap(expected, got) < (type == DType.F16 ? 2e-3 : 2e-2));
    if (!keepIo) {
      try (Peer peer = new Peer(out())) {
        assertTrue(Equivalence.gap(got, peer.run(given)) < 1e-5);
      }
    }
  }

  @Test
  void aRealModelInHalfBecomesF32() throws Exception {
    Path file = TestData.model("SqueezeNet_fp16.onnx");
    Onnx.convertPrecision(file, out(), DType.F32, o -> o.keepIo(false));
    assertEquals(List.of(), Onnx.check(out()));
    Tensor image = TestData.waves(1, 3, 224, 224).mul(20);
    Tensor got = Torch.noGrad(() -> Onnx.load(out()).forward(image));
    try (Peer peer = new Peer(out());
        Peer half = new Peer(file)) {
      assertTrue(Equivalence.gap(got, peer.run(Map.of("data_0", image))) < 1e-5);
      Tensor before = half.run(Map.of("data_0", image.to(DType.F16))).to(DType.F32);
      assertTrue(Equivalence.gap(before, got) < 1e-2);
    }
  }

  /** Conv is defined for BFLOAT16 from operator set 22 on. */
  @Test
  void bfloat16DependsOnTheOperatorSet() throws IOException {
    Graphs graphs =
        new Graphs()
            .input("x", "n", 3, 8, 8)
            .weight("w", TestData.waves(4, 3, 3, 3))
            .node("Conv", "conv", "x w", "c")
            .node("Relu", "relu", "c", "y")
            .output("y", "n", 4, 6, 6);
    Map<Integer, Integer> changed = new LinkedHashMap<>();
    for (int opset : new int[] {17, 22}) {
      Path file = write(graphs.opset(opset).model());
      QuantizeReport report = Onnx.convertPrecision(file, out(), DType.BF16, _ -> {});
      changed.put(opset, report.changed().getOrDefault("Conv", 0));
      assertTrue(report.outputs().getFirst().relative() < 1e-2, report::toString);
      assertEquals(List.of(), Onnx.check(out()));
    }
    assertEquals(Map.of(17, 0, 22, 1), changed);
  }

  @Test
  void whatDoesNotFitIsNamed() throws IOException {
    Graphs graphs =
        new Graphs()
            .input("x", 4)
            .weight("large", Torch.tensor(new float[] {1e5f, 1, -1e6f, Float.POSITIVE_INFINITY}, 4))
            .weight("tiny", Torch.tensor(new float[] {1e-9f, 1, 1e-7f, 0}, 4))
            .weight("kept", Torch.tensor(new float[] {1e5f, 1, 1, 1}, 4))
            .node("Mul", "first", "x large", "a")
            .node("Mul", "second", "a tiny", "b")
            .node("Mul", "third", "b kept", "y")
            .output("y", 4);
    Path file = write(graphs.model());
    QuantizeReport report =
        Onnx.convertPrecision(file, out(), DType.F16, o -> o.keep("thi*").measure(false));
    assertEquals(
        List.of(
            "'large': 2 of 4 numbers beyond 65504, set to 65504",
            "'tiny': 1 of 4 numbers too small, now 0"),
        report.warnings().stream().sorted().toList());
    assertEquals(Map.of("asked for", List.of("Mul 'third'")), report.kept());
    TensorReader reader = new TensorReader("", new ExternalData(Optional.empty()));
    Map<String, TensorProto> weights = new LinkedHashMap<>();
    Onnx.parse(out()).getGraph().getInitializerList().forEach(t -> weights.put(t.getName(), t));
    double[] large = TestData.values(reader.read(weights.get("large")).tensor("large"));
    assertEquals(List.of(65504.0, 1.0, -65504.0, Double.POSITIVE_INFINITY), boxed(large));
    assertEquals(ElementType.FLOAT.code(), weights.get("kept_f32").getDataType());
    String message =
        assertThrows(
                TorchException.class,
                () -> Onnx.convertPrecision(file, out(), DType.F16, o -> o.keep("fourth")))
            .getMessage();
    assertTrue(message.contains("'fourth'") && message.contains("first, second"), message);
    assertThrows(
        TorchException.class, () -> Onnx.convertPrecision(file, out(), DType.F64, _ -> {}));
    assertTrue(Files.exists(out()));
  }

  private static List<Double> boxed(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  /** Here halves are computed in F32, where they overflow elsewhere. */
  @Test
  void resultsThatDoNotFitAreNamed() throws IOException {
    Graphs graphs =
        new Graphs()
            .input("x", 2)
            .weight("w", Torch.full(DType.F32, 1000).reshape(1))
            .node("Mul", "a", "x w", "a")
            .node("Mul", "b", "a w", "b")
            .node("Div", "c", "b w", "y")
            .output("y", 2);
    QuantizeReport report = Onnx.convertPrecision(write(graphs.model()), out(), DType.F16, _ -> {});
    assertEquals(1, report.warnings().size(), report::toString);
    assertTrue(report.warnings().getFirst().startsWith("Mul 'b': results up to "));
  }

  /** Statistics of norms that no layer takes in stay F32, as their range is not that of halves. */
  @Test
  void statisticsStay() throws Exception {
    Graphs graphs =
        new Graphs()
            .input("x", "n", 4, 5)
            .weight("scale", TestData.waves(4).add(2))
            .weight("shift", TestData.waves(4))
            .weight("mean", TestData.waves(4).mul(1e5))
            .weight("var", TestData.waves(4).add(1.5).mul(1e10))
            .node("BatchNormalization", "bn", "x scale shift mean var", "y")
            .output("y", "n", 4, 5);
    Tensor x = TestData.waves(2, 4, 5).mul(5e4);
    for (int opset : new int[] {14, 17}) {
      Path file = write(graphs.opset(opset).model());
      QuantizeReport report =
          Onnx.convertPrecision(file, out(), DType.F16, o -> o.samples(List.of(Map.of("x", x))));
      assertTrue(report.outputs().getFirst().relative() < 2e-3, report::toString);
      assertEquals(4 * 4 * 4, bytes(out(), ElementType.FLOAT));
      assertEquals(opset == 14, report.kept().containsKey("statistics need the digits"));
      try (Peer peer = new Peer(out())) {
        double gap = Equivalence.gap(Onnx.load(file).forward(x), peer.run(Map.of("x", x)));
        assertTrue(gap < 2e-3, "differs by " + gap);
      }
    }
  }
}
