package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Turns a model's FLOAT into FLOAT16 or BFLOAT16: constants, attributes that name the type, bodies.
 * Nodes that have to stay in FLOAT are kept between casts: operators that ONNX does not define for
 * the type in the model's operator set, those that count, sum up or take coordinates, which need
 * the digits, quantization, whose scales do, and what the user names.
 */
final class Precision {
  private static final Set<String> COORDINATES =
      Set.of("RoiAlign", "MaxRoiPool", "GridSample", "AffineGrid", "DeformConv");

  private static final double SMALLEST = 0x1p-24;

  private final ModelEdit model;
  private final ElementType to;
  private final PrecisionOptions options;
  private final Map<String, ElementType> types;
  private final Map<String, Integer> changed = new TreeMap<>();
  private final Map<String, List<String>> kept = new TreeMap<>();
  private final List<String> warnings = new ArrayList<>();
  private final Map<String, String> wide = new HashMap<>();
  private final Map<String, TensorProto> wideConstants = new HashMap<>();
  private final Set<String> products = new HashSet<>();
  private final Set<String> scales = new HashSet<>();

  private Precision(ModelEdit model, ElementType to, PrecisionOptions options) {
    this.model = model;
    this.to = to;
    this.options = options;
    this.types = ElementTypes.of(model);
  }

  /**
   * Changes the model.
   *
   * @return the report without what needs the result to be run
   */
  static QuantizeReport convert(ModelEdit model, ElementType to, PrecisionOptions options) {
    if (options.fusesNorms()) {
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
    return QuantizeReport.of(pass.changed, pass.kept, pass.warnings);
  }

  private boolean isFloat(String value) {
    return types.get(value) == ElementType.FLOAT;
  }

  private String suffixed(String value) {
    return model.fresh(value + (to == ElementType.FLOAT16 ? "_f16" : "_bf16"));
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
      if (!options.keepsIo() || !isFloat(name)) {
        continue;
      }
      needsTensor(input);
      String small = suffixed(name);
      types.put(small, ElementType.FLOAT);
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
        node.inputs().stream().anyMatch(this::isFloat)
            || node.outputs().stream().anyMatch(this::isFloat);
    if (!floats) {
      return;
    }
    String reason = reason(node);
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
      boolean fixed = !reason.isEmpty() || HalfTypes.isFixedInput(node, i);
      if (fixed && isFloat(node.input(i))) {
        model.setInput(node, i, wide(node.graph(), node.input(i)));
      }
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.outputs().get(i);
      boolean fixed = !reason.isEmpty() || HalfTypes.isFixedOutput(node, i);
      if (fixed && isFloat(output)) {
        String large = model.fresh(output + "_f32");
        model.setOutput(node, i, large);
        wide.put(output, large);
        cast(node.graph(), large, output, to);
      }
    }
  }

  /** Why a node stays in FLOAT; empty if it does not. */
  private String reason(NodeEdit node) {
    if (NodePatterns.match(node, options.kept())) {
      return "asked for";
    }
    if (!node.domain().isEmpty() || model.isFunction(node)) {
      return "not of ONNX's own operators";
    }
    if (isQuantization(node)) {
      return "sums and scales of integers";
    }
    if (COORDINATES.contains(node.type())) {
      return "coordinates need the digits";
    }
    if (node.is("BatchNormalization") && model.opset("") < HalfTypes.FREE_STATISTICS) {
      return "statistics need the digits";
    }
    return HalfTypes.takes(node.type(), model.opset(""), to)
        ? ""
        : node.type() + "-" + model.opset("") + " is not defined for " + to;
  }

  /** Sums of integer products, and what they are multiplied by, are out of the range of halves. */
  private boolean isQuantization(NodeEdit node) {
    boolean sums =
        node.is("Cast") && model.maker(node.input(0), "MatMulInteger", "ConvInteger").isPresent();
    boolean scale =
        node.is("DynamicQuantizeLinear")
            || node.is("Mul") && node.inputs().stream().anyMatch(scales::contains);
    boolean product = node.is("Mul") && node.inputs().stream().anyMatch(products::contains);
    if (sums) {
      products.add(node.output());
    } else if (scale && !product) {
      scales.addAll(node.outputs());
    }
    return sums || scale || product;
  }

  /** The FLOAT that a value was made of. */
  private String wide(GraphEdit graph, String value) {
    String known = wide.get(value);
    if (known != null) {
      return known;
    }
    TensorProto constant = wideConstants.get(value);
    if (constant == null && model.maker(value).isEmpty()) {
      constant = model.tensor(value).orElse(null);
    }
    if (constant != null) {
      String copy = model.fresh(value + "_f32");
      model.addConstant(model.graph(), constant.toBuilder().setName(copy).build());
      wide.put(value, copy);
      return copy;
    }
    String key = System.identityHashCode(graph) + "\0" + value;
    return wide.computeIfAbsent(
        key,
        _ -> {
          String large = model.fresh(value + "_f32");
          cast(graph, value, large, ElementType.FLOAT);
          return large;
        });
  }

  private void constant(NodeEdit node) {
    OnnxValue value = Evaluator.constant(model, node);
    wideConstants.put(node.output(), TensorWriter.write("", value));
    node.attributes().clear();
    node.set(held("value", small(value, node.output())));
  }

  private static AttributeProto held(String name, TensorProto tensor) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.TENSOR)
        .setT(tensor)
        .build();
  }

  /** Attributes that hold FLOAT or name it, or mean it when they are missing. */
  private void attributes(NodeEdit node) {
    String named = ElementTypes.attribute(node.type());
    boolean says = node.i(named, 0) == ElementType.FLOAT.code();
    boolean means =
        node.is("RandomNormal", "RandomUniform", "SequenceEmpty")
            && node.attribute(named).isEmpty();
    if (!named.isEmpty() && (says || means)) {
      node.set(ExportGraph.attribute(named, (long) to.code()));
    }
    if (node.is("ConstantOfShape")) {
      OnnxValue value =
          node.attribute("value")
              .map(a -> model.reader().read(a.getT()))
              .orElse(OnnxValue.of(Torch.zeros(1)));
      node.set(held("value", small(value, node.output())));
    }
    for (AttributeProto a : List.copyOf(node.attributes().values())) {
      if (a.hasTp()) {
        node.set(a.toBuilder().setTp(typed(a.getTp())).build());
      }
    }
  }

  private TensorProto small(OnnxValue value, String name) {
    Tensor x = ((OnnxValue.Numbers) value).tensor();
    boolean half = to == ElementType.FLOAT16;
    DType type = half ? DType.F16 : DType.BF16;
    Tensor fitting = x;
    if (half && x.numel() > 0) {
      // A single number stands for infinity, and something is going to be added to it.
      double most = x.numel() == 1 ? Fidelity.LARGEST_HALF / 2 : Fidelity.LARGEST_HALF;
      Tensor over = x.abs().gt(Fidelity.LARGEST_HALF).logicalAnd(x.isinf().logicalNot());
      long count = over.sum().itemLong();
      if (count > 0) {
        warnings.add(
            "'%s': %d of %d numbers beyond 65504, set to %.0f"
                .formatted(name, count, x.numel(), most));
        fitting = Torch.where(x.isinf(), x, x.clamp(-most, most));
      }
    }
    Tensor small = fitting.to(type);
    Tensor gone = small.eq(0).logicalAnd(x.ne(0));
    long lost = half ? gone.sum().itemLong() : 0;
    if (lost > 0 && x.numel() == 1) {
      // What keeps a division from 0 must not be 0.
      small = Torch.full(DType.F32, Math.copySign(SMALLEST, x.item())).to(type).expandAs(small);
      warnings.add("'%s': %s is too small, now %s".formatted(name, x.item(), small.item()));
    } else if (lost > 0) {
      warnings.add("'%s': %d of %d numbers too small, now 0".formatted(name, lost, x.numel()));
    }
    return ExportGraph.tensor("", small);
  }

  private void constants() {
    for (String name : model.constants()) {
      if (!isFloat(name) || !model.isUsed(name)) {
        continue;
      }
      OnnxValue value = model.constant(name).orElseThrow();
      if (options.keepsIo() && model.graph().results().contains(name)) {
        String copy = suffixed(name);
        model.rewire(name, copy);
        model.addConstant(model.graph(), small(value, name).toBuilder().setName(copy).build());
      } else {
        model.setConstant(name, small(value, name));
      }
    }
  }

  private void outputs() {
    for (ValueInfoProto output : model.graph().outputs()) {
      String name = output.getName();
      NodeEdit maker = model.maker(name).orElse(null);
      if (!options.keepsIo() || !isFloat(name) || maker == null) {
        continue;
      }
      needsTensor(output);
      String small = suffixed(name);
      String large = wide.get(name);
      model.setOutput(maker, maker.outputs().indexOf(name), small);
      model.rewire(name, small);
      if (large != null && model.maker(large).isPresent()) {
        NodeEdit copy = model.add(model.graph(), "Identity", List.of(large), List.of(name));
        model.bypass(copy, large);
      } else {
        cast(model.graph(), small, name, ElementType.FLOAT);
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
    return info.toBuilder().setType(typed(info.getType())).build();
  }

  private TypeProto typed(TypeProto type) {
    TypeProto.Builder out = type.toBuilder();
    switch (type.getValueCase()) {
      case TENSOR_TYPE -> {
        if (type.getTensorType().getElemType() == ElementType.FLOAT.code()) {
          out.getTensorTypeBuilder().setElemType(to.code());
        }
      }
      case SEQUENCE_TYPE ->
          out.getSequenceTypeBuilder().setElemType(typed(type.getSequenceType().getElemType()));
      case OPTIONAL_TYPE ->
          out.getOptionalTypeBuilder().setElemType(typed(type.getOptionalType().getElemType()));
      case SPARSE_TENSOR_TYPE, MAP_TYPE, VALUE_NOT_SET -> {}
    }
    return out.build();
  }
}
