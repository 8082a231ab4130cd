package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Types of sequences and optionals, and of what is taken out of them. */
final class ShapesOfSequences {
  private ShapesOfSequences() {}

  static void register(ShapeRules r) {
    r.put("SequenceEmpty", ShapesOfSequences::empty);
    r.put("SequenceConstruct", ShapesOfSequences::construct);
    r.put("SequenceInsert", ShapesOfSequences::insert);
    r.put("SequenceErase", c -> c.set(0, c.known(0)));
    r.put("SequenceAt", c -> c.set(0, items(c)));
    r.put("SequenceLength OptionalHasElement", c -> c.out(0));
    r.put("SplitToSequence", ShapesOfSequences::split);
    r.put("ConcatFromSequence", ShapesOfSequences::concat);
    r.put("Optional", ShapesOfSequences::optional);
    r.put("OptionalGetElement", ShapesOfSequences::element);
  }

  private static ValueType items(ShapeCall c) {
    if (c.type(0) instanceof ValueType.Sequence(ValueType of, _)) {
      return c.reopened(of);
    }
    throw new ShapeCall.Unsaid();
  }

  private static void empty(ShapeCall c) {
    ElementType type = c.element("dtype", ElementType.FLOAT);
    c.set(0, new ValueType.Sequence(ValueType.dense(type), true));
  }

  private static void construct(ShapeCall c) {
    ValueType all = c.type(0);
    for (int i = 1; i < c.count(); i++) {
      all = c.join(all, c.type(i));
    }
    c.set(0, new ValueType.Sequence(all, false));
  }

  private static void insert(ShapeCall c) {
    ValueType one = new ValueType.Sequence(c.type(1), false);
    c.set(0, c.join(c.type(0), one));
  }

  private static void split(ShapeCall c) {
    if (!(c.type(0) instanceof ValueType.Dense(Optional<ElementType> type, var sizes))
        || type.isEmpty()) {
      return;
    }
    if (sizes.isEmpty()) {
      c.set(0, new ValueType.Sequence(ValueType.dense(type.get()), false));
      return;
    }
    List<Size> each = new ArrayList<>(sizes.get());
    int axis = c.axis(c.i("axis", 0), each.size());
    if (!c.has(1)) {
      each.set(axis, Size.ONE);
      if (!c.flag("keepdims", true)) {
        each.remove(axis);
      }
    } else {
      each.set(axis, part(c, each.get(axis)));
    }
    c.set(0, new ValueType.Sequence(ValueType.dense(type.get(), each), false));
  }

  /** The size all parts have, if they have one: a number divides evenly, or a list is of equals. */
  private static Size part(ShapeCall c, Size size) {
    List<Size> given = c.known(1).contents().orElse(List.of());
    boolean equal = !given.isEmpty() && given.stream().allMatch(given.getFirst()::same);
    boolean one = c.shaped(1) && c.rank(1) == 0;
    boolean even = !one || equal && size.modulo(given.getFirst()).is(0);
    return equal && even ? given.getFirst() : c.fresh();
  }

  private static void concat(ShapeCall c) {
    if (!(items(c) instanceof ValueType.Dense(Optional<ElementType> type, var sizes))
        || type.isEmpty()) {
      return;
    }
    c.type(0, type.get());
    Size[] out = sizes.orElseThrow(ShapeCall.Unsaid::new).toArray(Size[]::new);
    boolean stack = c.flag("new_axis", false);
    int axis = c.axis(c.i("axis", 0), out.length + (stack ? 1 : 0));
    if (stack) {
      List<Size> stacked = new ArrayList<>(Arrays.asList(out));
      stacked.add(axis, Size.UNKNOWN);
      out = stacked.toArray(Size[]::new);
    }
    out[axis] = Size.UNKNOWN;
    c.out(0, out);
  }

  private static void optional(ShapeCall c) {
    ValueType of = c.type(0);
    if (!c.has(0) && c.attribute("type").isPresent()) {
      of = c.declared(c.attribute("type").get().getTp());
    }
    c.set(0, new ValueType.Maybe(of));
  }

  /** From operator set 18 on also of what is no optional. */
  private static void element(ShapeCall c) {
    if (c.type(0) instanceof ValueType.Maybe(ValueType of)) {
      c.set(0, of);
    } else {
      c.set(0, c.known(0));
    }
  }
}
