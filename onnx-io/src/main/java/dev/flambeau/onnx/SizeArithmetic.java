package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;

/**
 * Arithmetic on small tensors of which some elements are open sizes. Floating point results are
 * followed only where rounding cannot make a difference: with short factors and divisors.
 */
final class SizeArithmetic {
  private SizeArithmetic() {}

  /** Sets the elements of the first output where all inputs' are known and the operator is here. */
  static void follow(ShapeInference engine, ShapeCall c) {
    Optional<List<Size>> elements =
        switch (c.type()) {
          case "Add", "Sum" -> pairs(c, Size::plus);
          case "Sub" -> pairs(c, Size::minus);
          case "Mul" -> pairs(c, Size::times);
          case "Div" -> pairs(c, c.element(0).isFloat() ? Size::fraction : SizeArithmetic::divided);
          case "Mod" -> pairs(c, SizeArithmetic::rest);
          case "Max" -> pairs(c, Size::max);
          case "Min" -> pairs(c, Size::min);
          case "Equal" -> pairs(c, SizeArithmetic::equal);
          case "Less" -> pairs(c, (a, b) -> below(a, b));
          case "Greater" -> pairs(c, (a, b) -> below(b, a));
          case "LessOrEqual" -> pairs(c, (a, b) -> not(below(b, a)));
          case "GreaterOrEqual" -> pairs(c, (a, b) -> not(below(a, b)));
          case "And" -> pairs(c, SizeArithmetic::and);
          case "Or" -> pairs(c, (a, b) -> not(and(not(a), not(b))));
          case "Not" -> Optional.of(c.numbers(0).stream().map(SizeArithmetic::not).toList());
          case "Neg" -> Optional.of(c.numbers(0).stream().map(Size.ZERO::minus).toList());
          case "Floor" -> Optional.of(c.numbers(0).stream().map(Size::floor).toList());
          case "Ceil" -> Optional.of(c.numbers(0).stream().map(Size::ceil).toList());
          case "Abs", "Relu" ->
              Optional.of(c.numbers(0).stream().map(a -> where(a.least() >= 0, a)).toList());
          case "Cast" -> cast(c);
          case "Where" -> Optional.of(where(c));
          case "ReduceProd" -> reduced(c, Size::times);
          case "ReduceSum" -> reduced(c, Size::plus);
          case "ReduceMax" -> reduced(c, Size::max);
          case "ReduceMin" -> reduced(c, Size::min);
          default -> Optional.empty();
        };
    if (elements.isPresent() && engine.work(elements.get().size())) {
      boolean real = isFloat(c);
      ElementType type = ((ValueType.Dense) c.result(0).type()).type().orElseThrow();
      c.contents(0, elements.get().stream().map(a -> real ? a.exact() : within(a, type)).toList());
    }
  }

  /** Whether the first output has floating point numbers. */
  static boolean isFloat(ShapeCall c) {
    return c.result(0).type() instanceof ValueType.Dense d
        && d.type().map(ElementType::isFloat).orElse(false);
  }

  /** A number that the type has; others would wrap around. */
  private static Size within(Size a, ElementType type) {
    if (!a.isNumber() || type == ElementType.BOOL) {
      return a;
    }
    long rest = a.number() >> Math.min(63, type.isUnsigned() ? type.bits() : type.bits() - 1);
    return where(rest == 0 || rest == -1 && !type.isUnsigned(), a);
  }

  private static Size where(boolean condition, Size size) {
    return condition ? size : Size.UNKNOWN;
  }

  /** The elements of an input as it is broadcast to the output. */
  private static List<Size> spread(ShapeCall c, int input) {
    List<Size> elements = c.numbers(input);
    ValueType.Dense out = (ValueType.Dense) c.result(0).type();
    long[] sizes = out.sizes().orElseThrow().stream().mapToLong(Size::number).toArray();
    long[] from = Contents.sizes(c, input);
    if (Arrays.equals(sizes, from)) {
      return elements;
    }
    int missing = sizes.length - from.length;
    List<Size> spread = new ArrayList<>();
    long[] place = new long[sizes.length];
    for (long left = Arrays.stream(sizes).reduce(1, (a, b) -> a * b); left > 0; left--) {
      long at = 0;
      for (int k = 0; k < from.length; k++) {
        at = at * from[k] + (from[k] == 1 ? 0 : place[k + missing]);
      }
      spread.add(elements.get((int) at));
      for (int k = sizes.length - 1; k >= 0 && ++place[k] == sizes[k]; k--) {
        place[k] = 0;
      }
    }
    return spread;
  }

  private static Optional<List<Size>> pairs(ShapeCall c, BinaryOperator<Size> operator) {
    List<Size> result = spread(c, 0);
    for (int i = 1; i < c.count(); i++) {
      List<Size> other = spread(c, i);
      List<Size> next = new ArrayList<>();
      for (int k = 0; k < result.size(); k++) {
        next.add(operator.apply(result.get(k), other.get(k)));
      }
      result = next;
    }
    return Optional.of(result);
  }

  /** Integers are divided towards 0, which is the floor where none is negative. */
  private static Size divided(Size a, Size b) {
    if (a.isNumber() && b.isNumber() && !b.is(0)) {
      return Size.of(a.number() / b.number());
    }
    return where(a.least() >= 0 && b.least() >= 1, a.over(b));
  }

  private static Size rest(Size a, Size b) {
    return where(a.least() >= 0 && b.least() >= 1, a.modulo(b));
  }

  private static Size truth(boolean value) {
    return value ? Size.ONE : Size.ZERO;
  }

  private static Size equal(Size a, Size b) {
    if (a.same(b)) {
      return Size.ONE;
    }
    Size gap = a.minus(b);
    return where(gap.least() > 0 || gap.most() < 0, Size.ZERO);
  }

  private static Size below(Size a, Size b) {
    Size gap = b.minus(a);
    return where(gap.least() > 0 || gap.most() <= 0, truth(gap.least() > 0));
  }

  private static Size not(Size a) {
    return where(a.isNumber(), truth(a.is(0)));
  }

  private static Size and(Size a, Size b) {
    if (a.is(0) || b.is(0)) {
      return Size.ZERO;
    }
    return where(a.isNumber() && b.isNumber(), Size.ONE);
  }

  /** Floats lose their fraction towards 0. */
  private static Optional<List<Size>> cast(ShapeCall c) {
    ElementType to = ((ValueType.Dense) c.result(0).type()).type().orElseThrow();
    List<Size> out = new ArrayList<>();
    for (Size a : c.numbers(0)) {
      if (!Double.isNaN(a.real()) && !to.isFloat() && to != ElementType.BOOL) {
        out.add(Size.of((long) a.real()));
      } else if (to == ElementType.BOOL && a.isKnown() && a.is(0)) {
        out.add(Size.ZERO);
      } else if (to == ElementType.BOOL) {
        out.add(where(a.least() > 0 || a.most() < 0, Size.ONE));
      } else if (to.isFloat()) {
        out.add(a);
      } else {
        out.add(a.isInteger() ? a : where(a.least() >= 0, a.floor()));
      }
    }
    return Optional.of(out);
  }

  private static List<Size> where(ShapeCall c) {
    List<Size> conditions = spread(c, 0);
    List<Size> a = spread(c, 1);
    List<Size> b = spread(c, 2);
    List<Size> out = new ArrayList<>();
    for (int i = 0; i < conditions.size(); i++) {
      Size condition = conditions.get(i);
      boolean known = condition.isNumber() || a.get(i).same(b.get(i));
      out.add(where(known, condition.is(0) ? b.get(i) : a.get(i)));
    }
    return out;
  }

  /** Of all elements into one. */
  private static Optional<List<Size>> reduced(ShapeCall c, BinaryOperator<Size> operator) {
    ValueType.Dense out = (ValueType.Dense) c.result(0).type();
    Size count = Size.product(out.sizes().orElseThrow().toArray(Size[]::new));
    return count.is(1) ? c.numbers(0).stream().reduce(operator).map(List::of) : Optional.empty();
  }
}
