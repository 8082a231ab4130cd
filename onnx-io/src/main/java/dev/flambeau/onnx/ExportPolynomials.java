package dev.flambeau.onnx;

import dev.flambeau.torch.op.expr.Prim;
import java.util.List;

/**
 * Orthogonal polynomials by their recurrences (Abramowitz and Stegun 22.7) up to the largest
 * degree; each element keeps the value at its own. Below degree 0 the value is 0.
 */
final class ExportPolynomials {
  private ExportPolynomials() {}

  static ExportValue value(Prim prim, ExportValue x, ExportValue n) {
    ExportGraph graph = x.graph();
    String shape = x.add(n).shape().name();
    ExportValue degree = n.lt(0).where(n.node("Ceil"), n.floor()).expand(shape);
    ExportValue first = first(prim, x).expand(shape);
    ExportValue one = first.number(1).expand(shape);
    ExportValue value = degree.eq(0).where(one, degree.lt(0).where(one.mul(0), first));
    List<String> out =
        ExportLoop.whileAny(
            graph,
            List.of(one.name(), first.name(), value.name()),
            (values, number) -> {
              ExportValue k = number.to(x.type()).add(1);
              ExportValue next = next(prim, x, k, values.get(1), values.get(0));
              ExportValue here = degree.eq(k.add(1));
              ExportValue kept = here.where(next, values.get(2));
              // As far as our own goes.
              ExportValue more = k.add(1).lt(degree).and(k.lt(1 << 20));
              return ExportLoop.next(more, values.get(1), next, kept);
            },
            degree.gt(1));
    return new ExportValue(graph, out.getLast());
  }

  /** The value at degree 1. */
  private static ExportValue first(Prim prim, ExportValue x) {
    return switch (prim) {
      case CHEBYSHEV_T, HERMITE_HE, LEGENDRE -> x;
      case CHEBYSHEV_U, HERMITE_H -> x.mul(2);
      case CHEBYSHEV_V -> x.mul(2).sub(1);
      case CHEBYSHEV_W -> x.mul(2).add(1);
      case LAGUERRE -> x.from(1);
      default -> throw new IllegalArgumentException(prim.name());
    };
  }

  /** The value at degree k + 1 from those at k and k - 1. */
  private static ExportValue next(
      Prim prim, ExportValue x, ExportValue k, ExportValue now, ExportValue before) {
    ExportValue odd = k.mul(2).add(1);
    return switch (prim) {
      case HERMITE_H -> x.mul(now).sub(k.mul(before)).mul(2);
      case HERMITE_HE -> x.mul(now).sub(k.mul(before));
      case LAGUERRE -> odd.sub(x).mul(now).sub(k.mul(before)).div(k.add(1));
      case LEGENDRE -> odd.mul(x).mul(now).sub(k.mul(before)).div(k.add(1));
      default -> x.mul(now).mul(2).sub(before);
    };
  }
}
