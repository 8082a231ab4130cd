package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.op.Ctc;
import java.util.List;

/**
 * Losses of connectionist temporal classification: the forward variables of Graves et al. (2006) as
 * logarithms, a step of the sequence at each step of a Loop, in F64.
 */
final class ExportCtc {
  private final ExportGraph graph;
  private final ExportValue labels;
  private final ExportValue skips;

  /** The line of states: targets (batch, length) with blanks around each. */
  private ExportCtc(ExportCall c, Ctc op) {
    graph = c.graph();
    ExportValue targets = c.in(1);
    ExportValue blanks = targets.mul(0).add(op.blank());
    ExportValue pairs = joined(blanks.unsqueeze(-1), targets.unsqueeze(-1), -1);
    List<long[]> shape = c.shape(1);
    ExportValue count = new ExportValue(graph, graph.shapes.scalar(shape.get(1)));
    ExportValue batch = new ExportValue(graph, graph.shapes.scalar(shape.get(0)));
    ExportValue flat = joined(batch.reshape(1), count.mul(2).reshape(1), 0);
    ExportValue row =
        new ExportValue(graph, graph.node("Reshape", List.of(pairs.name(), flat.name())));
    ExportValue last =
        new ExportValue(graph, graph.whole(op.blank()))
            .expand(joined(batch.reshape(1), c.longs(1), 0).name());
    labels = joined(row, last, 1);
    ExportValue before = shifted(shifted(labels, -1), -1);
    // No blank, and no repetition.
    skips = labels.eq(before).not().and(labels.eq(op.blank()).not()).and(before.eq(-1).not());
  }

  private static ExportValue joined(ExportValue a, ExportValue b, long axis) {
    ExportGraph graph = a.graph();
    return new ExportValue(
        graph, graph.node("Concat", List.of(a.name(), b.name()), attribute("axis", axis)));
  }

  private ExportValue slice(ExportValue x, long from, long to) {
    return new ExportValue(
        graph,
        graph.node("Slice", List.of(x.name(), graph.longs(from), graph.longs(to), graph.longs(1))));
  }

  /** Each state's neighbour before it. */
  private ExportValue shifted(ExportValue x, double first) {
    ExportValue column = slice(x, 0, 1);
    return joined(column.number(first).expand(column.shape().name()), slice(x, 0, -1), 1);
  }

  private static ExportValue sum(ExportValue a, ExportValue b, ExportValue c) {
    ExportValue top = a.max(b).max(c);
    ExportValue never = top.eq(Double.NEGATIVE_INFINITY);
    ExportValue from = never.where(top.number(0), top);
    ExportValue all = a.sub(from).exp().add(b.sub(from).exp()).add(c.sub(from).exp());
    return never.where(top, top.add(never.where(all.number(1), all).log()));
  }

  static String loss(ExportCall c, Ctc op) {
    if (op.gradient()) {
      throw new ExportGraph.Hole("the gradient of the loss");
    }
    return new ExportCtc(c, op).loss(c);
  }

  private String loss(ExportCall c) {
    double never = Double.NEGATIVE_INFINITY;
    ExportValue x = c.in(0).to(DType.F64);
    ExportValue lengths = c.in(2).unsqueeze(1);
    ExportValue zeros = labels.to(DType.F64).mul(0);
    ExportValue count = new ExportValue(graph, graph.shapes.scalar(c.shape(0).get(0)));
    ExportValue start = shifted(zeros.add(never), 0);
    List<String> out =
        ExportLoop.times(
            graph,
            count.name(),
            List.of(start.name()),
            (states, t) -> {
              ExportValue a = states.getFirst();
              ExportValue one = shifted(a, never);
              ExportValue two = skips.where(shifted(one, never), a.number(never));
              ExportValue here =
                  x.gather(t, 0).node("GatherElements", labels, attribute("axis", 1L));
              return ExportLoop.next(List.of(t.lt(lengths).where(sum(a, one, two).add(here), a)));
            });
    ExportValue end = new ExportValue(graph, out.getFirst());
    ExportValue last = c.in(3).mul(c.whole(2)).unsqueeze(1);
    ExportValue at = end.node("GatherElements", last, attribute("axis", 1L));
    ExportValue before = last.max(last.number(1)).sub(1);
    ExportValue previous = end.node("GatherElements", before, attribute("axis", 1L));
    previous = last.eq(0).where(previous.number(never), previous);
    ExportValue total = sum(at, previous, previous.number(never));
    return total.neg().squeeze(1).to(c.result(0).dtype()).name();
  }
}
