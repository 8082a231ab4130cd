package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.StringStringEntryProto;
import dev.flambeau.onnx.proto.TensorShapeProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.RunningNorm;
import dev.flambeau.torch.op.Cast;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Reduction;
import dev.flambeau.torch.op.Structured;
import dev.flambeau.torch.op.View;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A module's calls as an ONNX model: constants that are the module's state become initializers of
 * the same names. What has no form in ONNX is collected, and the export refused with all of it.
 */
final class Exporter {
  private final Map<String, Tensor> state;
  private final ExportOptions options;
  private final ExportSizes sizes;
  private final ExportGraph graph;
  private final List<String> inputs;
  private final ExportValues values;
  private final ExportKept nodes;

  private Exporter(
      Module module,
      UnaryOperator<List<Tensor>> forward,
      List<Tensor> examples,
      ExportOptions options) {
    this.state = module.stateDict();
    this.options = options;
    this.sizes = new ExportSizes(forward, examples, options);
    this.inputs = names("inputNames", "input", options.inputNames(), examples.size());
    this.graph = new ExportGraph(options.opset(), sizes, inputs);
    module
        .namedModules()
        .forEach(
            (name, m) -> {
              if (m instanceof RunningNorm norm && norm.momentum().isPresent()) {
                String mean = name.isEmpty() ? "running_mean" : name + ".running_mean";
                graph.momenta.put(mean, norm.momentum().getAsDouble());
              }
            });
    this.values = new ExportValues(graph, state);
    this.nodes = new ExportKept(graph, values::constant);
    sizes.tapes.forEach(t -> values.holes.addAll(t.holes));
    sizes.tapes.getFirst().warnings.forEach(options.warnings());
  }

  /** The model of the module in inference behaviour; its own mode is left as it was. */
  static ModelProto export(
      Module module,
      UnaryOperator<List<Tensor>> forward,
      List<Tensor> examples,
      ExportOptions options) {
    if (examples.isEmpty()) {
      throw TorchException.argument("Onnx.export", "examples", "none", "at least one tensor");
    }
    List<Module> training = module.modules().stream().filter(Module::isTraining).toList();
    module.eval();
    try {
      return new Exporter(module, forward, examples, options).model();
    } finally {
      module.apply(m -> m.train(false));
      // Outermost first: train() reaches into the parts, which are then set each by itself.
      for (Module m : module.modules()) {
        m.train(training.contains(m));
      }
    }
  }

  private static List<String> names(String argument, String base, List<String> given, int count) {
    if (!given.isEmpty() && (given.size() != count || new HashSet<>(given).size() != count)) {
      throw TorchException.argument("Onnx.export", argument, given, count + " different names");
    }
    List<String> out = new ArrayList<>(given);
    for (int i = out.size(); i < count; i++) {
      out.add(i == 0 ? base : base + "_" + i);
    }
    return out;
  }

  private ModelProto model() {
    for (int i = 0; i < inputs.size(); i++) {
      values.name(i, inputs.get(i), declared(options.inputTypes(), i, i));
    }
    List<String> outputs =
        names(
            "outputNames", "output", options.outputNames(), sizes.tapes.getFirst().outputs.size());
    outputs.forEach(graph::reserve);
    state.keySet().forEach(graph::reserve);
    graph.tape().entries.forEach(this::entry);
    GraphProto.Builder proto = GraphProto.newBuilder().setName("main");
    for (int i = 0; i < inputs.size(); i++) {
      proto.addInput(info(inputs.get(i), values.type(i), i));
    }
    for (int i = 0; i < outputs.size(); i++) {
      int value = graph.tape().outputs.get(i);
      String made = values.as(value, declared(options.outputTypes(), i, value), "the output");
      if (values.holes.isEmpty()) {
        identity(made, outputs.get(i));
        proto.addOutput(info(outputs.get(i), declared(options.outputTypes(), i, value), value));
      }
    }
    if (!values.holes.isEmpty()) {
      throw TorchException.format(
          "Onnx.export",
          "what cannot be exported to operator set "
              + options.opset()
              + ":\n  "
              + String.join("\n  ", values.holes));
    }
    return model(graph, proto, nodes, options);
  }

  /** Writes an imported module as it is. */
  static ModelProto export(OnnxModule module, ExportOptions options) {
    Block block = module.block();
    List<String> others =
        block.steps.stream()
            .filter(step -> !Versions.canKeep(block, step, options.opset()))
            .map(step -> step.node().describe() + " of operator set " + step.node().opset())
            .toList();
    if (!others.isEmpty()) {
      throw TorchException.format(
          "Onnx.export",
          "nodes that are not kept as they are in operator set "
              + options.opset()
              + ", for which examples of the inputs must be given: "
              + String.join(", ", others));
    }
    if (!options.dynamic().isEmpty()) {
      throw TorchException.argument(
          "Onnx.export", "dynamicAxis", options.dynamic(), "none without examples: sizes are kept");
    }
    ExportGraph graph = new ExportGraph(options.opset(), ExportSizes.none(), module.inputs());
    Map<String, Tensor> state = module.stateDict();
    state.keySet().forEach(graph::reserve);
    ExportKept nodes = new ExportKept(graph, new ExportValues(graph, state)::constant);
    return model(graph, nodes.whole(block), nodes, options);
  }

  private static ModelProto model(
      ExportGraph graph, GraphProto.Builder proto, ExportKept nodes, ExportOptions options) {
    proto.addAllNode(graph.all()).addAllInitializer(graph.initializers.values());
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(irVersion(options.opset()))
            .setProducerName("flambeau")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(options.opset()))
            .setGraph(new ExportCleanup(proto).clean());
    nodes.domains.forEach(
        (domain, version) ->
            model.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
    options
        .metadata()
        .forEach(
            (key, value) ->
                model.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build();
  }

  /** The oldest file format version with the operator set, by ONNX's table of versions. */
  static long irVersion(int opset) {
    return opset < 15 ? 7 : opset < 19 ? 8 : opset < 21 ? 9 : opset < 23 ? 10 : 11;
  }

  private void identity(String from, String to) {
    graph.nodes.add(
        dev.flambeau.onnx.proto.NodeProto.newBuilder()
            .setOpType("Identity")
            .setName(graph.fresh("Identity_" + to))
            .addInput(from)
            .addOutput(to)
            .build());
  }

  /** The type that an imported file says, where the tensors are what holds it. */
  private ElementType declared(List<Optional<ElementType>> types, int at, int value) {
    DType own = graph.meta(value).dtype();
    return (at < types.size() ? types.get(at) : Optional.<ElementType>empty())
        .filter(type -> type.stored().filter(own::equals).isPresent())
        .orElse(ElementType.of(own));
  }

  private ValueInfoProto info(String name, ElementType type, int value) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long[] size : ExportViews.shape(graph, value)) {
      TensorShapeProto.Dimension.Builder dim = shape.addDimBuilder();
      if (!sizes.varies(size)) {
        dim.setDimValue(size[0]);
      } else if (!sizes.name(size).isEmpty()) {
        dim.setDimParam(sizes.name(size));
      }
    }
    return info(name, type, shape);
  }

  private static ValueInfoProto info(
      String name, ElementType type, TensorShapeProto.Builder shape) {
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.code()).setShape(shape);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  private void entry(ExportTape.Entry entry) {
    switch (entry) {
      case ExportTape.Step step -> step(step);
      case ExportTape.Kept node -> kept(node);
      case ExportTape.Idle idle -> dropout(idle);
      case ExportTape.Choice choice -> choice(choice);
      case ExportTape.Repeat repeat -> repeat(repeat);
    }
  }

  private void step(ExportTape.Step step) {
    String where = step.op().name() + " at " + step.site();
    List<String> in = new ArrayList<>();
    for (int value : step.inputs()) {
      in.add(values.natural(value, where));
    }
    if (in.contains("")) {
      return;
    }
    try {
      List<Meta> metas = step.inputs().stream().map(graph::meta).toList();
      List<Meta> results = step.outputs().stream().map(graph::meta).toList();
      List<String> out =
          switch (step.op()) {
            case Pointwise p -> ExportPointwise.export(graph, p, in, metas, results);
            case Reduction _ -> ExportReductions.export(graph, step, in.getFirst());
            case View _ -> List.of(ExportViews.export(graph, step.index(), in.getFirst()));
            case Cast c -> List.of(cast(in.getFirst(), metas.getFirst().dtype(), c.dtype()));
            case Structured _ -> ExportStructured.export(graph, step, in);
          };
      for (int k = 0; k < Math.min(out.size(), step.outputs().size()); k++) {
        graph.name(step.outputs().get(k), out.get(k));
      }
      for (int k = out.size(); k < step.outputs().size(); k++) {
        values.lacks(step.outputs().get(k));
      }
    } catch (ExportGraph.Hole e) {
      values.holes.add(where + ": " + e.getMessage());
    }
  }

  private String cast(String name, DType from, DType to) {
    return values.as(name, ElementType.of(from), ElementType.of(to));
  }

  private void kept(ExportTape.Kept node) {
    String where = node.step().node().describe();
    List<String> in = new ArrayList<>();
    boolean known = true;
    for (int value : node.inputs()) {
      String name = value < 0 ? "" : values.as(value, node.types().get(value), where);
      in.add(name);
      known &= value < 0 || !name.isEmpty();
    }
    List<List<String>> outside = new ArrayList<>();
    for (List<Integer> used : node.outside()) {
      List<String> names =
          used.stream().map(value -> values.as(value, node.types().get(value), where)).toList();
      outside.add(names);
      known &= !names.contains("");
    }
    if (!known) {
      return;
    }
    ElementType first =
        in.isEmpty() || in.getFirst().isEmpty()
            ? ElementType.FLOAT
            : node.types().getOrDefault(node.inputs().getFirst(), ElementType.FLOAT);
    List<String> out = nodes.write(node.block(), node.step(), in, outside, first);
    for (int i = 0; i < out.size(); i++) {
      int value = node.outputs().get(i);
      if (value >= 0) {
        values.name(value, out.get(i), graph.tape().types.get(value));
      }
    }
  }

  /** So that the module drops again when it is imported and trained. */
  private void dropout(ExportTape.Idle idle) {
    String in = values.natural(idle.input(), "dropout");
    if (!in.isEmpty()) {
      String ratio = graph.number(idle.ratio(), DType.F32);
      graph.name(idle.output(), graph.node("Dropout", List.of(in, ratio)));
    }
  }

  private void choice(ExportTape.Choice choice) {
    String condition = truth(choice.condition(), choice.site());
    GraphProto then = body("then", choice.then());
    GraphProto otherwise = body("else", choice.otherwise());
    if (condition.isEmpty() || then.getOutputCount() < 1) {
      return;
    }
    List<String> out =
        graph.nodes(
            "If",
            List.of(condition),
            choice.outputs().size(),
            ExportGraph.attribute("then_branch", then),
            ExportGraph.attribute("else_branch", otherwise));
    for (int i = 0; i < out.size(); i++) {
      graph.name(choice.outputs().get(i), out.get(i));
    }
  }

  private String truth(int value, String where) {
    String condition = values.as(value, ElementType.BOOL, where);
    return condition.isEmpty() || graph.meta(value).rank() == 0
        ? condition
        : graph.node("Reshape", List.of(condition, graph.longs()));
  }

  private void repeat(ExportTape.Repeat repeat) {
    List<String> in = new ArrayList<>(List.of("", truth(repeat.condition(), repeat.site())));
    for (int value : repeat.carried()) {
      in.add(values.natural(value, repeat.site()));
    }
    GraphProto body = body("body", repeat.body());
    if (in.subList(1, in.size()).contains("")) {
      return;
    }
    List<String> out =
        graph.nodes(
            "Loop", in, repeat.outputs().size(), ExportGraph.attribute("body", body));
    for (int i = 0; i < out.size(); i++) {
      graph.name(repeat.outputs().get(i), out.get(i));
    }
  }

  /** A branch, or, if it takes values, a loop's body, which also takes a number and a truth. */
  private GraphProto body(String name, ExportTape.Body body) {
    GraphProto.Builder proto = GraphProto.newBuilder().setName(graph.fresh(name));
    boolean loops = !body.inputs().isEmpty();
    if (loops) {
      proto.addInput(single(graph.fresh("/trip"), ElementType.INT64));
      proto.addInput(single(graph.fresh("/go"), ElementType.BOOL));
    }
    for (int value : body.inputs()) {
      graph.name(value, graph.fresh("/carried"));
      proto.addInput(anyShape(graph.name(value), value));
    }
    proto.addAllNode(
        values.within(
            () -> {
              body.entries().forEach(this::entry);
              for (int i = 0; i < body.outputs().size(); i++) {
                int value = body.outputs().get(i);
                boolean go = loops && i == 0;
                String made = go ? truth(value, name) : values.natural(value, name);
                if (!made.isEmpty()) {
                  // Of a node of its own: it may be a value from outside, or given twice.
                  String out = graph.node("Identity", List.of(made));
                  proto.addOutput(go ? single(out, ElementType.BOOL) : anyShape(out, value));
                }
              }
            }));
    return proto.build();
  }

  private static ValueInfoProto single(String name, ElementType type) {
    return info(name, type, TensorShapeProto.newBuilder());
  }

  private ValueInfoProto anyShape(String name, int value) {
    ElementType type = ElementType.of(graph.meta(value).dtype());
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type.code())))
        .build();
  }
}
