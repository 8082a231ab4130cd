package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A node of a {@link ModelEdit}. Which values it takes and gives is changed through the model,
 * which knows all uses; attributes are changed here.
 */
final class NodeEdit {
  private GraphEdit graph;
  private final NodeProto source;
  private final List<String> inputs;
  private final List<String> outputs;
  private final Map<String, AttributeProto> attributes = new LinkedHashMap<>();
  private final Map<String, GraphEdit> bodies = new LinkedHashMap<>();

  /**
   * @param source gives all but names of values and attributes
   */
  NodeEdit(GraphEdit graph, NodeProto source, List<String> inputs, List<String> outputs) {
    this.graph = graph;
    this.source =
        source.toBuilder().clearInput().clearOutput().clearAttribute().clearDocString().build();
    this.inputs = new ArrayList<>(inputs);
    this.outputs = new ArrayList<>(outputs);
  }

  /** The graph or body it is in. */
  GraphEdit graph() {
    return graph;
  }

  /** By {@link ModelEdit#inline} alone. */
  void moveTo(GraphEdit other) {
    graph = other;
  }

  String type() {
    return source.getOpType();
  }

  String domain() {
    return Names.domain(source.getDomain());
  }

  String name() {
    return source.getName();
  }

  /** Whether it is an operator of ONNX's own domain, one of these types. */
  boolean is(String... types) {
    return domain().isEmpty() && List.of(types).contains(type());
  }

  String describe() {
    return name().isEmpty() ? type() : type() + " '" + name() + "'";
  }

  /** Names of the inputs; empty for those left out. */
  List<String> inputs() {
    return Collections.unmodifiableList(inputs);
  }

  List<String> outputs() {
    return Collections.unmodifiableList(outputs);
  }

  /** An input's name; empty if it is left out. */
  String input(int i) {
    return i < inputs.size() ? inputs.get(i) : "";
  }

  /** The first output's name. */
  String output() {
    return outputs.getFirst();
  }

  boolean hasInput(int i) {
    return !input(i).isEmpty();
  }

  Map<String, GraphEdit> bodies() {
    return bodies;
  }

  Map<String, AttributeProto> attributes() {
    return attributes;
  }

  Optional<AttributeProto> attribute(String name) {
    return Optional.ofNullable(attributes.get(name));
  }

  long i(String name, long fallback) {
    return attribute(name).map(AttributeProto::getI).orElse(fallback);
  }

  String s(String name, String fallback) {
    return attribute(name).map(a -> a.getS().toStringUtf8()).orElse(fallback);
  }

  float f(String name, float fallback) {
    return attribute(name).map(AttributeProto::getF).orElse(fallback);
  }

  long[] ints(String name, long... fallback) {
    return attribute(name)
        .map(a -> a.getIntsList().stream().mapToLong(Long::longValue).toArray())
        .orElse(fallback);
  }

  NodeEdit set(AttributeProto attribute) {
    attributes.put(attribute.getName(), attribute);
    return this;
  }

  void setInputName(int i, String name) {
    while (inputs.size() <= i) {
      inputs.add("");
    }
    inputs.set(i, name);
    while (!inputs.isEmpty() && inputs.getLast().isEmpty()) {
      inputs.removeLast();
    }
  }

  void setOutputName(int i, String name) {
    outputs.set(i, name);
  }

  /** All values it reads: its inputs, and those around that its bodies use. */
  Set<String> reads() {
    Set<String> reads = new LinkedHashSet<>(inputs);
    reads.addAll(named());
    reads.remove("");
    bodies.values().forEach(body -> reads.addAll(body.outside()));
    return reads;
  }

  /** The values that a Gradient names in attributes, which have to keep their names. */
  Set<String> named() {
    Set<String> named = new LinkedHashSet<>();
    if (domain().equals(Registry.TRAINING) && type().equals("Gradient")) {
      for (String list : List.of("xs", "zs")) {
        attribute(list)
            .ifPresent(a -> a.getStringsList().forEach(v -> named.add(v.toStringUtf8())));
      }
      named.add(s("y", ""));
    }
    return named;
  }

  /** This node and those in its bodies, to any depth. */
  List<NodeEdit> withInner() {
    List<NodeEdit> all = new ArrayList<>(List.of(this));
    bodies.values().forEach(b -> b.nodes().forEach(n -> all.addAll(n.withInner())));
    return all;
  }

  /** What makes two nodes do the same: all but names. */
  record Meaning(String domain, String type, Map<String, AttributeProto> attributes, int outputs) {}

  Meaning meaning() {
    return new Meaning(
        domain() + "\0" + source.getOverload(), type(), Map.copyOf(attributes), outputs.size());
  }

  NodeProto proto() {
    NodeProto.Builder proto = source.toBuilder().addAllInput(inputs).addAllOutput(outputs);
    Set<String> written = new HashSet<>(attributes.keySet());
    proto.addAllAttribute(attributes.values());
    bodies.forEach(
        (name, body) -> {
          if (written.add(name)) {
            proto.addAttribute(
                AttributeProto.newBuilder()
                    .setName(name)
                    .setType(AttributeProto.AttributeType.GRAPH)
                    .setG(body.proto()));
          }
        });
    return proto.build();
  }

  @Override
  public String toString() {
    return describe() + " " + inputs + " -> " + outputs;
  }
}
