package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorShapeProto;
import dev.flambeau.onnx.proto.TypeProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the names of sizes in a model stand for. A name of an input's size is that size everywhere
 * in the model; a text such as {@code past + seq} is an expression if its names are such. A name
 * that no input has is one size, too, but may well be 0, as what NonZero finds.
 */
final class ShapeNames {
  private static final String OPEN = "unknown_";

  private final Set<String> inputs = new HashSet<>();
  private final Map<String, Size> known = new HashMap<>();
  private final Set<String> open = new HashSet<>();
  private final Set<String> written = new HashSet<>();

  ShapeNames(ModelProto model) {
    GraphProto graph = model.getGraph();
    graph.getInputList().forEach(v -> collect(v.getType(), inputs));
    collect(graph);
  }

  private void collect(GraphProto graph) {
    graph.getInputList().forEach(v -> collect(v.getType(), written));
    graph.getValueInfoList().forEach(v -> collect(v.getType(), written));
    graph.getOutputList().forEach(v -> collect(v.getType(), written));
    for (NodeProto node : graph.getNodeList()) {
      for (AttributeProto a : node.getAttributeList()) {
        if (a.hasG()) {
          collect(a.getG());
        }
        a.getGraphsList().forEach(this::collect);
      }
    }
  }

  private static void collect(TypeProto type, Set<String> into) {
    type.getTensorType().getShape().getDimList().forEach(d -> into.add(d.getDimParam()));
  }

  /** A size of 0 or more that has no name yet. */
  Size fresh() {
    String name = OPEN + open.size();
    while (!open.add(name) || written.contains(name)) {
      name = OPEN + open.size() + "_" + name.length();
    }
    return Size.open(name);
  }

  /** Whether nothing is known of a size but what it may be equal to. */
  boolean isOpen(Size size) {
    if (size.isNumber()) {
      return false;
    }
    Set<String> names = new HashSet<>();
    size.names(names);
    return !size.isKnown() || names.stream().anyMatch(open::contains);
  }

  ValueType type(TypeProto type) {
    return ValueType.of(type, this::size);
  }

  private Size size(TensorShapeProto.Dimension dimension) {
    if (dimension.hasDimValue()) {
      return dimension.getDimValue() >= 0 ? Size.of(dimension.getDimValue()) : fresh();
    }
    String text = dimension.getDimParam().strip();
    if (text.isEmpty() || text.equals("?") || text.equals("None") || text.startsWith("-")) {
      return fresh();
    }
    return known.computeIfAbsent(text, this::named);
  }

  private Size named(String text) {
    Size size =
        SizeParser.parse(
            text, name -> inputs.contains(name) ? Optional.of(Size.named(name)) : Optional.empty());
    if (size.isKnown()) {
      return size;
    }
    boolean input = inputs.contains(text) && !text.startsWith(OPEN);
    Size name = input ? Size.named(text) : Size.open(text);
    // A name may be too long for an expression.
    return name.isKnown() ? name : fresh();
  }
}
