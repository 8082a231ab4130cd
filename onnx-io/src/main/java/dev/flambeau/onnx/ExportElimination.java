package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.op.LuFactor;
import dev.flambeau.torch.op.TriangularSolve;
import java.util.List;

/**
 * Elimination in matrices (..., m, n), a column at each step of a Loop, in F64: factors, inverses
 * and solutions (Golub and Van Loan 2013, 3.2, 3.4, 4.2).
 */
final class ExportElimination {
  private final ExportCall call;
  private final ExportValue rows;
  private final ExportValue columns;
  private final ExportValue count;

  private ExportElimination(ExportCall call) {
    this.call = call;
    List<long[]> shape = call.shape(0);
    this.rows = call.range(shape.get(shape.size() - 2));
    this.columns = call.range(shape.get(shape.size() - 1));
    ExportValue m = size(shape.get(shape.size() - 2));
    this.count = m.min(size(shape.get(shape.size() - 1)));
  }

  private ExportValue size(long[] captured) {
    return new ExportValue(call.graph(), call.graph().shapes.scalar(captured));
  }

  private ExportValue wide(int input) {
    return call.in(input).to(DType.F64);
  }

  /** Column k, (..., m). */
  private static ExportValue column(ExportValue a, ExportValue k) {
    return a.gather(k, -1);
  }

  private static ExportValue row(ExportValue a, ExportValue k) {
    return a.gather(k, -2);
  }

  private static ExportValue product(ExportValue column, ExportValue row) {
    return column.unsqueeze(-1).mul(row.unsqueeze(-2));
  }

  /** Zeros with the leading axes of the matrices. */
  private ExportValue batchZeros(DType type) {
    List<long[]> shape = call.shape(0);
    return call.full(0, type, shape.subList(0, shape.size() - 2));
  }

  /** The row with the largest element of column k from row k on, (...). */
  private ExportValue pivot(ExportValue column, ExportValue k) {
    ExportValue below = k.le(rows);
    ExportValue sizes = below.where(column.abs(), column.number(-1));
    return sizes.node("ArgMax", attribute("axis", -1L), attribute("keepdims", 0L));
  }

  /** A matrix with two rows exchanged. */
  private ExportValue exchanged(ExportValue a, ExportValue k, ExportValue p) {
    ExportValue other = p.unsqueeze(-1);
    ExportValue order = rows.eq(k).where(other, rows.eq(other).where(k, rows));
    ExportValue index = order.unsqueeze(-1).expand(a.shape().name());
    return a.node("GatherElements", index, attribute("axis", -2L));
  }

  private static ExportValue first(ExportValue info, ExportValue failed, ExportValue k) {
    ExportValue here = failed.and(info.eq(0));
    return here.where(k.add(1).to(DType.I32), info);
  }

  private List<ExportValue> loop(List<ExportValue> states, ExportLoop.Body body) {
    List<String> names = states.stream().map(ExportValue::name).toList();
    return call.values(ExportLoop.times(call.graph(), count.name(), names, body));
  }

  /** L and U in one matrix, the exchanges, the first zero pivot. */
  static List<String> factors(ExportCall c, LuFactor op) {
    ExportElimination self = new ExportElimination(c);
    List<long[]> pivots = c.resultShape(1);
    ExportValue numbers = c.range(pivots.getLast());
    List<ExportValue> out =
        self.loop(
            List.of(self.wide(0), c.full(0, DType.I64, pivots), self.batchZeros(DType.I32)),
            (states, k) -> self.eliminate(op, states, numbers, k));
    return List.of(
        out.get(0).to(c.result(0).dtype()).name(),
        out.get(1).to(DType.I32).name(),
        out.get(2).name());
  }

  private ExportLoop.Next eliminate(
      LuFactor op, List<ExportValue> states, ExportValue numbers, ExportValue k) {
    ExportValue a = states.getFirst();
    ExportValue p = pivot(column(a, k), k);
    if (!op.pivot()) {
      p = p.mul(0).add(k);
    }
    a = op.pivot() ? exchanged(a, k, p) : a;
    ExportValue pivots = numbers.eq(k).where(p.add(1).unsqueeze(-1), states.get(1));
    ExportValue column = column(a, k);
    ExportValue top = row(column.unsqueeze(-1), k);
    ExportValue below = k.lt(rows);
    ExportValue zero = top.eq(0);
    // Without a pivot the column is left as it is.
    ExportValue factor = column.div(zero.where(top.number(1), top));
    ExportValue used = below.where(factor, factor.number(0));
    ExportValue right = k.lt(columns);
    ExportValue lower = a.sub(product(used, row(a, k)));
    ExportValue stored = columns.eq(k).and(below.unsqueeze(-1)).where(factor.unsqueeze(-1), a);
    ExportValue next = right.and(below.unsqueeze(-1)).where(lower, stored);
    ExportValue info = first(states.get(2), zero.squeeze(-1), k);
    return ExportLoop.next(List.of(next, pivots, info));
  }

  /** Exchanges, from 1, as an order, from 0. */
  static String permutation(ExportCall c, LuFactor.Permutation op) {
    List<long[]> shape = c.resultShape(0);
    ExportValue rows = c.range(shape.getLast());
    ExportValue order = rows.expand(c.graph().shape(shape, false));
    ExportValue pivots = c.in(0).to(DType.I64).sub(1);
    ExportValue count = new ExportValue(c.graph(), c.graph().shapes.scalar(c.shape(0).getLast()));
    List<String> out =
        ExportLoop.times(
            c.graph(),
            count.name(),
            List.of(order.name()),
            (states, k) -> {
              ExportValue p = pivots.gather(k.reshape(1), -1);
              ExportValue swapped = rows.eq(k).where(p, rows.eq(p).where(k, rows));
              ExportValue next =
                  states.getFirst().node("GatherElements", swapped, attribute("axis", -1L));
              return ExportLoop.next(List.of(next));
            });
    return out.getFirst();
  }

  /** X with A X = B, and the first zero pivot, by Gauss and Jordan. */
  static List<String> solve(ExportCall c) {
    ExportElimination self = new ExportElimination(c);
    return self.solved(self.wide(1));
  }

  static List<String> inverse(ExportCall c) {
    ExportElimination self = new ExportElimination(c);
    ExportValue diagonal = self.rows.unsqueeze(1).eq(self.columns).to(DType.F64);
    return self.solved(diagonal.expand(self.wide(0).shape().name()));
  }

  private List<String> solved(ExportValue right) {
    List<ExportValue> out =
        loop(
            List.of(wide(0), right, batchZeros(DType.I32)),
            (states, k) -> {
              ExportValue a = states.get(0);
              ExportValue p = pivot(column(a, k), k);
              a = exchanged(a, k, p);
              ExportValue b = exchanged(states.get(1), k, p);
              ExportValue column = column(a, k);
              ExportValue top = row(column.unsqueeze(-1), k);
              ExportValue here = rows.eq(k).unsqueeze(-1);
              ExportValue rowA = row(a, k).div(top);
              ExportValue rowB = row(b, k).div(top);
              ExportValue nextA = here.where(rowA.unsqueeze(-2), a.sub(product(column, rowA)));
              ExportValue nextB = here.where(rowB.unsqueeze(-2), b.sub(product(column, rowB)));
              ExportValue info = first(states.get(2), top.eq(0).squeeze(-1), k);
              return ExportLoop.next(List.of(nextA, nextB, info));
            });
    return List.of(out.get(1).to(call.result(0).dtype()).name(), out.get(2).name());
  }

  /** The lower factor, and the first column where there is none. */
  static List<String> cholesky(ExportCall c) {
    ExportElimination self = new ExportElimination(c);
    ExportValue a = self.wide(0);
    List<ExportValue> out =
        self.loop(
            List.of(a, a.mul(0), self.batchZeros(DType.I32)),
            (states, k) -> {
              ExportValue rest = states.get(0);
              ExportValue column = column(rest, k);
              ExportValue top = row(column.unsqueeze(-1), k);
              ExportValue scaled = k.le(self.rows).where(column.div(top.sqrt()), column.number(0));
              ExportValue info = first(states.get(2), top.gt(0).not().squeeze(-1), k);
              ExportValue lower = self.columns.eq(k).where(scaled.unsqueeze(-1), states.get(1));
              return ExportLoop.next(List.of(rest.sub(product(scaled, scaled)), lower, info));
            });
    return List.of(out.get(1).to(c.result(0).dtype()).name(), out.get(2).name());
  }

  /** Substitution, from the first row or the last. */
  static String triangular(ExportCall c, TriangularSolve op) {
    ExportElimination self = new ExportElimination(c);
    ExportValue a = self.wide(0);
    List<ExportValue> out =
        self.loop(
            List.of(self.wide(1)),
            (states, step) -> {
              ExportValue k = op.upper() ? self.count.sub(1).sub(step) : step;
              ExportValue column = column(a, k);
              ExportValue x = row(states.getFirst(), k);
              x = op.unit() ? x : x.div(row(column.unsqueeze(-1), k));
              ExportValue rest = op.upper() ? self.rows.lt(k) : k.lt(self.rows);
              ExportValue used = rest.where(column, column.number(0));
              ExportValue next =
                  self.rows
                      .eq(k)
                      .unsqueeze(-1)
                      .where(x.unsqueeze(-2), states.getFirst().sub(product(used, x)));
              return ExportLoop.next(List.of(next));
            });
    return out.getFirst().to(c.result(0).dtype()).name();
  }
}
