package dev.flambeau.onnx;

import static dev.flambeau.onnx.Graphs.ints;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Patterns that exporters leave, each simplified to what it means. */
class SimplifyTest {
  @TempDir Path folder;

  static Simplifier.Result simplify(ModelProto model, Consumer<SimplifyOptions> options) {
    SimplifyOptions o = new SimplifyOptions();
    options.accept(o);
    return Simplifier.simplify(model, "graph", new ExternalData(Optional.empty()), o);
  }

  static Simplifier.Result simplify(Graphs graphs) {
    return simplify(graphs.model(), _ -> {});
  }

  static Tensor longs(long... values) {
    return Torch.tensor(values, values.length);
  }

  /** The sizes of a Reshape's constant. */
  private static List<Long> sizes(Simplifier.Result result) {
    ModelEdit model = ModelEdit.of(result.model(), "", new ExternalData(Optional.empty()));
    NodeEdit reshape =
        model.graph().nodes().stream().filter(n -> n.is("Reshape")).findFirst().orElseThrow();
    return Arrays.stream(model.constants.longs(reshape.input(1)).orElseThrow()).boxed().toList();
  }

  /** x of (batch, seq, 24) to (batch, seq, 4, 6), by sizes taken from its shape. */
  private static Graphs heads() {
    return new Graphs()
        .input("x", "batch", "seq", 24)
        .weight("0", Torch.full(DType.I64, 0))
        .weight("1", Torch.full(DType.I64, 1))
        .weight("axis", longs(0))
        .weight("four", longs(4))
        .weight("six", longs(6))
        .node("Shape", "shape", "x", "s")
        .node("Gather", "g0", "s 0", "b")
        .node("Gather", "g1", "s 1", "t")
        .node("Unsqueeze", "u0", "b axis", "bb")
        .node("Unsqueeze", "u1", "t axis", "tt")
        .node("Concat", "cat", "bb tt four six", "to", ExportGraph.attribute("axis", 0L))
        .node("Reshape", "reshape", "x to", "y")
        .output("y", "batch", "seq", 4, 6);
  }

  @Test
  void sizesTakenFromShapesAreCopiedByReshape() {
    Simplifier.Result open = simplify(heads());
    assertEquals(Map.of("Constant", 1, "Reshape", 1), open.report().after());
    assertEquals(List.of(0L, 0L, 4L, 6L), sizes(open));
    assertEquals(0, open.report().difference().orElseThrow());
    Simplifier.Result fixed = simplify(heads().model(), o -> o.size("batch", 2).size("x:1", 5));
    assertEquals(List.of(2L, 5L, 4L, 6L), sizes(fixed));
    assertEquals(
        "[2, 5, 24]", Dims.of(fixed.model().getGraph().getInput(0).getType()).get().toString());
  }

  @Test
  void unknownSizesAreRefused() {
    String message =
        assertThrows(TorchException.class, () -> simplify(heads().model(), o -> o.size("bach", 2)))
            .getMessage();
    assertTrue(message.contains("[bach]") && message.contains("batch, seq"), message);
  }

  @Test
  void whatDoesNothingGoes() {
    Graphs graphs =
        new Graphs()
            .input("x", 2, 3)
            .weight("none", longs(0, 0, 0, 0))
            .weight("from", longs(0))
            .weight("to", longs(9))
            .weight("same", longs(2, 3))
            .weight("zero", Torch.zeros(DType.F32))
            .weight("one", Torch.ones(3))
            .weight("ratio", Torch.full(DType.F32, 0.5))
            .node("Identity", "a", "x", "a")
            .node("Dropout", "b", "a ratio", "b")
            .node("Cast", "c", "b", "c", ExportGraph.attribute("to", 1L))
            .node("Pad", "d", "c none", "d")
            .node("Slice", "e", "d from to", "e")
            .node("Reshape", "f", "e same", "f")
            .node("Transpose", "g", "f", "g", ints("perm", 0, 1))
            .node("Add", "h", "g zero", "h")
            .node("Mul", "i", "one h", "i")
            .node("Concat", "j", "i", "j", ExportGraph.attribute("axis", 0L))
            .node("Expand", "k", "j same", "k")
            .node("Relu", "l", "k", "y")
            .output("y", 2, 3);
    Simplifier.Result result = simplify(graphs);
    assertEquals(Map.of("Relu", 1), result.report().after());
    assertEquals(List.of("x"), result.model().getGraph().getNode(0).getInputList());
    assertEquals(0, result.model().getGraph().getInitializerCount());
  }

  @Test
  void movementsBecomeOne() {
    Graphs graphs =
        new Graphs()
            .input("x", "n", 2, 3)
            .weight("axis", longs(1))
            .weight("flat", longs(-1, 6))
            .node("Transpose", "a", "x", "a", ints("perm", 1, 0, 2))
            .node("Transpose", "b", "a", "b", ints("perm", 2, 1, 0))
            .node("Unsqueeze", "c", "b axis", "c")
            .node("Squeeze", "d", "c axis", "d")
            .node("Unsqueeze", "e", "x axis", "e")
            .node("Reshape", "f", "e flat", "f")
            .output("d", 3, "n", 2)
            .output("f", "n", 6);
    Simplifier.Result result = simplify(graphs);
    assertEquals(Map.of("Transpose", 1, "Constant", 1, "Reshape", 1), result.report().after());
    assertEquals(List.of(0L, 6L), sizes(result));
    assertEquals(0, result.report().difference().orElseThrow());
  }

  /** Names in branches may be those of other branches, and are kept apart in the graph. */
  @Test
  void knownBranchesAreInlined() {
    Graphs inner = new Graphs().node("Neg", "n", "t", "o").output("o", 2);
    Graphs other = new Graphs().node("Abs", "n", "t", "o").output("o", 2);
    Graphs then =
        new Graphs()
            .weight("w", Torch.full(DType.F32, 3))
            .node("Mul", "t", "x w", "t")
            .node(
                "If",
                "if",
                "no",
                "u",
                Graphs.body("then_branch", inner),
                Graphs.body("else_branch", other))
            .output("u", 2);
    Graphs otherwise = new Graphs().node("Relu", "t", "x", "t").output("t", 2);
    Graphs graphs =
        new Graphs()
            .input("x", 2)
            .weight("yes", Torch.ones(DType.BOOL))
            .weight("no", Torch.zeros(DType.BOOL))
            .node(
                "If",
                "outer",
                "yes",
                "a",
                Graphs.body("then_branch", then),
                Graphs.body("else_branch", otherwise))
            .node("Sqrt", "n", "a", "o")
            .output("o", 2);
    Simplifier.Result result = simplify(graphs);
    assertEquals(Map.of("Mul", 1, "Abs", 1, "Sqrt", 1), result.report().after());
    assertEquals(0, result.report().difference().orElseThrow());
    List<String> names =
        result.model().getGraph().getNodeList().stream().map(NodeProto::getName).toList();
    assertEquals(3, names.stream().distinct().count(), names::toString);
  }

  @Test
  void equalsAreShared() {
    Graphs graphs =
        new Graphs()
            .input("x", 2, 2)
            .weight("w", TestData.waves(2, 2))
            .weight("again", TestData.waves(2, 2))
            .weight("b", Torch.ones(2))
            .weight("c", Torch.ones(2))
            .node("MatMul", "a", "x w", "a")
            .node("MatMul", "b", "x again", "p")
            .node("Add", "c", "a b", "q")
            .node("Add", "d", "p c", "r")
            .node("Sub", "e", "q r", "y")
            .output("y", 2, 2);
    Simplifier.Result result = simplify(graphs);
    // The biases are two parameters, though equal now.
    assertEquals(Map.of("MatMul", 1, "Add", 2, "Sub", 1), result.report().after());
    assertEquals(3, result.model().getGraph().getInitializerCount());
  }

  @Test
  void normsAndProductsAreFusedWhereAskedFor() {
    Graphs graphs =
        new Graphs()
            .input("x", "n", 4, 6, 6)
            .weight("w", TestData.waves(4, 3, 2, 2))
            .weight("scale", TestData.waves(6).add(2))
            .weight("shift", TestData.waves(6))
            .weight("mean", TestData.waves(6).mul(0.3))
            .weight("var", TestData.waves(6).add(1.5))
            .weight("factor", TestData.waves(6, 1, 1).add(3))
            .weight("m", TestData.waves(6, 5))
            .weight("b", TestData.waves(5))
            .node(
                "ConvTranspose",
                "conv",
                "x w",
                "c",
                ExportGraph.attribute("group", 2L),
                ints("strides", 2, 2))
            .node("BatchNormalization", "bn", "c scale shift mean var", "d")
            .node("Mul", "mul", "d factor", "e")
            .node("GlobalAveragePool", "pool", "e", "p")
            .node("Flatten", "flat", "p", "f")
            .node("MatMul", "product", "f m", "g")
            .node("Add", "sum", "g b", "y")
            .output("y", "n", 5);
    Map<String, Integer> plain = simplify(graphs).report().after();
    assertEquals(1, plain.get("BatchNormalization"));
    assertEquals(1, plain.get("MatMul"));
    Simplifier.Result fused =
        simplify(graphs.model(), o -> o.fuseBatchNorm(true).fuseGemm(true).tolerance(1e-5));
    assertEquals(
        Map.of("ConvTranspose", 1, "GlobalAveragePool", 1, "Flatten", 1, "Gemm", 1),
        fused.report().after());
    assertTrue(fused.report().difference().orElseThrow() > 0, "rounds differently");
    // A difference that is not allowed is told, and nothing written.
    Path in = write(graphs.model());
    Path out = folder.resolve("out.onnx");
    TorchException e =
        assertThrows(
            TorchException.class,
            () -> Onnx.simplify(in, out, o -> o.fuseBatchNorm(true).tolerance(0)));
    assertTrue(e.getMessage().contains("differs by"), e.getMessage());
    assertFalse(Files.exists(out));
  }

  private Path write(ModelProto model) {
    Path file = folder.resolve("in.onnx");
    ModelFile.write(model, file, Long.MAX_VALUE);
    return file;
  }

  @Test
  void dataOfOtherFilesAreTakenIn() throws IOException {
    Path file = folder.resolve("in.onnx");
    Path single = folder.resolve("single.onnx");
    Graphs graphs =
        new Graphs()
            .input("x", "n", 4)
            .weight("w", TestData.waves(4, 3))
            .node("MatMul", "m", "x w", "y")
            .output("y", "n", 3);
    ModelFile.write(graphs.model(), file, 0);
    assertTrue(Files.exists(folder.resolve("in.onnx.data")));
    Simplification done = Onnx.simplify(file, single, _ -> {});
    assertTrue(done.bytesBefore() > done.bytesAfter(), done::toString);
    Files.delete(folder.resolve("in.onnx.data"));
    Tensor x = TestData.waves(2, 4);
    Tensor expected = graphs.load().forward(x);
    assertEquals(0, TestData.largestDifference(expected, Onnx.load(single).forward(x)));
    Onnx.simplify(single, single, o -> o.externalDataAbove(0));
    assertTrue(Files.exists(folder.resolve("single.onnx.data")));
    assertEquals(0, TestData.largestDifference(expected, Onnx.load(single).forward(x)));
  }
}
