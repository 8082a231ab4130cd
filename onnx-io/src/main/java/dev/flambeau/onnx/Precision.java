package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Turns a model's FLOAT into FLOAT16 or BFLOAT16, or these into FLOAT: constants, attributes that
 * name the type, bodies. Nodes that have to stay are kept between casts: operators that ONNX does
 * not define for the type in the model's operator set, those that count, sum up or take
 * coordinates, which need the digits, quantization, whose scales do, and what the user names.
 */
final class Precision {
  private final ModelEdit model;
  private final ElementType to;
  private final PrecisionOptions options;
  private final Map<String, ElementType> types;
  private final KeptNodes keeping;
  private final HalfConstants halves;
  private final Map<String, Integer> changed = new TreeMap<>();
  private final Map<String, List<String>> kept = new TreeMap<>();

  /** The original that values with casts behind them were made of. */
  private final Map<String, String> wide = new HashMap<>();

  private record Place(GraphEdit graph, String value) {}

  private final Map<Place, String> casts = new HashMap<>();
  private final Map<String, TensorProto> wideConstants = new HashMap<>();

  private Precision(ModelEdit model, ElementType to, PrecisionOptions options) {
    this.model = model;
    this.to = to;
    this.options = options;
    this.types = ElementTypes.of(model);
    this.keeping = new KeptNodes(model, to, options.kept());
    this.halves = new HalfConstants(to);
  }

  /**
   * Changes the model.
   *
   * @return the report without what needs the result to be run
   */
  static QuantizeReport convert(ModelEdit model, ElementType to, PrecisionOptions options) {
    if (options.fusesNorms() && to != ElementType.FLOAT) {
      FuseNorms.run(model, ShapeFacts.of(model));
    }
    DropUnused.run(model);
    Precision pass = new Precision(model, to, options);
    NodePatterns.check("Onnx.convertPrecision", model, options.kept());
    pass.inputs();
    pass.graph(model.graph());
    pass.outputs();
    pass.constants();
    pass.declarations(model.graph(), true);
    DropUnused.run(model);
    return QuantizeReport.of(pass.changed, pass.kept, pass.halves.warnings());
  }

  private boolean changes(String value) {
    ElementType type = types.get(value);
    return type != null && HalfTypes.changes(type, to);
  }

  private String suffixed(String value, ElementType type) {
    String name = type == ElementType.FLOAT16 ? "f16" : type == ElementType.FLOAT ? "f32" : "bf16";
    return model.fresh(value + "_" + name);
  }

  private void cast(GraphEdit graph, String from, String result, ElementType type) {
    model.add(
        graph,
        "Cast",
        List.of(from),
        List.of(result),
        ExportGraph.attribute("to", (long) type.code()));
  }

  private void inputs() {
    for (ValueInfoProto input : model.inputs()) {
      String name = input.getName();
      if (!options.keepsIo() || !changes(name)) {
        continue;
      }
      needsTensor(input);
      String small = suffixed(name, to);
      types.put(small, types.get(name));
      model.rewire(name, small);
      wide.put(small, name);
      cast(model.graph(), name, small, to);
    }
  }

  private static void needsTensor(ValueInfoProto info) {
    if (!info.getType().hasTensorType()) {
      throw TorchException.argument(
          "Onnx.convertPrecision",
          "keepIo",
          "true, but '" + info.getName() + "' is no tensor",
          "false, as only tensors can be cast");
    }
  }

  private void graph(GraphEdit graph) {
    for (NodeEdit node : graph.sorted()) {
      boolean ours = node.is("Cast") && wide.containsKey(node.output());
      if (!ours) {
        node(node);
      }
      node.bodies().values().forEach(this::graph);
    }
  }

  private void node(NodeEdit node) {
    boolean floats =
        node.inputs().stream().anyMatch(this::changes)
            || node.outputs().stream().anyMatch(this::changes);
    if (!floats) {
      return;
    }
    String reason = keeping.reason(node);
    if (!node.bodies().isEmpty() && !reason.isEmpty()) {
      throw TorchException.argument(
          "Onnx.convertPrecision", node.describe(), reason, "an operator set that has it");
    }
    if (!reason.isEmpty()) {
      kept.computeIfAbsent(reason, _ -> new ArrayList<>()).add(node.describe());
    } else if (node.is("Constant")) {
      constant(node);
    } else {
      changed.merge(node.type(), 1, Integer::sum);
      attributes(node);
    }
    for (int i = 0; i < node.inputs().size(); i++) {
      boolean fixed = !reason.isEmpty() || HalfTypes.isFixedInput(node, i, to);
      if (fixed && changes(node.input(i))) {
        model.setInput(node, i, wide(node.graph(), node.input(i)));
      }
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.outputs().get(i);
      boolean fixed = !reason.isEmpty() || HalfTypes.isFixedOutput(node, i, to);
      if (fixed && changes(output)) {
        String large = suffixed(output, types.get(output));
        model.setOutput(node, i, large);
        wide.put(output, large);
        cast(node.graph(), large, output, to);
      }
    }
  }

  /** The original that a value was made of. */
  private String wide(GraphEdit graph, String value) {
    String known = wide.get(value);
    if (known != null) {
      return known;
    }
    TensorProto constant = wideConstants.get(value);
    if (constant == null && model.maker(value).isEmpty()) {
      constant = model.constants.tensor(value).orElse(null);
    }
    if (constant != null) {
      String copy = suffixed(value, types.get(value));
      model.constants.add(model.graph(), constant.toBuilder().setName(copy).build());
      wide.put(value, copy);
      return copy;
    }
    return casts.computeIfAbsent(
        new Place(graph, value),
        _ -> {
          String large = suffixed(value, types.get(value));
          cast(graph, value, large, types.get(value));
          return large;
        });
  }

  private void constant(NodeEdit node) {
    OnnxValue value = Evaluator.constant(model, node);
    wideConstants.put(node.output(), TensorWriter.write("", value));
    node.attributes().clear();
    node.set(ExportGraph.attribute("value", halves.of(value, node.output())));
  }

  /** Attributes that hold the type or name it, or mean FLOAT when they are missing. */
  private void attributes(NodeEdit node) {
    String named = ElementTypes.attribute(node.type());
    boolean says =
        ElementType.of(node.i(named, 0)).filter(t -> HalfTypes.changes(t, to)).isPresent();
    boolean means =
        to != ElementType.FLOAT
            && node.is("RandomNormal", "RandomUniform", "SequenceEmpty")
            && node.attribute(named).isEmpty();
    if (!named.isEmpty() && (says || means)) {
      node.set(ExportGraph.attribute(named, (long) to.code()));
    }
    if (node.is("ConstantOfShape") && changes(node.output())) {
      OnnxValue value =
          node.attribute("value")
              .map(a -> model.reader().read(a.getT()))
              .orElse(OnnxValue.of(Torch.zeros(1)));
      node.set(ExportGraph.attribute("value", halves.of(value, node.output())));
    }
    for (AttributeProto a : List.copyOf(node.attributes().values())) {
      if (a.hasTp()) {
        node.set(a.toBuilder().setTp(HalfTypes.typed(a.getTp(), to)).build());
      }
    }
  }

  private void constants() {
    for (String name : model.constants.listed()) {
      if (!changes(name) || !model.isUsed(name)) {
        continue;
      }
      OnnxValue value = model.constants.value(name).orElseThrow();
      if (options.keepsIo() && model.graph().results().contains(name)) {
        String copy = suffixed(name, to);
        model.rewire(name, copy);
        model.constants.add(
            model.graph(), halves.of(value, name).toBuilder().setName(copy).build());
      } else {
        model.constants.set(name, halves.of(value, name));
      }
    }
  }

  private void outputs() {
    for (ValueInfoProto output : model.graph().outputs()) {
      String name = output.getName();
      NodeEdit maker = model.maker(name).orElse(null);
      if (!options.keepsIo() || !changes(name) || maker == null) {
        continue;
      }
      needsTensor(output);
      String small = suffixed(name, to);
      String large = wide.get(name);
      model.setOutput(maker, maker.outputs().indexOf(name), small);
      model.rewire(name, small);
      if (large != null && model.maker(large).isPresent()) {
        NodeEdit copy = model.add(model.graph(), "Identity", List.of(large), List.of(name));
        model.bypass(copy, large);
      } else {
        cast(model.graph(), small, name, types.get(name));
      }
    }
  }

  /** Types declared for values inside, for bodies' inputs and outputs and, if asked for, all. */
  private void declarations(GraphEdit graph, boolean outermost) {
    graph.infos.replaceAll((_, info) -> typed(info));
    if (outermost && options.keepsIo()) {
      graph.infos.keySet().removeAll(graph.results());
    } else {
      graph.inputs.replaceAll(this::typed);
      graph.setOutputs(graph.outputs().stream().map(this::typed).toList());
    }
    for (NodeEdit node : graph.nodesWithBodies()) {
      node.bodies().values().forEach(body -> declarations(body, false));
    }
  }

  private ValueInfoProto typed(ValueInfoProto info) {
    return info.toBuilder().setType(HalfTypes.typed(info.getType(), to)).build();
  }
}
