package dev.flambeau.torch.op.expr;

import dev.flambeau.torch.op.expr.Expr.Call;
import dev.flambeau.torch.op.expr.Expr.Const;
import dev.flambeau.torch.op.expr.Expr.In;
import dev.flambeau.torch.op.expr.Expr.Out;
import dev.flambeau.torch.op.expr.Expr.Where;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Rewrites that keep an expression's value: constants are folded, neutral elements dropped. A zero
 * factor is folded too, because derivatives are full of them and PyTorch has no such term at all.
 */
public final class Simplify {
  private static final Const ZERO = new Const(0);

  private Simplify() {}

  static Expr where(Expr condition, Expr yes, Expr no) {
    if (condition instanceof Const c) {
      return c.value() != 0 ? yes : no;
    }
    return yes.equals(no) ? yes : new Where(condition, yes, no);
  }

  static Expr call(Prim prim, List<Expr> args) {
    Expr a = args.get(0);
    if (args.stream().allMatch(Const.class::isInstance)) {
      return constant(prim, args);
    }
    if (args.size() == 1) {
      return prim == Prim.NEG && a instanceof Call c && c.prim() == Prim.NEG
          ? c.args().get(0)
          : new Call(prim, args);
    }
    Expr b = args.get(1);
    return switch (prim) {
      case ADD -> is(a, 0) ? b : is(b, 0) ? a : new Call(prim, args);
      case SUB -> is(b, 0) ? a : is(a, 0) ? b.neg() : new Call(prim, args);
      case MUL -> product(a, b, args);
      case DIV -> is(b, 1) ? a : is(a, 0) ? ZERO : new Call(prim, args);
      default -> new Call(prim, args);
    };
  }

  private static Expr product(Expr a, Expr b, List<Expr> args) {
    if (is(a, 0) || is(b, 0)) {
      return ZERO;
    }
    if (is(a, 1)) {
      return b;
    }
    if (is(b, 1)) {
      return a;
    }
    if (is(a, -1)) {
      return b.neg();
    }
    return is(b, -1) ? a.neg() : new Call(Prim.MUL, args);
  }

  private static Expr constant(Prim prim, List<Expr> args) {
    double a = ((Const) args.get(0)).value();
    double b = args.size() > 1 ? ((Const) args.get(1)).value() : 0;
    return new Const(prim.real(a, b));
  }

  private static boolean is(Expr e, double value) {
    return e instanceof Const c && c.value() == value;
  }

  /** Rebuilds {@code e} bottom up; {@code leaf} replaces whatever it does not return unchanged. */
  public static Expr replace(Expr e, UnaryOperator<Expr> leaf) {
    Expr replaced = leaf.apply(e);
    if (replaced != e) {
      return replaced;
    }
    return switch (e) {
      case Const c -> c;
      case In in -> in;
      case Out out -> out;
      case Call c -> call(c.prim(), c.args().stream().map(a -> replace(a, leaf)).toList());
      case Where w ->
          where(replace(w.condition(), leaf), replace(w.yes(), leaf), replace(w.no(), leaf));
    };
  }

  /** Puts {@code inputs[i]} in the place of {@code In(i)}: how expressions are fused. */
  public static Expr substitute(Expr e, Expr... inputs) {
    return replace(e, x -> x instanceof In in ? inputs[in.index()] : x);
  }

  /** Whether all of it is defined on integers. */
  public static boolean onIntegers(Expr e) {
    return switch (e) {
      case Const _, In _, Out _ -> true;
      case Call c -> c.prim().onIntegers() && c.args().stream().allMatch(Simplify::onIntegers);
      case Where w -> onIntegers(w.condition()) && onIntegers(w.yes()) && onIntegers(w.no());
    };
  }

  /** Bit i is set where {@code In(i)} occurs. */
  public static int inputs(Expr e) {
    return switch (e) {
      case Const _ -> 0;
      case In in -> 1 << in.index();
      case Out _ -> 0;
      case Call c -> c.args().stream().mapToInt(Simplify::inputs).reduce(0, (a, b) -> a | b);
      case Where w -> inputs(w.condition()) | inputs(w.yes()) | inputs(w.no());
    };
  }

  /** Bit k is set where {@code Out(k)} occurs. */
  public static int outputs(Expr e) {
    return switch (e) {
      case Const _ -> 0;
      case In _ -> 0;
      case Out out -> 1 << out.index();
      case Call c -> c.args().stream().mapToInt(Simplify::outputs).reduce(0, (a, b) -> a | b);
      case Where w -> outputs(w.condition()) | outputs(w.yes()) | outputs(w.no());
    };
  }
}
