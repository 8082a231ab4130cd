package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;
import static dev.flambeau.torch.catalog.Entry.several;

import dev.flambeau.torch.Index;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Scatter.Reduce;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Parts of a tensor, by position, by index tensors and by masks. */
final class IndexingEntries {
  static final List<Entry> ALL =
      List.of(
          entry("__getitem__", "Tensor.get", a -> a.self().get(index(a.value("index")))),
          entry("select", "Tensor.select", a -> a.self().select(a.axis("dim"), a.whole("index"))),
          entry("narrow", "Tensor.narrow", IndexingEntries::narrow),
          entry("narrow_copy", "Tensor.narrow", a -> narrow(a).copy()),
          entry("slice", "Tensor.slice", IndexingEntries::slice),
          entry("gather", "Tensor.gather", a -> a.self().gather(a.axis("dim"), a.tensor("index"))),
          entry("take", "Tensor.take", a -> a.self().take(a.tensor("index"))),
          entry("take_along_dim", "Tensor.takeAlongDim", IndexingEntries::takeAlongDim),
          entry(
              "index_select",
              "Tensor.indexSelect",
              a -> a.self().indexSelect(a.axis("dim"), a.tensor("index"))),
          entry(
              "masked_select", "Tensor.maskedSelect", a -> a.self().maskedSelect(a.tensor("mask"))),
          several("nonzero", "Tensor.nonzero", IndexingEntries::nonzero),
          entry("argwhere", "Tensor.nonzero", a -> a.self().nonzero()),
          entry(
              "scatter_add",
              "Tensor.scatterAdd",
              a -> a.self().scatterAdd(a.axis("dim"), a.tensor("index"), a.tensor("src"))),
          entry("scatter", "Tensor.scatter", IndexingEntries::scatter),
          entry("scatter_reduce", "Tensor.scatterReduce", IndexingEntries::scatterReduce),
          entry("index_add", "Tensor.indexAdd", IndexingEntries::indexAdd),
          entry(
              "index_copy",
              "Tensor.indexCopy",
              a -> a.self().indexCopy(a.axis("dim"), a.tensor("index"), a.tensor("source"))),
          entry("index_fill", "Tensor.indexFill", IndexingEntries::indexFill),
          entry("index_reduce", "Tensor.indexReduce", IndexingEntries::indexReduce),
          entry("index_put", "Tensor.indexPut", IndexingEntries::indexPut),
          entry(
              "put",
              "Tensor.put",
              a ->
                  a.self().put(a.tensor("index"), a.tensor("source"), a.flag("accumulate", false))),
          entry("masked_fill", "Tensor.maskedFill", IndexingEntries::maskedFill),
          entry(
              "masked_scatter",
              "Tensor.maskedScatter",
              a -> a.self().maskedScatter(a.tensor("mask"), a.tensor("source"))));

  private IndexingEntries() {}

  private static Tensor narrow(Arguments a) {
    int axis = a.axis("dim");
    return a.peek("start") instanceof Tensor
        ? a.self().narrow(axis, a.tensor("start"), a.whole("length"))
        : a.self().narrow(axis, a.whole("start"), a.whole("length"));
  }

  private static Tensor slice(Arguments a) {
    return a.self()
        .slice(
            a.axis("dim", 0),
            a.whole("start", 0),
            a.whole("end", Long.MAX_VALUE),
            a.whole("step", 1));
  }

  /** What stands between the brackets: one thing, or a list of several. */
  private static Index[] index(Object value) {
    boolean several =
        value instanceof List<?> list && !list.stream().allMatch(Long.class::isInstance);
    // A bare list of numbers is an index tensor; a tuple of them cannot be told from it.
    List<?> items = several ? (List<?>) value : Collections.singletonList(value);
    return items.stream().map(IndexingEntries::one).toArray(Index[]::new);
  }

  private static Index one(Object value) {
    return switch (value) {
      case null -> Index.NEW_AXIS;
      case Long i -> Index.at(i);
      case Arguments.Ellipsis _ -> Index.ELLIPSIS;
      case Arguments.Slice s -> new Index.Range(s.start(), s.stop(), s.step().orElse(1));
      case Tensor t -> Index.of(t);
      case Boolean b -> Index.of(Entry.value(b));
      case List<?> list -> Index.of(list.stream().mapToLong(i -> (Long) i).toArray());
      default -> throw new Arguments.NotSupported("index " + value);
    };
  }

  private static Tensor takeAlongDim(Arguments a) {
    Tensor index = a.tensor("indices");
    if (!a.has("dim")) {
      return a.self().ravel().takeAlongDim(index.ravel(), 0);
    }
    return a.self().takeAlongDim(index, a.axis("dim"));
  }

  private static List<Tensor> nonzero(Arguments a) {
    Tensor places = (a.self().dim() == 0 && tuple(a) ? a.self().ravel() : a.self()).nonzero();
    return tuple(a) ? places.unbind(1) : List.of(places);
  }

  private static boolean tuple(Arguments a) {
    return Boolean.TRUE.equals(a.named("as_tuple"));
  }

  /** A number; Python's booleans are numbers. */
  private static Number number(Object value) {
    return value instanceof Boolean b ? (Number) (b ? 1L : 0L) : (Number) value;
  }

  private static Tensor scatter(Arguments a) {
    int axis = a.axis("dim");
    Tensor index = a.tensor("index");
    Object source = a.value(a.has("value") ? "value" : "src");
    Object reduce = a.named("reduce");
    if (reduce != null) {
      Reduce how = reduce.equals("add") ? Reduce.SUM : Reduce.PROD;
      Tensor each =
          source instanceof Tensor t
              ? t
              : a.self().newFull(a.self().dtype(), number(source)).expand(index.shape());
      return a.self().scatterReduce(axis, index, each, how, true);
    }
    return source instanceof Tensor t
        ? a.self().scatter(axis, index, t)
        : a.self().scatter(axis, index, number(source));
  }

  private static Reduce reduce(String name) {
    return switch (name) {
      case "sum" -> Reduce.SUM;
      case "prod" -> Reduce.PROD;
      case "mean" -> Reduce.MEAN;
      case "amin" -> Reduce.AMIN;
      case "amax" -> Reduce.AMAX;
      default -> throw new Arguments.NotSupported("reduce=" + name);
    };
  }

  private static Tensor scatterReduce(Arguments a) {
    int axis = a.axis("dim");
    Tensor index = a.tensor("index");
    Tensor source = a.tensor("src");
    Reduce how = reduce(a.text("reduce", ""));
    return a.self().scatterReduce(axis, index, source, how, a.flag("include_self", true));
  }

  private static Tensor indexReduce(Arguments a) {
    int axis = a.axis("dim");
    Tensor index = a.tensor("index");
    Tensor source = a.tensor("source");
    Reduce how = reduce(a.text("reduce", ""));
    return a.self().indexReduce(axis, index, source, how, a.flag("include_self", true));
  }

  private static Tensor indexAdd(Arguments a) {
    int axis = a.axis("dim");
    Tensor index = a.tensor("index");
    Tensor source = a.tensor("source");
    Object alpha = a.named("alpha");
    return alpha == null
        ? a.self().indexAdd(axis, index, source)
        : a.self().indexAdd(axis, index, source, number(alpha));
  }

  private static Tensor indexFill(Arguments a) {
    int axis = a.axis("dim");
    Tensor index = a.tensor("index");
    Object value = a.value("value");
    return value instanceof Tensor t
        ? a.self().indexFill(axis, index, t)
        : a.self().indexFill(axis, index, number(value));
  }

  private static Tensor indexPut(Arguments a) {
    List<Index> indices = new ArrayList<>();
    for (Object index : (List<?>) a.value("indices")) {
      indices.add(index == null ? Index.all() : one(index));
    }
    Tensor values = a.tensor("values");
    boolean accumulate = a.flag("accumulate", false);
    return a.self().indexPut(values, accumulate, indices.toArray(Index[]::new));
  }

  private static Tensor maskedFill(Arguments a) {
    Tensor mask = a.tensor("mask");
    Object value = a.value("value");
    return value instanceof Tensor t
        ? a.self().maskedFill(mask, t)
        : a.self().maskedFill(mask, number(value));
  }
}
