package dev.flambeau.onnx;

import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import java.util.List;

/**
 * The gamma function and its kin in F64: steps up to where Stirling's series serves (Abramowitz and
 * Stegun 6.1.40, 6.3.18), Euler and Maclaurin's sum for zeta, series and continued fraction of the
 * incomplete ones (6.5.29, 6.5.31).
 */
final class ExportGamma {
  /** Bernoulli numbers B2, B4, ... */
  private static final double[] BERNOULLI = {
    1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510
  };

  private static final int SHIFT = 10;

  private ExportGamma() {}

  private static ExportValue infinity(ExportValue like) {
    return like.number(Double.POSITIVE_INFINITY);
  }

  /** The distance to the nearest whole number. */
  private static ExportValue fraction(ExportValue x) {
    return x.sub(x.node("Round"));
  }

  static ExportValue lgamma(ExportValue x) {
    ExportValue low = x.lt(0.5);
    ExportValue a = low.where(x.from(1), x);
    ExportValue small = a.lt(SHIFT);
    ExportValue product = a;
    for (int i = 1; i < SHIFT; i++) {
      product = product.mul(a.add(i));
    }
    ExportValue z = small.where(a.add(SHIFT), a);
    ExportValue square = z.mul(z);
    ExportValue sum = z.number(0);
    for (int k = BERNOULLI.length; k >= 1; k--) {
      sum = sum.div(square).add(BERNOULLI[k - 1] / (2 * k * (2 * k - 1)));
    }
    ExportValue large =
        z.sub(0.5).mul(z.log()).sub(z).add(0.5 * Math.log(2 * Math.PI)).add(sum.div(z));
    ExportValue value = large.sub(small.where(product, a.number(1)).log());
    value = a.eq(infinity(a)).where(infinity(a), value);
    ExportValue sine = fraction(x).mul(Math.PI).node("Sin").abs();
    ExportValue reflected = sine.under(Math.PI).log().sub(value);
    // At poles both are infinite.
    reflected = x.eq(x.number(Double.NEGATIVE_INFINITY)).where(infinity(x), reflected);
    return low.where(sine.eq(0).where(infinity(x), reflected), value);
  }

  static ExportValue digamma(ExportValue x) {
    ExportValue low = x.lt(0);
    ExportValue a = low.where(x.from(1), x);
    ExportValue small = a.lt(SHIFT);
    ExportValue shifted = a.under(1);
    for (int i = 1; i < SHIFT; i++) {
      shifted = shifted.add(a.add(i).under(1));
    }
    ExportValue z = small.where(a.add(SHIFT), a);
    ExportValue square = z.mul(z);
    ExportValue series = z.number(0);
    for (int k = BERNOULLI.length; k >= 1; k--) {
      series = series.add(BERNOULLI[k - 1] / (2 * k)).div(square);
    }
    ExportValue value = z.log().sub(z.under(0.5)).sub(series);
    value = small.where(value.sub(shifted), value);
    ExportValue angle = fraction(x).mul(Math.PI);
    ExportValue turn = angle.node("Cos").div(angle.node("Sin")).mul(Math.PI);
    ExportValue reflected = value.sub(turn);
    reflected = fraction(x).eq(0).where(x.number(Double.NaN), reflected);
    // An infinity of the sign opposite to that of the zero.
    return x.eq(0).where(x.under(-1), low.where(reflected, value));
  }

  static ExportValue polygamma(ExportValue n, ExportValue x, Expr order) {
    if (!(order instanceof Expr.Const(double number))) {
      throw new ExportGraph.Hole("polygamma of an order that is computed");
    }
    if (number == 0) {
      return digamma(x);
    }
    double factor = (number % 2 == 0 ? -1 : 1) * Math.exp(Prim.LGAMMA.real(number + 1, 0));
    return zeta(n.add(1), x).mul(factor);
  }

  /** Hurwitz's sum of (q + k)^-s, term by term up to q + k = 10. */
  static ExportValue zeta(ExportValue s, ExportValue q) {
    ExportGraph graph = q.graph();
    String shape = s.add(q).shape().name();
    ExportValue start = q.expand(shape);
    // Below -20,000 our own gives up, too.
    ExportValue far = start.lt(-20_000);
    start = far.where(start.number(1), start);
    ExportValue power = s.expand(shape).neg();
    List<String> out =
        ExportLoop.whileAny(
            graph,
            List.of(start.mul(0).name(), start.name()),
            (values, _) -> {
              ExportValue a = values.get(1);
              ExportValue open = a.lt(SHIFT);
              ExportValue term = open.where(a.pow(power), a.number(0));
              ExportValue next = open.where(a.add(1), a);
              return ExportLoop.next(next.lt(SHIFT), values.get(0).add(term), next);
            },
            start.lt(SHIFT));
    ExportValue a = new ExportValue(graph, out.get(1));
    ExportValue term = a.pow(power);
    ExportValue sum = new ExportValue(graph, out.get(0));
    sum = sum.add(term.mul(a).div(s.sub(1))).add(term.mul(0.5));
    ExportValue factor = s;
    double factorial = 2;
    for (int k = 1; k <= BERNOULLI.length; k++) {
      term = term.div(k == 1 ? a : a.mul(a));
      sum = sum.add(factor.mul(term).mul(BERNOULLI[k - 1] / factorial));
      factor = factor.mul(s.add(2 * k - 1)).mul(s.add(2 * k));
      factorial *= (2 * k + 1) * (2 * k + 2);
    }
    ExportValue nan = sum.number(Double.NaN);
    ExportValue negative = q.le(q.number(0));
    ExportValue pole = negative.and(q.floor().eq(q));
    ExportValue wrong = s.lt(1).or(far);
    wrong = wrong.or(negative.and(pole.not()).and(s.floor().eq(s).not()));
    sum = pole.or(s.eq(1)).where(infinity(sum), sum);
    return wrong.where(nan, sum);
  }

  /** The lower or upper incomplete function over gamma(a). */
  static ExportValue incomplete(ExportValue a, ExportValue x, boolean upper) {
    ExportValue infinite = a.eq(infinity(a)).or(x.eq(infinity(x)));
    ExportValue positive = a.gt(0).and(x.gt(0)).and(infinite.not());
    // 1 where limits are put in later.
    ExportValue p = positive.where(a, a.number(1));
    ExportValue z = positive.where(x, x.number(1));
    ExportValue prefix = p.mul(z.log()).sub(z).sub(lgamma(p)).exp();
    ExportValue series = z.lt(p.add(1));
    ExportValue low = lower(p, z, series).mul(prefix);
    ExportValue high = fraction(p, z, series).mul(prefix);
    ExportValue value = upper ? series.where(low.from(1), high) : series.where(low, high.from(1));
    double end = upper ? 0 : 1;
    // At x infinite, or a 0, all is below x; at a infinite, or x 0, all is above.
    ExportValue below = x.eq(infinity(x)).or(a.eq(0).and(x.gt(0)));
    ExportValue limit = below.where(x.number(end), x.number(1 - end));
    ExportValue both = a.eq(infinity(a)).and(x.eq(infinity(x)));
    ExportValue defined = zeroOrMore(a).and(zeroOrMore(x)).and(both.not());
    defined = defined.and(a.eq(0).and(x.eq(0)).not());
    return positive.where(value, defined.where(limit, x.number(Double.NaN)));
  }

  private static ExportValue zeroOrMore(ExportValue x) {
    return x.number(0).le(x);
  }

  private static ExportValue lower(ExportValue a, ExportValue x, ExportValue used) {
    ExportValue first = a.under(1).add(x.mul(0));
    List<String> out =
        ExportLoop.whileAny(
            x.graph(),
            List.of(first.name(), first.name()),
            (values, number) -> {
              ExportValue k = number.to(x.type()).add(1);
              ExportValue term = values.get(0).mul(x).div(a.add(k));
              ExportValue sum = values.get(1).add(term);
              ExportValue more = sum.mul(1e-16).lt(term).and(used).and(k.lt(20_000));
              return ExportLoop.next(more, term, sum);
            },
            used);
    return new ExportValue(x.graph(), out.getLast());
  }

  /** Lentz's evaluation (1976). */
  private static ExportValue fraction(ExportValue a, ExportValue x, ExportValue unused) {
    double tiny = 1e-300;
    ExportValue b = x.add(1).sub(a);
    b = unused.where(b.number(1), b);
    ExportValue d = b.under(1);
    ExportValue c = d.mul(0).add(1 / tiny);
    List<String> out =
        ExportLoop.whileAny(
            x.graph(),
            List.of(b.name(), c.name(), d.name(), d.name()),
            (values, number) -> {
              ExportValue k = number.to(x.type()).add(1);
              ExportValue n = k.mul(a.sub(k));
              ExportValue next = values.get(0).add(2);
              ExportValue under = n.mul(values.get(2)).add(next);
              ExportValue right = notZero(under, tiny).under(1);
              ExportValue left = notZero(next.add(n.div(values.get(1))), tiny);
              ExportValue step = left.mul(right);
              ExportValue more = step.sub(1).abs().gt(1e-15).and(k.lt(20_000));
              more = more.and(unused.not());
              return ExportLoop.next(more, next, left, right, values.get(3).mul(step));
            },
            unused.not());
    return new ExportValue(x.graph(), out.getLast());
  }

  private static ExportValue notZero(ExportValue x, double tiny) {
    return x.abs().lt(tiny).where(x.number(tiny), x);
  }
}
