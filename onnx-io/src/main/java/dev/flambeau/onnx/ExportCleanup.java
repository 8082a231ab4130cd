package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Leaves out nodes and initializers that no output needs, and gives the nodes that make the outputs
 * their names, in place of Identity nodes.
 */
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
        .addAllNode(renamed(kept.reversed()))
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

  private List<NodeProto> renamed(List<NodeProto> nodes) {
    Set<String> outputs = new HashSet<>();
    graph.getOutputList().forEach(output -> outputs.add(output.getName()));
    Set<String> made = new HashSet<>();
    nodes.forEach(node -> made.addAll(node.getOutputList()));
    Map<String, String> names = new HashMap<>();
    List<NodeProto> out = new ArrayList<>();
    for (NodeProto node : nodes) {
      boolean copies =
          node.getOpType().equals("Identity")
              && node.getDomain().isEmpty()
              && outputs.contains(node.getOutput(0))
              && made.contains(node.getInput(0))
              && !outputs.contains(node.getInput(0));
      if (!copies || names.putIfAbsent(node.getInput(0), node.getOutput(0)) != null) {
        out.add(node);
      }
    }
    return names.isEmpty() ? out : out.stream().map(node -> renamed(node, names)).toList();
  }

  private static NodeProto renamed(NodeProto node, Map<String, String> names) {
    NodeProto.Builder out = node.toBuilder();
    for (int i = 0; i < out.getInputCount(); i++) {
      out.setInput(i, names.getOrDefault(out.getInput(i), out.getInput(i)));
    }
    for (int i = 0; i < out.getOutputCount(); i++) {
      out.setOutput(i, names.getOrDefault(out.getOutput(i), out.getOutput(i)));
    }
    for (AttributeProto.Builder a : out.getAttributeBuilderList()) {
      if (a.hasG()) {
        GraphProto.Builder body = a.getGBuilder();
        for (int i = 0; i < body.getNodeCount(); i++) {
          body.setNode(i, renamed(body.getNode(i), names));
        }
      }
    }
    return out.build();
  }
}
