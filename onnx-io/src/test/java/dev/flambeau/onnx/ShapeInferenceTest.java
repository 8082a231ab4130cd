package dev.flambeau.onnx;

import static dev.flambeau.onnx.Graphs.ints;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.FunctionProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShapeInferenceTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path folder;

  private static ShapeInference of(ModelProto model) {
    return ShapeInference.of(model, new TensorReader("test", new ExternalData(Optional.empty())));
  }

  private static String type(ShapeInference found, String value) {
    return found.values().get(value).type().describe();
  }

  private static Tensor longs(long... values) {
    return Torch.tensor(values, values.length);
  }

  @Test
  void sizesAreExpressions() {
    Graphs graphs =
        new Graphs()
            .input("x", "n", 3, "h", "w")
            .weight("k", TestData.waves(8, 3, 3, 3))
            .weight("twice", Torch.tensor(new float[] {1, 1, 2, 2}, 4))
            .weight("rows", longs(0, -1))
            .weight("from", longs(1))
            .weight("to", longs(-1))
            .weight("axis", longs(3))
            .node("Conv", "conv", "x k", "c", ints("pads", 1, 1, 1, 1), ints("strides", 2, 2))
            .node("MaxPool", "pool", "c", "p", ints("kernel_shape", 2, 2), ints("strides", 2, 2))
            .node("Resize", "up", "p  twice", "r")
            .node("Reshape", "flat", "r rows", "f")
            .node("Concat", "cat", "x x", "d", ExportGraph.attribute("axis", 0L))
            .node("Slice", "cut", "x from to axis", "s")
            .output("f", "n", "features");
    ShapeInference found = of(graphs.model());
    assertEquals(List.of(), found.faults());
    assertEquals("float [n, 8, floor((h+1)/2), floor((w+1)/2)]", type(found, "c"));
    assertEquals("float [n, 8, floor((h+1)/4), floor((w+1)/4)]", type(found, "p"));
    assertEquals("float [n, 8, floor((h+1)/4)*2, floor((w+1)/4)*2]", type(found, "r"));
    assertEquals("float [n, floor((h+1)/4)*floor((w+1)/4)*32]", type(found, "f"));
    assertEquals("float [n*2, 3, h, w]", type(found, "d"));
    assertEquals("float [n, 3, h, max(w-2, 0)]", type(found, "s"));
  }

  /** As PyTorch writes a view: sizes taken from a shape, computed and put together again. */
  @Test
  void sizesAreComputedInTheGraph() {
    Graphs graphs =
        new Graphs()
            .input("x", "batch", "sequence", 64)
            .weight("first", Torch.full(DType.I64, 0))
            .weight("second", Torch.full(DType.I64, 1))
            .weight("heads", Torch.full(DType.I64, 4))
            .weight("zero", longs(0))
            .weight("rest", longs(-1))
            .node("Shape", "s", "x", "shape")
            .node("Gather", "g0", "shape first", "b")
            .node("Gather", "g1", "shape second", "l")
            .node("Mul", "m", "b heads", "bh")
            .node("Unsqueeze", "u0", "bh zero", "bh1")
            .node("Unsqueeze", "u1", "l zero", "l1")
            .node("Concat", "cat", "bh1 l1 rest", "to", ExportGraph.attribute("axis", 0L))
            .node("Reshape", "view", "x to", "y")
            .node("Range", "range", "first l second", "r")
            .node("ConstantOfShape", "fill", "to2", "f");
    graphs.graph.addNode(
        7,
        NodeProto.newBuilder()
            .setOpType("Concat")
            .addInput("l1")
            .addInput("l1")
            .addOutput("to2")
            .addAttribute(ExportGraph.attribute("axis", 0L)));
    graphs.output("y", "a", "b", "c");
    ShapeInference found = of(graphs.model());
    assertEquals(List.of(), found.faults());
    assertEquals("float [batch*4, sequence, 16]", type(found, "y"));
    assertEquals("int64 [sequence]", type(found, "r"));
    assertEquals("float [sequence, sequence]", type(found, "f"));
  }

  @Test
  void scatteredNumbersThatAreAddedUpAreNotFollowed() {
    Graphs graphs =
        new Graphs()
            .input("x", "n", "m")
            .weight("places", longs(1, 1))
            .node("Shape", "s", "x", "shape")
            .node("ScatterElements", "set", "shape places shape", "a")
            .node(
                "ScatterElements",
                "add",
                "shape places shape",
                "b",
                Graphs.text("reduction", "add"))
            .node("Expand", "ea", "x a", "ya")
            .node("Expand", "eb", "x b", "yb");
    ShapeInference found = of(graphs.output("ya", "n", "m").model());
    assertEquals(List.of(), found.faults());
    assertEquals("float [n, m]", type(found, "ya"));
    assertEquals("int64 [2]", type(found, "b"));
    assertFalse(type(found, "yb").contains("float [n, m]"), type(found, "yb"));
  }

  private static Graphs body(String... outputs) {
    Graphs body = new Graphs();
    for (String output : outputs) {
      body.graph.addOutput(ValueInfoProto.newBuilder().setName(output));
    }
    return body;
  }

  private static ValueInfoProto plain(String name) {
    return ValueInfoProto.newBuilder().setName(name).build();
  }

  @Test
  void branches() {
    Graphs then = body("a").node("Relu", "t", "x", "a");
    Graphs otherwise = body("b").node("Concat", "e", "x x", "b", ExportGraph.attribute("axis", 1L));
    Graphs graphs =
        new Graphs()
            .input("x", "n", 3)
            .weight("yes", Torch.ones(DType.BOOL))
            .node(
                "If",
                "known",
                "yes",
                "y",
                Graphs.body("then_branch", then),
                Graphs.body("else_branch", otherwise));
    graphs.graph.addInput(
        ValueInfoProto.newBuilder()
            .setName("c")
            .setType(
                TypeProto.newBuilder()
                    .setTensorType(TypeProto.Tensor.newBuilder().setElemType(9))));
    graphs.node(
        "If",
        "open",
        "c",
        "z",
        Graphs.body("then_branch", then),
        Graphs.body("else_branch", otherwise));
    ShapeInference found = of(graphs.output("y", "n", 3).model());
    assertEquals(List.of(), found.faults());
    assertEquals("float [n, 3]", type(found, "y"));
    assertTrue(type(found, "z").matches("float \\[n, unknown_\\d+]"), type(found, "z"));
    // What is wrong with sizes in a branch that may not be taken is no fault.
    otherwise.node("MatMul", "never", "x x", "q");
    assertEquals(List.of(), of(graphs.model()).faults());
  }

  @Test
  void loops() {
    Graphs body =
        body("go_on", "same", "longer", "row")
            .node("Identity", "id", "go", "go_on")
            .node("Neg", "neg", "s", "same")
            .node("Concat", "grow", "g s", "longer", ExportGraph.attribute("axis", 0L))
            .node("ReduceSum", "sum", "s", "row", ExportGraph.attribute("keepdims", 0L));
    List.of("i", "go", "s", "g").forEach(name -> body.graph.addInput(plain(name)));
    Graphs graphs =
        new Graphs()
            .input("x", "n", 3)
            .weight("trips", Torch.full(DType.I64, 5))
            .node("Loop", "loop", "trips  x x", "same_out grown rows", Graphs.body("body", body));
    ShapeInference found = of(graphs.output("same_out", "n", 3).model());
    assertEquals(List.of(), found.faults());
    assertEquals("float [n, 3]", type(found, "same_out"));
    assertTrue(type(found, "grown").matches("float \\[unknown_\\d+, 3]"), type(found, "grown"));
    assertEquals("float [5]", type(found, "rows"));
    GraphProto inner = found.annotated().getGraph().getNode(0).getAttribute(0).getG();
    assertEquals(
        "n", inner.getOutput(1).getType().getTensorType().getShape().getDim(0).getDimParam());
  }

  private static NodeProto.Builder step(String type, String in, String out) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(type).addOutput(out);
    return node.addAllInput(List.of(in.split(" ")));
  }

  @Test
  void functions() {
    FunctionProto join =
        FunctionProto.newBuilder()
            .setDomain("own")
            .setName("join")
            .addInput("a")
            .addInput("b")
            .addOutput("c")
            .addAttribute("along")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .addNode(
                step("Concat", "a b", "c")
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("axis")
                            .setType(AttributeProto.AttributeType.INT)
                            .setRefAttrName("along")))
            .build();
    ModelProto.Builder model =
        new Graphs().input("x", "n", 3).output("y", "n", 6).model().toBuilder();
    model.addFunctions(join);
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("own").setVersion(1));
    model
        .getGraphBuilder()
        .addNode(
            step("join", "x x", "y")
                .setDomain("own")
                .addAttribute(ExportGraph.attribute("along", 1L)));
    ShapeInference found = of(model.build());
    assertEquals(List.of(), found.faults());
    assertEquals("float [n, 6]", type(found, "y"));
    assertEquals(List.of(), Checker.check(model.build()));
  }

  @Test
  void theFileSaysWhatWasFound() throws Exception {
    Path in = TestData.miniLm();
    Path out = folder.resolve("shaped.onnx");
    assertEquals(List.of(), Onnx.inferShapes(in, out));
    ModelProto shaped = Onnx.parse(out);
    ModelProto plain = Onnx.parse(in);
    long nodes = plain.getGraph().getNodeList().stream().mapToLong(NodeProto::getOutputCount).sum();
    assertEquals(nodes - 1, shaped.getGraph().getValueInfoCount());
    assertEquals(plain.getGraph().getNodeList(), shaped.getGraph().getNodeList());
    assertEquals(List.of(), Onnx.check(out));
    // The same again, and from its own expressions.
    Path again = folder.resolve("again.onnx");
    assertEquals(List.of(), Onnx.inferShapes(out, again));
    assertEquals(shaped, Onnx.parse(again));
    Map<String, Tensor> inputs =
        Map.of(
            "input_ids", Torch.ones(DType.I64, 2, 7),
            "attention_mask", Torch.ones(DType.I64, 2, 7),
            "token_type_ids", Torch.zeros(DType.I64, 2, 7));
    try (Peer peer = new Peer(out);
        Peer before = new Peer(in)) {
      double gap = TestData.largestDifference(peer.run(inputs), before.run(inputs));
      // Knowing more, it computes in another order.
      assertTrue(gap < 1e-5, "differs by " + gap);
    }
  }

  @Test
  void dataBesideTheModelMustNotBeLost() throws Exception {
    ExportNets.Plain net = new ExportNets.Plain();
    net.eval();
    Path file = folder.resolve("net.onnx");
    Onnx.export(net, List.of(TestData.waves(1, 3, 32, 32)), file, o -> o.externalDataAbove(1000));
    Path elsewhere = Files.createDirectory(folder.resolve("other")).resolve("net.onnx");
    String message =
        assertThrows(TorchException.class, () -> Onnx.inferShapes(file, elsewhere)).getMessage();
    assertTrue(message.contains("where its data lie"), message);
    assertEquals(List.of(), Onnx.inferShapes(file, file));
    assertEquals(List.of(), Onnx.check(file));
    assertFalse(Onnx.load(file).parameters().isEmpty());
  }

  @Test
  void contradictionsAreToldAndLeft() throws Exception {
    Graphs graphs =
        new Graphs()
            .input("x", "n", 3)
            .weight("w", TestData.waves(4, 5))
            .node("MatMul", "m", "x w", "y")
            .node("Relu", "r", "x", "z")
            .output("y", "n", 5)
            .output("z", "n", 4);
    Path file = folder.resolve("bad.onnx");
    Files.write(file, graphs.model().toByteArray());
    List<String> faults = Onnx.inferShapes(file, file);
    assertEquals(2, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains("MatMul 'm'"), faults::toString);
    assertTrue(faults.getLast().contains("[n, 3] was found, but float [n, 4]"), faults::toString);
    assertEquals(
        graphs.model().getGraph().getOutputList(), Onnx.parse(file).getGraph().getOutputList());
  }

  /** A name that inputs do not have, and one that a file had from an inference before. */
  @Test
  void namesOfOpenSizes() {
    Graphs graphs =
        new Graphs()
            .input("x", "n", "past + n")
            .input("p", "past")
            .input("q", "long".repeat(100))
            .node("NonZero", "nz", "x", "i")
            .node("Add", "add", "x x", "y");
    graphs.graph.addValueInfo(
        new Graphs()
            .input("i", 2, "unknown_0").graph.getInput(0).toBuilder()
                .setType(
                    TypeProto.newBuilder()
                        .setTensorType(
                            TypeProto.Tensor.newBuilder()
                                .setElemType(7)
                                .setShape(
                                    new Graphs()
                                        .input("i", 2, "found")
                                        .graph
                                        .getInput(0)
                                        .getType()
                                        .getTensorType()
                                        .getShape()))));
    ShapeInference found = of(graphs.output("y", "n", "past + n").model());
    assertEquals("float [n, n+past]", type(found, "y"));
    assertEquals("int64 [2, found]", type(found, "i"));
    assertEquals(graphs.graph.getInput(2), found.annotated().getGraph().getInput(2));
    assertEquals(
        "past + n",
        found
            .annotated()
            .getGraph()
            .getOutput(0)
            .getType()
            .getTensorType()
            .getShape()
            .getDim(1)
            .getDimParam());
  }

  /** Any model with some fields changed has an answer. */
  @Test
  void damagedModels() throws Exception {
    Path root = ConformanceTest.unpacked(TestData.conformance());
    Random random = new Random(5);
    int faulty = 0;
    for (Path test : OnnxConformance.tests(root)) {
      ModelProto model = Mutations.of(Onnx.parse(OnnxConformance.model(test)), random);
      faulty += Checker.check(model).isEmpty() ? 0 : 1;
      of(model).annotated();
    }
    assertTrue(faulty > 700, faulty + "");
  }

  /** Functions that call the next one twice: 2 to the 60th nodes. */
  @Test
  void hostileFunctions() {
    ModelProto.Builder model = new Graphs().input("x", "n").output("y", "n").model().toBuilder();
    for (int i = 0; i < 60; i++) {
      FunctionProto.Builder f =
          FunctionProto.newBuilder().setDomain("own").setName("f" + i).addInput("a").addOutput("b");
      f.addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17));
      f.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("own").setVersion(1));
      String next = i < 59 ? "f" + (i + 1) : "Neg";
      String domain = i < 59 ? "own" : "";
      f.addNode(step(next, "a", "m").setDomain(domain));
      model.addFunctions(f.addNode(step(next, "m", "b").setDomain(domain)));
    }
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("own").setVersion(1));
    model.getGraphBuilder().addNode(step("f0", "x", "y").setDomain("own"));
    assertTimeoutPreemptively(SOON, () -> Checker.check(model.build()));
  }

  @Test
  void hostileSizes() {
    Graphs graphs = new Graphs().input("x", "a", "b", "c", "d").node("Shape", "s", "x", "v0");
    graphs.weight("many", Torch.full(DType.I64, 250));
    graphs.weight("wide", longs(1024));
    for (int i = 0; i < 1000; i++) {
      String type = List.of("Mul", "Add", "Max", "Div").get(i % 4);
      graphs.node(type, "n" + i, "v" + i + " v" + Math.max(0, i - 1), "v" + (i + 1));
      graphs.node("Reshape", "r" + i, "x v" + (i + 1), "y" + i);
      graphs.node("ConstantOfShape", "f" + i, "wide", "z" + i);
      graphs.node("Mul", "m" + i, "z" + i + " z" + Math.max(0, i - 1), "q" + i);
    }
    ModelProto model = graphs.output("y0", "a").model();
    assertTimeoutPreemptively(SOON, () -> Checker.check(model));
  }

  /** Optionals of optionals, and shapes of more axes than any tensor has. */
  @Test
  void hostileTypes() {
    Object[] axes = new Object[50_000];
    Arrays.fill(axes, 1);
    Graphs graphs = new Graphs().input("x", axes).input("v0", 1);
    for (int i = 0; i < 5_000; i++) {
      graphs.node("Optional", "o" + i, "v" + i, "v" + (i + 1));
      graphs.node("Add", "a" + i, "x x", "y" + i);
    }
    ModelProto model = graphs.output("y0", 1).model();
    assertTimeoutPreemptively(SOON, () -> Checker.check(model));
    GraphProto written = assertTimeoutPreemptively(SOON, () -> of(model).annotated()).getGraph();
    assertEquals(model.getGraph().getInput(0), written.getInput(0));
  }

  @Test
  void hostileLoops() {
    Graphs body = body("go0", "t0").node("Concat", "c", "s0 s0", "t0", ints("axis", 0));
    body.node("Identity", "i", "g0", "go0");
    List.of("n0", "g0", "s0").forEach(name -> body.graph.addInput(plain(name)));
    Graphs inner = body;
    for (int depth = 1; depth < 14; depth++) {
      Graphs outer = body("go" + depth, "t" + depth);
      for (String name : List.of("n", "g", "s")) {
        outer.graph.addInput(plain(name + depth));
      }
      outer.node("Identity", "i", "g" + depth, "go" + depth);
      outer.node("Loop", "l", "trips  s" + depth, "u" + depth, Graphs.body("body", inner));
      outer.node("Loop", "k", "trips  u" + depth, "t" + depth, Graphs.body("body", inner));
      inner = outer;
    }
    Graphs graphs =
        new Graphs()
            .input("x", "n", 3)
            .weight("trips", Torch.full(DType.I64, 5))
            .node("Loop", "loop", "trips  x", "y", Graphs.body("body", inner))
            .output("y", "m", 3);
    ModelProto model = graphs.model();
    assertTimeoutPreemptively(SOON, () -> of(model));
  }
}
