package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;
import static dev.flambeau.torch.catalog.Entry.several;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.api.Counting.Histogram;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import dev.flambeau.torch.api.Sorting.Unique;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sorting, searching, counting and differences. */
final class SortingEntries {
  static final List<Entry> ALL =
      List.of(
          several("sort", "Tensor.sort", SortingEntries::sort).compare(SortingEntries::sorted),
          entry(
                  "argsort",
                  "Tensor.argsort",
                  a -> a.self().argsort(a.axis("dim", -1), a.flag("descending", false)))
              .compare((a, out) -> List.of(a.self().gather(a.axis("dim", -1), out.get(0)))),
          entry("msort", "Tensor.msort", a -> a.self().msort()),
          several("topk", "Tensor.topk", SortingEntries::topk).compare(SortingEntries::pointedAt),
          several("unique", "Tensor.unique", SortingEntries::unique)
              .compare(SortingEntries::ordered),
          several("unique_consecutive", "Tensor.uniqueConsecutive", SortingEntries::consecutive),
          entry("searchsorted", "Tensor.searchsorted", SortingEntries::searchsorted),
          entry("bucketize", "Tensor.bucketize", SortingEntries::bucketize),
          entry(
              "nn.functional.one_hot",
              "Tensor.oneHot",
              a -> a.self().oneHot(a.whole("num_classes", -1))),
          entry("isin", "Tensor.isin", a -> a.self().isin(a.tensor("test_elements"))),
          entry(
              "bincount",
              "Tensor.bincount",
              a -> a.self().bincount(a.maybeTensor("weights"), a.whole("minlength", 0))),
          entry(
              "histc",
              "Tensor.histc",
              a -> a.self().histc(a.axis("bins", 100), a.real("min", 0), a.real("max", 0))),
          several("histogram", "Tensor.histogram", SortingEntries::histogram),
          several("histogramdd", "Tensor.histogramdd", SortingEntries::histogramdd),
          entry("diff", "Tensor.diff", SortingEntries::diff),
          entry("trapezoid", "Tensor.trapezoid", SortingEntries::trapezoid),
          entry(
              "cumulative_trapezoid",
              "Tensor.cumulativeTrapezoid",
              SortingEntries::cumulativeTrapezoid),
          entry("trapz", "Tensor.trapezoid", SortingEntries::trapezoid),
          several("gradient", "Tensor.gradient", SortingEntries::gradient));

  private SortingEntries() {}

  private static List<Tensor> sort(Arguments a) {
    a.named("stable");
    ValuesIndices out = a.self().sort(a.axis("dim", -1), a.flag("descending", false));
    return List.of(out.values(), out.indices());
  }

  /** Where equal elements may change places, what the indices point at. */
  private static List<Tensor> sorted(Arguments a, List<Tensor> out) {
    return Boolean.TRUE.equals(a.named("stable")) ? out : pointedAt(a, out);
  }

  private static List<Tensor> pointedAt(Arguments a, List<Tensor> out) {
    return List.of(out.get(0), a.self().gather(a.axis("dim", -1), out.get(1)));
  }

  /** PyTorch leaves unsorted values in the order of a hash table. */
  private static List<Tensor> ordered(Arguments a, List<Tensor> out) {
    if (a.named("dim") != null) {
      return out;
    }
    Tensor values = out.get(0);
    Tensor order = values.argsort(0, false);
    List<Tensor> all = new ArrayList<>(List.of(values.indexSelect(0, order)));
    for (Tensor t : out.subList(1, out.size())) {
      boolean inverse = all.size() == 1 && Boolean.TRUE.equals(a.named("return_inverse"));
      all.add(inverse ? values.take(t) : t.indexSelect(0, order));
    }
    return all;
  }

  private static List<Tensor> topk(Arguments a) {
    long k = a.whole("k");
    int axis = a.axis("dim", -1);
    boolean largest = a.flag("largest", true);
    a.flag("sorted", true);
    ValuesIndices out = a.self().topk(k, axis, largest);
    return List.of(out.values(), out.indices());
  }

  private static List<Tensor> unique(Arguments a) {
    a.named("sorted");
    Object dim = a.named("dim");
    return parts(a, dim == null ? a.self().unique() : a.self().unique(((Long) dim).intValue()));
  }

  private static List<Tensor> consecutive(Arguments a) {
    Object dim = a.named("dim");
    return parts(
        a,
        dim == null
            ? a.self().uniqueConsecutive()
            : a.self().uniqueConsecutive(((Long) dim).intValue()));
  }

  private static List<Tensor> parts(Arguments a, Unique found) {
    List<Tensor> out = new ArrayList<>(List.of(found.values()));
    if (Boolean.TRUE.equals(a.named("return_inverse"))) {
      out.add(found.inverse());
    }
    if (Boolean.TRUE.equals(a.named("return_counts"))) {
      out.add(found.counts());
    }
    return out;
  }

  private static Tensor narrowed(Arguments a, Tensor places) {
    return Boolean.TRUE.equals(a.named("out_int32")) ? places.to(DType.I32) : places;
  }

  private static Tensor searchsorted(Arguments a) {
    Tensor values = a.tensor("values");
    boolean right = Boolean.TRUE.equals(a.named("right")) || "right".equals(a.named("side"));
    Object sorter = a.named("sorter");
    return narrowed(
        a,
        sorter instanceof Tensor s
            ? a.self().searchsorted(values, right, s)
            : a.self().searchsorted(values, right));
  }

  private static Tensor bucketize(Arguments a) {
    Tensor boundaries = a.tensor("boundaries");
    return narrowed(a, a.self().bucketize(boundaries, Boolean.TRUE.equals(a.named("right"))));
  }

  private static List<Tensor> histogram(Arguments a) {
    Object bins = a.value("bins");
    Optional<Tensor> weights = Optional.ofNullable((Tensor) a.named("weight"));
    boolean density = Boolean.TRUE.equals(a.named("density"));
    return parts(
        bins instanceof Tensor edges
            ? a.self().histogram(edges, weights, density)
            : a.self().histogram((Long) bins, weights, density));
  }

  private static List<Tensor> histogramdd(Arguments a) {
    Object bins = a.value("bins");
    Optional<Tensor> weights = Optional.ofNullable((Tensor) a.named("weight"));
    boolean density = Boolean.TRUE.equals(a.named("density"));
    boolean edges = bins instanceof List<?> list && list.get(0) instanceof Tensor;
    return parts(
        edges
            ? a.self().histogramdd(a.tensors("bins"), weights, density)
            : a.self().histogramdd(a.longs("bins"), weights, density));
  }

  private static List<Tensor> parts(Histogram found) {
    List<Tensor> out = new ArrayList<>(List.of(found.counts()));
    out.addAll(found.edges());
    return out;
  }

  private static Tensor diff(Arguments a) {
    return a.self()
        .diff(
            a.whole("n", 1), a.axis("dim", -1), a.maybeTensor("prepend"), a.maybeTensor("append"));
  }

  private static Tensor trapezoid(Arguments a) {
    int axis = whole(a.named("dim"), -1);
    if (a.peek("x") instanceof Tensor) {
      return a.self().trapezoid(a.tensor("x"), axis);
    }
    Object dx = a.named("dx");
    return a.self().trapezoid(dx == null ? 1 : ((Number) dx).doubleValue(), axis);
  }

  private static Tensor cumulativeTrapezoid(Arguments a) {
    int axis = whole(a.named("dim"), -1);
    if (a.peek("x") instanceof Tensor) {
      return a.self().cumulativeTrapezoid(a.tensor("x"), axis);
    }
    Object dx = a.named("dx");
    return a.self().cumulativeTrapezoid(dx == null ? 1 : ((Number) dx).doubleValue(), axis);
  }

  private static int whole(Object value, int otherwise) {
    return value == null ? otherwise : ((Long) value).intValue();
  }

  private static List<Tensor> gradient(Arguments a) {
    Object spacing = a.named("spacing");
    Object dim = a.named("dim");
    int[] axes =
        switch (dim) {
          case null -> new int[0];
          case Long one -> new int[] {one.intValue()};
          default -> ((List<?>) dim).stream().mapToInt(i -> ((Long) i).intValue()).toArray();
        };
    int order = whole(a.named("edge_order"), 1);
    return switch (spacing) {
      case null -> a.self().gradient(1, order, axes);
      case Number n -> a.self().gradient(n.doubleValue(), order, axes);
      case List<?> list when list.get(0) instanceof Tensor ->
          a.self().gradient(list.stream().map(Tensor.class::cast).toList(), order, axes);
      default -> {
        double[] steps =
            ((List<?>) spacing).stream().mapToDouble(n -> ((Number) n).doubleValue()).toArray();
        yield a.self().gradient(steps, order, axes);
      }
    };
  }
}
