package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.op.expr.Prim;
import java.util.List;

/** Parts of floating point numbers, found by arithmetic. */
final class ExportBits {
  private ExportBits() {}

  /** Whether the sign is minus, -0 included; NaN counts as positive. */
  static String signBit(ExportGraph graph, String name) {
    ExportValue x = new ExportValue(graph, name);
    return x.eq(0).where(x.under(1).lt(0), x.lt(0)).name();
  }

  static String call(ExportGraph graph, Prim prim, List<String> in) {
    ExportValue x = new ExportValue(graph, in.getFirst());
    return switch (prim) {
      case EXPONENT -> exponent(x).name();
      case MANTISSA -> {
        // In two steps: 2^-e overflows for the smallest numbers.
        ExportValue e = exponent(x);
        ExportValue half = e.mul(0.5).floor();
        ExportValue two = x.number(2);
        yield x.mul(two.pow(half.neg())).mul(two.pow(half.sub(e))).name();
      }
      case NEXTAFTER -> next(x, new ExportValue(graph, in.get(1))).name();
      default -> throw new ExportGraph.Hole("the primitive " + prim);
    };
  }

  /** The e with |x| = m 2^e and m in [1/2, 1); 0 where there is none. */
  private static ExportValue exponent(ExportValue given) {
    DType type = given.type();
    ExportValue x = given.to(DType.F64).abs();
    ExportValue log = x.log().mul(1 / Math.log(2)).floor().add(1);
    ExportValue two = x.number(2);
    // The logarithm may be rounded across a power of two.
    ExportValue low = x.lt(two.pow(log.sub(1))).where(log.sub(1), log);
    ExportValue e = two.pow(low).le(x).where(low.add(1), low);
    ExportValue none = x.eq(0).or(x.sub(x).eq(0).not());
    return none.where(x.number(0), e).to(type);
  }

  /** The neighbour of x towards y: a unit in the last place, or half of one below a power of 2. */
  private static ExportValue next(ExportValue x, ExportValue y) {
    boolean wide = x.type() == DType.F64;
    int bits = wide ? 53 : 24;
    int least = wide ? -1074 : -149;
    ExportValue two = x.number(2);
    ExportValue e = exponent(x);
    ExportValue inwards = x.lt(0).node("Xor", y.lt(x)).and(x.eq(0).not());
    ExportValue power = two.pow(e.sub(1)).eq(x.abs());
    ExportValue place = inwards.and(power).where(e.sub(bits + 1), e.sub(bits));
    ExportValue size = x.eq(0).where(x.number(least), place.max(x.number(least)));
    // Products in F64, where no power overflows.
    ExportValue unit = two.to(DType.F64).pow(size.to(DType.F64)).to(x.type());
    ExportValue moved = y.lt(x).where(x.sub(unit), x.add(unit));
    double most = wide ? Double.MAX_VALUE : Float.MAX_VALUE;
    ExportValue edge = y.lt(x).where(x.number(most), x.number(-most));
    ExportValue finite = x.sub(x).eq(0).where(moved, edge);
    ExportValue same = x.eq(y).where(y, finite);
    // NaN of either.
    return x.add(y).node("IsNaN").and(x.eq(y).not()).and(bothFinite(x, y)).where(x.add(y), same);
  }

  private static ExportValue bothFinite(ExportValue x, ExportValue y) {
    return x.eq(x).and(y.eq(y)).not();
  }
}
