package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import dev.flambeau.torch.Tensor;
import java.util.List;

/** Parts of a tensor, by position and by index tensors. */
final class IndexingEntries {
  static final List<Entry> ALL =
      List.of(
          entry("gather", "Tensor.gather", a -> a.self().gather(a.axis("dim"), a.tensor("index")))
              .without("i643", "an empty index of another type")
              .without("bool3", "an empty index of another type"),
          entry(
              "index_select",
              "Tensor.indexSelect",
              a -> a.self().indexSelect(a.axis("dim"), a.tensor("index"))),
          entry(
              "scatter_add",
              "Tensor.scatterAdd",
              a -> a.self().scatterAdd(a.axis("dim"), a.tensor("index"), a.tensor("src"))),
          entry("select", "Tensor.select", a -> a.self().select(a.axis("dim"), a.whole("index"))),
          entry("narrow", "Tensor.narrow", IndexingEntries::narrow));

  private IndexingEntries() {}

  private static Tensor narrow(Arguments a) {
    int axis = a.axis("dim");
    return a.peek("start") instanceof Tensor
        ? a.self().narrow(axis, a.tensor("start"), a.whole("length"))
        : a.self().narrow(axis, a.whole("start"), a.whole("length"));
  }
}
