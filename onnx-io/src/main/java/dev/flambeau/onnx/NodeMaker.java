package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.List;

/** The ways to add a node to a {@link ModelEdit}. */
abstract class NodeMaker {
  /** A name that nothing has. */
  abstract String fresh(String base);

  abstract void add(NodeEdit node);

  /** A Constant node for numbers of formulas. */
  String number(GraphEdit in, String name, OnnxValue value) {
    AttributeProto held = ExportGraph.attribute("value", TensorWriter.write("", value));
    add(in, "Constant", List.of(), List.of(name), held);
    return name;
  }

  String longs(GraphEdit in, String base, long... values) {
    Tensor t = Torch.tensor(values, values.length);
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
}
