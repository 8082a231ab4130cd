package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.op.Recurrent;
import java.util.ArrayList;
import java.util.List;

/**
 * A recurrent layer as LSTM, GRU or RNN: the other direction of the operators of those names. The
 * gates are put into ONNX's order by nodes, so that the weights keep their names and can be trained
 * after an import.
 */
final class ExportRecurrent {
  private ExportRecurrent() {}

  /** Sequences of one length; what the gradient needs has no form. */
  static List<String> export(ExportCall c, Recurrent op) {
    ExportGraph graph = c.graph();
    List<String> in = c.names();
    long[] steps = c.each(Recurrent.class, r -> r.batchSizes().size());
    long[] batch = c.each(Recurrent.class, r -> r.batchSizes().getFirst());
    long hidden = c.meta(5).size(1);
    long features = c.meta(0).size(1);
    int[] order =
        switch (op.cell()) {
          case LSTM -> new int[] {0, 3, 1, 2};
          case GRU -> new int[] {1, 0, 2};
          case RNN_TANH, RNN_RELU -> new int[] {0};
        };
    List<String> inputs = new ArrayList<>();
    inputs.add(c.in(0).reshape(List.of(steps, batch, new long[] {features})).name());
    inputs.add(front(graph, gates(graph, in.get(1), order)));
    inputs.add(front(graph, gates(graph, in.get(2), order)));
    String first = gates(graph, in.get(3), order);
    String second = gates(graph, in.get(4), order);
    String both = graph.node("Concat", List.of(first, second), attribute("axis", 0L));
    inputs.add(front(graph, both));
    inputs.add("");
    inputs.add(front(graph, in.get(5)));
    if (op.cell() == Recurrent.Cell.LSTM) {
      inputs.add(front(graph, in.get(6)));
    }
    List<String> out = layer(graph, op, hidden, inputs);
    List<String> results = new ArrayList<>();
    results.add(c.values(out).getFirst().reshape(-1, hidden).name());
    for (String last : out.subList(1, out.size())) {
      results.add(graph.node("Squeeze", List.of(last, graph.longs(0))));
    }
    return results;
  }

  private static List<String> layer(
      ExportGraph graph, Recurrent op, long hidden, List<String> inputs) {
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(attribute("hidden_size", hidden));
    attributes.add(attribute("direction", op.reverse() ? "reverse" : "forward"));
    if (op.cell() == Recurrent.Cell.GRU) {
      attributes.add(attribute("linear_before_reset", 1L));
    }
    if (op.cell() == Recurrent.Cell.RNN_RELU) {
      attributes.add(
          AttributeProto.newBuilder()
              .setName("activations")
              .setType(AttributeProto.AttributeType.STRINGS)
              .addStrings(com.google.protobuf.ByteString.copyFromUtf8("Relu"))
              .build());
    }
    boolean lstm = op.cell() == Recurrent.Cell.LSTM;
    String type = lstm ? "LSTM" : op.cell() == Recurrent.Cell.GRU ? "GRU" : "RNN";
    AttributeProto[] all = attributes.toArray(AttributeProto[]::new);
    return graph.nodes(type, inputs, lstm ? 3 : 2, all);
  }

  /** The rows of the gates in another order. */
  private static String gates(ExportGraph graph, String weight, int[] order) {
    if (order.length == 1) {
      return weight;
    }
    AttributeProto[] split =
        graph.opset >= 18
            ? new AttributeProto[] {
              attribute("axis", 0L), attribute("num_outputs", (long) order.length)
            }
            : new AttributeProto[] {attribute("axis", 0L)};
    List<String> parts = graph.nodes("Split", List.of(weight), order.length, split);
    List<String> sorted = new ArrayList<>();
    for (int gate : order) {
      sorted.add(parts.get(gate));
    }
    return graph.node("Concat", sorted, attribute("axis", 0L));
  }

  private static String front(ExportGraph graph, String value) {
    return graph.node("Unsqueeze", List.of(value, graph.longs(0)));
  }
}
