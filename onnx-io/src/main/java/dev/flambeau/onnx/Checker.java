package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.FunctionProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.StringStringEntryProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.TrainingInfoProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What ONNX's specification says of a model's form (IR.md, ExternalData.md, the operators'
 * documentation; what {@code onnx.checker} lets pass beyond them passes): a graph and operator
 * sets, every value named once and before it is read (bodies see the names around them), nodes in
 * order, operators that the declared set has ({@link NodeChecker}), functions ({@link
 * FunctionChecker}), tensors as long as their shape ({@link TensorChecker}), nothing that the
 * format's version does not have yet ({@link VersionChecker}), and types and sizes that fit ({@link
 * ShapeInference}).
 */
final class Checker {
  private static final int NEWEST = 14;

  private final ModelProto model;
  private final Faults faults = new Faults();
  private final Map<String, FunctionProto> functions = new HashMap<>();
  private final TensorChecker tensors;

  /** The operator sets and the attributes that may be referred to, of the model or a function. */
  record Place(Map<String, Long> opsets, Optional<Set<String>> attributes) {}

  private Checker(ModelProto model, TensorReader reader, boolean file) {
    this.model = model;
    this.tensors = new TensorChecker(faults, reader, file);
  }

  /**
   * All that is wrong, a line each; empty for a correct model. Data beside it are not looked at.
   */
  static List<String> check(ModelProto model) {
    TensorReader reader = new TensorReader("the model", new ExternalData(Optional.empty()));
    return new Checker(model, reader, false).check(reader);
  }

  /** As above, with the data that lie beside the file. */
  static List<String> check(ModelProto model, Path file, ExternalData external) {
    TensorReader reader = new TensorReader(file.toString(), external);
    return new Checker(model, reader, true).check(reader);
  }

  private List<String> check(TensorReader reader) {
    Place place = new Place(opsets(), Optional.empty());
    for (FunctionProto f : model.getFunctionsList()) {
      String key = FunctionChecker.key(f.getDomain(), f.getName(), f.getOverload());
      if (functions.put(key, f) != null) {
        faults.add("function " + key.strip(), "there are two of this name");
      }
    }
    Set<String> keys = new HashSet<>();
    for (StringStringEntryProto p : model.getMetadataPropsList()) {
      if (!keys.add(p.getKey())) {
        faults.add("metadata_props", "key '" + p.getKey() + "' twice");
      }
    }
    if (!model.hasGraph() || model.getGraph().getOutputCount() == 0) {
      faults.add("no graph with outputs");
    }
    Set<String> known = graph(model.getGraph(), List.of(), place, true);
    new FunctionChecker(this, faults, model, functions).check(place.opsets);
    model.getTrainingInfoList().forEach(t -> training(t, known, place));
    new VersionChecker(faults, model).check();
    ShapeInference.of(model, reader).faults().forEach(faults::add);
    return faults.lines();
  }

  /** Operator sets by domain; before version 3 of the format there was one alone. */
  private Map<String, Long> opsets() {
    long version = model.getIrVersion();
    if (version < 1 || version > NEWEST) {
      faults.add("ir_version is " + version + "; 1 to " + NEWEST);
    }
    Map<String, Long> opsets = imports(faults, "opset_import", model.getOpsetImportList());
    if (version < 3 && !opsets.isEmpty()) {
      faults.add("opset_import", "ir_version " + version + " has none; 3 or more has");
    } else if (version < 3) {
      opsets.put("", 1L);
    } else if (opsets.isEmpty()) {
      faults.add("opset_import is empty");
    }
    return opsets;
  }

  static Map<String, Long> imports(Faults faults, String where, List<OperatorSetIdProto> imports) {
    Map<String, Long> opsets = new HashMap<>();
    for (OperatorSetIdProto o : imports) {
      String domain = Names.domain(o.getDomain());
      if (opsets.put(domain, o.getVersion()) != null) {
        faults.add(where, "domain '" + domain + "' twice");
      }
      long newest = Schemas.newest(domain).orElse(Integer.MAX_VALUE);
      if (o.getVersion() < 1 || o.getVersion() > newest) {
        faults.add(where, "set " + o.getVersion() + " of '" + domain + "'; 1 to " + newest);
      }
    }
    return opsets;
  }

  Optional<FunctionProto> function(NodeProto node) {
    return Optional.ofNullable(
        functions.get(FunctionChecker.key(node.getDomain(), node.getOpType(), node.getOverload())));
  }

  /**
   * @param around names that a body sees, by graph
   * @return the names this graph defines
   */
  private Set<String> graph(
      GraphProto graph, List<Set<String>> around, Place place, boolean outermost) {
    if (graph.getName().isEmpty()) {
      faults.add("a graph without a name");
    }
    Set<String> own = new HashSet<>();
    for (ValueInfoProto input : graph.getInputList()) {
      define(own, around, input.getName(), "input");
      value(input, "input", outermost);
    }
    initializers(graph, own, around, outermost);
    for (NodeProto node : graph.getNodeList()) {
      node(node, own, around, place);
    }
    for (ValueInfoProto output : graph.getOutputList()) {
      if (!own.contains(output.getName())) {
        faults.add("output '" + output.getName() + "' is made by nothing");
      }
      value(output, "output", outermost);
    }
    return own;
  }

  private void initializers(
      GraphProto graph, Set<String> own, List<Set<String>> around, boolean outermost) {
    Set<String> inputs = new HashSet<>(own);
    Set<String> seen = new HashSet<>();
    for (TensorProto t : graph.getInitializerList()) {
      String name = t.getName();
      boolean input = inputs.contains(name);
      if (input && !seen.add(name)) {
        faults.add("initializer '" + name + "': the name is taken");
      } else if (!input) {
        define(own, around, name, "initializer");
      }
      if (model.getIrVersion() < 4 && !input) {
        faults.add(
            "initializer '" + name + "'",
            "it must be an input, too, before ir_version 4; it is " + model.getIrVersion());
      } else if (model.getIrVersion() >= 4 && input && !outermost) {
        faults.add("initializer '" + name + "'", "it is an input of its body, too");
      }
      tensors.check(t, "tensor '" + name + "'");
    }
    graph
        .getSparseInitializerList()
        .forEach(
            t -> {
              define(own, around, t.getValues().getName(), "initializer");
              tensors.check(t, "sparse tensor '" + t.getValues().getName() + "'");
            });
  }

  private static boolean sees(List<Set<String>> around, String name) {
    return around.stream().anyMatch(names -> names.contains(name));
  }

  private void define(Set<String> own, List<Set<String>> around, String name, String what) {
    if (name.isEmpty()) {
      faults.add(what + " without a name");
    } else if (sees(around, name) || !own.add(name)) {
      faults.add(what + " '" + name + "': the name is taken");
    }
  }

  /** The model's inputs and outputs say their types; those of bodies need not. */
  private void value(ValueInfoProto value, String what, boolean outermost) {
    String where = what + " '" + value.getName() + "'";
    if (outermost) {
      tensors.type(value.getType(), where, true);
    }
  }

  /** A node of a graph or function, where these names are known. */
  void node(NodeProto node, Set<String> own, List<Set<String>> around, Place place) {
    for (String input : node.getInputList()) {
      if (!input.isEmpty() && !own.contains(input) && !sees(around, input)) {
        faults.add(ShapeCall.describe(node), "reads '" + input + "' before anything makes it");
      }
    }
    new NodeChecker(this, faults, node, place, model.getIrVersion()).check();
    for (AttributeProto a : node.getAttributeList()) {
      String where = ShapeCall.describe(node) + ", attribute '" + a.getName() + "'";
      if (a.hasT()) {
        tensors.check(a.getT(), where);
      }
      a.getTensorsList().forEach(t -> tensors.check(t, where));
      if (a.hasSparseTensor()) {
        tensors.check(a.getSparseTensor(), where);
      }
      a.getSparseTensorsList().forEach(t -> tensors.check(t, where));
      if (a.hasG() || a.getGraphsCount() > 0) {
        List<Set<String>> visible = new ArrayList<>(around);
        visible.add(own);
        if (a.hasG()) {
          graph(a.getG(), visible, place, false);
        }
        a.getGraphsList().forEach(g -> graph(g, visible, place, false));
      }
    }
    for (String output : node.getOutputList()) {
      if (!output.isEmpty()) {
        define(own, around, output, ShapeCall.describe(node) + ": output");
      }
    }
  }

  /** Steps of training change initializers, which they name with the values they become. */
  private void training(TrainingInfoProto training, Set<String> known, Place place) {
    Set<String> state = new HashSet<>();
    model.getGraph().getInitializerList().forEach(t -> state.add(t.getName()));
    training.getAlgorithm().getInitializerList().forEach(t -> state.add(t.getName()));
    if (training.hasInitialization()) {
      graph(training.getInitialization(), List.of(), place, false);
    }
    if (training.hasAlgorithm()) {
      graph(training.getAlgorithm(), List.of(known), place, false);
    }
    bindings(
        "initialization_binding",
        training.getInitializationBindingList(),
        training.getInitialization(),
        state);
    bindings("update_binding", training.getUpdateBindingList(), training.getAlgorithm(), state);
  }

  private void bindings(
      String where, List<StringStringEntryProto> bindings, GraphProto graph, Set<String> state) {
    Set<String> made = new HashSet<>();
    graph.getOutputList().forEach(o -> made.add(o.getName()));
    Set<String> keys = new HashSet<>();
    for (StringStringEntryProto binding : bindings) {
      if (!keys.add(binding.getKey())) {
        faults.add(where, "'" + binding.getKey() + "' twice");
      }
      if (!state.contains(binding.getKey())) {
        faults.add(where, "'" + binding.getKey() + "' is no initializer");
      }
      if (!made.contains(binding.getValue())) {
        faults.add(where, "'" + binding.getValue() + "' is no output of the training graph");
      }
    }
  }
}
