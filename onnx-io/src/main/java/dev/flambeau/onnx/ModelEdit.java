package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.FunctionProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.SparseTensorProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model that is being changed: what makes each value and what uses it, through all bodies. Every
 * value has a name of its own in the whole model, functions are expanded where their operator sets
 * are the model's, and constants are no inputs, so that a change is a matter of names. Inputs and
 * outputs of the model keep theirs.
 */
final class ModelEdit {
  /** The file format version from which on constants need not be inputs. */
  private static final long FREE_CONSTANTS = 4;

  private final ModelProto header;
  private final TensorReader reader;
  private final GraphEdit graph;
  private final Map<String, Long> opsets = new LinkedHashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final Map<String, NodeEdit> makers = new HashMap<>();
  private final Map<String, Set<NodeEdit>> users = new HashMap<>();
  private final Map<String, GraphEdit> constants = new HashMap<>();
  private List<FunctionProto> functions;
  private long irVersion;

  private ModelEdit(ModelProto model, TensorReader reader) {
    this.header = model.toBuilder().clearGraph().clearFunctions().clearTrainingInfo().build();
    this.reader = reader;
    this.irVersion = Math.max(model.getIrVersion(), FREE_CONSTANTS);
    model
        .getOpsetImportList()
        .forEach(o -> opsets.put(Names.domain(o.getDomain()), o.getVersion()));
    this.functions = model.getFunctionsList();
    this.graph = new EditReader(this, model).read();
  }

  /** Bytes of constants are taken from the file and those beside it when they are needed. */
  static ModelEdit of(ModelProto model, String file, ExternalData external) {
    return new ModelEdit(model, new TensorReader(file, external));
  }

  GraphEdit graph() {
    return graph;
  }

  TensorReader reader() {
    return reader;
  }

  /** The version of a domain's operators; 1 where the file does not say. */
  long opset(String domain) {
    return opsets.getOrDefault(domain, 1L);
  }

  Map<String, Long> opsets() {
    return Collections.unmodifiableMap(opsets);
  }

  /** Lets the model use operators of a domain, in this version unless it says another. */
  void use(String domain, long version) {
    opsets.putIfAbsent(domain, version);
  }

  /** Says that the nodes are of this version, and that the file's format is one that has it. */
  void raise(String domain, long version) {
    opsets.put(domain, version);
    needIr(Exporter.irVersion((int) version));
  }

  /** Makes the file's format at least this version. */
  void needIr(long version) {
    irVersion = Math.max(irVersion, version);
  }

  /** A name that nothing has. */
  String fresh(String base) {
    String name = base;
    for (int i = 1; !taken.add(name); i++) {
      name = base + "_" + i;
    }
    return name;
  }

  /** Whether no value had this name before. */
  boolean take(String name) {
    return taken.add(name);
  }

  Optional<NodeEdit> maker(String value) {
    return Optional.ofNullable(makers.get(value));
  }

  /** The node that makes a value, if it is an operator of ONNX's own domain, one of these types. */
  Optional<NodeEdit> maker(String value, String... types) {
    return maker(value).filter(n -> n.is(types));
  }

  /** The nodes, in bodies too, that take a value. */
  List<NodeEdit> users(String value) {
    return List.copyOf(users.getOrDefault(value, Set.of()));
  }

  /** Whether a value is an output of the graph or of a body. */
  boolean isResult(String value) {
    return !resultOf(value).isEmpty();
  }

  private List<GraphEdit> resultOf(String value) {
    List<GraphEdit> all = new ArrayList<>();
    collect(graph, value, all);
    return all;
  }

  private static void collect(GraphEdit g, String value, List<GraphEdit> found) {
    if (g.results().contains(value)) {
      found.add(g);
    }
    for (NodeEdit node : g.nodesWithBodies()) {
      node.bodies().values().forEach(body -> collect(body, value, found));
    }
  }

  /** Whether this node alone uses the value. */
  boolean isOnlyFor(String value, NodeEdit node) {
    return users(value).equals(List.of(node)) && !isResult(value);
  }

  boolean isUsed(String value) {
    return users.containsKey(value) || isResult(value);
  }

  boolean isConstant(String value) {
    return constants.containsKey(value) || maker(value, "Constant").isPresent();
  }

  /** The value of a constant of the file's lists or of a Constant node. */
  Optional<OnnxValue> constant(String value) {
    GraphEdit holder = constants.get(value);
    if (holder == null) {
      return maker(value, "Constant").map(n -> Evaluator.constant(this, n));
    }
    TensorProto dense = holder.initializers.get(value);
    return Optional.of(
        dense != null ? reader.read(dense) : reader.read(holder.sparse.get(value)));
  }

  /** The dense tensor, as the file has it, that a constant is. */
  Optional<TensorProto> tensor(String value) {
    GraphEdit holder = constants.get(value);
    return holder != null
        ? Optional.ofNullable(holder.initializers.get(value))
        : maker(value, "Constant").flatMap(n -> n.attribute("value")).map(AttributeProto::getT);
  }

  /** A constant tensor of numbers. */
  Optional<OnnxValue.Numbers> numbers(String value) {
    return constant(value)
        .flatMap(v -> v instanceof OnnxValue.Numbers n ? Optional.of(n) : Optional.empty());
  }

  /** A constant's integers, row-major. */
  Optional<long[]> longs(String value) {
    return numbers(value)
        .filter(n -> !n.tensor().dtype().isFloat())
        .map(n -> n.tensor().toLongArray());
  }

  /** Puts a constant into a graph's list; the name must be fresh. */
  String addConstant(GraphEdit in, String name, OnnxValue value) {
    return addConstant(in, TensorWriter.write(name, value));
  }

  String addConstant(GraphEdit in, TensorProto tensor) {
    in.initializers.put(tensor.getName(), tensor);
    constants.put(tensor.getName(), in);
    taken.add(tensor.getName());
    return tensor.getName();
  }

  /** Puts another value in the place of a constant of the lists. */
  void setConstant(String name, OnnxValue value) {
    setConstant(name, TensorWriter.write(name, value));
  }

  void setConstant(String name, TensorProto value) {
    GraphEdit holder = constants.get(name);
    holder.sparse.remove(name);
    holder.initializers.put(name, value.toBuilder().setName(name).build());
  }

  void noteConstant(GraphEdit in, String name) {
    constants.put(name, in);
  }

  void removeConstant(String name) {
    GraphEdit holder = constants.remove(name);
    holder.initializers.remove(name);
    holder.sparse.remove(name);
  }

  /** Names of the lists' constants. */
  Set<String> constants() {
    return Set.copyOf(constants.keySet());
  }

  /** A Constant node for numbers of formulas. */
  String number(GraphEdit in, String name, OnnxValue value) {
    AttributeProto held =
        AttributeProto.newBuilder()
            .setName("value")
            .setType(AttributeProto.AttributeType.TENSOR)
            .setT(TensorWriter.write("", value))
            .build();
    add(in, "Constant", List.of(), List.of(name), held);
    return name;
  }

  String longs(GraphEdit in, String base, long... values) {
    Tensor t = dev.flambeau.torch.Torch.tensor(values, values.length);
    return number(in, fresh(base), OnnxValue.of(t));
  }

  NodeEdit add(
      GraphEdit in,
      String type,
      List<String> inputs,
      List<String> outputs,
      AttributeProto... attributes) {
    return add(in, "", type, inputs, outputs, attributes);
  }

  NodeEdit add(
      GraphEdit in,
      String domain,
      String type,
      List<String> inputs,
      List<String> outputs,
      AttributeProto... attributes) {
    NodeProto source =
        NodeProto.newBuilder()
            .setOpType(type)
            .setDomain(domain)
            .setName(outputs.getFirst() + "/" + type)
            .build();
    NodeEdit node = new NodeEdit(in, source, inputs, outputs);
    for (AttributeProto attribute : attributes) {
      node.set(attribute);
    }
    add(node);
    return node;
  }

  /** A node with one output, whose fresh name is returned. */
  String value(
      GraphEdit in, String base, String type, List<String> inputs, AttributeProto... attributes) {
    return add(in, type, inputs, List.of(fresh(base)), attributes).output();
  }

  void add(NodeEdit node) {
    node.graph().add(node);
    note(node);
  }

  private void note(NodeEdit node) {
    node.inputs().forEach(value -> use(value, node));
    for (String output : node.outputs()) {
      if (!output.isEmpty()) {
        makers.put(output, node);
        taken.add(output);
      }
    }
    for (GraphEdit body : node.bodies().values()) {
      body.initializers.keySet().forEach(name -> constants.put(name, body));
      body.sparse.keySet().forEach(name -> constants.put(name, body));
    }
  }

  private void use(String value, NodeEdit node) {
    if (!value.isEmpty()) {
      users.computeIfAbsent(value, _ -> new LinkedHashSet<>()).add(node);
    }
  }

  private void unuse(String value, NodeEdit node) {
    Set<NodeEdit> all = users.get(value);
    if (all != null && !node.inputs().contains(value) && all.remove(node) && all.isEmpty()) {
      users.remove(value);
    }
  }

  /** Lets a node take another value, or none if it is empty. */
  void setInput(NodeEdit node, int i, String value) {
    String before = node.input(i);
    node.setInputName(i, value);
    unuse(before, node);
    use(value, node);
  }

  /** Gives what a node makes another name; what used the old one still does. */
  void setOutput(NodeEdit node, int i, String name) {
    makers.remove(node.outputs().get(i), node);
    node.setOutputName(i, name);
    makers.put(name, node);
    taken.add(name);
  }

  /** Lets all nodes that take a value take another; outputs of graphs stay. */
  void rewire(String value, String by) {
    for (NodeEdit user : users(value)) {
      for (int i = 0; i < user.inputs().size(); i++) {
        if (user.input(i).equals(value)) {
          setInput(user, i, by);
        }
      }
    }
  }

  /** Takes a node out with its bodies. */
  void remove(NodeEdit node) {
    node.graph().remove(node);
    node.withInner().forEach(this::forget);
  }

  private void forget(NodeEdit node) {
    for (String input : Set.copyOf(node.inputs())) {
      Set<NodeEdit> all = users.getOrDefault(input, new HashSet<>());
      all.remove(node);
      if (all.isEmpty()) {
        users.remove(input);
      }
    }
    node.outputs().forEach(o -> makers.remove(o, node));
    for (GraphEdit body : node.bodies().values()) {
      constants.keySet().removeAll(body.initializers.keySet());
      constants.keySet().removeAll(body.sparse.keySet());
    }
  }

  /** Puts what is in one of a node's bodies, which takes nothing, in the place of the node. */
  void inline(NodeEdit node, GraphEdit body) {
    GraphEdit into = node.graph();
    List<NodeEdit> inner = List.copyOf(body.nodes());
    Map<String, TensorProto> dense = Map.copyOf(body.initializers);
    Map<String, SparseTensorProto> thin = Map.copyOf(body.sparse);
    remove(node);
    dense.values().forEach(t -> addConstant(into, t));
    into.sparse.putAll(thin);
    thin.keySet().forEach(name -> noteConstant(into, name));
    for (NodeEdit n : inner) {
      n.moveTo(into);
      n.withInner().forEach(this::note);
      into.add(n);
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        String made = body.outputs().get(i).getName();
        add(into, "Identity", List.of(made), List.of(node.outputs().get(i)));
      }
    }
  }

  /**
   * Lets all that uses a node's first output use another value, and takes the node out. Where the
   * output is one of a graph's, the value gets its name if it can, else an Identity stays.
   *
   * @return whether anything changed
   */
  boolean bypass(NodeEdit node, String by) {
    String output = node.output();
    rewire(output, by);
    List<GraphEdit> results = resultOf(output);
    if (results.isEmpty()) {
      remove(node);
      return true;
    }
    NodeEdit maker = makers.get(by);
    if (maker != null && results.equals(List.of(maker.graph())) && !isResult(by)) {
      remove(node);
      rename(maker, by, output);
      return true;
    }
    if (node.is("Identity")) {
      return false;
    }
    remove(node);
    add(node.graph(), "Identity", List.of(by), List.of(output));
    return true;
  }

  private void rename(NodeEdit maker, String value, String name) {
    maker.setOutputName(maker.outputs().indexOf(value), name);
    makers.remove(value);
    makers.put(name, maker);
    maker.graph().infos.remove(value);
    rewire(value, name);
  }

  /** Whether a function of the model, rather than an operator, is meant. */
  boolean isFunction(NodeEdit node) {
    return functions.stream()
        .anyMatch(
            f ->
                f.getName().equals(node.type())
                    && Names.domain(f.getDomain()).equals(node.domain()));
  }

  List<FunctionProto> functions() {
    return functions;
  }

  void keepFunctions(List<FunctionProto> kept) {
    functions = kept;
  }

  /** Declared types of the model's inputs, which can be changed. */
  List<ValueInfoProto> inputs() {
    return graph.inputs;
  }

  /** The model as it is now. */
  ModelProto build() {
    ModelProto.Builder model = header.toBuilder().clearOpsetImport();
    opsets.forEach(
        (domain, version) ->
            model.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
    return model
        .setIrVersion(irVersion)
        .setGraph(graph.proto())
        .addAllFunctions(functions)
        .build();
  }
}
