package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Types through the bodies of If, Loop, Scan and SequenceMap. */
final class ShapesOfControl {
  /** So often a loop's state is widened before its shapes are given up. */
  private static final int ROUNDS = 3;

  private ShapesOfControl() {}

  static void register(ShapeRules r) {
    r.put("If", ShapesOfControl::branch);
    r.put("Loop", ShapesOfControl::loop);
    r.put("Scan", ShapesOfControl::scan);
    r.put("SequenceMap", ShapesOfControl::map);
  }

  /** A condition that is a constant chooses; else what both branches have in common. */
  private static void branch(ShapeCall c) {
    Optional<Size> condition = c.known(0).contents().filter(v -> v.size() == 1).map(List::getFirst);
    List<Known> then = c.branch("then_branch", condition.map(v -> v.is(1)).orElse(false));
    List<Known> otherwise = c.branch("else_branch", condition.map(v -> v.is(0)).orElse(false));
    for (int o = 0; o < c.outputs(); o++) {
      Known a = o < then.size() ? then.get(o) : Known.NOTHING;
      Known b = o < otherwise.size() ? otherwise.get(o) : Known.NOTHING;
      if (condition.isPresent() && condition.get().isNumber()) {
        c.set(o, condition.get().is(0) ? b : a);
      } else {
        c.set(o, c.join(a.type(), b.type()));
      }
    }
  }

  /** The state before a trip or after it; {@code any} are the sizes that may differ. */
  private static List<Known> widened(
      ShapeCall c, List<Known> state, List<Known> results, Set<String> any) {
    Supplier<Size> fresh =
        () -> {
          Size size = c.fresh();
          any.add(size.toString());
          return size;
        };
    ShapeMerge merge = new ShapeMerge(fresh, size -> any.contains(size.toString()));
    List<Known> out = new ArrayList<>();
    for (int i = 0; i < state.size(); i++) {
      Known next = i + 1 < results.size() ? results.get(i + 1) : Known.NOTHING;
      out.add(Known.of(merge.join(state.get(i).type(), next.type())));
    }
    return out;
  }

  private static boolean same(List<Known> a, List<Known> b) {
    for (int i = 0; i < a.size(); i++) {
      if (!ShapeMerge.same(a.get(i).type(), b.get(i).type())) {
        return false;
      }
    }
    return true;
  }

  /** The state's type is what it has before the first trip and after each. */
  private static void loop(ShapeCall c) {
    List<Known> state = new ArrayList<>();
    for (int i = 2; i < c.count(); i++) {
      state.add(Known.of(c.type(i)));
    }
    List<Known> fixed =
        List.of(
            Known.of(ValueType.dense(ElementType.INT64, List.of())),
            // Inside a trip the condition is true.
            new Known(
                ValueType.dense(ElementType.BOOL, List.of()), Optional.of(List.of(Size.ONE))));
    Set<String> any = new HashSet<>();
    List<Known> results = trip(c, fixed, state);
    for (int round = 1; round <= ROUNDS; round++) {
      List<Known> next = widened(c, state, results, any);
      if (same(state, next)) {
        break;
      }
      state = round < ROUNDS ? next : unshaped(next);
      results = trip(c, fixed, state);
    }
    for (int o = 0; o < c.outputs(); o++) {
      if (o < state.size()) {
        // An open size has another value after the loop than in a trip.
        c.set(o, c.reopened(state.get(o).type()));
      } else if (o + 1 < results.size()) {
        stacked(c, o, results.get(o + 1).type(), trips(c, results), 0);
      }
    }
  }

  private static List<Known> trip(ShapeCall c, List<Known> fixed, List<Known> state) {
    List<Known> given = new ArrayList<>(fixed);
    given.addAll(state);
    return c.body("body", given);
  }

  private static List<Known> unshaped(List<Known> values) {
    return values.stream().map(v -> Known.of(unshaped(v.type()))).toList();
  }

  private static ValueType unshaped(ValueType type) {
    return switch (type) {
      case ValueType.Dense d -> new ValueType.Dense(d.type(), Optional.empty());
      case ValueType.Sparse s -> new ValueType.Sparse(s.type(), Optional.empty());
      case ValueType.Sequence s -> new ValueType.Sequence(unshaped(s.of()), s.empty());
      case ValueType.Maybe m -> new ValueType.Maybe(unshaped(m.of()));
      case ValueType.Dictionary d -> new ValueType.Dictionary(d.key(), unshaped(d.of()));
      case ValueType.Unknown u -> u;
    };
  }

  /** Known where the condition stays true and the number of trips is known. */
  private static Size trips(ShapeCall c, List<Known> results) {
    boolean starts = !c.has(1) || isTrue(c.known(1));
    boolean counted = starts && isTrue(results.getFirst()) && c.has(0);
    return counted && c.known(0).contents().isPresent() ? c.scalar(0).max(Size.ZERO) : c.fresh();
  }

  private static boolean isTrue(Known condition) {
    return condition.contents().map(v -> v.size() == 1 && v.getFirst().is(1)).orElse(false);
  }

  private static void stacked(ShapeCall c, int o, ValueType row, Size count, long at) {
    if (!(c.reopened(row)
        instanceof ValueType.Dense(Optional<ElementType> type, Optional<List<Size>> sizes))) {
      return;
    }
    type.ifPresent(t -> c.type(o, t));
    if (sizes.isPresent()) {
      List<Size> out = new ArrayList<>(sizes.get());
      out.add(c.axis(at, out.size() + 1), count);
      c.out(o, out.toArray(Size[]::new));
    }
  }

  /** Operator set 8 has the lengths as first input and a batch in front of everything. */
  private static void scan(ShapeCall c) {
    boolean batches = c.opset() < 9;
    int first = batches ? 1 : 0;
    int sequences = Math.clamp(c.i("num_scan_inputs", 0), 0, c.count() - first);
    int states = c.count() - first - sequences;
    long[] axes = c.ints("scan_input_axes", new long[sequences]);
    if (axes.length != sequences) {
      throw c.bad("scan_input_axes", Arrays.toString(axes), sequences + " numbers");
    }
    Size batch = Size.UNKNOWN;
    Size steps = Size.UNKNOWN;
    List<Known> given = new ArrayList<>();
    for (int i = 0; i < states + sequences; i++) {
      ValueType type = c.type(first + i);
      if (!(type instanceof ValueType.Dense(var element, Optional<List<Size>> sizes))
          || sizes.isEmpty()) {
        given.add(Known.of(i < states ? type : unshaped(type)));
        continue;
      }
      List<Size> left = new ArrayList<>(sizes.get());
      if (batches && !left.isEmpty()) {
        batch = left.removeFirst();
      }
      if (i >= states) {
        Size length = left.remove(c.axis(axes[i - states], left.size()));
        c.equal("lengths of scan inputs", length, steps);
        steps = steps.isNumber() ? steps : length;
      }
      given.add(Known.of(new ValueType.Dense(element, Optional.of(left))));
    }
    List<Known> results = c.body("body", given);
    long[] outAxes = c.ints("scan_output_axes", new long[Math.max(0, c.outputs() - states)]);
    steps = steps.isKnown() ? steps : c.fresh();
    for (int o = 0; o < c.outputs() && o < results.size(); o++) {
      if (o >= states) {
        long at = o - states < outAxes.length ? outAxes[o - states] : 0;
        stacked(c, o, results.get(o).type(), steps, at);
      } else {
        c.set(o, c.join(given.get(o).type(), results.get(o).type()));
      }
      if (batches && c.result(o).type() instanceof ValueType.Dense d && d.sizes().isPresent()) {
        List<Size> all = new ArrayList<>(d.sizes().get());
        all.addFirst(batch);
        c.out(o, all.toArray(Size[]::new));
      }
    }
  }

  private static void map(ShapeCall c) {
    List<Known> given = new ArrayList<>();
    for (int i = 0; i < c.count(); i++) {
      boolean items = c.type(i) instanceof ValueType.Sequence;
      given.add(items ? Known.of(c.reopened(((ValueType.Sequence) c.type(i)).of())) : c.known(i));
    }
    List<Known> results = c.body("body", given);
    for (int o = 0; o < c.outputs() && o < results.size(); o++) {
      c.set(o, new ValueType.Sequence(results.get(o).type(), false));
    }
  }
}
