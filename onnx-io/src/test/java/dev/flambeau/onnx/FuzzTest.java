package dev.flambeau.onnx;

import static dev.flambeau.onnx.Graphs.ints;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.SparseTensorProto;
import dev.flambeau.onnx.proto.StringStringEntryProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged models give a clear error or a result. */
class FuzzTest {
  private static final int ALL = Integer.getInteger("flambeau.fuzz", 2000);
  private static final Map<String, String> LIMITS =
      Map.of(
          "flambeau.onnx.maxElements",
          "300000",
          "flambeau.onnx.maxExecutions",
          "3000",
          "flambeau.onnx.maxHeap",
          "4000000");

  @TempDir Path folder;

  @BeforeEach
  void limits() {
    LIMITS.forEach(System::setProperty);
  }

  @AfterEach
  void noLimits() {
    LIMITS.keySet().forEach(System::clearProperty);
  }

  static Stream<Arguments> models() {
    return Stream.of(
        Arguments.of("layers", layers()),
        Arguments.of("control", control()),
        Arguments.of("external", external()),
        Arguments.of("sparse", sparse()),
        Arguments.of("shapes", shapes()),
        Arguments.of("recurrent", recurrent()),
        Arguments.of("quantized", quantized()),
        Arguments.of("sequences", FuzzModels.sequences()),
        Arguments.of("texts", FuzzModels.texts()),
        Arguments.of("trees", FuzzModels.trees()),
        Arguments.of("vectors", FuzzModels.vectors()),
        Arguments.of("training", FuzzModels.training()),
        Arguments.of("joined", joined()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void damaged(String name, ModelProto model) throws IOException {
    byte[] data = new byte[4 * 4 * 3];
    Files.write(folder.resolve("weights.bin"), data);
    int files = Math.ceilDiv(ALL, (int) models().count());
    Fuzz.fuzz(folder.resolve(name + ".onnx"), model, files, FuzzTest::use);
  }

  /** Everything that a stranger's file is put through. */
  private static void use(Path file) throws IOException {
    Onnx.check(file);
    Onnx.info(file, Optional.empty());
    Onnx.draw(file, file.resolveSibling("drawing.svg"));
    OnnxModule module = Onnx.load(file);
    module.submodules();
    List<Tensor> inputs = module.randomInputs(Map.of(), new Generator(1));
    Torch.noGrad(() -> module.run(inputs.stream().map(OnnxValue::of).toList()));
  }

  private static Tensor longs(long... values) {
    return Torch.tensor(values, values.length);
  }

  private static ModelProto layers() {
    return new Graphs()
        .input("x", "batch", 3, 8, 8)
        .weight("w", TestData.waves(4, 3, 3, 3))
        .weight("v", TestData.waves(4))
        .weight("ones", Torch.ones(4))
        .weight("fc", TestData.waves(5, 4))
        .weight("b", TestData.waves(5))
        .node(
            "Conv",
            "conv",
            "x w v",
            "c",
            ints("pads", 1, 1, 1, 1),
            ints("strides", 2, 2),
            ints("dilations", 1, 1))
        .node("BatchNormalization", "bn", "c ones v v ones", "n")
        .node("MaxPool", "pool", "n", "p", ints("kernel_shape", 2, 2))
        .node("Resize", "resize", "p  scales", "r", Graphs.text("mode", "linear"))
        .weight("scales", Torch.tensor(new float[] {1, 1, 2, 2}, 4))
        .node("LeakyRelu", "act", "p", "a", ExportGraph.attribute("alpha", 0.1))
        .node("GlobalAveragePool", "gap", "a", "g")
        .node("Flatten", "flat", "g", "f")
        .node("Gemm", "fc", "f fc b", "s", ExportGraph.attribute("transB", 1L))
        .node("Softmax", "soft", "s", "y")
        .output("y", "batch", 5)
        .output("r", "batch", 4, 6, 6)
        .model();
  }

  private static ModelProto control() {
    Graphs then = new Graphs().node("Relu", "t", "x", "o").output("o", 2, 3);
    Graphs otherwise = new Graphs().node("Neg", "e", "x", "o").output("o", 2, 3);
    Graphs loop =
        new Graphs()
            .input("i")
            .input("go")
            .input("s", 2, 3)
            .node("Add", "add", "s s", "s2")
            .node("Identity", "id", "go", "more")
            .node("ReduceSum", "sum", "s2", "row")
            .output("more", ElementType.BOOL)
            .output("s2", 2, 3)
            .output("row");
    loop.graph.getInputBuilder(0).clearType();
    loop.graph.getInputBuilder(1).clearType();
    loop.graph.getOutputBuilder(2).clearType();
    Graphs scan =
        new Graphs()
            .input("state", 3)
            .input("item", 3)
            .node("Mul", "mul", "state item", "next")
            .node("Identity", "copy", "next", "out")
            .output("next", 3)
            .output("out", 3);
    return new Graphs()
        .input("x", 2, 3)
        .weight("yes", Torch.ones(DType.BOOL))
        .weight("trips", Torch.full(DType.I64, 4))
        .weight("one", Torch.ones(3))
        .node(
            "If",
            "if",
            "yes",
            "a",
            Graphs.body("then_branch", then),
            Graphs.body("else_branch", otherwise))
        .node("Loop", "loop", "trips yes a", "b rows", Graphs.body("body", loop))
        .node(
            "Scan",
            "scan",
            "one b",
            "c stacked",
            Graphs.body("body", scan),
            ExportGraph.attribute("num_scan_inputs", 1L))
        .output("stacked", 2, 3)
        .output("rows", 4, 1, 1)
        .model();
  }

  private static ModelProto external() {
    ModelProto.Builder model =
        new Graphs()
                .input("x", 2, 4)
                .weight("w", TestData.waves(4, 3))
                .node("MatMul", "m", "x w", "y")
                .output("y", 2, 3)
                .model()
                .toBuilder();
    TensorProto.Builder w = model.getGraphBuilder().getInitializerBuilder(0);
    w.clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL);
    String[] entries = {"location", "weights.bin", "offset", "0", "length", "48"};
    for (int i = 0; i < entries.length; i += 2) {
      w.addExternalData(
          StringStringEntryProto.newBuilder().setKey(entries[i]).setValue(entries[i + 1]));
    }
    return model.build();
  }

  private static ModelProto sparse() {
    Graphs graphs = new Graphs().input("x", 2, 4).node("MatMul", "m", "x w", "y").output("y", 2, 3);
    graphs.graph.addSparseInitializer(
        SparseTensorProto.newBuilder()
            .setValues(ExportGraph.tensor("w", TestData.waves(3)))
            .setIndices(ExportGraph.tensor("at", Torch.tensor(new long[] {0, 0, 1, 2, 3, 1}, 3, 2)))
            .addDims(4)
            .addDims(3));
    return graphs.model();
  }

  /** Operators whose results' sizes stand in their inputs. */
  private static ModelProto shapes() {
    return new Graphs()
        .input("x", 2, 6)
        .weight("two", longs(2, 3, 2))
        .weight("wide", longs(4, 2, 3, 2))
        .weight("repeats", longs(2, 1, 1))
        .weight("pads", longs(0, 1, 0, 0, 1, 0))
        .weight("starts", longs(0, 1))
        .weight("ends", longs(2, 3))
        .weight("axes", longs(0, 1))
        .weight("steps", longs(1, 1))
        .weight("k", longs(2))
        .weight("from", Torch.full(DType.I64, 0))
        .weight("to", Torch.full(DType.I64, 12))
        .weight("by", Torch.full(DType.I64, 2))
        .weight("rows", longs(1, 0, 1))
        .weight("depth", longs(5))
        .weight("values", Torch.tensor(new float[] {0, 1}, 2))
        .weight("parts", longs(1, 1))
        .node("Reshape", "reshape", "x two", "a")
        .node("Expand", "expand", "a wide", "b")
        .node("Tile", "tile", "a repeats", "c")
        .node("Pad", "pad", "c pads", "d")
        .node("Slice", "slice", "d starts ends axes steps", "e")
        .node("TopK", "top", "e k", "f g")
        .node("Range", "range", "from to by", "h")
        .node("OneHot", "hot", "rows depth values", "i")
        .node("ConstantOfShape", "fill", "two", "j")
        .node("Gather", "gather", "x rows", "l", ExportGraph.attribute("axis", 0L))
        .node("Split", "split", "x parts", "m n", ExportGraph.attribute("axis", 0L))
        .node("Concat", "cat", "m n l", "o", ExportGraph.attribute("axis", 0L))
        .node("Transpose", "turn", "b", "p", ints("perm", 3, 0, 1, 2))
        .node("Unsqueeze", "un", "o axes", "q")
        .node("Squeeze", "sq", "q axes", "r")
        .node("Einsum", "ein", "o x", "s", Graphs.text("equation", "ab,cb->ac"))
        .node("CumSum", "sum", "r from", "t")
        .node("NonZero", "nz", "x", "u")
        .output("f", 2, 2, 2)
        .output("h", ElementType.INT64, 6)
        .output("i", 3, 5)
        .output("j", 2, 3, 2)
        .output("p", 2, 4, 2, 3)
        .output("s", 5, 2)
        .output("t", 5, 6)
        .output("u", ElementType.INT64, 2, "n")
        .model();
  }

  private static ModelProto recurrent() {
    return new Graphs()
        .input("x", 5, 2, 3)
        .weight("w", TestData.waves(1, 16, 3))
        .weight("r", TestData.waves(1, 16, 4))
        .weight("b", TestData.waves(1, 32))
        .weight("g", TestData.waves(1, 12, 3))
        .weight("h", TestData.waves(1, 12, 4))
        .weight("scale", TestData.waves(4))
        .node("LSTM", "lstm", "x w r b", "y", ExportGraph.attribute("hidden_size", 4L))
        .node("GRU", "gru", "x g h", "z", ExportGraph.attribute("hidden_size", 4L))
        .node("Add", "add", "y z", "s")
        .node("LayerNormalization", "norm", "s scale", "n")
        .output("n", 5, 1, 2, 4)
        .model();
  }

  private static ModelProto quantized() {
    return new Graphs()
        .input("x", 1, 2, 5, 5)
        .weight("s", Torch.full(DType.F32, 0.05))
        .weight("z", Torch.full(DType.U8, 128))
        .weight("w", TestData.waves(3, 2, 3, 3).mul(100).to(DType.I8))
        .weight("ws", Torch.tensor(new float[] {0.01f, 0.02f, 0.03f}, 3))
        .weight("wz", Torch.zeros(DType.I8, 3))
        .node("QuantizeLinear", "q", "x s z", "a")
        .node("QLinearConv", "conv", "a s z w ws wz s z", "b")
        .node("DequantizeLinear", "d", "b s z", "c")
        .node("DynamicQuantizeLinear", "dyn", "c", "e f g")
        .node("Cast", "cast", "e", "y", ExportGraph.attribute("to", 1L))
        .output("y", 1, 3, 3, 3)
        .output("c", 1, 3, 3, 3)
        .model();
  }

  private static ModelProto joined() {
    return QuantizedGraphs.layers()
        .weight("mz", Torch.zeros(DType.I8, 4))
        .weight("m", TestData.waves(4, 4).mul(100).to(DType.I8))
        .weight("ms", TestData.waves(4))
        .node("Transpose", "turn", "pf", "t", ints("perm", 0, 1, 3, 2))
        .node("Add", "add", "pf t", "sum")
        .node("QuantizeLinear", "q4", "sum ts tz", "sumq")
        .node("DequantizeLinear", "d4", "sumq ts tz", "sumf")
        .node("Concat", "cat", "sumf pf", "cat", ExportGraph.attribute("axis", 1L))
        .node("QuantizeLinear", "q5", "cat ts tz", "catq")
        .node("Flatten", "flat", "sumf", "flat")
        .node("DequantizeLinear", "dv", "v vs vz", "fv")
        .node("Gemm", "gemm", "flat fv c", "g", ExportGraph.attribute("transB", 1L))
        .node("DynamicQuantizeLinear", "dyn", "sumf", "e f h")
        .node("MatMulInteger", "product", "e m h mz", "sums")
        .node("Cast", "cast", "sums", "real", ExportGraph.attribute("to", 1L))
        .node("Mul", "both", "f ms", "factor")
        .node("Mul", "scaled", "real factor", "scaled")
        .node("Add", "biased", "scaled ms", "biased")
        .node("Erf", "erf", "biased", "erf")
        .node("Mul", "gelu", "biased erf", "y")
        .output("y", 2, 8, 4, 4)
        .output("catq", ElementType.UINT8, 2, 16, 4, 4)
        .output("g", 2, 5)
        .model();
  }
}
