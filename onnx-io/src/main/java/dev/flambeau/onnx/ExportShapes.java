package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.torch.DType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sizes that follow from the open ones as nodes. A size is known by what it is in each capture: an
 * open size itself, or a size of a value computed before, is read from the shape; any other must be
 * a sum or product of such in all captures, one with all open sizes tripled among them.
 */
final class ExportShapes {
  /** A size that is no other's; whether a formula gives it needs a capture more. */
  static final class Unsure extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private record Place(int value, int axis) {}

  /** At most so many sizes are combined with one another. */
  private static final int COMBINED = 12;

  private final ExportGraph graph;
  private final List<String> inputs;
  private final Map<List<Long>, Place> known = new LinkedHashMap<>();
  private Map<List<Long>, String> written = new HashMap<>();
  private List<Integer> near = List.of();

  ExportShapes(ExportGraph graph, List<String> inputs) {
    this.graph = graph;
    this.inputs = inputs;
  }

  private static List<Long> key(long[] captured) {
    return Arrays.stream(captured).boxed().toList();
  }

  /** Notes the sizes of a value that has a name now. */
  void known(int value) {
    for (int i = 0; i < graph.meta(value).rank(); i++) {
      int axis = i;
      long[] sizes = graph.each(t -> t.metas.get(value).size(axis));
      if (graph.sizes.varies(sizes)) {
        known.putIfAbsent(key(sizes), new Place(value, axis));
      }
    }
  }

  /** Says which values are read by the call that is exported. */
  void near(List<Integer> values) {
    near = values;
  }

  /** The nodes that {@code body} writes are not seen outside it: neither are sizes it computes. */
  void within(Runnable body) {
    Map<List<Long>, String> outside = written;
    written = new HashMap<>(outside);
    body.run();
    written = outside;
  }

  String shape(List<long[]> all, boolean infer) {
    boolean empty = all.stream().anyMatch(s -> !graph.sizes.varies(s) && s[0] == 0);
    long[] left = infer && !empty ? left(all) : new long[0];
    List<String> parts = new ArrayList<>();
    List<Long> fixed = new ArrayList<>();
    for (long[] size : all) {
      if (size == left) {
        fixed.add(-1L);
      } else if (graph.sizes.varies(size)) {
        flush(fixed, parts);
        parts.add(size(size));
      } else {
        fixed.add(size[0]);
      }
    }
    if (parts.isEmpty()) {
      return graph.longs(fixed.stream().mapToLong(Long::longValue).toArray());
    }
    flush(fixed, parts);
    return parts.size() == 1
        ? parts.getFirst()
        : graph.node("Concat", parts, attribute("axis", 0L));
  }

  /** The size that is left to the operator: the only one, or the first that is no other's. */
  private long[] left(List<long[]> all) {
    List<long[]> varying = all.stream().filter(graph.sizes::varies).toList();
    List<long[]> hard = varying.stream().filter(s -> !isRead(s)).toList();
    if (!hard.isEmpty()) {
      return hard.getFirst();
    }
    return varying.size() == 1 ? varying.getFirst() : new long[0];
  }

  private void flush(List<Long> fixed, List<String> parts) {
    if (!fixed.isEmpty()) {
      parts.add(graph.longs(fixed.stream().mapToLong(Long::longValue).toArray()));
      fixed.clear();
    }
  }

  /** Another shape of the same elements. */
  String reshape(String in, List<long[]> all) {
    boolean empty = all.stream().anyMatch(s -> s[0] == 0);
    String shape = shape(all, true);
    return empty && graph.opset >= 14
        ? graph.node("Reshape", List.of(in, shape), attribute("allowzero", 1L))
        : graph.node("Reshape", List.of(in, shape));
  }

  String reshape(String in, long... sizes) {
    return reshape(in, Arrays.stream(sizes).mapToObj(s -> new long[] {s}).toList());
  }

  String size(long[] captured) {
    if (!graph.sizes.varies(captured)) {
      return graph.longs(captured[0]);
    }
    List<Long> key = key(captured);
    String name = written.get(key);
    if (name == null) {
      name = compute(captured);
      written.put(key, name);
    }
    return name;
  }

  /** As {@link #size} without dimensions. */
  String scalar(long[] captured) {
    return graph.sizes.varies(captured)
        ? graph.node("Squeeze", List.of(size(captured), graph.longs(0)))
        : graph.whole(captured[0]);
  }

  private String compute(long[] captured) {
    for (ExportSizes.Open open : graph.sizes.open) {
      if (Arrays.equals(captured, graph.each(open::size))) {
        return open.axis() < 0
            ? counted(graph.tape().counts.get(open.value()).value())
            : part(inputs.get(open.value()), open.axis());
      }
    }
    Place place = known.get(key(captured));
    if (place != null) {
      return part(graph.name(place.value), place.axis);
    }
    if (!graph.sizes.hasWitness()) {
      throw new Unsure();
    }
    return guess(captured);
  }

  private String counted(int value) {
    return reshape(graph.cast(graph.name(value), DType.I64), 1);
  }

  private String part(String value, int axis) {
    String shape = graph.node("Shape", List.of(value));
    return graph.node("Gather", List.of(shape, graph.longs(axis)), attribute("axis", 0L));
  }

  /** The sizes that others are made of: the open ones, those of what is read, those before. */
  private List<long[]> parts() {
    List<long[]> all = new ArrayList<>();
    graph.sizes.open.forEach(open -> add(all, graph.each(open::size)));
    for (int value : near) {
      for (long[] size : ExportViews.shape(graph, value)) {
        if (isRead(size)) {
          add(all, size);
        }
      }
    }
    for (List<Long> key : known.keySet()) {
      if (all.size() < COMBINED) {
        add(all, key.stream().mapToLong(Long::longValue).toArray());
      }
    }
    return all;
  }

  private void add(List<long[]> all, long[] sizes) {
    if (graph.sizes.varies(sizes) && all.stream().noneMatch(a -> Arrays.equals(a, sizes))) {
      all.add(sizes);
    }
  }

  /** Whether a size is an open one or that of a value. */
  private boolean isRead(long[] sizes) {
    return known.containsKey(key(sizes))
        || graph.sizes.open.stream().anyMatch(o -> Arrays.equals(sizes, graph.each(o::size)));
  }

  private static long[] product(long[] a, long[] b) {
    long[] out = a.clone();
    Arrays.setAll(out, i -> a[i] * b[i]);
    return out;
  }

  /** Sums and products come before fractions, which are rounded down. */
  private String guess(long[] captured) {
    List<long[]> parts = parts();
    for (long[] part : parts) {
      Optional<Line> line = line(part, captured).filter(l -> l.q == 1);
      if (line.isPresent()) {
        return affine(size(part), line.get());
      }
    }
    String product = product(parts, captured);
    if (!product.isEmpty()) {
      return product;
    }
    for (long[] part : parts) {
      Optional<Line> line = line(part, captured).filter(l -> l.b == 0);
      if (line.isPresent()) {
        return affine(size(part), line.get());
      }
    }
    throw new ExportGraph.Hole(
        "a size that is " + Arrays.toString(captured) + " for open sizes " + described());
  }

  /** A multiple of two or three sizes, and a number; empty if there are none. */
  private String product(List<long[]> parts, long[] captured) {
    for (int i = 0; i < parts.size(); i++) {
      for (int j = i; j < parts.size(); j++) {
        long[] two = product(parts.get(i), parts.get(j));
        for (int k = parts.size(); k >= j; k--) {
          boolean third = k < parts.size();
          Optional<Line> line =
              line(third ? product(two, parts.get(k)) : two, captured).filter(l -> l.q == 1);
          if (line.isPresent()) {
            String value = graph.node("Mul", List.of(size(parts.get(i)), size(parts.get(j))));
            value = third ? graph.node("Mul", List.of(value, size(parts.get(k)))) : value;
            return affine(value, line.get());
          }
        }
      }
    }
    return "";
  }

  private String described() {
    List<String> all = new ArrayList<>();
    graph.sizes.open.forEach(o -> all.add(o.name() + " " + Arrays.toString(graph.each(o::size))));
    return String.join(", ", all);
  }

  /** floor(p n / q) + b. */
  private record Line(long p, long q, long b) {}

  /** The line on which a size lies over another in all captures, if there is one. */
  private static Optional<Line> line(long[] part, long[] wanted) {
    int other = 1;
    while (other < part.length && part[other] == part[0]) {
      other++;
    }
    if (other == part.length || wanted[other] == wanted[0]) {
      return Optional.empty();
    }
    BigInteger rise = BigInteger.valueOf(wanted[other] - wanted[0]);
    BigInteger run = BigInteger.valueOf(part[other] - part[0]);
    BigInteger common = rise.gcd(run).multiply(BigInteger.valueOf(run.signum()));
    long p = rise.divide(common).longValue();
    long q = run.divide(common).longValue();
    long b = wanted[0] - Math.floorDiv(p * part[0], q);
    for (int i = 0; i < part.length; i++) {
      if (Math.floorDiv(p * part[i], q) + b != wanted[i]) {
        return Optional.empty();
      }
    }
    return Optional.of(new Line(p, q, b));
  }

  private String affine(String value, Line line) {
    String out = line.p == 1 ? value : graph.node("Mul", List.of(value, graph.longs(line.p)));
    out = line.q == 1 ? out : graph.node("Div", List.of(out, graph.longs(line.q)));
    return line.b == 0 ? out : graph.node("Add", List.of(out, graph.longs(line.b)));
  }
}
