package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Shapes of constants, ranges and random numbers. */
final class ShapesOfConstants {
  private ShapesOfConstants() {}

  static void register(ShapeRules r) {
    r.put("Constant", ShapesOfConstants::constant);
    r.put("ConstantOfShape", ShapesOfConstants::filled);
    r.put("Range", ShapesOfConstants::range);
    r.put("RandomNormal RandomUniform", ShapesOfConstants::random);
    r.put("Multinomial", ShapesOfConstants::multinomial);
  }

  private static void constant(ShapeCall c) {
    for (AttributeProto a : c.node().getAttributeList()) {
      AttributeProto value = c.attribute(a.getName()).orElse(a);
      Known known =
          switch (a.getName()) {
            case "value" -> value.hasT() ? c.constant(value.getT()) : Known.NOTHING;
            case "sparse_value" ->
                Known.of(
                    Contents.sparse(value.getSparseTensor()).type() instanceof ValueType.Sparse s
                        ? new ValueType.Dense(s.type(), s.sizes())
                        : new ValueType.Unknown());
            case "value_int" -> numbers(ElementType.INT64, false, value.getI());
            case "value_ints" -> {
              long[] numbers = value.getIntsList().stream().mapToLong(Long::longValue).toArray();
              yield numbers(ElementType.INT64, true, numbers);
            }
            case "value_float" -> reals(false, List.of(value.getF()));
            case "value_floats" -> reals(true, value.getFloatsList());
            case "value_string" -> Known.of(ValueType.dense(ElementType.STRING, List.of()));
            case "value_strings" -> strings(value.getStringsCount());
            default -> Known.NOTHING;
          };
      if (known != Known.NOTHING) {
        c.set(0, known);
      }
    }
  }

  private static Known strings(int count) {
    return Known.of(ValueType.dense(ElementType.STRING, List.of(Size.of(count))));
  }

  private static Known numbers(ElementType type, boolean list, long... values) {
    return Contents.known(type, list, ShapesOfParts.numbers(values));
  }

  private static Known reals(boolean list, List<Float> values) {
    return Contents.known(ElementType.FLOAT, list, values.stream().map(Contents::real).toList());
  }

  private static void filled(ShapeCall c) {
    AttributeProto value = c.attribute("value").orElse(AttributeProto.getDefaultInstance());
    Known one = value.hasT() ? c.constant(value.getT()) : Known.NOTHING;
    boolean typed = one.type() instanceof ValueType.Dense d && d.type().isPresent();
    c.type(0, typed ? ((ValueType.Dense) one.type()).type().get() : ElementType.FLOAT);
    if (c.known(0).contents().isEmpty()) {
      Size count = c.in(0, 1)[0];
      if (count.isNumber() && count.number() <= 64) {
        c.rank(0, (int) count.number());
      }
      return;
    }
    Size[] sizes = c.numbers(0).toArray(Size[]::new);
    c.out(0, sizes);
    Size all = Size.product(sizes);
    if (all.isNumber() && all.number() <= Contents.MOST) {
      List<Size> fill = value.hasT() ? one.contents().orElse(List.of()) : List.of(Size.ZERO);
      if (fill.size() == 1) {
        c.contents(0, Collections.nCopies((int) all.number(), fill.getFirst()));
      }
    }
  }

  private static void range(ShapeCall c) {
    c.rank(0, 1);
    Size start = c.scalar(0);
    Size step = c.scalar(2);
    Size count = c.scalar(1).minus(start).fraction(step).ceil().max(Size.ZERO);
    c.out(0, count);
    boolean whole = start.isInteger() && step.isInteger();
    if (whole && count.isNumber() && count.number() <= Contents.MOST) {
      List<Size> values = new ArrayList<>();
      for (int i = 0; i < count.number(); i++) {
        values.add(start.plus(step.times(i)));
      }
      c.contents(0, values);
    }
  }

  private static void random(ShapeCall c) {
    c.type(0, c.element("dtype", ElementType.FLOAT));
    c.out(0, ShapesOfParts.numbers(c.ints("shape", new long[0])).toArray(Size[]::new));
  }

  private static void multinomial(ShapeCall c) {
    c.type(0, c.element("dtype", ElementType.INT32));
    c.out(0, c.in(0, 2)[0], Size.of(c.i("sample_size", 1)));
  }
}
