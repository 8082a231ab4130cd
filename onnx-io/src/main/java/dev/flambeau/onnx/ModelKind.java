package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Sorts test models by what they need most. */
final class ModelKind {
  private static final Set<String> CONTROL = Set.of("If", "Loop", "Scan");
  private static final Set<String> RANDOM =
      Set.of(
          "Bernoulli",
          "Multinomial",
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike");

  private final List<NodeProto> nodes = new ArrayList<>();
  private final EnumSet<ElementType> types = EnumSet.noneOf(ElementType.class);
  private final boolean preview;
  private boolean others;

  private ModelKind(ModelProto model) {
    GraphProto graph = model.getGraph();
    preview =
        model.getOpsetImportList().stream()
            .anyMatch(o -> o.getDomain().startsWith(Registry.PREVIEW));
    visit(graph);
    graph.getInputList().forEach(this::visit);
    graph.getOutputList().forEach(this::visit);
  }

  private void visit(GraphProto graph) {
    for (NodeProto node : graph.getNodeList()) {
      nodes.add(node);
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasG()) {
          visit(attribute.getG());
        }
      }
    }
  }

  private void visit(ValueInfoProto value) {
    TypeProto type = value.getType();
    if (type.hasTensorType()) {
      ElementType.of(type.getTensorType().getElemType()).ifPresent(types::add);
    }
    others |= type.hasSequenceType() || type.hasOptionalType() || type.hasMapType();
  }

  private boolean domain(String prefix) {
    return nodes.stream().anyMatch(n -> n.getDomain().startsWith(prefix));
  }

  /** One of: ml, preview-training, sequence/optional/map, string, control-flow, ..., dense. */
  static String of(ModelProto model) {
    ModelKind kind = new ModelKind(model);
    if (kind.others) {
      return "sequence/optional/map";
    }
    if (kind.domain(Registry.ML)) {
      return "ml";
    }
    if (kind.preview) {
      return "preview-training";
    }
    if (kind.types.contains(ElementType.STRING)) {
      return "string";
    }
    if (kind.types.stream().anyMatch(t -> t.isTiny() || t.bits() == 4 || t.bits() == 2)) {
      return "float8/float4/int4/int2";
    }
    if (kind.nodes.stream().anyMatch(n -> CONTROL.contains(n.getOpType()))) {
      return "control-flow";
    }
    if (kind.types.contains(ElementType.BFLOAT16)) {
      return "bfloat16";
    }
    return kind.types.contains(ElementType.FLOAT16) ? "float16" : "dense";
  }

  /** Whether its answers depend on a random generator that ONNX leaves open. */
  static boolean isRandom(ModelProto model) {
    return new ModelKind(model)
        .nodes.stream()
            .anyMatch(
                n ->
                    RANDOM.contains(n.getOpType())
                        || n.getOpType().equals("Dropout") && n.getInputCount() == 3);
  }
}
