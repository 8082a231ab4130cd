package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.FunctionProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A model's functions: their signatures, their nodes, and that none calls itself. */
final class FunctionChecker {
  private static final int DEEPEST = 100;

  private final Checker checker;
  private final Faults faults;
  private final ModelProto model;
  private final Map<String, FunctionProto> functions;
  private final Set<String> done = new HashSet<>();

  FunctionChecker(
      Checker checker, Faults faults, ModelProto model, Map<String, FunctionProto> functions) {
    this.checker = checker;
    this.faults = faults;
    this.model = model;
    this.functions = functions;
  }

  static String key(String domain, String name, String overload) {
    String full = Names.domain(domain) + "." + name;
    return overload.isEmpty() ? full : full + ":" + overload;
  }

  /**
   * @param opsets the model's
   */
  void check(Map<String, Long> opsets) {
    for (FunctionProto f : model.getFunctionsList()) {
      function(f, opsets);
      calls(key(f.getDomain(), f.getName(), f.getOverload()), new ArrayList<>());
    }
  }

  private void function(FunctionProto f, Map<String, Long> opsets) {
    String where = "function " + f.getDomain() + "." + f.getName();
    if (f.getName().isEmpty()) {
      faults.add(where, "without a name");
    }
    if (!f.hasDomain()) {
      faults.add(where, "without a domain");
    }
    Set<String> attributes = new HashSet<>();
    unique(where, "attribute", f.getAttributeList(), attributes);
    unique(
        where,
        "attribute",
        f.getAttributeProtoList().stream().map(AttributeProto::getName).toList(),
        attributes);
    Set<String> known = new HashSet<>();
    unique(where, "input", f.getInputList(), known);
    unique(where, "output", f.getOutputList(), new HashSet<>());
    Map<String, Long> imports = Checker.imports(faults, where, f.getOpsetImportList());
    Checker.Place place = new Checker.Place(imports, Optional.of(attributes));
    for (NodeProto node : f.getNodeList()) {
      version(where, node, imports, opsets);
      checker.node(node, known, List.of(), place);
    }
    for (String output : f.getOutputList()) {
      if (!known.contains(output)) {
        faults.add(where, "output '" + output + "' is made by nothing");
      }
    }
  }

  private void unique(String where, String what, List<String> names, Set<String> into) {
    for (String name : names) {
      if (name.isEmpty() || !into.add(name)) {
        faults.add(where, what + " '" + name + "' without a name or twice");
      }
    }
  }

  /** An operator is the same one in the function's operator set and in the model's. */
  private void version(
      String where, NodeProto node, Map<String, Long> imports, Map<String, Long> opsets) {
    String domain = Names.domain(node.getDomain());
    Long own = imports.get(domain);
    Long outer = opsets.get(domain);
    if (own == null || outer == null || checker.function(node).isPresent()) {
      return;
    }
    var mine = Schemas.since(domain, node.getOpType(), own);
    var theirs = Schemas.since(domain, node.getOpType(), outer);
    if (!mine.equals(theirs)) {
      faults.add(
          where,
          "%s of set %d is not the one of the model's set %d"
              .formatted(ShapeCall.describe(node), own, outer));
    }
  }

  /** Follows the calls from a function on; {@code path} are those it comes from. */
  private void calls(String function, List<String> path) {
    if (!done.add(function)) {
      return;
    }
    path.add(function);
    Set<String> called = new LinkedHashSet<>();
    functions.get(function).getNodeList().forEach(node -> collect(node, called));
    for (String next : called) {
      if (path.contains(next)) {
        List<String> circle = path.subList(path.indexOf(next), path.size());
        faults.add("functions call themselves: " + String.join(" -> ", circle));
      } else if (path.size() >= DEEPEST) {
        faults.add("functions call one another more than " + DEEPEST + " deep");
      } else {
        calls(next, path);
      }
    }
    path.removeLast();
  }

  private void collect(NodeProto node, Set<String> called) {
    String key = key(node.getDomain(), node.getOpType(), node.getOverload());
    if (functions.containsKey(key)) {
      called.add(key);
    }
    for (AttributeProto a : node.getAttributeList()) {
      if (a.hasG()) {
        collect(a.getG(), called);
      }
      a.getGraphsList().forEach(g -> collect(g, called));
    }
  }

  private void collect(GraphProto graph, Set<String> called) {
    graph.getNodeList().forEach(node -> collect(node, called));
  }
}
