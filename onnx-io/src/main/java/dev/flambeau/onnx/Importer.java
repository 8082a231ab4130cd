package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.FunctionProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * A file's graph with all its bodies as blocks; functions are expanded where they are called.
 * Operators that are not supported are collected, and refused all at once.
 */
final class Importer {
  private static final int DEEPEST_CALL = 64;

  private final String file;
  private final TensorReader reader;
  private final Map<String, FunctionProto> functions = new HashMap<>();
  private final TreeSet<String> missing = new TreeSet<>();
  private final List<Constant> constants = new ArrayList<>();
  private int nodes;

  private Importer(String file, TensorReader reader) {
    this.file = file;
    this.reader = reader;
  }

  /** The graph, and the constants of it and of its bodies in the file's order. */
  record Imported(Block block, List<Constant> constants) {}

  /**
   * @throws TorchException naming all operators that are not supported, or what is wrong
   */
  static Imported read(
      ModelProto model, String file, ExternalData external, ImportOptions options) {
    if (!model.hasGraph()) {
      throw TorchException.format(file, "no graph in it: this is not an ONNX model");
    }
    Importer importer = new Importer(file, new TensorReader(file, external));
    for (FunctionProto f : model.getFunctionsList()) {
      importer.functions.put(key(f.getDomain(), f.getName(), f.getOverload()), f);
    }
    Names names = Names.graph(opsets(model.getOpsetImportList()), file);
    Block block = importer.graph(model.getGraph(), names, 0);
    if (block.outputs.isEmpty()) {
      throw TorchException.format(file, "the graph has no outputs");
    }
    if (!importer.missing.isEmpty()) {
      throw TorchException.format(
          file,
          "operators that are not supported (domain.name-opset): "
              + String.join(", ", importer.missing));
    }
    if (!options.trainsFolded()) {
      Folded.fix(block);
    }
    choose(importer.constants, options);
    return new Imported(block, importer.constants);
  }

  private static void choose(List<Constant> constants, ImportOptions options) {
    List<String> names = constants.stream().map(Constant::name).toList();
    List<String> trained =
        Globs.find("ImportOptions.trained", names, options.trained().toArray(String[]::new));
    List<String> fixed =
        Globs.find("ImportOptions.fixed", names, options.fixed().toArray(String[]::new));
    for (Constant constant : constants) {
      if (trained.contains(constant.name())) {
        constant.train();
      }
      if (fixed.contains(constant.name())) {
        constant.fix();
      }
    }
  }

  private static String key(String domain, String name, String overload) {
    return Names.domain(domain) + "\0" + name + "\0" + overload;
  }

  private static Map<String, Long> opsets(List<OperatorSetIdProto> imports) {
    Map<String, Long> opsets = new HashMap<>();
    imports.forEach(o -> opsets.put(Names.domain(o.getDomain()), o.getVersion()));
    return opsets;
  }

  private void count(int more) {
    nodes += more;
    if (nodes > Limits.NODES || more > Limits.NODES) {
      throw TorchException.format(file, "more than " + Limits.NODES + " nodes or initializers");
    }
  }

  private Block graph(GraphProto graph, Names names, int depth) {
    count(graph.getInitializerCount() + graph.getSparseInitializerCount());
    graph.getInitializerList().forEach(t -> addConstant(names, t.getName(), () -> reader.read(t)));
    graph
        .getSparseInitializerList()
        .forEach(t -> addConstant(names, t.getValues().getName(), () -> reader.read(t)));
    graph.getInputList().forEach(input -> names.addInput(input));
    for (NodeProto node : NodeOrder.of(graph.getNodeList())) {
      addNode(node, names, depth);
    }
    graph.getOutputList().forEach(output -> names.addOutput(output));
    names.publish();
    names.block().close();
    return names.block();
  }

  private void addConstant(Names names, String name, Supplier<OnnxValue> value) {
    Constant constant = new Constant(name, value.get(), false);
    constants.add(constant);
    names.addConstant(constant);
  }

  private void addNode(NodeProto proto, Names names, int depth) {
    count(1);
    String domain = Names.domain(proto.getDomain());
    FunctionProto function = functions.get(key(domain, proto.getOpType(), proto.getOverload()));
    if (function != null) {
      expand(proto, function, names, depth);
      return;
    }
    long opset = names.opset(domain);
    Node node = new Node(proto, opset, reader, names.bound());
    if (domain.isEmpty() && node.type().equals("Constant") && node.value("value").isPresent()) {
      names.addConstantNode(node, constants);
      return;
    }
    if (domain.isEmpty() && node.type().equals("Identity") && names.copyVector(node, constants)) {
      return;
    }
    List<Block.Body> bodies = new ArrayList<>();
    node.attributes()
        .forEach(
            (name, attribute) -> {
              if (attribute.hasG()) {
                bodies.add(body(name, attribute, node, names, depth));
              }
            });
    if (domain.equals(Registry.TRAINING) && node.type().equals("Gradient")) {
      Block.Body part = names.differentiated(node);
      count(part.block().steps.size());
      bodies.add(part);
    }
    Registry.Operator operator = Registry.find(domain, node.type(), opset).orElse(null);
    if (operator == null) {
      String newer =
          Registry.first(domain, node.type()).map(v -> " (there from " + v + " on)").orElse("");
      missing.add(
          (domain.isEmpty() ? "ai.onnx" : domain) + "." + node.type() + "-" + opset + newer);
    }
    names.addStep(node, operator, bodies);
  }

  private Block.Body body(
      String name, AttributeProto attribute, Node node, Names names, int depth) {
    Names inner = names.inside();
    Block block = graph(attribute.getG(), inner, depth);
    node.bodies().put(name, block);
    return new Block.Body(name, block, inner.outside());
  }

  /** A function's nodes in place of its call; its names are its own. */
  private void expand(NodeProto call, FunctionProto function, Names names, int depth) {
    if (depth > DEEPEST_CALL) {
      throw TorchException.format(
          file, "functions call one another more than " + DEEPEST_CALL + " deep, or in a circle");
    }
    Map<String, AttributeProto> given = new HashMap<>();
    function.getAttributeProtoList().forEach(a -> given.put(a.getName(), a));
    for (AttributeProto a : call.getAttributeList()) {
      AttributeProto value =
          a.getRefAttrName().isEmpty() ? a : names.bound().get(a.getRefAttrName());
      if (value != null) {
        given.put(a.getName(), value);
      }
    }
    Names inner = names.function(opsets(function.getOpsetImportList()), given);
    for (int i = 0; i < function.getInputCount(); i++) {
      String outer = i < call.getInputCount() ? call.getInput(i) : "";
      inner.alias(function.getInput(i), outer.isEmpty() ? -1 : names.find(outer, call.getOpType()));
    }
    for (NodeProto node : NodeOrder.of(function.getNodeList())) {
      addNode(node, inner, depth + 1);
    }
    for (int i = 0; i < Math.min(call.getOutputCount(), function.getOutputCount()); i++) {
      if (!call.getOutput(i).isEmpty()) {
        String where = "output of function " + function.getName();
        names.alias(call.getOutput(i), inner.find(function.getOutput(i), where));
      }
    }
  }
}
