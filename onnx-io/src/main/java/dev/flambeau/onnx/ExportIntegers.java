package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import java.util.List;

/** Primitives on integers and truths, in the types ONNX has them in. */
final class ExportIntegers {
  private ExportIntegers() {}

  /** The call on integers where it differs from that on reals; else empty. */
  static String call(ExportGraph graph, Prim prim, List<Expr> args, List<String> in, DType type) {
    ExportValue x = new ExportValue(graph, in.getFirst());
    ExportValue y = new ExportValue(graph, in.getLast());
    return switch (prim) {
      case FLOOR, CEIL, ROUND, TRUNC -> x.name();
      // Div truncates: what Mod, with the divisor's sign, leaves out is divisible.
      case FLOOR_DIV -> x.sub(x.mod(y)).div(y).name();
      case REMAINDER -> x.mod(y).name();
      case FMOD -> x.node("Mod", y, ExportGraph.attribute("fmod", 1L)).name();
      case POW -> power(x, y, args.getLast()).name();
      case BIT_AND -> bitwise(graph, type, "And", in, args);
      case BIT_OR -> bitwise(graph, type, "Or", in, args);
      case BIT_XOR -> bitwise(graph, type, "Xor", in, args);
      case SHIFT_LEFT -> x.mul(powerOfTwo(y)).name();
      case SHIFT_RIGHT -> right(x, y).name();
      case GCD -> gcd(x, y).name();
      case LCM -> lcm(x, y).name();
      default -> "";
    };
  }

  private static String bitwise(
      ExportGraph graph, DType type, String operator, List<String> in, List<Expr> args) {
    if (type == DType.BOOL) {
      return graph.node(operator, in);
    }
    if (graph.opset < 18) {
      return eachBit(
              new ExportValue(graph, in.getFirst()), new ExportValue(graph, in.getLast()), operator)
          .name();
    }
    if (operator.equals("Xor") && args.getLast().equals(Expr.of(-1))) {
      return graph.node("BitwiseNot", in.subList(0, 1));
    }
    return graph.node("Bitwise" + operator, in);
  }

  /** By remainders, a bit at each step; what is left in the end are the signs. */
  private static ExportValue eachBit(ExportValue x, ExportValue y, String operator) {
    ExportGraph graph = x.graph();
    int bits = 8 * x.type().bytes() - 1;
    String shape = x.add(y).shape().name();
    ExportValue zeros = x.number(0).expand(shape);
    List<String> start =
        List.of(x.expand(shape).name(), y.expand(shape).name(), zeros.name(), x.number(1).name());
    List<String> out =
        ExportLoop.times(
            graph,
            graph.whole(bits),
            start,
            (values, _) -> {
              ExportValue two = x.number(2);
              ExportValue a = values.get(0).mod(two);
              ExportValue b = values.get(1).mod(two);
              ExportValue both = a.eq(1).node(operator, b.eq(1)).to(x.type());
              ExportValue sum = values.get(2).add(both.mul(values.get(3)));
              return ExportLoop.next(
                  List.of(
                      values.get(0).sub(a).div(two),
                      values.get(1).sub(b).div(two),
                      sum,
                      values.get(3).mul(two)));
            });
    ExportValue a = new ExportValue(graph, out.get(0)).lt(0);
    ExportValue sign = a.node(operator, new ExportValue(graph, out.get(1)).lt(0));
    ExportValue sum = new ExportValue(graph, out.get(2));
    ExportValue power = new ExportValue(graph, out.get(3));
    return sign.where(sum.add(power), sum);
  }

  /** 2^y from 0 to 63, else 0: the low bits are right where it does not fit. */
  private static ExportValue powerOfTwo(ExportValue y) {
    ExportValue wide = y.to(DType.I64);
    ExportValue inside = wide.lt(0).or(wide.gt(63)).not();
    ExportValue at = inside.where(wide, wide.number(0));
    // 2^63 is the sign bit.
    ExportValue half = at.div(2);
    ExportValue rest = at.sub(half);
    ExportValue two = wide.number(2);
    ExportValue power = two.pow(half).mul(two.pow(rest));
    return inside.where(power, wide.number(0)).to(y.type());
  }

  /** Division by 2^y, rounded down; the sign stays beyond all bits. */
  private static ExportValue right(ExportValue x, ExportValue y) {
    ExportValue wide = x.to(DType.I64);
    ExportValue by = y.to(DType.I64);
    ExportValue far = by.lt(0).or(by.gt(62));
    ExportValue power = far.where(by.number(1), powerOfTwo(by));
    ExportValue near = wide.sub(wide.mod(power)).div(power);
    ExportValue sign = wide.lt(0).where(wide.number(-1), wide.number(0));
    return far.where(sign, near).to(x.type());
  }

  /** By squares, as integers wrap; negative powers are 0 but those of 1 and -1. */
  private static ExportValue power(ExportValue x, ExportValue y, Expr exponent) {
    if (exponent instanceof Expr.Const(double n) && n >= 1 && n <= 4) {
      ExportValue out = x;
      for (int i = 1; i < n; i++) {
        out = out.mul(x);
      }
      return out;
    }
    ExportGraph graph = x.graph();
    String shape = x.mul(y).shape().name();
    ExportValue ones = x.number(1).expand(shape);
    ExportValue counts = y.max(y.number(0)).expand(shape);
    ExportValue base = x.expand(shape);
    List<String> out =
        ExportLoop.whileAny(
            graph,
            List.of(ones.name(), base.name(), counts.name()),
            (values, _) -> {
              ExportValue result = values.get(0);
              ExportValue b = values.get(1);
              ExportValue e = values.get(2);
              ExportValue odd = e.mod(e.number(2)).eq(1);
              ExportValue rest = e.div(2);
              return ExportLoop.next(rest.gt(0), odd.where(result.mul(b), result), b.mul(b), rest);
            },
            counts.gt(0));
    ExportValue positive = new ExportValue(graph, out.getFirst());
    ExportValue even = y.mod(y.number(2)).eq(0);
    ExportValue unit = even.where(y.number(1), y.number(-1));
    ExportValue inverse = x.eq(1).where(x.number(1), x.eq(-1).where(unit, x.number(0)));
    return y.lt(0).where(inverse, positive);
  }

  /** Euclid's algorithm. */
  private static ExportValue gcd(ExportValue x, ExportValue y) {
    String shape = x.add(y).shape().name();
    ExportValue a = x.abs().expand(shape);
    ExportValue b = y.abs().expand(shape);
    List<String> out =
        ExportLoop.whileAny(
            x.graph(),
            List.of(a.name(), b.name()),
            (values, _) -> {
              ExportValue left = values.get(0);
              ExportValue right = values.get(1);
              ExportValue done = right.eq(0);
              ExportValue rest = left.mod(done.where(right.number(1), right));
              ExportValue next = done.where(right, rest);
              return ExportLoop.next(next.eq(0).not(), done.where(left, right), next);
            },
            b.eq(0).not());
    return new ExportValue(x.graph(), out.getFirst()).abs();
  }

  private static ExportValue lcm(ExportValue x, ExportValue y) {
    ExportValue divisor = gcd(x, y);
    ExportValue none = divisor.eq(0);
    ExportValue product = x.div(none.where(divisor.number(1), divisor)).mul(y).abs();
    return none.where(divisor, product);
  }
}
