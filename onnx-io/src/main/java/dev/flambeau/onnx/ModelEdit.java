package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.FunctionProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.SparseTensorProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
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
final class ModelEdit extends NodeMaker {
  /** The file format version from which on constants need not be inputs. */
  private static final long FREE_CONSTANTS = 4;

  private final ModelProto header;
  private final TensorReader reader;
  private final GraphEdit graph;
  private final Map<String, Long> opsets = new LinkedHashMap<>();
  private final Set<String> taken = new HashSet<>();

  /** The last number put behind a name to make another. */
  private final Map<String, Integer> endings = new HashMap<>();

  private final ValueUses uses = new ValueUses();

  /** The constants of the lists and of Constant nodes, in bodies too. */
  final EditConstants constants;

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
    this.constants = new EditConstants(this);
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

  @Override
  String fresh(String base) {
    String name = base;
    while (!taken.add(name)) {
      name = base + "_" + endings.merge(base, 1, Integer::sum);
    }
    return name;
  }

  /** Whether no value had this name before. */
  boolean take(String name) {
    return taken.add(name);
  }

  Optional<NodeEdit> maker(String value) {
    return uses.maker(value);
  }

  /** The node that makes a value, if it is an operator of ONNX's own domain, one of these types. */
  Optional<NodeEdit> maker(String value, String... types) {
    return maker(value).filter(n -> n.is(types));
  }

  /** The nodes, in bodies too, that take a value. */
  List<NodeEdit> users(String value) {
    return uses.users(value);
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
    return uses.isTaken(value) || isResult(value);
  }

  /** Puts a node with its bodies into its graph. */
  @Override
  void add(NodeEdit node) {
    node.graph().add(node);
    note(node);
  }

  private void note(NodeEdit node) {
    uses.note(node);
    node.outputs().forEach(taken::add);
    node.bodies().values().forEach(constants::note);
  }

  /** Lets a node take another value, or none if it is empty. */
  void setInput(NodeEdit node, int i, String value) {
    String before = node.input(i);
    node.setInputName(i, value);
    uses.changed(node, before, value);
  }

  /** Gives what a node makes another name; what used the old one still does. */
  void setOutput(NodeEdit node, int i, String name) {
    uses.forget(node);
    node.setOutputName(i, name);
    uses.note(node);
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
    uses.forget(node);
    node.bodies().values().forEach(constants::forget);
  }

  /** Puts what is in one of a node's bodies, which takes nothing, in the place of the node. */
  void inline(NodeEdit node, GraphEdit body) {
    GraphEdit into = node.graph();
    List<NodeEdit> inner = List.copyOf(body.nodes());
    Map<String, TensorProto> dense = Map.copyOf(body.initializers);
    Map<String, SparseTensorProto> thin = Map.copyOf(body.sparse);
    remove(node);
    into.initializers.putAll(dense);
    into.sparse.putAll(thin);
    constants.note(into);
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
    Optional<NodeEdit> maker = maker(by);
    if (maker.filter(m -> results.equals(List.of(m.graph()))).isPresent() && !isResult(by)) {
      remove(node);
      rename(maker.get(), by, output);
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
    setOutput(maker, maker.outputs().indexOf(value), name);
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
    return model.setIrVersion(irVersion).setGraph(graph.proto()).addAllFunctions(functions).build();
  }
}
