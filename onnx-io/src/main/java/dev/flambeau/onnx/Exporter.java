package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.StringStringEntryProto;
import dev.flambeau.onnx.proto.TensorShapeProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Reduction;
import dev.flambeau.torch.op.Structured;
import dev.flambeau.torch.op.View;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * A module's calls as an ONNX model: constants that are the module's state become initializers of
 * the same names. What has no form in ONNX is collected, and the export refused with all of it.
 */
final class Exporter {
  private final Map<String, Tensor> state;
  private final ExportOptions options;
  private final ExportSizes sizes;
  private final List<String> inputs;
  private final Set<String> holes = new TreeSet<>();
  private final Set<Integer> unavailable = new HashSet<>();
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
      holes.clear();
      unavailable.clear();
      return written();
    }
  }

  private ModelProto written() {
    graph = new ExportGraph(options.opset(), sizes, inputs);
    sizes.tapes.forEach(t -> holes.addAll(t.holes));
    for (int i = 0; i < inputs.size(); i++) {
      graph.name(i, inputs.get(i));
    }
    List<String> outputs =
        names(
            "outputNames", "output", options.outputNames(), sizes.tapes.getFirst().outputs.size());
    outputs.forEach(graph::reserve);
    state.keySet().forEach(graph::reserve);
    for (int i = 0; i < graph.tape().steps.size(); i++) {
      step(i);
    }
    GraphProto.Builder proto = GraphProto.newBuilder().setName("main");
    for (int i = 0; i < inputs.size(); i++) {
      proto.addInput(info(inputs.get(i), i));
    }
    for (int i = 0; i < outputs.size(); i++) {
      int value = graph.tape().outputs.get(i);
      String made = input(value, "the output");
      if (holes.isEmpty()) {
        identity(made, outputs.get(i));
        proto.addOutput(info(outputs.get(i), value));
      }
    }
    if (!holes.isEmpty()) {
      throw TorchException.format(
          "Onnx.export",
          "what cannot be exported to operator set "
              + options.opset()
              + ":\n  "
              + String.join("\n  ", holes));
    }
    proto.addAllNode(graph.all()).addAllInitializer(graph.initializers.values());
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(irVersion(options.opset()))
            .setProducerName("flambeau")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(options.opset()))
            .setGraph(new ExportCleanup(proto).clean());
    options
        .metadata()
        .forEach(
            (key, value) ->
                model.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build();
  }

  /** The oldest file format version with the operator set, by ONNX's table of versions. */
  private static long irVersion(int opset) {
    return opset < 15
        ? 7
        : opset < 19 ? 8 : opset < 21 ? 9 : opset < 23 ? 10 : Math.min(opset - 12, 13);
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

  private ValueInfoProto info(String name, int value) {
    Meta meta = graph.meta(value);
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long[] size : ExportViews.shape(graph, value)) {
      TensorShapeProto.Dimension.Builder dim = shape.addDimBuilder();
      if (!sizes.varies(size)) {
        dim.setDimValue(size[0]);
      } else if (!sizes.name(size).isEmpty()) {
        dim.setDimParam(sizes.name(size));
      }
    }
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(ElementType.of(meta.dtype()).code())
            .setShape(shape);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  private void step(int at) {
    ExportTape.Step step = graph.tape().steps.get(at);
    String where = step.op().name() + " at " + step.site();
    if (empty(step)) {
      return;
    }
    List<String> in = new ArrayList<>();
    for (int value : step.inputs()) {
      in.add(input(value, where));
    }
    if (in.contains("")) {
      return;
    }
    graph.shapes.near(step.inputs());
    try {
      requireSameAttributes(at);
      List<Meta> metas = step.inputs().stream().map(graph::meta).toList();
      List<Meta> results = step.outputs().stream().map(graph::meta).toList();
      ExportCall call = new ExportCall(graph, at, in);
      List<String> out =
          switch (step.op()) {
            case Pointwise p -> ExportPointwise.export(graph, p, in, metas, results);
            case Reduction r -> ExportReductions.export(call, r);
            case View _ -> List.of(ExportViews.export(call));
            case Structured s -> ExportStructured.export(call, s);
          };
      for (int k = 0; k < Math.min(out.size(), step.outputs().size()); k++) {
        graph.name(step.outputs().get(k), out.get(k));
      }
      for (int k = out.size(); k < step.outputs().size(); k++) {
        unavailable.add(step.outputs().get(k));
      }
    } catch (ExportGraph.Hole e) {
      holes.add(where + ": " + e.getMessage());
    }
  }

  /** Results without elements are constants, whatever the operator. */
  private boolean empty(ExportTape.Step step) {
    for (int value : step.outputs()) {
      for (ExportTape tape : sizes.tapes) {
        boolean same = tape.metas.get(value).shape().equals(graph.meta(value).shape());
        if (!same || tape.metas.get(value).shape().numel() > 0) {
          return false;
        }
      }
    }
    for (int value : step.outputs()) {
      Meta meta = graph.meta(value);
      graph.name(value, graph.constant(Torch.empty(meta.dtype(), meta.shape().sizes())));
    }
    return true;
  }

  /** What an operator does may only follow an open size where its export looks at all captures. */
  private void requireSameAttributes(int at) {
    Op op = graph.tape().steps.get(at).op();
    boolean adapts =
        switch (op) {
          case View _ -> true;
          case Structured s -> ExportStructured.adapts(s);
          case Pointwise _, Reduction _ -> false;
        };
    if (!adapts) {
      for (ExportTape tape : sizes.tapes) {
        if (!tape.steps.get(at).op().equals(op)) {
          throw new ExportGraph.Hole("an attribute follows an open size");
        }
      }
    }
  }

  /** The name of a value; empty where an operator before could not be exported. */
  private String input(int value, String where) {
    if (graph.isNamed(value)) {
      return graph.name(value);
    }
    Tensor constant = graph.tape().constants.get(value);
    if (constant == null) {
      if (unavailable.contains(value)) {
        holes.add(where + ": reads a further result of an operator that ONNX lacks");
      }
      return "";
    }
    try {
      graph.name(value, ExportConstants.name(graph, value).orElseGet(() -> constant(constant)));
      return graph.name(value);
    } catch (ExportGraph.Hole e) {
      holes.add(where + ": " + e.getMessage());
      return "";
    }
  }

  private String constant(Tensor tensor) {
    for (var e : state.entrySet()) {
      Storage storage = e.getValue().storage();
      Layout layout = e.getValue().layout();
      if (storage == tensor.storage()
          && layout.equals(tensor.layout())
          && e.getValue().dtype() == tensor.dtype()) {
        graph.initializer(e.getKey(), tensor);
        return e.getKey();
      }
    }
    return graph.constant(tensor);
  }
}
