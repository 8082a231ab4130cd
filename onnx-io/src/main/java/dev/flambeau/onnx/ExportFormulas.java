package dev.flambeau.onnx;

import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import java.util.List;
import java.util.Optional;

/** Primitives that ONNX lacks, on reals, as expressions of those it has. */
final class ExportFormulas {
  private static final Expr ZERO = Expr.of(0);

  private ExportFormulas() {}

  static Optional<Expr> of(Prim prim, List<Expr> args) {
    Expr x = args.getFirst();
    Expr b = args.getLast();
    return Optional.ofNullable(
        switch (prim) {
          case FLOOR_DIV -> x.div(b).apply(Prim.FLOOR);
          case REMAINDER -> remainder(x.apply(Prim.FMOD, b), b);
          case TRUNC -> x.lt(ZERO).where(x.apply(Prim.CEIL), x.apply(Prim.FLOOR));
          case EXPM1 -> expm1(x);
          case LOG1P -> log1p(x);
          case PHI -> x.mul(Math.sqrt(0.5)).erf().add(1).mul(0.5);
          case EXP2 -> Expr.of(2).pow(x);
          case LOG2 -> log2(x);
          case LOG10 -> x.log().mul(1 / Math.log(10));
          case ATAN2 -> atan2(x, b);
          case HYPOT -> hypot(x.abs(), b.abs());
          default -> null;
        });
  }

  private static Expr remainder(Expr rest, Expr divisor) {
    Expr otherSign = rest.lt(ZERO).ne(divisor.lt(ZERO));
    return rest.ne(ZERO).and(otherSign).where(rest.add(divisor), rest);
  }

  /** 2 t / (1 - t) with t = tanh(x / 2), which is exact near 0. */
  private static Expr expm1(Expr x) {
    Expr t = x.mul(0.5).tanh();
    Expr near = t.mul(2).div(Expr.of(1).sub(t));
    return x.abs().lt(Expr.of(1)).where(near, x.exp().sub(1));
  }

  /** With u = 1 + x as rounded, x log(u) / (u - 1) is exact near 0 (Goldberg 1991). */
  private static Expr log1p(Expr x) {
    Expr u = x.add(1);
    Expr near = u.eq(Expr.of(1)).where(x, u.log().mul(x.div(u.sub(1))));
    return x.gt(Expr.of(1)).where(u.log(), near);
  }

  /** Exact for powers of two. */
  private static Expr log2(Expr x) {
    Expr value = x.log().mul(1 / Math.log(2));
    Expr near = value.apply(Prim.ROUND);
    return Expr.of(2).pow(near).eq(x).where(near, value);
  }

  private static Expr infinite(Expr x) {
    return x.abs().eq(Expr.of(Double.POSITIVE_INFINITY));
  }

  private static Expr atan2(Expr y, Expr x) {
    Expr both = infinite(x).and(infinite(y));
    Expr slope = both.where(x.sign().mul(y.sign()), y.div(x));
    Expr none = x.eq(ZERO).and(y.eq(ZERO));
    Expr angle = none.where(ZERO, slope.apply(Prim.ATAN));
    Expr turn = y.apply(Prim.SIGNBIT).where(Expr.of(-Math.PI), Expr.of(Math.PI));
    return x.apply(Prim.SIGNBIT).where(angle.add(turn), angle);
  }

  private static Expr hypot(Expr a, Expr b) {
    Expr large = a.max(b);
    Expr ratio = a.min(b).div(large);
    Expr plain = large.mul(ratio.square().add(1).sqrt());
    Expr limit = infinite(a).or(infinite(b));
    return limit.where(Expr.of(Double.POSITIVE_INFINITY), large.eq(ZERO).where(ZERO, plain));
  }
}
