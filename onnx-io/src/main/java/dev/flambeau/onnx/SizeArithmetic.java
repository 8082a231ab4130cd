package dev.flambeau.onnx;

import dev.flambeau.torch.Torch;
import java.util.ArrayList;
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
      boolean real = c.result(0).type() instanceof ValueType.Dense d && isFloat(d);
      c.contents(0, real ? elements.get().stream().map(Size::exact).toList() : elements.get());
    }
  }

  private static boolean isFloat(ValueType.Dense dense) {
    return dense.type().map(ElementType::isFloat).orElse(false);
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
    if (java.util.Arrays.equals(sizes, from)) {
      return elements;
    }
    long[] at =
        Torch.arange(elements.size()).reshape(from).expand(sizes).contiguous().toLongArray();
    return java.util.Arrays.stream(at).mapToObj(i -> elements.get((int) i)).toList();
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
      if (to == ElementType.BOOL) {
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
