package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Nodes so that each comes after those whose results it reads. ONNX asks files for that, but
 * converters of precision are known to append their Cast nodes at the end, and ONNX Runtime takes
 * such files. Nodes in order stay as they are; those of a circle do, too, and are refused later.
 */
final class NodeOrder {
  private final List<NodeProto> nodes;
  private final Map<String, Integer> producers = new HashMap<>();

  private NodeOrder(List<NodeProto> nodes) {
    this.nodes = nodes;
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).getOutputList()) {
        producers.putIfAbsent(output, i);
      }
    }
  }

  static List<NodeProto> of(List<NodeProto> nodes) {
    return new NodeOrder(nodes).sorted();
  }

  private List<NodeProto> sorted() {
    List<Set<Integer>> before = new ArrayList<>(nodes.size());
    boolean inOrder = true;
    for (int i = 0; i < nodes.size(); i++) {
      Set<Integer> needed = new HashSet<>();
      collect(nodes.get(i), needed);
      before.add(needed);
      int at = i;
      inOrder &= needed.stream().allMatch(k -> k < at);
    }
    return inOrder ? nodes : moved(before);
  }

  private void collect(NodeProto node, Set<Integer> needed) {
    for (String input : node.getInputList()) {
      Integer producer = input.isEmpty() ? null : producers.get(input);
      if (producer != null) {
        needed.add(producer);
      }
    }
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        collect(attribute.getG(), needed);
      }
    }
  }

  /** What a body reads; names that it gives itself may be among it, which only orders more. */
  private void collect(GraphProto body, Set<Integer> needed) {
    Set<String> own = new HashSet<>();
    body.getNodeList().forEach(n -> own.addAll(n.getOutputList()));
    body.getInputList().forEach(v -> own.add(v.getName()));
    Set<Integer> read = new HashSet<>();
    body.getNodeList().forEach(n -> collect(n, read));
    body.getOutputList().stream()
        .map(v -> producers.get(v.getName()))
        .filter(producer -> producer != null)
        .forEach(read::add);
    read.removeIf(producer -> own.containsAll(nodes.get(producer).getOutputList()));
    needed.addAll(read);
  }

  private List<NodeProto> moved(List<Set<Integer>> before) {
    List<List<Integer>> after = new ArrayList<>();
    int[] open = new int[nodes.size()];
    nodes.forEach(_ -> after.add(new ArrayList<>()));
    for (int i = 0; i < open.length; i++) {
      open[i] = before.get(i).size();
      int at = i;
      before.get(i).forEach(k -> after.get(k).add(at));
    }
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < open.length; i++) {
      if (open[i] == 0) {
        ready.add(i);
      }
    }
    List<NodeProto> out = new ArrayList<>(nodes.size());
    while (!ready.isEmpty()) {
      int next = ready.poll();
      out.add(nodes.get(next));
      for (int user : after.get(next)) {
        if (--open[user] == 0) {
          ready.add(user);
        }
      }
    }
    return out.size() == nodes.size() ? out : nodes;
  }
}
