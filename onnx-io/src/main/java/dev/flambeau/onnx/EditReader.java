package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.FunctionProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.SparseTensorProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a file's graph into a {@link ModelEdit}: values in bodies and functions get names that
 * nothing else has, calls of functions become the functions' nodes.
 */
final class EditReader {
  private static final int DEEPEST_CALL = 64;

  private final ModelEdit model;
  private final ModelProto proto;
  private final String file;
  private final Map<String, FunctionProto> functions = new HashMap<>();
  private final Set<String> kept = new HashSet<>();
  private int count;

  EditReader(ModelEdit model, ModelProto proto) {
    this.model = model;
    this.proto = proto;
    this.file = model.reader().file();
    proto.getFunctionsList().forEach(f -> functions.put(key(f), f));
  }

  /** Names known at a place and those they have in the model; a function sees none around. */
  private record Scope(
      Map<String, String> names, Scope around, Map<String, AttributeProto> bound, String prefix) {
    Scope inside() {
      return new Scope(new HashMap<>(), this, bound, prefix);
    }

    Optional<String> find(String name) {
      String here = names.get(name);
      return here == null && around != null ? around.find(name) : Optional.ofNullable(here);
    }
  }

  private static String key(FunctionProto f) {
    return Names.domain(f.getDomain()) + "\0" + f.getName() + "\0" + f.getOverload();
  }

  private static String key(NodeProto call) {
    return Names.domain(call.getDomain()) + "\0" + call.getOpType() + "\0" + call.getOverload();
  }

  GraphEdit read() {
    if (!proto.hasGraph()) {
      throw TorchException.format(file, "no graph in it: this is not an ONNX model");
    }
    GraphProto graph = proto.getGraph();
    // What bodies call their values must not take the names of what comes later here.
    graph.getNodeList().forEach(n -> n.getOutputList().forEach(model::take));
    graph.getInputList().forEach(i -> model.take(i.getName()));
    graph.getInitializerList().forEach(t -> model.take(t.getName()));
    graph.getSparseInitializerList().forEach(t -> model.take(t.getValues().getName()));
    GraphEdit out = graph(graph, new Scope(new HashMap<>(), null, Map.of(), ""), 0);
    model.keepFunctions(
        proto.getFunctionsList().stream().filter(f -> kept.contains(key(f))).toList());
    out.sorted();
    return out;
  }

  private void count(int more) {
    count += more;
    if (count > Limits.NODES || more > Limits.NODES) {
      throw TorchException.format(file, "more than " + Limits.NODES + " nodes or initializers");
    }
  }

  private String define(String name, Scope scope) {
    if (name.isEmpty() || scope.names.containsKey(name)) {
      throw TorchException.format(
          file, name.isEmpty() ? "a value without name" : "two values are named '" + name + "'");
    }
    boolean outermost = scope.around == null && scope.prefix.isEmpty();
    String own = outermost ? name : model.fresh(scope.prefix + name);
    scope.names.put(name, own);
    return own;
  }

  private void define(List<NodeProto> nodes, Scope scope) {
    for (NodeProto node : nodes) {
      node.getOutputList().stream().filter(o -> !o.isEmpty()).forEach(o -> define(o, scope));
    }
  }

  private String find(String name, Scope scope, String where) {
    return name.isEmpty()
        ? ""
        : scope
            .find(name)
            .orElseThrow(
                () ->
                    TorchException.format(
                        file, where + " uses '" + name + "', which nothing before it gives"));
  }

  private GraphEdit graph(GraphProto graph, Scope scope, int depth) {
    count(graph.getInitializerCount() + graph.getSparseInitializerCount());
    GraphEdit out = new GraphEdit(graph);
    for (TensorProto t : graph.getInitializerList()) {
      String name = define(t.getName(), scope);
      TensorProto held = t.getDataLocation() == TensorProto.DataLocation.EXTERNAL ? inside(t) : t;
      out.initializers.put(name, held.toBuilder().setName(name).build());
    }
    for (SparseTensorProto t : graph.getSparseInitializerList()) {
      String name = define(t.getValues().getName(), scope);
      SparseTensorProto.Builder named = t.toBuilder();
      named.getValuesBuilder().setName(name);
      out.sparse.put(name, named.build());
    }
    model.constants.note(out);
    for (ValueInfoProto input : graph.getInputList()) {
      // Before file format version 4 constants are listed among the inputs.
      if (!out.holds(scope.names.getOrDefault(input.getName(), ""))) {
        out.inputs.add(input.toBuilder().setName(define(input.getName(), scope)).build());
      }
    }
    // Before the nodes are read, as some files have them in another order than they run in.
    define(graph.getNodeList(), scope);
    for (NodeProto node : graph.getNodeList()) {
      node(node, out, scope, depth);
    }
    List<ValueInfoProto> outputs = new ArrayList<>();
    for (ValueInfoProto output : graph.getOutputList()) {
      String name = find(output.getName(), scope, "output of the graph");
      outputs.add(output.toBuilder().setName(name).build());
    }
    out.setOutputs(outputs);
    for (ValueInfoProto info : graph.getValueInfoList()) {
      String name = scope.names.getOrDefault(info.getName(), "");
      out.infos.put(name, info.toBuilder().setName(name).build());
    }
    return out;
  }

  /** Data of another file become data of this one. */
  private TensorProto inside(TensorProto t) {
    String where = file + ", tensor '" + t.getName() + "'";
    return t.toBuilder()
        .clearExternalData()
        .clearDataLocation()
        .setRawData(model.reader().external(t, where))
        .build();
  }

  private void node(NodeProto node, GraphEdit into, Scope scope, int depth) {
    count(1);
    if (node.getOutputList().stream().allMatch(String::isEmpty)) {
      return;
    }
    FunctionProto function = functions.get(key(node));
    if (function != null && expand(node, function, into, scope, depth)) {
      return;
    }
    List<String> inputs =
        node.getInputList().stream().map(i -> find(i, scope, node.getOpType())).toList();
    String name = scope.prefix + node.getName();
    NodeProto named = node.toBuilder().setName(name).build();
    List<AttributeProto> attributes = new ArrayList<>();
    Map<String, GraphEdit> bodies = new HashMap<>();
    for (AttributeProto written : node.getAttributeList()) {
      AttributeProto a = written;
      if (!written.getRefAttrName().isEmpty()) {
        AttributeProto given = scope.bound.get(written.getRefAttrName());
        if (given == null) {
          continue;
        }
        a = given.toBuilder().setName(written.getName()).build();
      }
      if (a.getGraphsCount() > 0) {
        throw TorchException.format(
            file, node.getOpType() + ": an attribute of several graphs is not supported");
      }
      if (a.hasG()) {
        bodies.put(a.getName(), graph(a.getG(), scope.inside(), depth));
      } else {
        attributes.add(a);
      }
    }
    List<String> outputs =
        node.getOutputList().stream().map(o -> o.isEmpty() ? o : scope.names.get(o)).toList();
    NodeEdit edit = new NodeEdit(into, named, inputs, outputs);
    attributes.forEach(edit::set);
    node.getAttributeList().stream()
        .map(AttributeProto::getName)
        .filter(bodies::containsKey)
        .forEach(b -> edit.bodies().put(b, bodies.get(b)));
    model.add(edit);
  }

  /** Whether a function's nodes mean the same in the graph. */
  private boolean fits(FunctionProto function) {
    return function.getOpsetImportList().stream()
        .allMatch(
            o -> {
              String domain = Names.domain(o.getDomain());
              model.use(domain, o.getVersion());
              return model.opset(domain) == o.getVersion();
            });
  }

  private void keep(FunctionProto function) {
    if (kept.add(key(function))) {
      for (NodeProto node : function.getNodeList()) {
        FunctionProto inner = functions.get(key(node));
        if (inner != null) {
          keep(inner);
        }
      }
    }
  }

  /** A function's nodes in place of its call; false if it has to stay a function. */
  private boolean expand(
      NodeProto call, FunctionProto function, GraphEdit into, Scope scope, int depth) {
    if (depth > DEEPEST_CALL) {
      throw TorchException.format(
          file, "functions call one another more than " + DEEPEST_CALL + " deep, or in a circle");
    }
    if (!fits(function)) {
      keep(function);
      return false;
    }
    Map<String, AttributeProto> given = new HashMap<>();
    function.getAttributeProtoList().forEach(a -> given.put(a.getName(), a));
    for (AttributeProto a : call.getAttributeList()) {
      AttributeProto value = a.getRefAttrName().isEmpty() ? a : scope.bound.get(a.getRefAttrName());
      if (value != null) {
        given.put(a.getName(), value);
      }
    }
    String prefix = (call.getName().isEmpty() ? call.getOpType() : call.getName()) + "/";
    Scope inner = new Scope(new HashMap<>(), null, given, scope.prefix + prefix);
    for (int i = 0; i < function.getInputCount(); i++) {
      String outer = i < call.getInputCount() ? call.getInput(i) : "";
      inner.names.put(function.getInput(i), find(outer, scope, call.getOpType()));
    }
    define(function.getNodeList(), inner);
    for (NodeProto node : function.getNodeList()) {
      node(node, into, inner, depth + 1);
    }
    for (int i = 0; i < Math.min(call.getOutputCount(), function.getOutputCount()); i++) {
      if (!call.getOutput(i).isEmpty()) {
        String where = "output of function " + function.getName();
        String made = find(function.getOutput(i), inner, where);
        model.add(into, "Identity", List.of(made), List.of(scope.names.get(call.getOutput(i))));
      }
    }
    return true;
  }
}
