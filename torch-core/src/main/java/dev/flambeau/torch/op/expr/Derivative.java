package dev.flambeau.torch.op.expr;

import dev.flambeau.torch.op.expr.Expr.Call;
import dev.flambeau.torch.op.expr.Expr.Const;
import dev.flambeau.torch.op.expr.Expr.In;
import dev.flambeau.torch.op.expr.Expr.Out;
import dev.flambeau.torch.op.expr.Expr.Where;

/** Symbolic differentiation by the chain rule over {@link Prim#partials}. */
public final class Derivative {
  private static final Expr ZERO = Expr.of(0);

  /** The derivative of a primitive is not known. */
  public static final class Unknown extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unknown(String what) {
      super("the derivative of " + what + " is not known");
    }
  }

  private Derivative() {}

  /**
   * The derivative of {@code e} with respect to {@code In(input)}.
   *
   * @throws Unknown if it is not known
   */
  public static Expr of(Expr e, int input) {
    return switch (e) {
      case Const _ -> ZERO;
      case Out _ -> ZERO;
      case In in -> in.index() == input ? Expr.of(1) : ZERO;
      case Call c -> chain(c, input);
      case Where w -> w.condition().where(of(w.yes(), input), of(w.no(), input));
    };
  }

  /**
   * The product {@code a b} in which a factor that is 0 in one branch makes the product 0 there,
   * even if the other is infinite or NaN: what is not taken has no part in a gradient.
   */
  public static Expr times(Expr a, Expr b) {
    if (b instanceof Where w && (w.yes().equals(ZERO) || w.no().equals(ZERO))) {
      return w.condition().where(times(a, w.yes()), times(a, w.no()));
    }
    if (a instanceof Where w && (w.yes().equals(ZERO) || w.no().equals(ZERO))) {
      return w.condition().where(times(w.yes(), b), times(w.no(), b));
    }
    return a.mul(b);
  }

  private static Expr chain(Call c, int input) {
    Expr sum = ZERO;
    for (int i = 0; i < c.args().size(); i++) {
      Expr inner = of(c.args().get(i), input);
      if (!inner.equals(ZERO)) {
        Expr partial = c.prim().partials(c.args(), c)[i];
        if (partial == null) {
          throw new Unknown(c.prim() + " by argument " + i);
        }
        sum = sum.add(times(partial, inner));
      }
    }
    return sum;
  }
}
