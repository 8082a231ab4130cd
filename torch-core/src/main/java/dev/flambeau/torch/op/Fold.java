package dev.flambeau.torch.op;

import static dev.flambeau.torch.op.expr.Expr.in;
import static dev.flambeau.torch.op.expr.Expr.of;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * How a reduction combines elements. With n states: {@code init} are constants; {@code step} sees
 * the element as {@code In(0)}, the states as {@code In(1..n)} and the element's index as {@code
 * In(n+1)}; {@code merge} sees two partial results as {@code In(0..n-1)} (the earlier) and {@code
 * In(n..2n-1)}; {@code finish} gives the outputs from the states and the count {@code In(n)}.
 *
 * @param needsElements whether a reduction over nothing is an error
 * @param correction what the variance subtracts from the count, else 0
 */
public record Fold(
    String name,
    List<Expr> init,
    List<Expr> step,
    List<Expr> merge,
    List<Expr> finish,
    UnaryOperator<DType> resultType,
    boolean needsElements,
    double correction) {

  private static final UnaryOperator<DType> WIDE = t -> t.isFloat() ? t : DType.I64;
  private static final UnaryOperator<DType> TRUTH = t -> t == DType.U8 ? t : DType.BOOL;
  private static final UnaryOperator<DType> SAME = UnaryOperator.identity();
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  public static final Fold SUM =
      simple("sum", 0, in(1).add(in(0)), in(0).add(in(1)), in(0), WIDE, false);
  public static final Fold MEAN =
      simple("mean", 0, in(1).add(in(0)), in(0).add(in(1)), in(0).div(in(1)), SAME, false);
  public static final Fold PROD =
      simple("prod", 1, in(1).mul(in(0)), in(0).mul(in(1)), in(0), WIDE, false);
  public static final Fold AMAX =
      simple("amax", -INFINITY, in(1).max(in(0)), in(0).max(in(1)), in(0), SAME, true);
  public static final Fold AMIN =
      simple("amin", INFINITY, in(1).min(in(0)), in(0).min(in(1)), in(0), SAME, true);
  public static final Fold ANY =
      simple("any", 0, in(1).or(in(0)), in(0).or(in(1)), in(0), TRUTH, false);
  public static final Fold ALL =
      simple("all", 1, in(1).and(in(0)), in(0).and(in(1)), in(0), TRUTH, false);

  /** Value and index of the largest element, the first of equals; NaN is largest. */
  public static final Fold MAX = extreme("max", -INFINITY, true);

  /** Value and index of the smallest element, the first of equals; NaN is smallest. */
  public static final Fold MIN = extreme("min", INFINITY, false);

  private static Fold simple(
      String name,
      double init,
      Expr step,
      Expr merge,
      Expr finish,
      UnaryOperator<DType> type,
      boolean needsElements) {
    return new Fold(
        name,
        List.of(of(init)),
        List.of(step),
        List.of(merge),
        List.of(finish),
        type,
        needsElements,
        0);
  }

  private static Fold extreme(String name, double init, boolean largest) {
    Expr replaces = replaces(in(0), in(1), in(2), largest);
    Expr merges = replaces(in(2), in(0), in(1), largest);
    return new Fold(
        name,
        List.of(of(init), of(-1)),
        List.of(replaces.where(in(0), in(1)), replaces.where(in(3), in(2))),
        List.of(merges.where(in(2), in(0)), merges.where(in(3), in(1))),
        List.of(in(0), in(1)),
        SAME,
        true,
        0);
  }

  /** Whether {@code x} takes the place of {@code best}; {@code index} is -1 while there is none. */
  private static Expr replaces(Expr x, Expr best, Expr index, boolean largest) {
    Expr better = largest ? x.gt(best) : x.lt(best);
    Expr bothNumbers = best.apply(Prim.IS_NAN).apply(Prim.NOT);
    return index.lt(of(0)).or(bothNumbers.and(better.or(x.apply(Prim.IS_NAN))));
  }

  /** Variance with {@code count - correction} in the denominator (Welford; Chan et al. 1979). */
  public static Fold variance(double correction) {
    Expr n = in(1).add(1);
    Expr delta = in(0).sub(in(2));
    Expr mean = in(2).add(delta.div(n));
    Expr square = in(3).add(delta.mul(in(0).sub(mean)));
    Expr total = in(0).add(in(3));
    Expr share = total.eq(of(0)).where(of(0), in(3).div(total));
    Expr gap = in(4).sub(in(1));
    Expr rest = in(0).sub(correction);
    return new Fold(
        "var",
        List.of(of(0), of(0), of(0)),
        List.of(n, mean, square),
        List.of(
            total,
            in(1).add(gap.mul(share)),
            in(2).add(in(5)).add(gap.square().mul(in(0)).mul(share))),
        List.of(in(2).div(rest.max(of(0)))),
        SAME,
        false,
        correction);
  }

  public int states() {
    return init.size();
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof Fold f
            && name.equals(f.name)
            && step.equals(f.step)
            && finish.equals(f.finish);
  }
}
