package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What ONNX's specification (IR.md) says of a model's form: a graph and operator sets, every value
 * named once and before it is read (bodies see the names around them), nodes in order, operators
 * known in the declared set, attributes named once and holding what their type says, initializers
 * as long as their shape, outputs that something makes.
 */
final class Checker {
  private final List<String> faults = new ArrayList<>();
  private final Map<String, Long> opsets = new HashMap<>();
  private final Set<String> functions = new HashSet<>();

  private Checker() {}

  /** All that is wrong, a line each; empty for a correct model. */
  static List<String> check(ModelProto model) {
    Checker checker = new Checker();
    if (model.getIrVersion() < 1) {
      checker.faults.add("ir_version is " + model.getIrVersion() + "; 1 or more");
    }
    model
        .getOpsetImportList()
        .forEach(o -> checker.opsets.put(Names.domain(o.getDomain()), o.getVersion()));
    if (checker.opsets.isEmpty()) {
      checker.faults.add("opset_import is empty");
    }
    model
        .getFunctionsList()
        .forEach(f -> checker.functions.add(Names.domain(f.getDomain()) + "." + f.getName()));
    if (!model.hasGraph() || model.getGraph().getOutputCount() == 0) {
      checker.faults.add("no graph with outputs");
    }
    checker.graph(model.getGraph(), Set.of());
    return checker.faults;
  }

  private void graph(GraphProto graph, Set<String> around) {
    Set<String> known = new HashSet<>(around);
    Set<String> inputs = new HashSet<>();
    for (ValueInfoProto input : graph.getInputList()) {
      inputs.add(input.getName());
      define(known, input.getName(), "input");
    }
    for (TensorProto t : graph.getInitializerList()) {
      // Before IR version 4 every initializer was an input, too: its default.
      if (!inputs.contains(t.getName())) {
        define(known, t.getName(), "initializer");
      }
      tensor(t);
    }
    graph
        .getSparseInitializerList()
        .forEach(t -> define(known, t.getValues().getName(), "initializer"));
    for (NodeProto node : graph.getNodeList()) {
      node(node, known);
    }
    for (ValueInfoProto output : graph.getOutputList()) {
      if (!known.contains(output.getName())) {
        faults.add("output '" + output.getName() + "' is made by nothing");
      }
    }
  }

  private void define(Set<String> known, String name, String what) {
    if (name.isEmpty()) {
      faults.add(what + " without a name");
    } else if (!known.add(name)) {
      faults.add(what + " '" + name + "': the name is taken");
    }
  }

  private void node(NodeProto node, Set<String> known) {
    String where = node.getOpType() + " '" + node.getName() + "'";
    String domain = Names.domain(node.getDomain());
    Long opset = opsets.get(domain);
    if (opset == null) {
      faults.add(where + ": domain '" + domain + "' is not imported");
    } else if (!functions.contains(domain + "." + node.getOpType())
        && Registry.find(domain, node.getOpType(), opset).isEmpty()) {
      faults.add(where + ": no such operator in set " + opset + " of '" + domain + "'");
    }
    for (String input : node.getInputList()) {
      if (!input.isEmpty() && !known.contains(input)) {
        faults.add(where + ": reads '" + input + "' before anything makes it");
      }
    }
    Set<String> attributes = new HashSet<>();
    for (AttributeProto a : node.getAttributeList()) {
      if (a.getName().isEmpty() || !attributes.add(a.getName())) {
        faults.add(where + ": attribute '" + a.getName() + "' without a name or twice");
      }
      attribute(a, where, known);
    }
    for (String output : node.getOutputList()) {
      if (!output.isEmpty()) {
        define(known, output, where + ": output");
      }
    }
  }

  private void attribute(AttributeProto a, String where, Set<String> known) {
    boolean holds =
        !a.getRefAttrName().isEmpty()
            || switch (a.getType()) {
              case TENSOR -> a.hasT();
              case GRAPH -> a.hasG();
              case SPARSE_TENSOR -> a.hasSparseTensor();
              case TYPE_PROTO -> a.hasTp();
              case UNDEFINED -> false;
              default -> true;
            };
    if (!holds) {
      faults.add(where + ": attribute '" + a.getName() + "' holds no " + a.getType());
    }
    if (a.hasT()) {
      tensor(a.getT());
    }
    if (a.hasG()) {
      graph(a.getG(), known);
    }
    a.getGraphsList().forEach(g -> graph(g, known));
  }

  private void tensor(TensorProto t) {
    String where = "tensor '" + t.getName() + "'";
    ElementType type = ElementType.of(t.getDataType()).orElse(null);
    if (type == null) {
      faults.add(where + ": element type " + t.getDataType() + " is unknown");
      return;
    }
    long count = 1;
    for (long dim : t.getDimsList()) {
      if (dim < 0 || dim > 0 && count > Long.MAX_VALUE / 64 / dim) {
        faults.add(where + ": dims " + t.getDimsList());
        return;
      }
      count *= dim;
    }
    long bytes = (count * type.bits() + 7) / 8;
    if (t.hasRawData() && t.getRawData().size() != bytes) {
      faults.add(where + ": " + t.getRawData().size() + " bytes, " + bytes + " by its shape");
    }
  }
}
