package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Leaves out nodes and initializers that no output needs. */
final class ExportCleanup {
  private final GraphProto.Builder graph;

  ExportCleanup(GraphProto.Builder graph) {
    this.graph = graph;
  }

  GraphProto clean() {
    Set<String> needed = new HashSet<>();
    graph.getOutputList().stream().map(ValueInfoProto::getName).forEach(needed::add);
    List<NodeProto> kept = new ArrayList<>();
    for (NodeProto node : graph.getNodeList().reversed()) {
      if (node.getOutputList().stream().anyMatch(needed::contains)) {
        kept.add(node);
        read(node, needed);
      }
    }
    List<TensorProto> weights =
        graph.getInitializerList().stream().filter(t -> needed.contains(t.getName())).toList();
    return graph
        .clearNode()
        .addAllNode(kept.reversed())
        .clearInitializer()
        .addAllInitializer(weights)
        .build();
  }

  /** The names a node reads, those in its bodies included. */
  private static void read(NodeProto node, Set<String> names) {
    names.addAll(node.getInputList());
    for (AttributeProto a : node.getAttributeList()) {
      if (a.hasG()) {
        a.getG().getNodeList().forEach(inner -> read(inner, names));
        a.getG().getOutputList().forEach(out -> names.add(out.getName()));
      }
    }
  }
}
