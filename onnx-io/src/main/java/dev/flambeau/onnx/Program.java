package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * A checked graph in the order in which it runs. Every value has a slot; after its last use a
 * slot's tensor is let go.
 */
final class Program {
  /** A node with the slots it reads (-1: left out) and writes (-1: unused), and those it frees. */
  record Step(Node node, Registry.Operator operator, int[] reads, int[] writes, int[] frees) {}

  /** An input or output: its slot and, where the file says so, its element type. */
  record Port(String name, int slot, OptionalInt elementType) {}

  /** How a constant of the file takes part. */
  enum Role {
    WEIGHT,
    STATISTIC,
    CONSTANT
  }

  private static final java.util.Set<String> NOT_TRAINED =
      java.util.Set.of(
          "Resize", "Upsample", "Clip", "Pad", "Range", "Dropout", "OneHot", "Trilu", "Pow");

  final String file;
  final List<Step> steps = new ArrayList<>();
  final List<Port> inputs = new ArrayList<>();
  final List<Port> outputs = new ArrayList<>();
  final Map<String, Tensor> constants = new LinkedHashMap<>();
  final Map<String, Role> roles = new HashMap<>();
  private final Map<String, Integer> slots = new HashMap<>();

  Program(ModelProto model, String file) {
    this.file = file;
    if (!model.hasGraph()) {
      throw TorchException.format(file, "no graph in it: this is not an ONNX model");
    }
    GraphProto graph = model.getGraph();
    if (graph.getNodeCount() > Limits.NODES || graph.getInitializerCount() > Limits.NODES) {
      throw TorchException.format(file, "more than " + Limits.NODES + " nodes or initializers");
    }
    Map<String, Long> opsets = new HashMap<>();
    model.getOpsetImportList().forEach(o -> opsets.put(domain(o.getDomain()), o.getVersion()));
    checkSupported(model, graph, opsets);
    readConstants(graph);
    addInputs(graph);
    for (NodeProto node : graph.getNodeList()) {
      addStep(node, opsets);
    }
    for (ValueInfoProto output : graph.getOutputList()) {
      outputs.add(port(output, find(output.getName(), "output of the graph")));
    }
    if (outputs.isEmpty()) {
      throw TorchException.format(file, "the graph has no outputs");
    }
    markFrees();
  }

  int slotCount() {
    return slots.size();
  }

  int slot(String name) {
    return slots.get(name);
  }

  private static String domain(String name) {
    return name.equals("ai.onnx") ? "" : name;
  }

  private void checkSupported(ModelProto model, GraphProto graph, Map<String, Long> opsets) {
    TreeSet<String> missing = new TreeSet<>();
    for (NodeProto node : graph.getNodeList()) {
      String domain = domain(node.getDomain());
      long opset = opsets.getOrDefault(domain, 1L);
      if (Registry.find(domain, node.getOpType(), opset).isEmpty()) {
        missing.add((domain.isEmpty() ? "ai.onnx" : domain) + "." + node.getOpType() + "-" + opset);
      }
    }
    if (graph.getSparseInitializerCount() > 0) {
      missing.add("sparse initializers");
    }
    if (!missing.isEmpty()) {
      throw TorchException.format(
          file,
          "operators that are not supported (domain.name-opset): "
              + String.join(", ", missing)
              + "; the ai.onnx operator set can be 7 or newer");
    }
  }

  private void readConstants(GraphProto graph) {
    for (TensorProto proto : graph.getInitializerList()) {
      define(proto.getName());
      constants.put(proto.getName(), widened(TensorReader.read(proto, file)));
    }
  }

  /** Half precision is computed in F32 on CPUs. */
  static Tensor widened(Tensor t) {
    return t.dtype() == DType.F16 ? t.to(DType.F32) : t;
  }

  private void addInputs(GraphProto graph) {
    for (ValueInfoProto input : graph.getInputList()) {
      // Before IR version 4 initializers are listed among the inputs.
      if (!constants.containsKey(input.getName())) {
        inputs.add(port(input, define(input.getName())));
      }
    }
  }

  private Port port(ValueInfoProto info, int slot) {
    if (info.hasType() && !info.getType().hasTensorType()) {
      throw TorchException.format(
          file, "'" + info.getName() + "' is not a tensor, which alone is supported");
    }
    int type = info.getType().getTensorType().getElemType();
    return new Port(info.getName(), slot, type == 0 ? OptionalInt.empty() : OptionalInt.of(type));
  }

  private int define(String name) {
    int slot = slots.size();
    if (name.isEmpty() || slots.putIfAbsent(name, slot) != null) {
      throw TorchException.format(
          file, name.isEmpty() ? "a value without name" : "two values are named '" + name + "'");
    }
    return slot;
  }

  private int find(String name, String where) {
    Integer slot = slots.get(name);
    if (slot == null) {
      throw TorchException.format(
          file, where + " uses '" + name + "', which nothing before it gives (missing or a cycle)");
    }
    return slot;
  }

  private void addStep(NodeProto proto, Map<String, Long> opsets) {
    String domain = domain(proto.getDomain());
    long opset = opsets.getOrDefault(domain, 1L);
    Node node = new Node(proto, opset, file);
    int[] reads = new int[node.inputs().size()];
    for (int i = 0; i < reads.length; i++) {
      String name = node.inputs().get(i);
      reads[i] = name.isEmpty() ? -1 : find(name, node.describe());
      if (constants.containsKey(name)) {
        roles.merge(name, role(node.type(), i), (a, b) -> a == Role.WEIGHT ? a : b);
      }
    }
    int[] writes = new int[node.outputs().size()];
    for (int i = 0; i < writes.length; i++) {
      String name = node.outputs().get(i);
      writes[i] = name.isEmpty() ? -1 : define(name);
    }
    Registry.Operator operator = Registry.find(domain, node.type(), opset).orElseThrow();
    steps.add(new Step(node, operator, reads, writes, new int[0]));
  }

  private static Role role(String type, int input) {
    if (type.equals("BatchNormalization") && input >= 3) {
      return Role.STATISTIC;
    }
    return NOT_TRAINED.contains(type) ? Role.CONSTANT : Role.WEIGHT;
  }

  /** Whether a constant is trained, kept as a buffer, or neither. */
  Optional<Role> stateRole(String name) {
    Tensor t = constants.get(name);
    Role role = roles.getOrDefault(name, Role.CONSTANT);
    boolean state = t.dtype().isFloat() && t.dim() > 0 && role != Role.CONSTANT;
    return state ? Optional.of(role) : Optional.empty();
  }

  private void markFrees() {
    boolean[] keep = new boolean[slots.size()];
    constants.keySet().forEach(name -> keep[slots.get(name)] = true);
    outputs.forEach(port -> keep[port.slot()] = true);
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      List<Integer> frees = new ArrayList<>();
      for (int[] touched : List.of(step.reads, step.writes)) {
        for (int slot : touched) {
          if (slot >= 0 && !keep[slot]) {
            keep[slot] = true;
            frees.add(slot);
          }
        }
      }
      int[] array = frees.stream().mapToInt(Integer::intValue).toArray();
      steps.set(i, new Step(step.node, step.operator, step.reads, step.writes, array));
    }
  }
}
