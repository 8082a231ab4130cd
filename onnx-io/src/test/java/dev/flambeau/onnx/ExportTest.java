package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.optim.SGD;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks out to a file, into ONNX Runtime, and back into a module. */
class ExportTest {
  @TempDir Path folder;

  static Stream<Arguments> networks() {
    Torch.manualSeed(5);
    Tensor image = TestData.waves(1, 3, 32, 32);
    Tensor tokens = Torch.arange(6).reshape(1, 6);
    return Stream.of(
        Arguments.of("residual", new ExportNets.Residual(), image, 21),
        Arguments.of("residual", new ExportNets.Residual(), image, 13),
        Arguments.of("inverted", new ExportNets.Inverted(), image, 21),
        Arguments.of("plain", new ExportNets.Plain(), image, 18),
        Arguments.of("fire", new ExportNets.Fire(), image, 17),
        Arguments.of("vision transformer", new ExportNets.Patches(), image, 21),
        Arguments.of("vision transformer", new ExportNets.Patches(), image, 13),
        Arguments.of("encoder", new ExportNets.Encoder(), tokens, 20),
        Arguments.of("decoder", new ExportNets.Decoder(), tokens, 21),
        Arguments.of("lstm", new ExportNets.Recurrent(), tokens, 21),
        Arguments.of("lstm", new ExportNets.Recurrent(), tokens, 14),
        Arguments.of("u-net", new ExportNets.UNet(), image, 21));
  }

  private static void assertClose(Tensor expected, Tensor actual, double tolerance) {
    assertEquals(expected.shape(), actual.shape());
    double scale = expected.abs().max().item();
    double gap = expected.sub(actual).abs().max().item();
    assertTrue(gap <= tolerance * scale, "differs by " + gap + " of " + scale);
  }

  @ParameterizedTest(name = "{0}, operator set {3}")
  @MethodSource("networks")
  void roundTrip(String name, Module net, Tensor example, int opset) throws Exception {
    net.eval();
    Path file = folder.resolve("net.onnx");
    Onnx.export(net, List.of(example), file, o -> o.opset(opset).dynamicAxis(0, "batch"));
    assertEquals(List.of(), Onnx.check(file));
    assertEquals(opset, Onnx.parse(file).getOpsetImport(0).getVersion());

    Tensor three = Torch.cat(List.of(example, example.flip(-1), example), 0);
    Tensor expected = Torch.noGrad(() -> net.forward(three));
    try (Peer peer = new Peer(file)) {
      assertClose(expected, peer.run(Map.of("input", three)), 1e-4);
      Tensor one = Torch.noGrad(() -> net.forward(example));
      assertClose(one, peer.run(Map.of("input", example)), 1e-4);
    }

    OnnxModule back = Onnx.load(file);
    Map<String, Tensor> state = net.stateDict();
    back.stateDict()
        .forEach(
            (key, value) -> {
              assertTrue(state.containsKey(key), key);
              assertEquals(0, value.sub(state.get(key)).abs().max().item(), key);
            });
    assertEquals(net.namedParameters().keySet(), back.namedParameters().keySet());
    assertClose(expected, Torch.noGrad(() -> back.forward(three)), 1e-5);
    step(net, three);
    step(back, three);
    Map<String, Tensor> trained = back.namedParameters();
    net.namedParameters().forEach((key, value) -> assertClose(value, trained.get(key), 1e-5));
  }

  private static void step(Module net, Tensor input) {
    SGD optimizer = new SGD(net.parameters(), o -> o.lr(1e-3));
    net.forward(input).square().mean().backward();
    optimizer.step();
  }

  @Test
  void everythingThatCannotBeExportedIsListed() throws Exception {
    Module net =
        new Module() {
          final Tensor weight = parameter(Torch.ones(3));

          @Override
          public Tensor forward(Tensor x) {
            weight.mul_(2);
            return x.add(Torch.rand(3)).mul(weight);
          }
        };
    Path file = folder.resolve("net.onnx");
    String message =
        assertThrows(
                TorchException.class,
                () -> Onnx.export(net, List.of(TestData.waves(2, 3)), file, _ -> {}))
            .getMessage();
    assertTrue(message.contains("overwrites a parameter"), message);
    assertTrue(message.contains("uniform_, whose result is not determined"), message);
    assertTrue(message.contains("ExportTest"), message);
    assertFalse(Files.exists(file));
  }

  @Test
  void namesMetadataAndModeAreKept() throws Exception {
    Module net = new ExportNets.Residual();
    Path file = folder.resolve("net.onnx");
    Onnx.export(
        net,
        List.of(TestData.waves(1, 3, 32, 32)),
        file,
        o -> o.inputNames("image").outputNames("logits").metadata("author", "us"));
    assertTrue(net.modules().stream().allMatch(Module::isTraining));
    OnnxModule back = Onnx.load(file);
    assertEquals(List.of("image"), back.inputs());
    assertEquals(List.of("logits"), back.outputs());
    assertEquals(Map.of("author", "us"), back.metadata());
    assertEquals(Shape.of(1, 10), back.forward(TestData.waves(1, 3, 32, 32)).shape());
  }

  @Test
  void largeWeightsLieBesideTheModel() throws Exception {
    Module net = new ExportNets.Plain();
    net.eval();
    Tensor image = TestData.waves(1, 3, 32, 32);
    Path file = folder.resolve("net.onnx");
    Onnx.export(net, List.of(image), file, o -> o.externalDataAbove(1000));
    long weights = net.parameters().stream().mapToLong(t -> 4 * t.numel()).sum();
    assertTrue(Files.size(file) < weights / 2, Files.size(file) + " bytes");
    assertTrue(Files.size(folder.resolve("net.onnx.data")) >= weights);
    assertEquals(List.of(), Onnx.check(file));
    Tensor expected = Torch.noGrad(() -> net.forward(image));
    try (Peer peer = new Peer(file)) {
      assertClose(expected, peer.run(Map.of("input", image)), 1e-4);
    }
    assertClose(expected, Torch.noGrad(() -> Onnx.load(file).forward(image)), 1e-5);
  }

  @Test
  void theCheckerFindsWhatIsWrong() throws Exception {
    Path file = folder.resolve("net.onnx");
    Onnx.export(
        new ExportNets.Plain(), List.of(TestData.waves(1, 3, 32, 32)), file, o -> o.opset(18));
    ModelProto good = Onnx.parse(file);
    int conv =
        IntStream.range(0, good.getGraph().getNodeCount())
            .filter(i -> good.getGraph().getNode(i).getOpType().equals("Conv"))
            .findFirst()
            .getAsInt();
    NodeProto first = good.getGraph().getNode(conv);
    ModelProto.Builder twice = good.toBuilder();
    twice.getGraphBuilder().addNode(first);
    assertTrue(Checker.check(twice.build()).toString().contains("the name is taken"));
    ModelProto.Builder unknown = good.toBuilder();
    unknown.getGraphBuilder().getNodeBuilder(conv).setOpType("Frobnicate");
    assertTrue(Checker.check(unknown.build()).toString().contains("no such operator"));
    ModelProto.Builder early = good.toBuilder();
    early.getGraphBuilder().getNodeBuilder(conv).setInput(0, "nothing");
    assertTrue(Checker.check(early.build()).toString().contains("before anything makes it"));
    ModelProto.Builder shorter = good.toBuilder();
    shorter.getGraphBuilder().getInitializerBuilder(0).setDims(0, 999);
    assertTrue(Checker.check(shorter.build()).toString().contains("by its shape"));
  }
}
