package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.FunctionProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Finds the types and shapes of all values of a model, through bodies and functions.
 *
 * <p>Each operator has a rule ({@link ShapeRules}) that gives its outputs' sizes as expressions
 * over its inputs' ({@link Size}), and element types follow from the operators' schemas. The other
 * way, running the graph at several sizes and fitting expressions to what comes out, would need all
 * weights in memory and a whole run for each open size, would see one branch of an If, and would
 * guess where sizes are rounded; a rule is exact and costs microseconds whatever the sizes are.
 *
 * <p>Small tensors of numbers are followed element by element, since they may become sizes ({@link
 * Contents}): nothing else of the data is touched. Work on a hostile file is bounded: expressions
 * have a longest text, contents {@link Contents#MOST} elements, and bodies and functions, which are
 * gone through for each use, {@value #MOST_WORK} units of work beyond what each node of the file
 * takes once; what would take more stays unknown.
 */
final class ShapeInference {
  private static final long MOST_WORK = 1_000_000;
  private static final int NODE = 10;
  private static final int DEEPEST_CALL = 64;

  private final ModelProto model;
  private final TensorReader reader;
  private final ShapeNames names;
  private final ShapeMerge merge = new ShapeMerge(this::fresh, _ -> false);
  private final Map<String, FunctionProto> functions = new HashMap<>();
  private final Map<GraphProto, Map<String, Known>> found = new IdentityHashMap<>();
  private final Faults faults = new Faults();
  private long left;
  private int depth;
  private int doubts;

  private ShapeInference(ModelProto model, TensorReader reader) {
    this.model = model;
    this.reader = reader;
    this.names = new ShapeNames(model);
    this.left = MOST_WORK + 10L * NODE * model.getGraph().getNodeCount();
    for (FunctionProto f : model.getFunctionsList()) {
      functions.put(key(f.getDomain(), f.getName(), f.getOverload()), f);
    }
  }

  /**
   * @param reader for small constants
   */
  static ShapeInference of(ModelProto model, TensorReader reader) {
    ShapeInference inference = new ShapeInference(model, reader);
    ShapeScope scope = ShapeScope.graph(opsets(model.getOpsetImportList()), Map.of());
    inference.graph(model.getGraph(), Optional.empty(), scope);
    return inference;
  }

  private static String key(String domain, String name, String overload) {
    return Names.domain(domain) + "\0" + name + "\0" + overload;
  }

  private static Map<String, Long> opsets(List<OperatorSetIdProto> imports) {
    Map<String, Long> opsets = new HashMap<>();
    imports.forEach(o -> opsets.put(Names.domain(o.getDomain()), o.getVersion()));
    return opsets;
  }

  /** What contradicts: operators' types and sizes, and what the file declares; a line each. */
  List<String> faults() {
    return faults.lines();
  }

  /** What was found of the values of the model's own graph, by name. */
  Map<String, Known> values() {
    return found.getOrDefault(model.getGraph(), Map.of());
  }

  /** What was found of the values of a body; empty if it was not reached. */
  Map<String, Known> values(GraphProto body) {
    return found.getOrDefault(body, Map.of());
  }

  Size fresh() {
    return names.fresh();
  }

  /** Whether nothing is known of a size but what it may be equal to. */
  boolean isOpen(Size size) {
    return names.isOpen(size);
  }

  ValueType type(TypeProto type) {
    return names.type(type);
  }

  ShapeMerge merge() {
    return merge;
  }

  TensorReader reader() {
    return reader;
  }

  void fault(String text) {
    faults.add(text);
  }

  /** A fault of sizes, which is none where the node may never run. */
  private void contradiction(String text) {
    if (doubts == 0) {
      fault(text);
    }
  }

  /** Does what may never be done when the model runs. */
  <T> T doubtful(Supplier<T> what) {
    doubts++;
    try {
      return what.get();
    } finally {
      doubts--;
    }
  }

  /** Whether there is work left, of which this takes some. */
  boolean work(long units) {
    left -= units;
    return left >= 0;
  }

  /**
   * Goes through a graph.
   *
   * @param given of a body's inputs; empty for a model's graph
   * @return what is known of its outputs
   */
  List<Known> graph(GraphProto graph, Optional<List<Known>> given, ShapeScope scope) {
    int values = graph.getInitializerCount() + graph.getValueInfoCount() + graph.getInputCount();
    if (given.isPresent() && !work(NODE + values)) {
      return List.of();
    }
    for (TensorProto t : graph.getInitializerList()) {
      scope.put(t.getName(), Contents.constant(t, reader));
    }
    graph
        .getSparseInitializerList()
        .forEach(t -> scope.put(t.getValues().getName(), Contents.sparse(t)));
    List<ValueInfoProto> inputs = graph.getInputList();
    for (int i = 0; i < inputs.size(); i++) {
      String name = inputs.get(i).getName();
      ValueType declared = names.type(inputs.get(i).getType());
      Known value = Known.of(declared);
      if (given.isPresent() && i < given.get().size()) {
        Known known = given.get().get(i);
        value = settle("input '" + name + "' of a body", known, declared);
      }
      if (scope.has(name)) {
        settle("initializer '" + name + "'", scope.find(name), declared);
      } else {
        scope.put(name, value);
      }
    }
    graph.getValueInfoList().forEach(v -> scope.declare(v.getName(), names.type(v.getType())));
    graph.getOutputList().forEach(v -> scope.declare(v.getName(), names.type(v.getType())));
    graph.getNodeList().forEach(node -> node(node, scope));
    List<Known> outputs = new ArrayList<>();
    for (ValueInfoProto output : graph.getOutputList()) {
      String name = output.getName();
      Known value = scope.find(name);
      outputs.add(
          scope.isSettled(name)
              ? value
              : settle("output '" + name + "'", value, names.type(output.getType())));
    }
    found.put(graph, scope.values());
    return outputs;
  }

  /** What was found, with what the file declares beside it. */
  private Known settle(String where, Known value, ValueType declared) {
    if (!ShapeMerge.agree(value.type(), declared)) {
      contradiction(
          "%s: %s was found, but %s is declared"
              .formatted(where, value.type().describe(), declared.describe()));
      return value;
    }
    ValueType both = ShapeMerge.complete(value.type(), declared, names::isOpen);
    return new Known(both, value.contents());
  }

  private void node(NodeProto node, ShapeScope scope) {
    if (!work(NODE)) {
      return;
    }
    String domain = Names.domain(node.getDomain());
    FunctionProto function = functions.get(key(domain, node.getOpType(), node.getOverload()));
    List<Known> results =
        function == null ? operator(node, domain, scope) : function(node, function, scope);
    for (int o = 0; o < node.getOutputCount(); o++) {
      String name = node.getOutput(o);
      if (!name.isEmpty() && !scope.has(name)) {
        Known value = o < results.size() ? results.get(o) : Known.NOTHING;
        String where = ShapeCall.describe(node) + ": output '" + name + "'";
        scope.settle(name, settle(where, value, scope.declared(name)));
      }
    }
  }

  private List<Known> operator(NodeProto node, String domain, ShapeScope scope) {
    long opset = scope.opset(domain);
    ShapeCall call = new ShapeCall(this, scope, node, opset);
    Optional<TypeBinding> types =
        Schemas.find(domain, node.getOpType(), opset)
            .filter(schema -> !schema.deprecated())
            .map(schema -> new TypeBinding(this, call, schema));
    types.ifPresent(TypeBinding::bind);
    try {
      ShapeRules.find(domain, node.getOpType()).ifPresent(rule -> rule.apply(call));
      Contents.follow(this, call);
    } catch (ShapeCall.Unsaid e) {
      // What the rule said before holds.
    } catch (TorchException e) {
      contradiction(e.getMessage());
    } catch (ArithmeticException
        | IndexOutOfBoundsException
        | NegativeArraySizeException
        | NoSuchElementException
        | IllegalArgumentException e) {
      contradiction(
          ShapeCall.describe(node) + " has impossible sizes or attributes: " + e.getMessage());
    }
    types.ifPresent(TypeBinding::checkOutputs);
    List<Known> results = new ArrayList<>();
    for (int o = 0; o < call.outputs(); o++) {
      results.add(call.result(o));
    }
    return results;
  }

  private List<Known> function(NodeProto node, FunctionProto function, ShapeScope scope) {
    if (depth >= DEEPEST_CALL) {
      return List.of();
    }
    Map<String, AttributeProto> given = new HashMap<>();
    function.getAttributeProtoList().forEach(a -> given.put(a.getName(), a));
    for (AttributeProto a : node.getAttributeList()) {
      String reference = a.getRefAttrName();
      AttributeProto value = reference.isEmpty() ? a : scope.bound().get(reference);
      if (value != null) {
        given.put(a.getName(), value);
      }
    }
    ShapeScope inner = ShapeScope.graph(opsets(function.getOpsetImportList()), given);
    for (int i = 0; i < function.getInputCount(); i++) {
      String outer = i < node.getInputCount() ? node.getInput(i) : "";
      inner.put(function.getInput(i), outer.isEmpty() ? Known.NOTHING : scope.find(outer));
    }
    depth++;
    function.getNodeList().forEach(n -> node(n, inner));
    depth--;
    return function.getOutputList().stream().map(inner::find).toList();
  }

  /** The model with what was found in it. */
  ModelProto annotated() {
    return new ShapeWriter(names, found).annotated(model);
  }
}
