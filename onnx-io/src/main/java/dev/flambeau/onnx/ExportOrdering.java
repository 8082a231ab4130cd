package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.op.SearchSorted;
import dev.flambeau.torch.op.Sort;
import dev.flambeau.torch.op.TopK;
import java.util.List;

/** Orders along an axis and places in them, by TopK, which keeps equal elements in order. */
final class ExportOrdering {
  private ExportOrdering() {}

  /** Values and places. */
  static List<ExportValue> topK(ExportValue x, ExportValue k, int axis, boolean largest) {
    ExportGraph graph = x.graph();
    List<String> out =
        graph.nodes(
            "TopK",
            List.of(x.name(), k.name()),
            2,
            attribute("axis", (long) axis),
            attribute("largest", largest ? 1L : 0L));
    return out.stream().map(name -> new ExportValue(graph, name)).toList();
  }

  private static ExportValue length(ExportValue x, int axis) {
    return x.shape().gather(new ExportValue(x.graph(), x.graph().longs(axis)), 0);
  }

  /** The places of the elements in order. */
  static ExportValue order(ExportValue x, int axis, boolean descending) {
    return topK(x, length(x, axis), axis, descending).get(1);
  }

  static List<String> topK(ExportCall c, TopK op) {
    ExportValue k = new ExportValue(c.graph(), c.graph().size(c.each(TopK.class, TopK::k)));
    List<ExportValue> out = topK(c.vector(0), k, op.axis(), op.largest());
    return List.of(c.restored(out.get(0), 0), c.restored(out.get(1), 1));
  }

  /** NaN is the largest: among equals with infinity, which come after it or before. */
  static List<String> sort(ExportCall c, Sort op) {
    ExportValue x = c.vector(0);
    int axis = op.axis();
    if (!x.type().isFloat()) {
      List<ExportValue> out = topK(x, length(x, axis), axis, op.descending());
      return List.of(c.restored(out.get(0), 0), c.restored(out.get(1), 1));
    }
    ExportValue nan = x.node("IsNaN");
    ExportValue key = nan.where(x.number(Double.POSITIVE_INFINITY), x);
    ExportValue first = order(key, axis, op.descending());
    ExportValue flags = pick(nan.to(DType.I32), first, axis);
    ExportValue places = pick(first, order(flags, axis, op.descending()), axis);
    return List.of(c.restored(pick(x, places, axis), 0), c.restored(places, 1));
  }

  private static ExportValue pick(ExportValue x, ExportValue places, int axis) {
    return x.node("GatherElements", places, attribute("axis", (long) axis));
  }

  /** Stable orders by each column, from the last to the first. */
  static String rows(ExportCall c) {
    ExportGraph graph = c.graph();
    ExportValue x = c.in(0);
    ExportValue start = c.range(c.shape(0).get(0));
    ExportValue columns = new ExportValue(graph, graph.shapes.scalar(c.shape(0).get(1)));
    List<String> out =
        ExportLoop.times(
            graph,
            columns.name(),
            List.of(start.name()),
            (values, number) -> {
              ExportValue column = columns.sub(1).sub(number).reshape(1);
              ExportValue keys = x.gather(column, 1).squeeze(1).gather(values.get(0), 0);
              ExportValue order = order(keys, 0, false);
              return ExportLoop.next(List.of(values.get(0).gather(order, 0)));
            });
    return out.getFirst();
  }

  /** By halving, as long as any search is open. */
  static String search(ExportCall c, SearchSorted op) {
    ExportGraph graph = c.graph();
    ExportValue sequence = c.in(0);
    ExportValue values = c.in(1);
    boolean one = c.rank() == 1;
    ExportValue count = length(sequence, -1).squeeze(0);
    ExportValue shape = values.shape();
    ExportValue low = count.mul(0).expand(shape.name());
    ExportValue high = count.expand(shape.name());
    List<String> out =
        ExportLoop.whileAny(
            graph,
            List.of(low.name(), high.name()),
            (states, _) -> {
              ExportValue from = states.get(0);
              ExportValue to = states.get(1);
              ExportValue open = from.lt(to);
              ExportValue middle = from.add(to).div(2);
              ExportValue at = open.where(middle, middle.mul(0));
              ExportValue found =
                  one
                      ? sequence.gather(at, 0)
                      : sequence.node("GatherElements", at, attribute("axis", -1L));
              ExportValue right = op.right() ? values.lt(found).not() : found.lt(values);
              ExportValue next = open.and(right).where(middle.add(1), from);
              ExportValue end = open.and(right.not()).where(middle, to);
              return ExportLoop.next(next.lt(end), next, end);
            },
            low.lt(high));
    return out.getFirst();
  }
}
