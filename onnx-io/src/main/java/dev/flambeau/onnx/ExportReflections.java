package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.op.Qr;
import java.util.ArrayList;
import java.util.List;

/** Householder's reflections, one at each step of a Loop, in F64 (Golub and Van Loan 2013, 5.2). */
final class ExportReflections {
  private final ExportCall call;
  private final ExportValue rows;
  private final ExportValue columns;
  private final List<long[]> shape;

  private ExportReflections(ExportCall call, List<long[]> shape) {
    this.call = call;
    this.shape = shape;
    this.rows = call.range(shape.get(shape.size() - 2));
    this.columns = call.range(shape.get(shape.size() - 1));
  }

  private ExportValue size(int fromEnd) {
    long[] captured = shape.get(shape.size() - fromEnd);
    return new ExportValue(call.graph(), call.graph().shapes.scalar(captured));
  }

  /** R of all rows, Q of all columns, the reflections' vectors and factors tau. */
  private List<ExportValue> reduced(ExportValue a) {
    ExportValue zeros = a.mul(0);
    ExportValue square = rows.unsqueeze(1).eq(rows).to(DType.F64);
    List<long[]> full = new ArrayList<>(shape);
    full.set(full.size() - 1, shape.get(shape.size() - 2));
    ExportValue q = square.expand(call.graph().shape(full, false));
    ExportValue taus = zeros.sum(false, -2);
    ExportValue count = size(2).min(size(1));
    List<String> names = List.of(a.name(), q.name(), zeros.name(), taus.name());
    return call.values(
        ExportLoop.times(call.graph(), count.name(), names, (states, k) -> step(states, k)));
  }

  private ExportLoop.Next step(List<ExportValue> states, ExportValue k) {
    ExportValue r = states.get(0);
    ExportValue column = r.gather(k.reshape(1), -1);
    ExportValue at = rows.unsqueeze(1);
    ExportValue below = k.lt(at).where(column, column.number(0));
    ExportValue rest = below.mul(below).sum(true, -2);
    ExportValue alpha = column.gather(k.reshape(1), -2);
    ExportValue norm = alpha.mul(alpha).add(rest).sqrt();
    ExportValue beta = alpha.lt(0).where(norm, norm.neg());
    // Where there is nothing to remove, nothing is reflected.
    ExportValue none = rest.eq(0);
    ExportValue tau =
        none.where(rest.number(0), beta.sub(alpha).div(none.where(norm.number(1), beta)));
    ExportValue gap = alpha.sub(beta);
    ExportValue scaled = below.div(none.where(gap.number(1), gap));
    ExportValue v = at.eq(k).where(scaled.number(1), scaled);
    List<Integer> turned = turned();
    ExportValue vt = v.transpose(turned);
    ExportValue nextR = r.sub(v.mul(tau).matmul(vt.matmul(r)));
    ExportValue q = states.get(1);
    ExportValue nextQ = q.sub(q.matmul(v).matmul(vt.mul(tau)));
    ExportValue stored = columns.eq(k).and(k.lt(at)).where(v, states.get(2));
    ExportValue taus = columns.eq(k).where(tau.squeeze(-1), states.get(3));
    return ExportLoop.next(List.of(nextR, nextQ, stored, taus));
  }

  /** The last two axes exchanged. */
  private List<Integer> turned() {
    List<Integer> order = new ArrayList<>();
    int rank = shape.size();
    for (int i = 0; i < rank; i++) {
      order.add(i);
    }
    order.set(rank - 1, rank - 2);
    order.set(rank - 2, rank - 1);
    return order;
  }

  private ExportValue upper(ExportValue r) {
    ExportValue kept = rows.unsqueeze(1).le(columns);
    return kept.where(r, r.number(0));
  }

  private static ExportValue cut(ExportValue x, ExportValue count, long axis) {
    ExportGraph graph = x.graph();
    String end = count.reshape(1).name();
    return new ExportValue(
        graph, graph.node("Slice", List.of(x.name(), graph.longs(0), end, graph.longs(axis))));
  }

  static List<String> qr(ExportCall c, Qr op) {
    ExportReflections self = new ExportReflections(c, c.shape(0));
    List<ExportValue> out = self.reduced(c.in(0).to(DType.F64));
    ExportValue q = out.get(1);
    ExportValue r = self.upper(out.get(0));
    if (!op.complete()) {
      ExportValue count = self.size(2).min(self.size(1));
      q = cut(q, count, -1);
      r = cut(r, count, -2);
    }
    DType type = c.result(0).dtype();
    return List.of(q.to(type).name(), r.to(type).name());
  }

  /**
   * Orthonormal columns in the directions of those of a matrix of F64 that are orthogonal already,
   * and more, up to a square.
   */
  static ExportValue directions(ExportCall c, ExportValue a, List<long[]> shape) {
    ExportReflections self = new ExportReflections(c, shape);
    List<ExportValue> out = self.reduced(a);
    // R is diagonal; its signs are not the columns'.
    ExportValue diagonal = self.rows.unsqueeze(1).eq(self.columns);
    ExportValue signs = diagonal.and(out.get(0).lt(0)).to(DType.I32).sum(true, -2);
    ExportValue factors = signs.to(DType.F64).mul(-2).add(1);
    ExportValue q = out.get(1);
    ExportValue first = cut(q, self.size(1), -1).mul(factors);
    ExportGraph graph = c.graph();
    String from = self.size(1).reshape(1).name();
    String rest =
        graph.node("Slice", List.of(q.name(), from, graph.longs(Long.MAX_VALUE), graph.longs(-1)));
    return new ExportValue(
        graph,
        graph.node("Concat", List.of(first.name(), rest), ExportGraph.attribute("axis", -1L)));
  }

  /** R with the vectors below it, and tau. */
  static List<String> raw(ExportCall c) {
    ExportReflections self = new ExportReflections(c, c.shape(0));
    List<ExportValue> out = self.reduced(c.in(0).to(DType.F64));
    ExportValue upper = self.rows.unsqueeze(1).le(self.columns);
    DType type = c.result(0).dtype();
    ExportValue both = upper.where(out.get(0), out.get(2));
    ExportValue tau = cut(out.get(3), self.size(2).min(self.size(1)), -1);
    return List.of(both.to(type).name(), tau.to(type).name());
  }
}
