package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.optim.SGD;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real files in, out again, and through ONNX Runtime. */
class ReexportTest {
  @TempDir Path folder;

  private static List<String> nodes(GraphProto graph) {
    return graph.getNodeList().stream()
        .filter(n -> !n.getOpType().equals("Constant") && !n.getOpType().equals("Identity"))
        .map(n -> n.getOpType() + " " + n.getName())
        .toList();
  }

  /** A kept Transpose need not say how; swapped axes are what it then means. */
  @Test
  void aProductBehindAKeptTranspose() throws Exception {
    OnnxModule turned =
        new Graphs().input("w", 4, 3).node("Transpose", "turn", "w", "t").output("t", 3, 4).load();
    Path file = folder.resolve("product.onnx");
    List<Tensor> given = List.of(TestData.waves(2, 3), TestData.waves(4, 3));
    Onnx.export(
        turned,
        in -> List.of(in.get(0).matmul(turned.forward(in.get(1)))),
        given,
        file,
        o -> o.inputNames("x", "w"));
    assertEquals(List.of(), Onnx.check(file));
    Tensor expected = given.get(0).matmul(given.get(1).t());
    try (Peer peer = new Peer(file)) {
      Tensor got = peer.run(Map.of("x", given.get(0), "w", given.get(1)));
      assertEquals(0, TestData.largestDifference(expected, got), 1e-6);
    }
  }

  /** In the file's own operator set, or the oldest one that is written, and in the default one. */
  @ParameterizedTest
  @CsvSource({
    "mnist.onnx, 1, 28, 28, 255, 13",
    "SqueezeNet_fp16.onnx, 3, 224, 224, 1, 13",
    "onnx/mnist_pytorch.onnx, 1, 28, 28, 1, 16",
    "onnx/face_version-RFB-320.onnx, 3, 240, 320, 1, 13",
    "onnx/yolox_nano.onnx, 3, 416, 416, 100, 13",
    "mosaic.onnx, 3, 720, 720, 100, 13"
  })
  void importedModelsAreExported(
      String name, int channels, int height, int width, double scale, int oldest) throws Exception {
    Path original = TestData.model(name);
    OnnxModule module = Onnx.load(original);
    // On regular patterns ONNX Runtime's sums over mosaic's large pictures are 3e-3 off.
    Tensor picture =
        name.startsWith("mosaic")
            ? module.randomInputs(Map.of(), new Generator(1)).getFirst()
            : TestData.waves(1, channels, height, width);
    Tensor scaled = picture.mul(scale);
    Tensor image = name.contains("fp16") ? scaled.to(DType.F16) : scaled;
    Tensor expected = Torch.noGrad(() -> module.forward(image));
    Path file = folder.resolve("again.onnx");
    for (int opset : List.of(oldest, 21)) {
      Onnx.export(module, List.of(image), file, o -> o.opset(opset));
      assertEquals(List.of(), Onnx.check(file));
      OnnxModule back = Onnx.load(file);
      assertEquals(module.inputs(), back.inputs());
      assertEquals(module.outputs(), back.outputs());
      assertEquals(
          new TreeSet<>(module.stateDict().keySet()), new TreeSet<>(back.stateDict().keySet()));
      assertEquals(
          0, TestData.largestDifference(expected, Torch.noGrad(() -> back.forward(image))));
      try (Peer peer = new Peer(file)) {
        Tensor got = peer.run(Map.of(module.inputs().getFirst(), image));
        double gap = expected.sub(got).abs().max().item();
        assertTrue(gap <= 1e-3 * expected.abs().max().item(), name + " differs by " + gap);
      }
    }
  }

  /** Without examples nothing is run, and open sizes stay open. */
  @Test
  void nodesAndNamesStay() throws Exception {
    for (String name : List.of("onnx/mnist_pytorch.onnx", "onnx/yolox_nano.onnx")) {
      Path original = TestData.model(name);
      Path file = folder.resolve("again.onnx");
      OnnxModule module = Onnx.load(original);
      Onnx.export(module, file, _ -> {});
      assertEquals(List.of(), Onnx.check(file));
      GraphProto before = Onnx.parse(original).getGraph();
      GraphProto after = Onnx.parse(file).getGraph();
      assertEquals(nodes(before), nodes(after), name);
      assertEquals(before.getOutputList(), after.getOutputList(), name);
      assertEquals(
          module.inputSizes(0).orElseThrow(), Onnx.load(file).inputSizes(0).orElseThrow(), name);
    }
  }

  /** Trained, with another head: what is new is captured, the rest stays. */
  @Test
  void aReplacedHead() throws Exception {
    Path original = TestData.model("onnx/mnist_pytorch.onnx");
    OnnxModule module = Onnx.load(original);
    String last =
        Onnx.parse(original).getGraph().getNodeList().stream()
            .filter(n -> n.getOpType().equals("Gemm"))
            .map(n -> n.getName())
            .reduce((_, b) -> b)
            .orElseThrow();
    Torch.manualSeed(3);
    int width = headWidth(module, last);
    module.replace(last, new Linear(width, 10, false));
    Tensor images = TestData.waves(1, 1, 28, 28);
    SGD optimizer = new SGD(module.parameters(), o -> o.lr(1e-3));
    module.forward(images).square().mean().backward();
    optimizer.step();

    Path file = folder.resolve("again.onnx");
    TorchException error =
        assertThrows(TorchException.class, () -> Onnx.export(module, file, _ -> {}));
    assertTrue(error.getMessage().contains("examples"), error.getMessage());
    Onnx.export(module, List.of(images), file, _ -> {});
    assertEquals(List.of(), Onnx.check(file));
    OnnxModule back = Onnx.load(file);
    assertEquals(
        new TreeSet<>(module.namedParameters().keySet()),
        new TreeSet<>(back.namedParameters().keySet()));
    Tensor expected = Torch.noGrad(() -> module.forward(images));
    assertEquals(
        0, TestData.largestDifference(expected, Torch.noGrad(() -> back.forward(images))), 1e-5);
    try (Peer peer = new Peer(file)) {
      Tensor got = peer.run(Map.of(module.inputs().getFirst(), images));
      assertEquals(0, TestData.largestDifference(expected, got), 1e-4);
    }
  }

  private static int headWidth(OnnxModule module, String node) {
    List<Long> widths = new ArrayList<>();
    module.run(
        List.of(OnnxValue.of(TestData.waves(1, 1, 28, 28))),
        new Run(
            "head",
            false,
            (call, _) -> {
              if (call.node().name().equals(node)) {
                widths.add(call.in(0).size(1));
              }
            }));
    return Math.toIntExact(widths.getFirst());
  }

  /** Any number of sentences of any length, though the example has one. */
  @Test
  void miniLm() throws Exception {
    OnnxModule module = Onnx.load(TestData.miniLm());
    Path file = folder.resolve("again.onnx");
    Onnx.export(
        module,
        sentences(module, 1, 8),
        file,
        o -> o.dynamicAxis(0, "batch").dynamicAxis(1, "length"));
    assertEquals(List.of(), Onnx.check(file));
    for (long[] size : List.of(new long[] {3, 8}, new long[] {1, 31}, new long[] {2, 5})) {
      List<Tensor> some = sentences(module, size[0], size[1]);
      Tensor expected = Torch.noGrad(() -> module.forward(some)).getFirst();
      Map<String, Tensor> feed = new LinkedHashMap<>();
      for (int i = 0; i < some.size(); i++) {
        feed.put(module.inputs().get(i), some.get(i));
      }
      try (Peer peer = new Peer(file)) {
        double gap = expected.sub(peer.run(feed)).abs().max().item();
        assertTrue(gap <= 1e-4, "differs by " + gap);
      }
    }
  }

  private static List<Tensor> sentences(OnnxModule module, long batch, long length) {
    Tensor ids = Torch.arange(length * batch).mul(37).add(1000).reshape(batch, length);
    return module.inputs().stream()
        .map(
            name ->
                switch (name) {
                  case "input_ids" -> ids;
                  case "attention_mask" -> ids.onesLike();
                  default -> ids.zerosLike();
                })
        .toList();
  }
}
