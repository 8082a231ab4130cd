package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.SparseTensorProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/** The graph of a {@link ModelEdit} or a body in it; nodes are in no order until written. */
final class GraphEdit {
  private final GraphProto source;
  private final Set<NodeEdit> nodes = new LinkedHashSet<>();
  private final Set<NodeEdit> withBodies = new LinkedHashSet<>();
  private List<ValueInfoProto> outputs = List.of();
  private Set<String> results = Set.of();
  private final Set<String> named = new HashSet<>();
  final Map<String, TensorProto> initializers = new LinkedHashMap<>();
  final Map<String, SparseTensorProto> sparse = new LinkedHashMap<>();
  final List<ValueInfoProto> inputs = new ArrayList<>();

  /** Types the file declares for values inside. */
  final Map<String, ValueInfoProto> infos = new LinkedHashMap<>();

  /**
   * @param source gives name and metadata
   */
  GraphEdit(GraphProto source) {
    this.source =
        source.toBuilder()
            .clearNode()
            .clearInitializer()
            .clearSparseInitializer()
            .clearInput()
            .clearOutput()
            .clearValueInfo()
            .clearDocString()
            .build();
  }

  Set<NodeEdit> nodes() {
    return Collections.unmodifiableSet(nodes);
  }

  Set<NodeEdit> nodesWithBodies() {
    return withBodies;
  }

  /** By {@link ModelEdit#add} alone, which notes what it uses. */
  void add(NodeEdit node) {
    nodes.add(node);
    if (!node.bodies().isEmpty()) {
      withBodies.add(node);
    }
    if (!node.named().isEmpty()) {
      named.addAll(node.named());
      setOutputs(outputs);
    }
  }

  void remove(NodeEdit node) {
    nodes.remove(node);
    withBodies.remove(node);
  }

  List<ValueInfoProto> outputs() {
    return outputs;
  }

  void setOutputs(List<ValueInfoProto> all) {
    outputs = List.copyOf(all);
    Set<String> kept = new HashSet<>(named);
    all.forEach(output -> kept.add(output.getName()));
    results = Collections.unmodifiableSet(kept);
  }

  /** Names of the outputs, and of what has to keep its name as they do. */
  Set<String> results() {
    return results;
  }

  /** Whether a value is one of the constants here. */
  boolean holds(String value) {
    return initializers.containsKey(value) || sparse.containsKey(value);
  }

  /** The nodes here and in all bodies. */
  List<NodeEdit> allNodes() {
    List<NodeEdit> all = new ArrayList<>();
    nodes.forEach(n -> all.addAll(n.withInner()));
    return all;
  }

  /** Names of the values of the graphs around that nodes or outputs here use. */
  Set<String> outside() {
    Set<String> read = new LinkedHashSet<>();
    Set<String> made = new HashSet<>(initializers.keySet());
    made.addAll(sparse.keySet());
    inputs.forEach(i -> made.add(i.getName()));
    for (NodeEdit node : nodes) {
      read.addAll(node.reads());
      made.addAll(node.outputs());
    }
    read.addAll(results);
    read.removeAll(made);
    return read;
  }

  /**
   * The nodes in an order in which each comes after those whose results it reads; otherwise as they
   * were added.
   *
   * @throws TorchException if they go in a circle
   */
  List<NodeEdit> sorted() {
    List<NodeEdit> all = new ArrayList<>(nodes);
    Map<String, Integer> makers = new HashMap<>();
    for (int i = 0; i < all.size(); i++) {
      for (String output : all.get(i).outputs()) {
        makers.put(output, i);
      }
    }
    int[] waiting = new int[all.size()];
    List<List<Integer>> after = new ArrayList<>();
    all.forEach(_ -> after.add(new ArrayList<>()));
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < all.size(); i++) {
      for (String read : all.get(i).reads()) {
        Integer maker = makers.get(read);
        if (maker != null) {
          after.get(maker).add(i);
          waiting[i]++;
        }
      }
      if (waiting[i] == 0) {
        ready.add(i);
      }
    }
    List<NodeEdit> order = new ArrayList<>();
    while (!ready.isEmpty()) {
      int next = ready.remove();
      order.add(all.get(next));
      for (int user : after.get(next)) {
        if (--waiting[user] == 0) {
          ready.add(user);
        }
      }
    }
    if (order.size() < all.size()) {
      throw TorchException.format(
          source.getName(), "its nodes go in a circle, or one reads what it gives");
    }
    return order;
  }

  GraphProto proto() {
    GraphProto.Builder proto = source.toBuilder();
    Set<String> names = new HashSet<>();
    Map<String, Integer> endings = new HashMap<>();
    for (NodeEdit node : sorted()) {
      // Nodes of functions and branches may have the names of others.
      String name = node.name();
      while (!name.isEmpty() && !names.add(name)) {
        name = node.name() + "_" + endings.merge(node.name(), 1, Integer::sum);
      }
      proto.addNode(node.proto().toBuilder().setName(name));
    }
    Set<String> made = new HashSet<>();
    nodes.forEach(node -> made.addAll(node.outputs()));
    infos.values().stream().filter(v -> made.contains(v.getName())).forEach(proto::addValueInfo);
    return proto
        .addAllInitializer(initializers.values())
        .addAllSparseInitializer(sparse.values())
        .addAllInput(inputs)
        .addAllOutput(outputs)
        .build();
  }
}
