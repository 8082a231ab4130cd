package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.StringStringEntryProto;
import dev.flambeau.onnx.proto.TensorShapeProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.RunningNorm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
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
  private final Map<String, Double> momenta = new HashMap<>();
  private final ExportOptions options;
  private final ExportSizes sizes;
  private final List<String> inputs;
  private ExportGraph graph;

  private Exporter(
      Module module,
      UnaryOperator<List<Tensor>> forward,
      List<Tensor> examples,
      ExportOptions options) {
    this.state = module.stateDict();
    this.options = options;
    Set<Storage> memory = Collections.newSetFromMap(new IdentityHashMap<>());
    state.values().forEach(t -> memory.add(t.storage()));
    this.sizes = new ExportSizes(forward, examples, options, memory);
    this.inputs = names("inputNames", "input", options.inputNames(), examples.size());
    module
        .namedModules()
        .forEach(
            (name, m) -> {
              if (m instanceof RunningNorm norm && norm.momentum().isPresent()) {
                String mean = name.isEmpty() ? "running_mean" : name + ".running_mean";
                momenta.put(mean, norm.momentum().getAsDouble());
              }
            });
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

  /** Written again with one capture more where a size's formula needs it. */
  private ModelProto model() {
    try {
      return written();
    } catch (ExportShapes.Unsure e) {
      sizes.addWitness();
      return written();
    }
  }

  private ModelProto written() {
    graph = new ExportGraph(options.opset(), sizes, inputs);
    graph.momenta.putAll(momenta);
    ExportValues values = new ExportValues(graph, state);
    ExportKept nodes = new ExportKept(graph, values::constant);
    sizes.tapes.forEach(t -> values.holes.addAll(t.holes));
    for (int i = 0; i < inputs.size(); i++) {
      values.name(i, inputs.get(i), declared(options.inputTypes(), i, i));
    }
    List<String> outputs =
        names(
            "outputNames", "output", options.outputNames(), sizes.tapes.getFirst().outputs.size());
    outputs.forEach(graph::reserve);
    state.keySet().forEach(graph::reserve);
    ExportEntries entries = new ExportEntries(graph, values, nodes);
    graph.tape().entries().forEach(entries::write);
    GraphProto.Builder proto = GraphProto.newBuilder().setName("main");
    for (int i = 0; i < inputs.size(); i++) {
      proto.addInput(info(inputs.get(i), values.type(i), i));
    }
    for (int i = 0; i < outputs.size(); i++) {
      int value = graph.tape().outputs.get(i);
      ElementType type = declared(options.outputTypes(), i, value);
      String made = values.as(value, type, "the output");
      if (values.holes.isEmpty()) {
        graph.nodes.add(nodes.identity(made, outputs.get(i)));
        proto.addOutput(info(outputs.get(i), type, value));
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
            .filter(step -> !Versions.canKeep(block, step, options.opset(), _ -> Optional.empty()))
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
    return opset < 15
        ? 7
        : opset < 19 ? 8 : opset < 21 ? 9 : opset < 23 ? 10 : Math.min(opset - 12, 13);
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

  static ValueInfoProto info(String name, ElementType type, TensorShapeProto.Builder shape) {
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.code()).setShape(shape);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
