package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The element types of a model's values, in bodies too; of sequences and optionals, those of the
 * tensors in them. Most operators give what their first input has: here are the others (ONNX
 * Operators.md).
 */
final class ElementTypes {
  private static final Set<String> TRUTHS =
      Set.of(
          "And",
          "Or",
          "Xor",
          "Not",
          "Equal",
          "Less",
          "LessOrEqual",
          "Greater",
          "GreaterOrEqual",
          "IsNaN",
          "IsInf",
          "OptionalHasElement",
          "RegexFullMatch");

  private static final Set<String> INDICES =
      Set.of("Shape", "Size", "ArgMax", "ArgMin", "NonZero", "NonMaxSuppression", "SequenceLength");

  /** The input that gives the type, where it is not the first. */
  private static final Map<String, Integer> LIKE =
      Map.of(
          "Where", 1,
          "CastLike", 1,
          "DequantizeLinear", 1,
          "OneHot", 2,
          "QuantizeLinear", 2,
          "QLinearMatMul", 7,
          "QLinearConv", 7);

  /** The attribute that may give the type. */
  private static final Map<String, String> NAMED =
      Map.ofEntries(
          Map.entry("Cast", "to"),
          Map.entry("BitCast", "to"),
          Map.entry("RandomNormal", "dtype"),
          Map.entry("RandomUniform", "dtype"),
          Map.entry("RandomNormalLike", "dtype"),
          Map.entry("RandomUniformLike", "dtype"),
          Map.entry("EyeLike", "dtype"),
          Map.entry("Bernoulli", "dtype"),
          Map.entry("Multinomial", "dtype"),
          Map.entry("SequenceEmpty", "dtype"),
          Map.entry("QuantizeLinear", "output_dtype"),
          Map.entry("DequantizeLinear", "output_dtype"),
          Map.entry("HannWindow", "output_datatype"),
          Map.entry("HammingWindow", "output_datatype"),
          Map.entry("BlackmanWindow", "output_datatype"),
          Map.entry("MelWeightMatrix", "output_datatype"));

  /** Types that do not depend on the inputs'. */
  private static final Map<String, ElementType> FIXED =
      Map.ofEntries(
          Map.entry("MatMulInteger", ElementType.INT32),
          Map.entry("ConvInteger", ElementType.INT32),
          Map.entry("DynamicQuantizeLinear", ElementType.UINT8),
          Map.entry("TfIdfVectorizer", ElementType.FLOAT),
          Map.entry("StringConcat", ElementType.STRING),
          Map.entry("ImageDecoder", ElementType.UINT8),
          Map.entry("Multinomial", ElementType.INT32),
          Map.entry("QuantizeLinear", ElementType.UINT8),
          Map.entry("RandomNormal", ElementType.FLOAT),
          Map.entry("RandomUniform", ElementType.FLOAT),
          Map.entry("SequenceEmpty", ElementType.FLOAT),
          Map.entry("HannWindow", ElementType.FLOAT),
          Map.entry("HammingWindow", ElementType.FLOAT),
          Map.entry("BlackmanWindow", ElementType.FLOAT),
          Map.entry("MelWeightMatrix", ElementType.FLOAT));

  private final ModelEdit model;
  private final Map<String, ElementType> types = new HashMap<>();

  private ElementTypes(ModelEdit model) {
    this.model = model;
  }

  /** By value; values of unknown operators that nothing is declared of may be missing. */
  static Map<String, ElementType> of(ModelEdit model) {
    ElementTypes types = new ElementTypes(model);
    types.graph(model.graph(), List.of());
    return types.types;
  }

  /** The attribute of an operator that may give its results' type; empty if there is none. */
  static String attribute(String operator) {
    return NAMED.getOrDefault(operator, "");
  }

  private static Optional<ElementType> declared(TypeProto type) {
    return switch (type.getValueCase()) {
      case TENSOR_TYPE -> ElementType.of(type.getTensorType().getElemType());
      case SPARSE_TENSOR_TYPE -> ElementType.of(type.getSparseTensorType().getElemType());
      case SEQUENCE_TYPE -> declared(type.getSequenceType().getElemType());
      case OPTIONAL_TYPE -> declared(type.getOptionalType().getElemType());
      case MAP_TYPE, VALUE_NOT_SET -> Optional.empty();
    };
  }

  /**
   * @param given types of a body's inputs; empty where the file declares them
   */
  private void graph(GraphEdit graph, List<Optional<ElementType>> given) {
    for (int i = 0; i < graph.inputs.size(); i++) {
      ValueInfoProto input = graph.inputs.get(i);
      Optional<ElementType> type = i < given.size() ? given.get(i) : Optional.empty();
      put(input.getName(), type.or(() -> declared(input.getType())));
    }
    graph.initializers.values().forEach(t -> put(t.getName(), ElementType.of(t.getDataType())));
    graph
        .sparse
        .values()
        .forEach(t -> put(t.getValues().getName(), ElementType.of(t.getValues().getDataType())));
    for (NodeEdit node : graph.sorted()) {
      List<Optional<ElementType>> results = results(node);
      for (int i = 0; i < node.outputs().size(); i++) {
        String output = node.outputs().get(i);
        Optional<ElementType> type = i < results.size() ? results.get(i) : results.getLast();
        ValueInfoProto info = graph.infos.get(output);
        put(output, type.or(() -> info == null ? type : declared(info.getType())));
      }
    }
  }

  private void put(String name, Optional<ElementType> type) {
    if (type.isPresent() && !name.isEmpty()) {
      types.put(name, type.get());
    }
  }

  private Optional<ElementType> type(String name) {
    return Optional.ofNullable(types.get(name));
  }

  /** Types of the outputs; the last counts for those that follow. */
  private List<Optional<ElementType>> results(NodeEdit node) {
    if (!node.bodies().isEmpty()) {
      return withBodies(node);
    }
    if (!node.domain().isEmpty()) {
      return List.of(type(node.input(0)));
    }
    Optional<ElementType> index = Optional.of(ElementType.INT64);
    return switch (node.type()) {
      case "Constant", "ConstantOfShape" -> List.of(constant(node));
      case "TopK", "MaxPool", "Unique" -> List.of(type(node.input(0)), index);
      case "Dropout" -> List.of(type(node.input(0)), Optional.of(ElementType.BOOL));
      case "DynamicQuantizeLinear" ->
          List.of(
              Optional.of(ElementType.UINT8),
              Optional.of(ElementType.FLOAT),
              Optional.of(ElementType.UINT8));
      case "LayerNormalization" ->
          List.of(type(node.input(0)), ElementType.of(node.i("stash_type", 1)));
      default -> List.of(first(node));
    };
  }

  private Optional<ElementType> first(NodeEdit node) {
    String type = node.type();
    if (TRUTHS.contains(type)) {
      return Optional.of(ElementType.BOOL);
    }
    if (INDICES.contains(type)) {
      return Optional.of(ElementType.INT64);
    }
    String attribute = attribute(type);
    if (node.i(attribute, 0) != 0) {
      return ElementType.of(node.i(attribute, 0));
    }
    Optional<ElementType> like = type(node.input(LIKE.getOrDefault(type, 0)));
    return FIXED.containsKey(type) && !(LIKE.containsKey(type) && like.isPresent())
        ? Optional.of(FIXED.get(type))
        : like;
  }

  private static Optional<ElementType> constant(NodeEdit node) {
    for (AttributeProto a : node.attributes().values()) {
      switch (a.getName()) {
        case "value" -> {
          return ElementType.of(a.getT().getDataType());
        }
        case "sparse_value" -> {
          return ElementType.of(a.getSparseTensor().getValues().getDataType());
        }
        case "value_int", "value_ints" -> {
          return Optional.of(ElementType.INT64);
        }
        case "value_string", "value_strings" -> {
          return Optional.of(ElementType.STRING);
        }
        default -> {}
      }
    }
    return Optional.of(ElementType.FLOAT);
  }

  private List<Optional<ElementType>> withBodies(NodeEdit node) {
    List<Optional<ElementType>> given = new ArrayList<>();
    // Scan's first version has the sequences' lengths in front.
    int skipped = node.is("Scan") && model.opset("") < 9 ? 1 : node.is("Loop") ? 2 : 0;
    if (node.is("Loop")) {
      given.add(Optional.of(ElementType.INT64));
      given.add(Optional.of(ElementType.BOOL));
    }
    node.inputs().stream().skip(skipped).forEach(i -> given.add(type(i)));
    List<Optional<ElementType>> results = new ArrayList<>();
    for (GraphEdit body : node.bodies().values()) {
      graph(body, node.is("If") ? List.of() : given);
      results.clear();
      body.outputs().stream()
          .skip(node.is("Loop") ? 1 : 0)
          .forEach(o -> results.add(type(o.getName()).or(() -> declared(o.getType()))));
    }
    results.add(Optional.empty());
    return results;
  }
}
