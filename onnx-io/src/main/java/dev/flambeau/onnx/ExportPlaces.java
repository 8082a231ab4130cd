package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.onnx.proto.AttributeProto;
import java.util.List;

/**
 * Sums and other combinations at places for operator sets that only write there: one slice at each
 * step of a Loop, in which no place comes twice.
 */
final class ExportPlaces {
  private ExportPlaces() {}

  /** Along an axis of x, elements of {@code source} at {@code index}, of the same shape. */
  static ExportValue combine(
      ExportValue x, ExportValue index, ExportValue source, int axis, String how) {
    ExportGraph graph = x.graph();
    AttributeProto along = attribute("axis", (long) axis);
    ExportValue count = index.shape().gather(new ExportValue(graph, graph.whole(axis)), 0);
    List<String> out =
        ExportLoop.times(
            graph,
            count.name(),
            List.of(x.name()),
            (states, k) -> {
              ExportValue at = index.gather(k.reshape(1), axis);
              ExportValue part = source.gather(k.reshape(1), axis);
              ExportValue there = states.getFirst().node("GatherElements", at, along);
              ExportValue both = combined(there, part, how);
              String written =
                  graph.node(
                      "ScatterElements",
                      List.of(states.getFirst().name(), at.name(), both.name()),
                      along);
              return ExportLoop.next(List.of(new ExportValue(graph, written)));
            });
    return new ExportValue(graph, out.getFirst());
  }

  private static ExportValue combined(ExportValue a, ExportValue b, String how) {
    return switch (how) {
      case "add" -> a.add(b);
      case "mul" -> a.mul(b);
      case "max" -> a.max(b);
      case "min" -> a.min(b);
      default -> throw new IllegalArgumentException(how);
    };
  }

  /** Slices of {@code values} added where rows of the index say, as ScatterND. */
  static ExportValue add(ExportValue x, ExportValue index, ExportValue values) {
    ExportGraph graph = x.graph();
    ExportValue width = index.shape().gather(new ExportValue(graph, graph.longs(-1)), 0);
    String two =
        graph.node("Concat", List.of(graph.longs(-1), width.name()), attribute("axis", 0L));
    ExportValue rows = index.node("Reshape", new ExportValue(graph, two));
    ExportValue count = rows.shape().gather(new ExportValue(graph, graph.longs(0)), 0);
    // The sizes of a slice: those of x behind the indexed axes.
    String rest =
        graph.node("Slice", List.of(x.shape().name(), width.name(), graph.longs(Long.MAX_VALUE)));
    String shape = graph.node("Concat", List.of(count.name(), rest), attribute("axis", 0L));
    ExportValue flat = values.node("Reshape", new ExportValue(graph, shape));
    List<String> out =
        ExportLoop.times(
            graph,
            count.squeeze(0).name(),
            List.of(x.name()),
            (states, k) -> {
              ExportValue at = rows.gather(k.reshape(1), 0);
              ExportValue sum =
                  states.getFirst().node("GatherND", at).add(flat.gather(k.reshape(1), 0));
              String written =
                  graph.node("ScatterND", List.of(states.getFirst().name(), at.name(), sum.name()));
              return ExportLoop.next(List.of(new ExportValue(graph, written)));
            });
    return new ExportValue(graph, out.getFirst());
  }
}
