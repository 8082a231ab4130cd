package dev.flambeau.onnx;

import static dev.flambeau.onnx.Graphs.ints;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Models of old operator sets mean the same in newer ones, here and in ONNX Runtime. */
class OpsetUpgradeTest {
  @TempDir Path folder;

  private static AttributeProto floats(String name, float... values) {
    AttributeProto.Builder a =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOATS);
    for (float value : values) {
      a.addFloats(value);
    }
    return a.build();
  }

  private static AttributeProto number(String name, double value) {
    return ExportGraph.attribute(name, value);
  }

  private static Graphs graph(long opset) {
    return new Graphs().opset(opset).input("x", 2, 3, 4, 4);
  }

  static Stream<Arguments> graphs() {
    AttributeProto scales = floats("scales", 1, 1, 2, 3);
    AttributeProto linear = Graphs.text("mode", "linear");
    return Stream.of(
        Arguments.of("Upsample", graph(7).node("Upsample", "n", "x", "y", scales)),
        Arguments.of("Upsample linear", graph(8).node("Upsample", "n", "x", "y", scales, linear)),
        Arguments.of(
            "Resize",
            graph(10)
                .weight("s", Torch.tensor(new float[] {1, 1, 1.5f, 0.5f}, 4))
                .node("Resize", "n", "x s", "y", linear)),
        Arguments.of(
            "Slice",
            graph(9)
                .node("Slice", "n", "x", "y", ints("starts", 1), ints("ends", 3), ints("axes", 2))),
        Arguments.of(
            "Pad",
            graph(10)
                .node(
                    "Pad",
                    "n",
                    "x",
                    "y",
                    ints("pads", 0, 0, 1, 2, 0, 0, 0, 1),
                    number("value", 0.5))),
        Arguments.of("Clip", graph(10).node("Clip", "n", "x", "y", number("min", -0.5))),
        Arguments.of(
            "TopK", graph(9).node("TopK", "n", "x", "y i", ExportGraph.attribute("k", 2L))),
        Arguments.of("Dropout", graph(11).node("Dropout", "n", "x", "y", number("ratio", 0.3))),
        Arguments.of(
            "Split",
            graph(12)
                .node(
                    "Split",
                    "n",
                    "x",
                    "y z",
                    ints("split", 1, 2),
                    ExportGraph.attribute("axis", 1L))),
        Arguments.of(
            "Split evenly",
            graph(13).node("Split", "n", "x", "z y", ExportGraph.attribute("axis", 2L))),
        Arguments.of(
            "Squeeze",
            graph(11)
                .node("ReduceSum", "a", "x", "a", ints("axes", 1))
                .node("Squeeze", "b", "a", "b", ints("axes", 1))
                .node("Unsqueeze", "c", "b", "c", ints("axes", 0, 3))
                .node(
                    "ReduceMean",
                    "d",
                    "c",
                    "y",
                    ints("axes", 2),
                    ExportGraph.attribute("keepdims", 0L))),
        Arguments.of("Softmax of rest", graph(11).node("Softmax", "n", "x", "y")),
        Arguments.of(
            "LogSoftmax of last",
            graph(11).node("LogSoftmax", "n", "x", "y", ExportGraph.attribute("axis", 3L))),
        Arguments.of(
            "BatchNormalization",
            graph(8)
                .weight("s", TestData.waves(3))
                .weight("v", TestData.waves(3).add(2))
                .node("BatchNormalization", "n", "x s s s v", "y")),
        Arguments.of(
            "Scatter",
            graph(10)
                .weight("i", Torch.zeros(DType.I64, 1, 3, 4, 4))
                .weight("u", TestData.waves(1, 3, 4, 4))
                .node("Scatter", "n", "x i u", "y")),
        Arguments.of(
            "GridSample",
            graph(16)
                .weight("g", TestData.waves(2, 2, 2, 2))
                .node("GridSample", "n", "x g", "y", Graphs.text("mode", "bicubic"))),
        Arguments.of(
            "RoiAlign",
            graph(15)
                .weight("r", Torch.tensor(new float[] {0, 0, 3, 3}, 1, 4))
                .weight("b", Torch.zeros(DType.I64, 1))
                .node("RoiAlign", "n", "x r b", "y")));
  }

  private static ModelProto raised(ModelProto model, long to) {
    ModelEdit edit = ModelEdit.of(model, "graph", new ExternalData(Optional.empty()));
    OpsetUpgrade.raise(edit, to, "the test");
    assertEquals(Math.max(to, model.getOpsetImport(0).getVersion()), edit.opset(""));
    return edit.build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("graphs")
  void operators(String name, Graphs graphs) throws Exception {
    graphs.graph.addOutputBuilder().setName("y");
    Tensor x = TestData.waves(2, 3, 4, 4);
    Tensor expected = graphs.load().forward(x);
    graphs.graph.clearOutput();
    Object[] sizes = Arrays.stream(expected.shape().sizes()).boxed().toArray();
    ModelProto old = graphs.output("y", sizes).model();
    for (long to : new long[] {11, 13, 21}) {
      ModelProto model = raised(old, to);
      assertEquals(List.of(), Checker.check(model));
      Tensor got = Onnx.load(model.toByteArray(), name).forward(x);
      assertTrue(Equivalence.gap(expected, got) < 1e-6, name + " in " + to);
      Path file = folder.resolve("net.onnx");
      ModelFile.write(model, file, Long.MAX_VALUE);
      try (Peer peer = new Peer(file)) {
        double gap = Equivalence.gap(expected, peer.run(Map.of("x", x)));
        assertTrue(gap < 1e-5, name + " in " + to + " differs by " + gap);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mnist.onnx, 1, 28, 28",
    "SqueezeNet_fp16.onnx, 3, 224, 224",
    "onnx/face_version-RFB-320.onnx, 3, 240, 320",
    "onnx/yolox_nano.onnx, 3, 416, 416"
  })
  void models(String name, int channels, int height, int width) {
    ModelProto old = Onnx.parse(TestData.model(name));
    Tensor image = TestData.waves(1, channels, height, width);
    Tensor x = name.contains("fp16") ? image.to(DType.F16) : image;
    ExternalData none = new ExternalData(Optional.empty());
    Tensor expected = Torch.noGrad(() -> Onnx.module(old, name, none).forward(x));
    ModelProto model = raised(old, 21);
    Tensor got = Torch.noGrad(() -> Onnx.module(model, name, none).forward(x));
    assertEquals(0, TestData.largestDifference(expected, got));
  }

  @Test
  void whatHasNoEquivalentIsNamed() {
    Graphs graphs =
        graph(8)
            .weight("s", TestData.waves(3))
            .node(
                "BatchNormalization", "n", "x s s s s", "y", ExportGraph.attribute("spatial", 0L));
    graphs.graph.addOutputBuilder().setName("y");
    String message =
        assertThrows(TorchException.class, () -> raised(graphs.model(), 13)).getMessage();
    assertTrue(message.contains("BatchNormalization-8"), message);
  }
}
