package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.TensorProto;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The constants of a {@link ModelEdit}: of its graphs' lists, and in Constant nodes. */
final class EditConstants {
  private final ModelEdit model;

  /** The graph in whose list each is. */
  private final Map<String, GraphEdit> holders = new HashMap<>();

  EditConstants(ModelEdit model) {
    this.model = model;
  }

  boolean has(String value) {
    return isListed(value) || model.maker(value, "Constant").isPresent();
  }

  /** Whether it is one of a list, such as weights are. */
  boolean isListed(String value) {
    return holders.containsKey(value);
  }

  /** Names of those of the lists. */
  Set<String> listed() {
    return Set.copyOf(holders.keySet());
  }

  Optional<OnnxValue> value(String name) {
    GraphEdit holder = holders.get(name);
    if (holder == null) {
      return model.maker(name, "Constant").map(n -> Evaluator.constant(model, n));
    }
    TensorProto dense = holder.initializers.get(name);
    TensorReader reader = model.reader();
    return Optional.of(dense != null ? reader.read(dense) : reader.read(holder.sparse.get(name)));
  }

  /** The dense tensor, as the file has it, that a constant is. */
  Optional<TensorProto> tensor(String name) {
    GraphEdit holder = holders.get(name);
    return holder != null
        ? Optional.ofNullable(holder.initializers.get(name))
        : model
            .maker(name, "Constant")
            .flatMap(n -> n.attribute("value"))
            .map(AttributeProto::getT);
  }

  /** Whether it is a vector of floats, as layers' biases and statistics are. */
  boolean isVector(String name) {
    return tensor(name)
        .filter(t -> t.getDimsCount() == 1)
        .flatMap(t -> ElementType.of(t.getDataType()))
        .filter(ElementType::isFloat)
        .isPresent();
  }

  /** A constant tensor of numbers. */
  Optional<OnnxValue.Numbers> numbers(String name) {
    return value(name)
        .flatMap(v -> v instanceof OnnxValue.Numbers n ? Optional.of(n) : Optional.empty());
  }

  /** A constant's integers, row-major. */
  Optional<long[]> longs(String name) {
    return numbers(name)
        .filter(n -> !n.tensor().dtype().isFloat())
        .map(n -> n.tensor().toLongArray());
  }

  /** Puts a constant into a graph's list; returns its name, which must be fresh. */
  String add(GraphEdit in, String name, OnnxValue value) {
    return add(in, TensorWriter.write(name, value));
  }

  String add(GraphEdit in, TensorProto tensor) {
    in.initializers.put(tensor.getName(), tensor);
    holders.put(tensor.getName(), in);
    model.take(tensor.getName());
    return tensor.getName();
  }

  /** Puts another value in the place of one of the lists. */
  void set(String name, OnnxValue value) {
    set(name, TensorWriter.write(name, value));
  }

  void set(String name, TensorProto value) {
    GraphEdit holder = holders.get(name);
    holder.sparse.remove(name);
    holder.initializers.put(name, value.toBuilder().setName(name).build());
  }

  void remove(String name) {
    GraphEdit holder = holders.remove(name);
    holder.initializers.remove(name);
    holder.sparse.remove(name);
  }

  /** Takes note of a graph's list. */
  void note(GraphEdit graph) {
    graph.initializers.keySet().forEach(name -> holders.put(name, graph));
    graph.sparse.keySet().forEach(name -> holders.put(name, graph));
  }

  void forget(GraphEdit graph) {
    holders.keySet().removeAll(graph.initializers.keySet());
    holders.keySet().removeAll(graph.sparse.keySet());
  }
}
