package dev.flambeau.onnx;

import static dev.flambeau.onnx.Graphs.ints;

import com.google.protobuf.ByteString;
import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.AttributeProto.AttributeType;
import dev.flambeau.onnx.proto.FunctionProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.SparseTensorProto;
import dev.flambeau.onnx.proto.StringStringEntryProto;
import dev.flambeau.onnx.proto.TensorAnnotation;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.TrainingInfoProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Models with one thing wrong each, by the rule that they break. */
final class BrokenModels {
  /**
   * A broken model.
   *
   * @param message a part of what must be said of it
   * @param peer whether onnx.checker of ONNX 1.12 refuses it, too
   */
  record Broken(String rule, ModelProto model, String message, boolean peer) {}

  private final List<Broken> all = new ArrayList<>();

  private BrokenModels() {
    models();
    graphs();
    nodes();
    attributes();
    types();
    tensors();
    external();
    sparse();
    functions();
    versions();
    training();
  }

  static List<Broken> all() {
    return new BrokenModels().all;
  }

  /** x, w -> Conv -> c -> Relu -> y, and a body; correct. */
  static Graphs good() {
    Graphs then = new Graphs().node("Neg", "n", "y", "t").output("t");
    Graphs otherwise = new Graphs().node("Identity", "i", "y", "e").output("e");
    then.graph.getOutputBuilder(0).clearType();
    otherwise.graph.getOutputBuilder(0).clearType();
    Graphs graphs =
        new Graphs()
            .input("x", "batch", 3, 8, 8)
            .weight("w", TestData.waves(4, 3, 3, 3))
            .weight("yes", Torch.ones(DType.BOOL))
            .node("Conv", "conv", "x w", "c", ints("pads", 1, 1, 1, 1))
            .node("Relu", "relu", "c", "y")
            .node(
                "If",
                "if",
                "yes",
                "z",
                Graphs.body("then_branch", then),
                Graphs.body("else_branch", otherwise))
            .output("y", "batch", 4, 8, 8)
            .output("z", "batch", 4, 8, 8);
    return graphs;
  }

  private void add(String rule, String message, boolean peer, Consumer<ModelProto.Builder> change) {
    ModelProto.Builder model = good().model().toBuilder();
    change.accept(model);
    all.add(new Broken(rule, model.build(), message, peer));
  }

  private void graph(
      String rule, String message, boolean peer, Consumer<GraphProto.Builder> change) {
    add(rule, message, peer, model -> change.accept(model.getGraphBuilder()));
  }

  /** With another node before the end, that gives {@code extra}. */
  private void node(String rule, String message, boolean peer, Consumer<NodeProto.Builder> change) {
    graph(
        rule,
        message,
        peer,
        graph -> {
          NodeProto.Builder node = NodeProto.newBuilder().setName("odd").addOutput("extra");
          change.accept(node);
          graph.addNode(node);
        });
  }

  private static OperatorSetIdProto opset(String domain, long version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private void models() {
    add("no IR version", "ir_version is 0", true, m -> m.setIrVersion(0));
    add("IR version of the future", "ir_version is 99", true, m -> m.setIrVersion(99));
    add("no operator set", "opset_import is empty", true, ModelProto.Builder::clearOpsetImport);
    add("operator sets before IR 3", "3 or more has", true, m -> m.setIrVersion(2));
    add("operator set twice", "domain '' twice", false, m -> m.addOpsetImport(opset("", 13)));
    add(
        "operator set twice by another name",
        "domain '' twice",
        false,
        m -> m.addOpsetImport(opset("ai.onnx", 13)));
    add(
        "operator set of the future",
        "set 99 of ''; 1 to 28",
        false,
        m -> m.setOpsetImport(0, opset("", 99)));
    add(
        "metadata twice",
        "key 'a' twice",
        true,
        m -> m.addMetadataProps(entry("a", "1")).addMetadataProps(entry("a", "2")));
  }

  private void graphs() {
    graph("no outputs", "no graph with outputs", false, GraphProto.Builder::clearOutput);
    graph("graph without name", "a graph without a name", true, GraphProto.Builder::clearName);
    graph(
        "input without name", "input without a name", true, g -> g.getInputBuilder(0).clearName());
    graph("input without type", "without a type", true, g -> g.getInputBuilder(0).clearType());
    graph(
        "input without shape",
        "input 'x': without a shape",
        true,
        g -> g.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().clearShape());
    graph(
        "output without shape",
        "output 'y': without a shape",
        true,
        g -> g.getOutputBuilder(0).getTypeBuilder().getTensorTypeBuilder().clearShape());
    graph(
        "unknown element type",
        "element type 77 is unknown",
        true,
        g -> g.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().setElemType(77));
    graph("input twice", "'x': the name is taken", true, g -> g.addInput(g.getInput(0)));
    graph(
        "initializer twice",
        "'w': the name is taken",
        true,
        g -> g.addInitializer(g.getInitializer(0)));
    graph(
        "initializer without name",
        "initializer without a name",
        true,
        g -> g.getInitializerBuilder(0).clearName());
    add(
        "initializer that is no input before IR 4",
        "it must be an input, too",
        true,
        m -> m.setIrVersion(3));
    graph(
        "read before made",
        "reads 'y' before anything makes it",
        true,
        g -> {
          NodeProto relu = g.getNode(1);
          g.removeNode(1).addNode(relu);
        });
    graph(
        "made twice",
        "output 'c': the name is taken",
        true,
        g -> g.addNode(NodeProto.newBuilder().setOpType("Neg").addInput("x").addOutput("c")));
    graph(
        "made of nothing",
        "output 'q' is made by nothing",
        false,
        g -> g.addOutput(g.getOutput(0).toBuilder().setName("q")));
    body("name of the graph around", "output 'x': the name is taken", true, b -> rename(b, "x"));
    body(
        "initializer named as the graph around",
        "initializer 'w': the name is taken",
        false,
        b -> b.addInitializer(ExportGraph.tensor("w", TestData.waves(4, 3, 3, 3))));
    body(
        "initializer that is an input of its body",
        "it is an input of its body, too",
        true,
        b ->
            b.addInput(ValueInfoProto.newBuilder().setName("given"))
                .addInitializer(ExportGraph.tensor("given", TestData.waves(2))));
    body(
        "value from around as output of a body",
        "output 'y' is made by nothing",
        true,
        b -> b.getOutputBuilder(0).setName("y"));
    graph(
        "map with real keys",
        "a map with keys of type 1",
        false,
        g -> {
          TypeProto.Builder type = TypeProto.newBuilder();
          type.getMapTypeBuilder()
              .setKeyType(1)
              .setValueType(TypeProto.newBuilder().setTensorType(tensorType(1)));
          g.addInput(ValueInfoProto.newBuilder().setName("map").setType(type));
        });
  }

  private static TypeProto.Tensor.Builder tensorType(int code) {
    TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder().setElemType(code);
    type.getShapeBuilder().addDimBuilder().setDimValue(2);
    return type;
  }

  private static void rename(GraphProto.Builder body, String name) {
    body.getNodeBuilder(0).setOutput(0, name);
    body.getOutputBuilder(0).setName(name);
  }

  private void body(
      String rule, String message, boolean peer, Consumer<GraphProto.Builder> change) {
    graph(
        rule,
        message,
        peer,
        g -> change.accept(g.getNodeBuilder(2).getAttributeBuilder(0).getGBuilder()));
  }

  private void nodes() {
    node("no operator", "op_type is empty", true, n -> n.addInput("y"));
    node(
        "neither inputs nor outputs",
        "neither inputs nor outputs",
        true,
        n -> n.setOpType("Relu").clearOutput());
    node("not imported", "is not imported", true, n -> n.setOpType("Relu").setDomain("a.b"));
    node("no such operator", "no such operator in set 17", true, n -> n.setOpType("Rolu"));
    node("newer operator", "(there from 20 on)", true, n -> n.setOpType("Gelu").addInput("y"));
    node(
        "deprecated operator",
        "deprecated since set 11",
        true,
        n -> n.setOpType("Scatter").addInput("y").addInput("y").addInput("y"));
    // onnx.checker lets them pass with a warning.
    node(
        "removed operator",
        "an experimental operator that was removed",
        false,
        n -> n.setOpType("Affine").addInput("y"));
    add(
        "unknown domain",
        "it cannot be checked",
        false,
        m -> {
          m.addOpsetImport(opset("a.b", 1));
          m.getGraphBuilder()
              .addNode(
                  NodeProto.newBuilder().setOpType("Magic").setDomain("a.b").addOutput("extra"));
        });
    node("too few inputs", "1 inputs; Add has 2", true, n -> n.setOpType("Add").addInput("y"));
    node(
        "too many inputs",
        "3 inputs; Add has 2",
        true,
        n -> n.setOpType("Add").addInput("y").addInput("y").addInput("y"));
    node(
        "too few of any number",
        "0 inputs; Concat has 1 or more",
        true,
        n -> n.setOpType("Concat").addAttribute(ExportGraph.attribute("axis", 0L)));
    node(
        "input left out",
        "input 1 (B) is left out",
        true,
        n -> n.setOpType("Add").addInput("y").addInput(""));
    node(
        "too many outputs",
        "2 outputs; Relu has 1",
        true,
        n -> n.setOpType("Relu").addInput("y").addOutput("more"));
    node(
        "number of outputs in between",
        "2 outputs; BatchNormalization has [1, 3]",
        true,
        n -> {
          n.setOpType("BatchNormalization").addInput("y").addOutput("more");
          for (int i = 0; i < 4; i++) {
            n.addInput("v");
          }
        });
  }

  private static AttributeProto attribute(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type).build();
  }

  private void attributes() {
    node(
        "unknown attribute",
        "no attribute 'beta' in Elu-6, which has [alpha]",
        true,
        n -> n.setOpType("Elu").addInput("y").addAttribute(ExportGraph.attribute("beta", 1.0)));
    node(
        "attribute of another type",
        "attribute 'alpha' is INT; FLOAT",
        true,
        n -> n.setOpType("Elu").addInput("y").addAttribute(ExportGraph.attribute("alpha", 1L)));
    node(
        "attribute missing",
        "attribute 'to' is missing",
        true,
        n -> n.setOpType("Cast").addInput("y"));
    node(
        "attribute twice",
        "without a name or twice",
        true,
        n ->
            n.setOpType("Elu")
                .addInput("y")
                .addAttribute(ExportGraph.attribute("alpha", 1.0))
                .addAttribute(ExportGraph.attribute("alpha", 1.0)));
    node(
        "two values",
        "holds [FLOAT, INT]; one of them",
        true,
        n ->
            n.setOpType("Elu")
                .addInput("y")
                .addAttribute(ExportGraph.attribute("alpha", 1.0).toBuilder().setI(1)));
    node(
        "value of another type",
        "holds no FLOAT",
        true,
        n ->
            n.setOpType("Elu")
                .addInput("y")
                .addAttribute(attribute("alpha", AttributeType.FLOAT).toBuilder().setI(1)));
    node(
        "attribute without type",
        "holds no UNDEFINED",
        true,
        n ->
            n.setOpType("Elu")
                .addInput("y")
                .addAttribute(AttributeProto.newBuilder().setName("alpha").setF(1)));
    node(
        "no graph in it",
        "holds no GRAPH",
        true,
        n ->
            n.setOpType("If")
                .addInput("yes")
                .addAttribute(attribute("then_branch", AttributeType.GRAPH))
                .addAttribute(attribute("else_branch", AttributeType.GRAPH)));
    node(
        "reference outside a function",
        "but is in no function",
        false,
        n ->
            n.setOpType("Elu")
                .addInput("y")
                .addAttribute(
                    attribute("alpha", AttributeType.FLOAT).toBuilder().setRefAttrName("a")));
  }

  private void types() {
    node(
        "type that an input must not have",
        "input 0 (X) 'yes' is bool; Relu-14 allows bfloat16, double, float",
        true,
        n -> n.setOpType("Relu").addInput("yes"));
    node(
        "two types for one variable",
        "is bool; it must be float like A, both are T",
        true,
        n -> n.setOpType("Equal").addInput("y").addInput("yes"));
    graph(
        "output's type",
        "float [batch, 4, 8, 8] was found, but int64",
        true,
        g -> g.getOutputBuilder(0).getTypeBuilder().getTensorTypeBuilder().setElemType(7));
    graph(
        "output's sizes",
        "but float [batch, 5, 8, 8] is declared",
        true,
        g ->
            g.getOutputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(1)
                .setDimValue(5));
    graph(
        "output's axes",
        "but float [batch, 4, 8] is declared",
        true,
        g ->
            g.getOutputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .removeDim(3));
    graph(
        "value_info",
        "output 'c': float [batch, 4, 8, 8] was found, but float [2] is declared",
        true,
        g ->
            g.addValueInfo(
                ValueInfoProto.newBuilder()
                    .setName("c")
                    .setType(TypeProto.newBuilder().setTensorType(tensorType(1)))));
    graph(
        "input and initializer",
        "float [4, 3, 3, 3] was found, but float [2] is declared",
        true,
        g ->
            g.addInput(
                ValueInfoProto.newBuilder()
                    .setName("w")
                    .setType(TypeProto.newBuilder().setTensorType(tensorType(1)))));
    sizes("MatMul", "columns of the first and rows of the second", "x w");
    sizes("Add", "sizes that are equal or 1", "x w");
    node(
        "channels",
        "channels of input and weight",
        false,
        n -> n.setOpType("Conv").addInput("y").addInput("w"));
    node(
        "axis",
        "axis is 9; allowed: an axis of 4",
        true,
        n -> n.setOpType("Concat").addInput("y").addAttribute(ExportGraph.attribute("axis", 9L)));
    graph(
        "elements of a Reshape",
        "as many elements as 108",
        false,
        g ->
            g.addInitializer(ExportGraph.tensor("to", Torch.tensor(new long[] {7, 5}, 2)))
                .addNode(
                    NodeProto.newBuilder()
                        .setOpType("Reshape")
                        .addInput("w")
                        .addInput("to")
                        .addOutput("extra")));
  }

  private void sizes(String type, String message, String inputs) {
    node(
        "sizes of " + type,
        message,
        true,
        n -> n.setOpType(type).addAllInput(List.of(inputs.split(" "))));
  }

  private void tensor(
      String rule, String message, boolean peer, Consumer<TensorProto.Builder> change) {
    graph(
        rule,
        message,
        peer,
        g -> {
          TensorProto.Builder t = TensorProto.newBuilder().setName("odd").addDims(2).setDataType(1);
          change.accept(t);
          g.addInitializer(t);
        });
  }

  private static ByteString bytes(int count) {
    return ByteString.copyFrom(new byte[count]);
  }

  private void tensors() {
    tensor("no data type", "element type 0 is unknown", true, t -> t.clearDataType());
    tensor("unknown data type", "element type 99", true, t -> t.setDataType(99));
    tensor("negative size", "dims [-2]", false, t -> t.setDims(0, -2).setRawData(bytes(8)));
    tensor(
        "sizes beyond long",
        "dims [2, 9223372036854775807]",
        false,
        t -> t.addDims(Long.MAX_VALUE).setRawData(bytes(8)));
    tensor("raw data too short", "7 bytes, 8 by its shape", false, t -> t.setRawData(bytes(7)));
    tensor("raw data too long", "9 bytes, 8 by its shape", false, t -> t.setRawData(bytes(9)));
    tensor("values too few", "1 values, 2 by its shape", false, t -> t.addFloatData(1));
    tensor("no data", "no data; one field", true, t -> {});
    tensor(
        "two fields",
        "[raw_data, float_data]; one field",
        true,
        t -> t.setRawData(bytes(8)).addFloatData(1).addFloatData(1));
    tensor(
        "data of no elements",
        "no elements, but data in raw_data",
        true,
        t -> t.setDims(0, 0).setRawData(bytes(8)));
    tensor(
        "another field",
        "FLOAT in int64_data; float_data or raw_data",
        true,
        t -> t.addInt64Data(1).addInt64Data(2));
    tensor(
        "packed values too few",
        "1 values, 5 by its shape",
        true,
        t -> t.setDims(0, 9).setDataType(ElementType.INT4.code()).addInt32Data(1));
    tensor(
        "strings as bytes",
        "strings in raw_data",
        true,
        t -> t.setDataType(8).setRawData(bytes(8)));
    tensor(
        "segment",
        "a segment of a tensor",
        false,
        t -> t.setRawData(bytes(8)).setSegment(TensorProto.Segment.newBuilder().setEnd(1)));
  }

  private static TensorProto.Builder outside(TensorProto.Builder t, String... entries) {
    t.setDataLocation(TensorProto.DataLocation.EXTERNAL);
    for (int i = 0; i < entries.length; i += 2) {
      t.addExternalData(entry(entries[i], entries[i + 1]));
    }
    return t;
  }

  /** Beside the models lies {@code data.bin} with 8 bytes. */
  private void external() {
    tensor("no location", "without its location", true, t -> outside(t, "offset", "0"));
    tensor("absolute", "not inside the model's folder", true, t -> outside(t, "location", "/x"));
    tensor("up", "not inside the model's folder", true, t -> outside(t, "location", "../data.bin"));
    tensor("no file", "which is no file", true, t -> outside(t, "location", "none.bin"));
    tensor(
        "and inside",
        "data in another file and in raw_data",
        true,
        t -> outside(t, "location", "data.bin").setRawData(bytes(8)));
    tensor(
        "behind the end",
        "its data are 8 bytes at 4 of a file of 8",
        false,
        t -> outside(t, "location", "data.bin", "offset", "4", "length", "8"));
    tensor(
        "no number",
        "has 'x' for a number",
        false,
        t -> outside(t, "location", "data.bin", "offset", "x"));
    tensor(
        "too short",
        "4 bytes in another file, 8 by its shape",
        false,
        t -> outside(t, "location", "data.bin", "length", "4"));
    tensor(
        "strings beside",
        "strings in another file",
        false,
        t -> outside(t.setDataType(8), "location", "data.bin"));
  }

  private void sparse(
      String rule, String message, boolean peer, Consumer<SparseTensorProto.Builder> change) {
    graph(
        rule,
        message,
        peer,
        g -> {
          SparseTensorProto.Builder t =
              SparseTensorProto.newBuilder()
                  .setValues(ExportGraph.tensor("odd", TestData.waves(2)))
                  .setIndices(indices(0, 1, 2, 0))
                  .addDims(3)
                  .addDims(2);
          change.accept(t);
          g.addSparseInitializer(t);
        });
  }

  private static TensorProto indices(long... places) {
    return ExportGraph.tensor("at", Torch.tensor(places, places.length / 2, 2));
  }

  private void sparse() {
    sparse("no sizes", "dims []", true, SparseTensorProto.Builder::clearDims);
    sparse("no size", "dims [3, 0]", true, t -> t.setDims(1, 0));
    sparse(
        "values with axes",
        "values [2, 1]; one axis",
        true,
        t -> t.setValues(ExportGraph.tensor("odd", TestData.waves(2, 1))));
    sparse("no indices", "2 values without indices", true, SparseTensorProto.Builder::clearIndices);
    sparse(
        "indices of another type",
        "of type 1; INT64",
        true,
        t -> t.setIndices(ExportGraph.tensor("at", TestData.waves(2, 2))));
    sparse(
        "too many indices", "indices [3, 2]", true, t -> t.setIndices(indices(0, 0, 0, 1, 1, 0)));
    sparse("outside", "index 2 of 2", true, t -> t.setIndices(indices(0, 1, 2, 2)));
    sparse("not in order", "not in order", true, t -> t.setIndices(indices(2, 0, 0, 1)));
  }

  private static FunctionProto.Builder function(String name, NodeProto... nodes) {
    return FunctionProto.newBuilder()
        .setDomain("own")
        .setName(name)
        .addInput("a")
        .addOutput("b")
        .addOpsetImport(opset("", 17))
        .addOpsetImport(opset("own", 1))
        .addAllNode(List.of(nodes));
  }

  private static NodeProto.Builder step(String type, String in, String out) {
    return NodeProto.newBuilder().setOpType(type).addInput(in).addOutput(out);
  }

  private static NodeProto.Builder call(String name, String in, String out) {
    return step(name, in, out).setDomain("own");
  }

  /** A model that calls the first of these functions; correct if they are. */
  static ModelProto calling(FunctionProto.Builder... functions) {
    ModelProto.Builder model = good().model().toBuilder().addOpsetImport(opset("own", 1));
    for (FunctionProto.Builder f : functions) {
      model.addFunctions(f);
    }
    model.getGraphBuilder().addNode(call(functions[0].getName(), "y", "extra"));
    return model.build();
  }

  static FunctionProto.Builder goodFunction() {
    return function("f", step("Neg", "a", "b").build());
  }

  private void function(String rule, String message, boolean peer, FunctionProto.Builder... f) {
    all.add(new Broken(rule, calling(f), message, peer));
  }

  private void functions() {
    function(
        "functions in a circle",
        "functions call themselves: own.f -> own.g",
        false,
        function("f", call("g", "a", "b").build()),
        function("g", call("f", "a", "b").build()));
    function("function twice", "two of this name", false, goodFunction(), goodFunction());
    function("function's input twice", "input 'a' without", true, goodFunction().addInput("a"));
    function("function's output twice", "output 'b' without", true, goodFunction().addOutput("b"));
    function(
        "function's attribute twice",
        "attribute 'k' without a name or twice",
        true,
        goodFunction().addAttribute("k").addAttribute("k"));
    function("function without domain", "without a domain", true, goodFunction().clearDomain());
    function(
        "function's nodes in order",
        "reads 'm' before anything makes it",
        true,
        function("f", step("Neg", "m", "b").build(), step("Neg", "a", "m").build()));
    function(
        "function's names",
        "output 'a': the name is taken",
        true,
        function("f", step("Neg", "a", "a").build(), step("Neg", "a", "b").build()));
    function(
        "function's output made",
        "output 'q' is made by nothing",
        false,
        goodFunction().addOutput("q"));
    function(
        "function's operator set",
        "Neg of set 12 is not the one of the model's set 17",
        true,
        goodFunction().setOpsetImport(0, opset("", 12)));
    function(
        "function's domain not imported",
        "is not imported",
        true,
        function("f", step("Neg", "a", "b").setDomain("c.d").build()));
    function(
        "reference to no attribute",
        "the function has no attribute 'k'",
        false,
        function(
            "f",
            step("Elu", "a", "b")
                .addAttribute(
                    attribute("alpha", AttributeType.FLOAT).toBuilder().setRefAttrName("k"))
                .build()));
    ModelProto.Builder more = calling(goodFunction()).toBuilder();
    more.getGraphBuilder().getNodeBuilder(3).addInput("y");
    all.add(
        new Broken(
            "more inputs than a function", more.build(), "2 inputs; f has at most 1", false));
  }

  /** Below the version of the format that brought a feature. */
  private void version(long version, String what, Consumer<ModelProto.Builder> change) {
    add(
        "IR " + version + ": " + what,
        "there from ir_version " + version + " on; it is " + (version - 1),
        false,
        m -> {
          change.accept(m.setIrVersion(version - 1));
          if (version <= 4) {
            for (TensorProto t : m.getGraph().getInitializerList()) {
              TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder();
              type.setElemType(t.getDataType()).getShapeBuilder();
              t.getDimsList().forEach(d -> type.getShapeBuilder().addDimBuilder().setDimValue(d));
              m.getGraphBuilder()
                  .addInput(
                      ValueInfoProto.newBuilder()
                          .setName(t.getName())
                          .setType(TypeProto.newBuilder().setTensorType(type)));
            }
          }
        });
  }

  private void element(long version, ElementType type) {
    version(
        version,
        type.name(),
        m ->
            m.getGraphBuilder()
                .addInput(
                    ValueInfoProto.newBuilder()
                        .setName("odd")
                        .setType(TypeProto.newBuilder().setTensorType(tensorType(type.code())))));
  }

  private void versions() {
    element(4, ElementType.BFLOAT16);
    element(9, ElementType.FLOAT8E5M2);
    element(10, ElementType.UINT4);
    element(11, ElementType.FLOAT4E2M1);
    element(12, ElementType.FLOAT8E8M0);
    element(13, ElementType.INT2);
    version(
        5,
        "annotations",
        m ->
            m.getGraphBuilder()
                .addQuantizationAnnotation(TensorAnnotation.newBuilder().setTensorName("y")));
    version(
        6,
        "sparse",
        m ->
            m.getGraphBuilder()
                .addSparseInitializer(
                    SparseTensorProto.newBuilder()
                        .setValues(ExportGraph.tensor("odd", TestData.waves(1)))
                        .setIndices(indices(0, 1))
                        .addDims(3)
                        .addDims(2)));
    version(7, "training", m -> m.addTrainingInfo(TrainingInfoProto.getDefaultInstance()));
    version(8, "functions", m -> m.addFunctions(goodFunction()).addOpsetImport(opset("own", 1)));
    version(
        8,
        "optional",
        m -> {
          TypeProto.Builder type = TypeProto.newBuilder();
          type.getOptionalTypeBuilder()
              .setElemType(TypeProto.newBuilder().setTensorType(tensorType(1)));
          m.getGraphBuilder().addInput(ValueInfoProto.newBuilder().setName("o").setType(type));
        });
    version(
        9,
        "defaults",
        m -> m.addFunctions(goodFunction().addAttributeProto(ExportGraph.attribute("k", 1.0))));
    version(10, "overload", m -> m.addFunctions(goodFunction().setOverload("v")));
    version(
        10,
        "metadata",
        m -> m.getGraphBuilder().getNodeBuilder(0).addMetadataProps(entry("a", "b")));
  }

  private void training() {
    Graphs graphs = new Graphs().weight("rate", Torch.full(DType.F32, 0.5));
    graphs.node("Mul", "step", "w rate", "next").output("next", 4, 3, 3, 3);
    Tensor start = TestData.waves(4, 3, 3, 3);
    Graphs first = new Graphs().weight("s", start).node("Neg", "neg", "s", "w0");
    first.output("w0", 4, 3, 3, 3);
    TrainingInfoProto good =
        TrainingInfoProto.newBuilder()
            .setAlgorithm(graphs.graph)
            .addUpdateBinding(entry("w", "next"))
            .setInitialization(first.graph)
            .addInitializationBinding(entry("w", "w0"))
            .build();
    add("training", "", false, m -> m.addTrainingInfo(good));
    all.removeLast();
    add(
        "training of no initializer",
        "update_binding: 'q' is no initializer",
        false,
        m -> m.addTrainingInfo(good.toBuilder().setUpdateBinding(0, entry("q", "next"))));
    add(
        "training by no output",
        "'q' is no output of the training graph",
        false,
        m -> m.addTrainingInfo(good.toBuilder().setInitializationBinding(0, entry("w", "q"))));
    add(
        "training twice",
        "update_binding: 'w' twice",
        false,
        m -> m.addTrainingInfo(good.toBuilder().addUpdateBinding(entry("w", "next"))));
    add(
        "training's nodes",
        "reads 'z9' before anything makes it",
        false,
        m -> {
          TrainingInfoProto.Builder bad = good.toBuilder();
          bad.getAlgorithmBuilder().getNodeBuilder(0).setInput(0, "z9");
          m.addTrainingInfo(bad);
        });
  }

  /** A step of training that is correct. */
  static ModelProto trained() {
    Graphs graphs = new Graphs().weight("rate", Torch.full(DType.F32, 0.5));
    graphs.node("Mul", "step", "w rate", "next").output("next", 4, 3, 3, 3);
    return good().model().toBuilder()
        .addTrainingInfo(
            TrainingInfoProto.newBuilder()
                .setAlgorithm(graphs.graph)
                .addUpdateBinding(entry("w", "next")))
        .build();
  }
}
