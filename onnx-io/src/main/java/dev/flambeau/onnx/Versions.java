package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * How a node is written in another operator set than it comes from, both directions in one entry.
 * Source: ONNX's changelog of operators. Most new versions of an operator only allow more types, or
 * have attributes whose default is what there was before; attributes that became inputs stand in
 * {@link #MOVED}. What came to mean something else ({@link #CHANGED}) cannot be kept, and is
 * computed by other operators instead.
 */
final class Versions {
  /** What a value is as an input. */
  private enum Form {
    /** A vector of I64. */
    LONGS,
    /** A number without dimensions, I64. */
    LONG,
    /** A number without dimensions, F32 or as input 0. */
    NUMBER
  }

  /** An attribute that is an input since an operator set. */
  private record Moved(long since, String attribute, int input, Form form) {}

  private static final Moved AXES_13 = new Moved(13, "axes", 1, Form.LONGS);
  private static final List<Moved> AXES_18 = List.of(new Moved(18, "axes", 1, Form.LONGS));

  private static final Map<String, List<Moved>> MOVED =
      Map.ofEntries(
          Map.entry("Squeeze", List.of(AXES_13)),
          Map.entry("Unsqueeze", List.of(AXES_13)),
          Map.entry("ReduceSum", List.of(AXES_13)),
          Map.entry("ReduceL1", AXES_18),
          Map.entry("ReduceL2", AXES_18),
          Map.entry("ReduceLogSum", AXES_18),
          Map.entry("ReduceLogSumExp", AXES_18),
          Map.entry("ReduceMax", AXES_18),
          Map.entry("ReduceMean", AXES_18),
          Map.entry("ReduceMin", AXES_18),
          Map.entry("ReduceProd", AXES_18),
          Map.entry("ReduceSumSquare", AXES_18),
          Map.entry(
              "Clip",
              List.of(new Moved(11, "min", 1, Form.NUMBER), new Moved(11, "max", 2, Form.NUMBER))),
          Map.entry(
              "Pad",
              List.of(
                  new Moved(11, "pads", 1, Form.LONGS), new Moved(11, "value", 2, Form.NUMBER))),
          Map.entry(
              "Slice",
              List.of(
                  new Moved(10, "starts", 1, Form.LONGS),
                  new Moved(10, "ends", 2, Form.LONGS),
                  new Moved(10, "axes", 3, Form.LONGS))),
          Map.entry("Split", List.of(new Moved(13, "split", 1, Form.LONGS))),
          Map.entry("Dropout", List.of(new Moved(12, "ratio", 1, Form.NUMBER))),
          Map.entry("TopK", List.of(new Moved(10, "k", 1, Form.LONGS))),
          Map.entry("DFT", List.of(new Moved(20, "axis", 2, Form.LONG))));

  /** From which operator set on the same node means something else. */
  private static final Map<String, Long> CHANGED =
      Map.of(
          "Softmax", 13L,
          "LogSoftmax", 13L,
          "Hardmax", 13L,
          "Resize", 11L,
          "GroupNormalization", 21L,
          "PRelu", 7L,
          "Scan", 9L);

  private static final Set<String> SHARES = Set.of("Softmax", "LogSoftmax", "Hardmax");

  /** Attributes of the first operator sets that say nothing about inference. */
  private static final Set<String> DROPPED = Set.of("consumed_inputs", "is_test");

  /** Defaults of attributes that came later and are not what there was before. */
  private static final Map<String, Map<String, String>> BEFORE =
      Map.of("RoiAlign", Map.of("coordinate_transformation_mode", "output_half_pixel"));

  /** Operators whose output counts are those of an attribute since operator set 18. */
  private static final Set<String> COUNTED = Set.of("Split");

  /** A node as another operator set has it. */
  record Written(List<String> inputs, Map<String, AttributeProto> attributes) {}

  /** What is known where a node is written. */
  interface Place {
    /** The constant that an input of the node is, if it is one. */
    Optional<Tensor> constant(int input);

    /** The name of a constant, made for the node. */
    String constant(Tensor value, ElementType type);

    /** The type of input 0, as far as it is known. */
    ElementType type();
  }

  private Versions() {}

  /**
   * Whether {@link #write} can: by the schemas of both operator sets.
   *
   * @param inputs their values, as far as they are known
   */
  static boolean canKeep(
      Block block, Block.Step step, int opset, IntFunction<Optional<OnnxValue.Numbers>> inputs) {
    Node node = step.node();
    boolean inside =
        step.bodies().stream()
            .map(Block.Body::block)
            .allMatch(
                b -> b.steps.stream().allMatch(s -> canKeep(b, s, opset, _ -> Optional.empty())));
    if (!inside) {
      return false;
    }
    if (!node.domain().isEmpty()) {
      return Registry.find(node.domain(), node.type(), node.opset()).isPresent();
    }
    Schema from = Schemas.find("", node.type(), node.opset()).orElse(null);
    Schema to = Schemas.find("", node.type(), opset).orElse(null);
    if (from == null || to == null || to.deprecated()) {
      return false;
    }
    return from.since() == to.since()
        || !changed(node, opset, inputs.apply(0))
            && fits(block, step, from, to)
            && allows(step, to, inputs);
  }

  private static boolean allows(
      Block.Step step, Schema to, IntFunction<Optional<OnnxValue.Numbers>> inputs) {
    for (int i = 0; i < step.reads().length; i++) {
      Optional<Schema.Parameter> parameter = Schema.at(to.inputs(), i);
      Optional<String> type = inputs.apply(i).map(value -> ValueType.text(value.type()));
      if (parameter.isPresent()
          && type.isPresent()
          && !to.allowed(parameter.get()).contains(type.get())) {
        return false;
      }
    }
    return true;
  }

  private static boolean changed(Node node, int opset, Optional<OnnxValue.Numbers> first) {
    Long since = CHANGED.get(node.type());
    boolean between = since != null && node.opset() < since != opset < since;
    return between && !(SHARES.contains(node.type()) && isLast(node, first));
  }

  /** Before operator set 13 they are taken over an axis and all behind it. */
  private static boolean isLast(Node node, Optional<OnnxValue.Numbers> input) {
    long axis = node.i("axis", node.opset() < 13 ? 1 : -1);
    return axis == -1 || input.filter(x -> axis == x.tensor().dim() - 1).isPresent();
  }

  private static List<Moved> moved(Node node) {
    return MOVED.getOrDefault(node.type(), List.of());
  }

  private static boolean fits(Block block, Block.Step step, Schema from, Schema to) {
    Node node = step.node();
    for (var before : BEFORE.getOrDefault(node.type(), Map.of()).entrySet()) {
      String name = before.getKey();
      boolean lost = from.attributes().containsKey(name) && !to.attributes().containsKey(name);
      if (lost
          && !node.s(name, from.attributes().get(name).fallback().orElse(""))
              .equals(before.getValue())) {
        return false;
      }
    }
    for (String name : node.attributes().keySet()) {
      boolean moves = moved(node).stream().anyMatch(m -> m.attribute.equals(name));
      boolean needless =
          DROPPED.contains(name)
              || isDefault(node, name, from)
              || BEFORE.getOrDefault(node.type(), Map.of()).containsKey(name);
      if (!to.attributes().containsKey(name) && !moves && !needless) {
        return false;
      }
    }
    for (int i = 0; i < step.reads().length; i++) {
      int input = i;
      if (step.reads()[i] < 0 || Schema.at(to.inputs(), i).isPresent()) {
        continue;
      }
      boolean back =
          moved(node).stream()
              .anyMatch(m -> m.input == input && to.attributes().containsKey(m.attribute));
      if (!back || block.constant(step.reads()[i]).isEmpty()) {
        return false;
      }
    }
    return step.writes().length <= Schema.most(to.outputs());
  }

  /** Whether an attribute that there is no more says what was meant without it. */
  private static boolean isDefault(Node node, String name, Schema from) {
    Schema.Attribute attribute = from.attributes().get(name);
    if (attribute == null || attribute.fallback().isEmpty()) {
      return false;
    }
    AttributeProto given = node.attributes().get(name);
    String text =
        switch (given.getType()) {
          case INT -> "" + given.getI();
          case FLOAT -> "" + given.getF();
          case STRING -> given.getS().toStringUtf8();
          default -> "";
        };
    return text.equals(attribute.fallback().get());
  }

  /**
   * The node in an operator set; {@link #canKeep} has said that it has a form there.
   *
   * @param names of its inputs
   * @param outputs how many outputs the node names
   */
  static Written write(Node node, List<String> names, int outputs, int opset, Place place) {
    List<String> inputs = new ArrayList<>(names);
    Map<String, AttributeProto> attributes = new LinkedHashMap<>(node.attributes());
    if (!node.domain().isEmpty() || node.opset() == opset) {
      return new Written(inputs, attributes);
    }
    Schema from = Schemas.find("", node.type(), node.opset()).orElseThrow();
    Schema to = Schemas.find("", node.type(), opset).orElseThrow();
    for (Moved m : moved(node)) {
      if (node.opset() < m.since && opset >= m.since) {
        asInput(m, attributes, inputs, place, from);
      } else if (node.opset() >= m.since && opset < m.since && m.input < inputs.size()) {
        asAttribute(m, attributes, inputs, place);
      }
    }
    attributes.keySet().removeIf(name -> !to.attributes().containsKey(name));
    from.attributes().forEach((name, a) -> keepDefault(name, a, to, attributes));
    BEFORE
        .getOrDefault(node.type(), Map.of())
        .forEach(
            (name, value) -> {
              if (!from.attributes().containsKey(name) && to.attributes().containsKey(name)) {
                attributes.put(name, ExportGraph.attribute(name, value));
              }
            });
    if (COUNTED.contains(node.type())
        && to.attributes().containsKey("num_outputs")
        && !from.attributes().containsKey("num_outputs")
        && (inputs.size() < 2 || inputs.get(1).isEmpty())) {
      attributes.put("num_outputs", ExportGraph.attribute("num_outputs", (long) outputs));
    }
    if (SHARES.contains(node.type()) && node.opset() < 13 != opset < 13) {
      attributes.put("axis", ExportGraph.attribute("axis", -1L));
    }
    if (node.type().equals("GridSample")) {
      renameModes(attributes, opset);
    }
    return new Written(inputs, attributes);
  }

  private static void asInput(
      Moved m,
      Map<String, AttributeProto> attributes,
      List<String> inputs,
      Place place,
      Schema from) {
    AttributeProto given = attributes.remove(m.attribute);
    Optional<String> fallback =
        Optional.ofNullable(from.attributes().get(m.attribute)).flatMap(Schema.Attribute::fallback);
    // Slice's axes and Clip's bounds, left out, mean the same as an input left out.
    boolean needed = given != null || m.form == Form.LONG && fallback.isPresent();
    if (!needed) {
      return;
    }
    Tensor value =
        switch (m.form) {
          case LONGS ->
              given.getType() == AttributeProto.AttributeType.INT
                  ? Torch.tensor(new long[] {given.getI()}, 1)
                  : Torch.tensor(
                      given.getIntsList().stream().mapToLong(Long::longValue).toArray(),
                      given.getIntsCount());
          case LONG ->
              Torch.full(DType.I64, given == null ? Long.parseLong(fallback.get()) : given.getI());
          case NUMBER -> Torch.full(place.type().stored().orElse(DType.F32), given.getF());
        };
    while (inputs.size() <= m.input) {
      inputs.add("");
    }
    boolean number = m.form == Form.NUMBER;
    inputs.set(m.input, place.constant(value, number ? place.type() : ElementType.INT64));
  }

  private static void asAttribute(
      Moved m, Map<String, AttributeProto> attributes, List<String> inputs, Place place) {
    if (inputs.get(m.input).isEmpty()) {
      return;
    }
    Tensor value = place.constant(m.input).orElseThrow();
    inputs.set(m.input, "");
    while (inputs.getLast().isEmpty()) {
      inputs.removeLast();
    }
    boolean one = m.form == Form.LONG || m.attribute.equals("k");
    attributes.put(
        m.attribute,
        m.form == Form.NUMBER
            ? ExportGraph.attribute(m.attribute, value.to(DType.F64).item())
            : one
                ? ExportGraph.attribute(m.attribute, value.itemLong())
                : ExportGraph.attribute(
                    m.attribute, Arrays.stream(value.toLongArray()).boxed().toList()));
  }

  /** Writes a default down that is another one now. */
  private static void keepDefault(
      String name, Schema.Attribute before, Schema to, Map<String, AttributeProto> attributes) {
    Schema.Attribute now = to.attributes().get(name);
    if (now == null
        || attributes.containsKey(name)
        || before.fallback().isEmpty()
        || before.fallback().equals(now.fallback())) {
      return;
    }
    String value = before.fallback().get();
    switch (before.type()) {
      case INT -> attributes.put(name, ExportGraph.attribute(name, Long.parseLong(value)));
      case FLOAT -> attributes.put(name, ExportGraph.attribute(name, Double.parseDouble(value)));
      case STRING -> attributes.put(name, ExportGraph.attribute(name, value));
      default -> {}
    }
  }

  /** Interpolation has other names since operator set 20. */
  private static void renameModes(Map<String, AttributeProto> attributes, int opset) {
    Map<String, String> newer = Map.of("bilinear", "linear", "bicubic", "cubic");
    Map<String, String> older = Map.of("linear", "bilinear", "cubic", "bicubic");
    AttributeProto mode = attributes.get("mode");
    if (mode != null) {
      String name = mode.getS().toStringUtf8();
      String value = (opset >= 20 ? newer : older).getOrDefault(name, name);
      attributes.put("mode", ExportGraph.attribute("mode", value));
    }
  }
}
