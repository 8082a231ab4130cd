package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorShapeProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Writes what was inferred into a model: {@code value_info} of its graphs, and types of their
 * inputs and outputs that lack them.
 */
final class ShapeWriter {
  private final ShapeNames names;
  private final Map<GraphProto, Map<String, Known>> found;

  ShapeWriter(ShapeNames names, Map<GraphProto, Map<String, Known>> found) {
    this.names = names;
    this.found = found;
  }

  ModelProto annotated(ModelProto model) {
    return model.toBuilder().setGraph(annotated(model.getGraph())).build();
  }

  private GraphProto annotated(GraphProto graph) {
    Map<String, Known> values = found.getOrDefault(graph, Map.of());
    GraphProto.Builder out = graph.toBuilder().clearValueInfo();
    Map<String, ValueInfoProto> declared = new HashMap<>();
    graph.getValueInfoList().forEach(v -> declared.put(v.getName(), v));
    Set<String> ends = new HashSet<>();
    for (int i = 0; i < graph.getInputCount(); i++) {
      ends.add(graph.getInput(i).getName());
      out.setInput(i, annotated(graph.getInput(i), values));
    }
    for (int i = 0; i < graph.getOutputCount(); i++) {
      ends.add(graph.getOutput(i).getName());
      out.setOutput(i, annotated(graph.getOutput(i), values));
    }
    for (int i = 0; i < graph.getNodeCount(); i++) {
      for (String name : graph.getNode(i).getOutputList()) {
        if (!name.isEmpty() && ends.add(name)) {
          ValueInfoProto info =
              declared.getOrDefault(name, ValueInfoProto.newBuilder().setName(name).build());
          ValueInfoProto full = annotated(info, values);
          if (full.hasType()) {
            out.addValueInfo(full);
          }
        }
      }
      if (graph.getNode(i).getAttributeList().stream().anyMatch(ShapeWriter::hasGraph)) {
        out.setNode(i, annotated(graph.getNode(i)));
      }
    }
    return out.build();
  }

  private static boolean hasGraph(AttributeProto attribute) {
    return attribute.hasG() || attribute.getGraphsCount() > 0;
  }

  private NodeProto annotated(NodeProto node) {
    NodeProto.Builder out = node.toBuilder();
    for (AttributeProto.Builder a : out.getAttributeBuilderList()) {
      if (a.hasG()) {
        a.setG(annotated(a.getG()));
      }
      for (int i = 0; i < a.getGraphsCount(); i++) {
        a.setGraphs(i, annotated(a.getGraphs(i)));
      }
    }
    return out.build();
  }

  /** What the file says of a value stays where it is known no better. */
  private ValueInfoProto annotated(ValueInfoProto info, Map<String, Known> values) {
    ValueType declared = names.type(info.getType());
    ValueType type = values.getOrDefault(info.getName(), Known.NOTHING).type();
    if (!ShapeMerge.agree(type, declared)) {
      return info;
    }
    ValueType both =
        ShapeMerge.complete(type, declared, size -> !size.isNumber() || names.isOpen(size));
    return both.proto()
        .map(p -> info.toBuilder().setType(kept(info.getType(), p)))
        .orElse(info.toBuilder())
        .build();
  }

  /** With the texts and denotations that the file has. */
  private TypeProto kept(TypeProto declared, TypeProto found) {
    TypeProto.Builder out = found.toBuilder();
    if (declared.hasDenotation()) {
      out.setDenotation(declared.getDenotation());
    }
    TensorShapeProto shape = declared.getTensorType().getShape();
    if (!found.hasTensorType() || !declared.getTensorType().hasShape()) {
      return out.build();
    }
    if (!found.getTensorType().hasShape()) {
      out.getTensorTypeBuilder().setShape(shape);
      return out.build();
    }
    TensorShapeProto.Builder sizes = out.getTensorTypeBuilder().getShapeBuilder();
    for (int i = 0; i < sizes.getDimCount(); i++) {
      TensorShapeProto.Dimension.Builder size = sizes.getDimBuilder(i);
      if (shape.getDim(i).hasDenotation()) {
        size.setDenotation(shape.getDim(i).getDenotation());
      }
      if (shape.getDim(i).hasDimParam() && !size.hasDimValue()) {
        size.setDimParam(shape.getDim(i).getDimParam());
      }
    }
    return out.build();
  }
}
