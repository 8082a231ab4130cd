package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Shapes of a model's values, and small integers made of shapes, as they follow from the declared
 * sizes of the inputs. The graph is run without data, by the operators' own rules; where sizes are
 * open, several times with different ones. What is the same in all {@link ShapeRun}s does not
 * depend on them.
 */
final class ShapeFacts {
  private final List<ShapeRun> runs = new ArrayList<>();

  private ShapeFacts() {}

  static ShapeFacts of(ModelEdit model) {
    ShapeFacts facts = new ShapeFacts();
    boolean open =
        model.inputs().stream()
            .flatMap(i -> Dims.of(i.getType()).stream())
            .flatMap(d -> d.sizes().stream())
            .anyMatch(size -> !Character.isDigit(size.charAt(0)));
    for (int run = 0; run < (open ? ShapeRun.COUNT : 1); run++) {
      facts.runs.add(new ShapeRun(model, run));
    }
    return facts;
  }

  /** For each run that knows them all, the values in it; empty where that is too few runs. */
  private List<List<OnnxValue.Numbers>> known(String... names) {
    List<List<OnnxValue.Numbers>> all = new ArrayList<>();
    for (ShapeRun run : runs) {
      List<OnnxValue.Numbers> found = new ArrayList<>();
      for (String name : names) {
        if (run.value(name) instanceof OnnxValue.Numbers n) {
          found.add(n);
        }
      }
      if (found.size() == names.length) {
        all.add(found);
      }
    }
    // Sizes that are too large or too small may be refused, but one run alone tells nothing.
    return all.size() == 1 && runs.size() > 1 ? List.of() : all;
  }

  /** The sizes of values in each run. */
  private List<List<long[]>> shapes(String... names) {
    return known(names).stream()
        .map(all -> all.stream().map(n -> n.tensor().shape().sizes()).toList())
        .toList();
  }

  /** Its number of axes. */
  Optional<Integer> rank(String value) {
    List<List<long[]>> all = shapes(value);
    boolean same = all.stream().mapToInt(s -> s.getFirst().length).distinct().count() == 1;
    return same ? Optional.of(all.getFirst().getFirst().length) : Optional.empty();
  }

  /** Its sizes, -1 for those that are open. */
  Optional<long[]> shape(String value) {
    return rank(value).map(_ -> merged(shapes(value).stream().map(List::getFirst).toList()));
  }

  private static long[] merged(List<long[]> all) {
    long[] out = all.getFirst().clone();
    for (int i = 0; i < out.length; i++) {
      int axis = i;
      out[i] = all.stream().allMatch(s -> s[axis] == out[axis]) ? out[i] : -1;
    }
    return out;
  }

  /** Whether two values have the same shape, whatever the open sizes are. */
  boolean sameShape(String a, String b) {
    List<List<long[]>> all = shapes(a, b);
    return !all.isEmpty() && all.stream().allMatch(s -> Arrays.equals(s.get(0), s.get(1)));
  }

  /** Its element type, where it is known. */
  Optional<ElementType> type(String value) {
    return known(value).stream().findFirst().map(n -> n.getFirst().type());
  }

  /** The numbers it has whatever the open sizes are. */
  Optional<OnnxValue.Numbers> constant(String value) {
    List<OnnxValue.Numbers> all = known(value).stream().map(List::getFirst).toList();
    if (all.isEmpty() || all.stream().anyMatch(n -> !Evaluator.hasData(n))) {
      return Optional.empty();
    }
    double[] first = Call.doubles(all.getFirst().tensor());
    boolean same =
        all.stream()
            .allMatch(
                n ->
                    n.tensor().shape().equals(all.getFirst().tensor().shape())
                        && Arrays.equals(first, Call.doubles(n.tensor())));
    return same ? Optional.of(all.getFirst()) : Optional.empty();
  }

  /**
   * What to give Reshape for a result of this shape from an input of that: sizes, 0 for an input's
   * size at the same place, -1 for at most one other that is open; empty if that is not enough.
   */
  Optional<long[]> reshape(String from, String to) {
    List<List<long[]>> all = shapes(from, to);
    if (all.isEmpty() || rank(to).isEmpty()) {
      return Optional.empty();
    }
    long[] sizes = merged(all.stream().map(List::getLast).toList());
    for (int i = 0; i < sizes.length; i++) {
      int axis = i;
      boolean copied =
          sizes[i] < 0
              && all.stream()
                  .allMatch(
                      s -> axis < s.getFirst().length && s.getFirst()[axis] == s.getLast()[axis]);
      sizes[i] = copied ? 0 : sizes[i];
    }
    boolean odd = LongStream.of(sizes).filter(s -> s < 0).count() > 1;
    boolean empty =
        all.stream().flatMapToLong(s -> LongStream.of(s.getLast())).anyMatch(s -> s == 0);
    return odd || empty ? Optional.empty() : Optional.of(sizes);
  }
}
