package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Nodes of imported files as nodes again, with the bodies of If, Loop and Scan, in the operator set
 * of the export ({@link Versions}).
 */
final class ExportKept {
  private final ExportGraph graph;
  private final Function<Constant, String> constants;

  /** The newest version of each other domain that nodes were written in. */
  final Map<String, Long> domains = new TreeMap<>();

  /**
   * @param constants the name of a constant, which is written where it is not yet
   */
  ExportKept(ExportGraph graph, Function<Constant, String> constants) {
    this.graph = graph;
    this.constants = constants;
  }

  /**
   * @param in the names of the inputs
   * @param outside for each body, the names of the values it uses
   * @param type of input 0, as far as it is known
   * @return the names of the outputs; empty: unused
   */
  List<String> write(
      Block block, Block.Step step, List<String> in, List<List<String>> outside, ElementType type) {
    Node node = step.node();
    Versions.Written written =
        Versions.write(
            node,
            in,
            step.writes().length,
            graph.opset,
            new Versions.Place() {
              @Override
              public Optional<Tensor> constant(int input) {
                return block
                    .constant(step.reads()[input])
                    .map(Constant::value)
                    .filter(OnnxValue.Numbers.class::isInstance)
                    .map(value -> ((OnnxValue.Numbers) value).tensor());
              }

              @Override
              public String constant(Tensor value, ElementType type) {
                return graph.constant(
                    node.outputs().getFirst() + "_constant", TensorWriter.write("", value, type));
              }

              @Override
              public ElementType type() {
                return type;
              }
            });
    NodeProto.Builder out =
        NodeProto.newBuilder()
            .setOpType(node.type())
            .setDomain(node.domain())
            .setName(graph.fresh(node.name().isEmpty() ? node.type() : node.name()))
            .addAllInput(written.inputs());
    if (!node.domain().isEmpty()) {
      domains.merge(node.domain(), node.opset(), Math::max);
    }
    written.attributes().forEach((name, a) -> out.addAttribute(attribute(name, a, step, outside)));
    List<String> names = new ArrayList<>();
    for (int i = 0; i < step.writes().length; i++) {
      boolean used = step.writes()[i] >= 0;
      names.add(used ? graph.fresh(node.outputs().get(i)) : "");
    }
    graph.nodes.add(out.addAllOutput(names).build());
    return names;
  }

  private AttributeProto attribute(
      String name, AttributeProto value, Block.Step step, List<List<String>> outside) {
    AttributeProto.Builder out = value.toBuilder().setName(name).clearRefAttrName();
    for (int i = 0; i < step.bodies().size(); i++) {
      boolean graph = value.getType() == AttributeProto.AttributeType.GRAPH;
      if (graph && step.bodies().get(i).attribute().equals(name)) {
        out.setG(body(step.bodies().get(i).block(), outside.get(i)));
      }
    }
    return out.build();
  }

  /** A body as it stands in the file; its constants are the outermost graph's. */
  private GraphProto body(Block block, List<String> around) {
    GraphProto.Builder proto = GraphProto.newBuilder().setName(graph.fresh("body"));
    Map<Integer, String> names = new HashMap<>();
    for (int i = 0; i < around.size(); i++) {
      names.put(block.captured.get(i), around.get(i));
    }
    for (Block.Port port : block.inputs) {
      names.put(port.slot(), graph.fresh(port.name()));
      proto.addInput(info(names.get(port.slot()), port));
    }
    Set<String> own = new HashSet<>();
    List<NodeProto> nodes = graph.within(() -> nodes(block, names, own));
    proto.addAllNode(nodes);
    for (Block.Port port : block.outputs) {
      String name = names.get(port.slot());
      if (!own.remove(name)) {
        // Not made in here, or given twice: an output must be of a node of its own.
        String given = name;
        name = graph.fresh(port.name());
        proto.addNode(identity(given, name));
      }
      proto.addOutput(info(name, port));
    }
    return proto.build();
  }

  NodeProto identity(String from, String to) {
    return NodeProto.newBuilder()
        .setOpType("Identity")
        .setName(graph.fresh("Identity"))
        .addInput(from)
        .addOutput(to)
        .build();
  }

  /** Writes a whole graph, with its inputs' and outputs' own names. */
  GraphProto.Builder whole(Block block) {
    GraphProto.Builder proto = GraphProto.newBuilder().setName("main");
    Map<Integer, String> names = new HashMap<>();
    block.outputs.forEach(port -> graph.reserve(port.name()));
    for (Block.Port port : block.inputs) {
      names.put(port.slot(), port.name());
      proto.addInput(info(port.name(), port));
    }
    nodes(block, names, new HashSet<>());
    for (Block.Port port : block.outputs) {
      graph.nodes.add(identity(names.get(port.slot()), port.name()));
      proto.addOutput(info(port.name(), port));
    }
    return proto;
  }

  private static ValueInfoProto info(String name, Block.Port port) {
    return ValueInfoProto.newBuilder().setName(name).setType(port.written()).build();
  }

  private void nodes(Block block, Map<Integer, String> names, Set<String> own) {
    for (Block.Held held : block.constants) {
      names.put(held.slot(), constants.apply(held.constant()));
    }
    for (Block.Step step : block.steps) {
      List<String> in = new ArrayList<>();
      for (int slot : step.reads()) {
        in.add(slot < 0 ? "" : names.get(slot));
      }
      List<List<String>> outside = new ArrayList<>();
      for (Block.Body body : step.bodies()) {
        List<String> used = new ArrayList<>();
        for (int slot : body.outside()) {
          used.add(names.get(slot));
        }
        outside.add(used);
      }
      List<String> out = write(block, step, in, outside, ElementType.FLOAT);
      for (int i = 0; i < out.size(); i++) {
        if (!out.get(i).isEmpty()) {
          names.put(step.writes()[i], out.get(i));
          own.add(out.get(i));
        }
      }
    }
  }
}
