package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The names of captured values. Constants are written when they are first asked for: those of the
 * module's state as initializers of the same names, those of imported files under their own, others
 * as numbers of formulas.
 */
final class ExportValues {
  /** What cannot be exported, with the lines that call it. */
  final Set<String> holes = new TreeSet<>();

  /** What a wider value was made of. */
  private record Widened(String name, ElementType type) {}

  private final ExportGraph graph;
  private final Map<String, Tensor> state;
  private final Map<Constant, String> written = new IdentityHashMap<>();
  private Map<String, String> casts = new HashMap<>();
  private Map<Integer, String> local = new HashMap<>();
  private final Map<String, Widened> widened = new HashMap<>();
  private final Map<String, ElementType> types = new HashMap<>();
  private final Set<Integer> unavailable = new HashSet<>();

  ExportValues(ExportGraph graph, Map<String, Tensor> state) {
    this.graph = graph;
    this.state = state;
  }

  /** The nodes of a body; what is converted in it is not seen outside. */
  List<NodeProto> within(Runnable body) {
    Map<String, String> outside = casts;
    Map<Integer, String> computed = local;
    casts = new HashMap<>(outside);
    local = new HashMap<>(computed);
    List<NodeProto> nodes = graph.within(body);
    casts = outside;
    local = computed;
    return nodes;
  }

  /** Says that a value has no form in ONNX. */
  void lacks(int value) {
    unavailable.add(value);
  }

  /** Names a value of an element type that its tensor may not have. */
  void name(int value, String name, ElementType type) {
    graph.name(value, name);
    types.put(name, type);
  }

  /** The element type of what is called so in the file. */
  ElementType type(int value) {
    ElementType known = types.get(graph.name(value));
    return known == null ? ElementType.of(graph.meta(value).dtype()) : known;
  }

  /** The name of a value in its tensor's type; empty where an operator before has no form. */
  String natural(int value, String where) {
    String name = raw(value, where);
    return name.isEmpty() || graph.meta(value) == null
        ? name
        : as(name, type(value), ElementType.of(graph.meta(value).dtype()));
  }

  /** The name of a value as elements of a type. */
  String as(int value, ElementType wanted, String where) {
    String name = raw(value, where);
    return name.isEmpty() || wanted == null ? name : as(name, type(value), wanted);
  }

  /** A name's value as elements of another type; there and back again is the name itself. */
  String as(String name, ElementType type, ElementType wanted) {
    Widened from = widened.get(name);
    if (type == wanted || from != null && from.type == wanted) {
      return type == wanted ? name : from.name;
    }
    String known = casts.get(name + ":" + wanted);
    if (known == null) {
      known = graph.node("Cast", List.of(name), attribute("to", (long) wanted.code()));
      casts.put(name + ":" + wanted, known);
      if (type.isFloat() && wanted.isFloat() && wanted.bits() > type.bits()) {
        widened.put(known, new Widened(name, type));
      }
    }
    return known;
  }

  private String raw(int value, String where) {
    if (graph.isNamed(value)) {
      return graph.name(value);
    }
    if (local.containsKey(value)) {
      return local.get(value);
    }
    Constant named = graph.tape().kept.named.get(value);
    if (named != null) {
      graph.name(value, constant(named));
      if (named.value() instanceof OnnxValue.Numbers n) {
        types.put(graph.name(value), n.type());
      }
      return graph.name(value);
    }
    Tensor constant = graph.tape().constants.get(value);
    if (constant == null) {
      if (unavailable.contains(value)) {
        holes.add(where + ": reads a further result of an operator that ONNX lacks");
      }
      return "";
    }
    try {
      Optional<String> computed = ExportConstants.name(graph, value);
      computed.ifPresent(name -> local.put(value, name));
      if (computed.isPresent()) {
        return computed.get();
      }
    } catch (ExportGraph.Hole e) {
      holes.add(where + ": " + e.getMessage());
      return "";
    }
    String key = key(constant);
    if (key.isEmpty()) {
      graph.name(value, graph.constant(constant));
    } else {
      ElementType type = ElementType.of(constant.dtype());
      graph.initializer(TensorWriter.write(key, constant, type));
      graph.name(value, key);
    }
    return graph.name(value);
  }

  /** The name of a constant of an imported file. */
  String constant(Constant constant) {
    return written.computeIfAbsent(constant, this::write);
  }

  private String write(Constant constant) {
    String key = constant.value() instanceof OnnxValue.Numbers n ? key(n.tensor()) : "";
    if (key.isEmpty() && constant.ofNode()) {
      return graph.constant(constant.name(), TensorWriter.write("", constant.value()));
    }
    String name = key.isEmpty() ? graph.fresh(constant.name()) : key;
    graph.initializer(TensorWriter.write(name, constant.value()));
    return name;
  }

  /** The name in the module's state; empty if it is not there. */
  private String key(Tensor tensor) {
    for (var e : state.entrySet()) {
      Storage storage = e.getValue().storage();
      Layout layout = e.getValue().layout();
      if (storage == tensor.storage()
          && layout.equals(tensor.layout())
          && e.getValue().dtype() == tensor.dtype()) {
        return e.getKey();
      }
    }
    return "";
  }
}
