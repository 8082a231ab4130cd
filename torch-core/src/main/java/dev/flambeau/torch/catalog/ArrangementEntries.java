package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;
import static dev.flambeau.torch.catalog.Entry.several;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.List;

/** Elements in another order or several times; tensors cut and joined. */
final class ArrangementEntries {
  static final List<Entry> ALL =
      List.of(
          entry("flip", "Tensor.flip", a -> a.self().flip(a.axes("dims"))),
          entry("fliplr", "Tensor.fliplr", a -> a.self().fliplr()),
          entry("flipud", "Tensor.flipud", a -> a.self().flipud()),
          entry("roll", "Tensor.roll", ArrangementEntries::roll),
          entry("rot90", "Tensor.rot90", ArrangementEntries::rot90),
          entry("repeat", "Tensor.repeat", a -> a.self().repeat(a.shape("repeats"))),
          entry("tile", "Tensor.tile", a -> a.self().tile(a.shape("dims"))),
          entry("repeat_interleave", "Tensor.repeatInterleave", ArrangementEntries::interleave),
          entry(
              "combinations",
              "Tensor.combinations",
              a -> a.self().combinations(a.axis("r", 2), a.flag("with_replacement", false))),
          entry("tril", "Tensor.tril", a -> a.self().tril(a.whole("diagonal", 0))),
          entry("triu", "Tensor.triu", a -> a.self().triu(a.whole("diagonal", 0))),
          entry("diag", "Tensor.diag", a -> a.self().diag(a.whole("diagonal", 0))),
          entry("diagflat", "Tensor.diagflat", a -> a.self().diagflat(a.whole("offset", 0))),
          entry(
              "diag_embed",
              "Tensor.diagEmbed",
              a ->
                  a.self().diagEmbed(a.whole("offset", 0), a.axis("dim1", -2), a.axis("dim2", -1))),
          entry(
              "diagonal_scatter",
              "Tensor.diagonalScatter",
              a ->
                  a.self()
                      .diagonalScatter(
                          a.tensor("src"),
                          a.whole("offset", 0),
                          a.axis("dim1", 0),
                          a.axis("dim2", 1))),
          entry(
              "select_scatter",
              "Tensor.selectScatter",
              a -> a.self().selectScatter(a.tensor("src"), a.axis("dim"), a.whole("index"))),
          entry(
              "slice_scatter",
              "Tensor.sliceScatter",
              a ->
                  a.self()
                      .sliceScatter(
                          a.tensor("src"),
                          a.axis("dim", 0),
                          a.whole("start", 0),
                          a.whole("end", Long.MAX_VALUE),
                          a.whole("step", 1))),
          entry(
                  "as_strided_scatter",
                  "Tensor.asStridedScatter",
                  a ->
                      a.self()
                          .asStridedScatter(
                              a.tensor("src"),
                              a.longs("size"),
                              a.longs("stride"),
                              a.whole("storage_offset", 0)))
              .without("f32", "PyTorch's gradient counts elements that were overwritten"),
          several("split", "Tensor.split", a -> cut(a, "split_size_or_sections")),
          several("split_with_sizes", "Tensor.split", a -> cut(a, "split_sizes")),
          several(
              "chunk", "Tensor.chunk", a -> a.self().chunk(a.whole("chunks"), a.axis("dim", 0))),
          several("tensor_split", "Tensor.tensorSplit", ArrangementEntries::tensorSplit),
          several(
              "hsplit",
              "Tensor.hsplit",
              a -> many(a) ? a.self().hsplit(a.longs("n")) : a.self().hsplit(a.whole("n"))),
          several(
              "vsplit",
              "Tensor.vsplit",
              a -> many(a) ? a.self().vsplit(a.longs("n")) : a.self().vsplit(a.whole("n"))),
          several(
              "dsplit",
              "Tensor.dsplit",
              a -> many(a) ? a.self().dsplit(a.longs("n")) : a.self().dsplit(a.whole("n"))),
          several("unbind", "Tensor.unbind", a -> a.self().unbind(a.axis("dim", 0))),
          entry("cat", "Torch.cat", a -> Torch.cat(a.selfTensors(), a.axis("dim", 0))),
          entry("stack", "Torch.stack", a -> Torch.stack(a.selfTensors(), a.axis("dim", 0))),
          entry("hstack", "Torch.hstack", a -> Torch.hstack(a.selfTensors())),
          entry("vstack", "Torch.vstack", a -> Torch.vstack(a.selfTensors())),
          entry("dstack", "Torch.dstack", a -> Torch.dstack(a.selfTensors())),
          entry("column_stack", "Torch.columnStack", a -> Torch.columnStack(a.selfTensors())),
          entry("block_diag", "Torch.blockDiag", a -> Torch.blockDiag(MovementEntries.all(a))),
          several("meshgrid", "Torch.meshgrid", ArrangementEntries::meshgrid),
          entry(
              "cartesian_prod",
              "Torch.cartesianProd",
              a -> Torch.cartesianProd(MovementEntries.all(a))));

  private ArrangementEntries() {}

  private static Tensor roll(Arguments a) {
    long[] shifts = a.longs("shifts");
    int[] axes = a.axes("dims");
    return axes.length == 0 && shifts.length == 1
        ? a.self().roll(shifts[0])
        : a.self().roll(shifts, axes);
  }

  private static Tensor rot90(Arguments a) {
    int times = a.axis("k", 1);
    long[] axes = a.longs("dims", 0, 1);
    return a.self().rot90(times, (int) axes[0], (int) axes[1]);
  }

  private static Tensor interleave(Arguments a) {
    boolean each = a.peek("repeats") instanceof Tensor;
    Tensor counts = each ? a.tensor("repeats") : null;
    long times = each ? 0 : a.whole("repeats");
    if (!a.has("dim")) {
      a.maybeAxis("dim");
      return each ? a.self().ravel().repeatInterleave(counts, 0) : a.self().repeatInterleave(times);
    }
    int axis = a.axis("dim");
    return each ? a.self().repeatInterleave(counts, axis) : a.self().repeatInterleave(times, axis);
  }

  private static boolean many(Arguments a) {
    return a.peek("n") instanceof List<?>;
  }

  private static List<Tensor> cut(Arguments a, String name) {
    if (a.peek(name) instanceof List<?>) {
      return a.self().split(a.longs(name), a.axis("dim", 0));
    }
    return a.self().split(a.whole(name), a.axis("dim", 0));
  }

  private static List<Tensor> tensorSplit(Arguments a) {
    String name = "indices_or_sections";
    Object how = a.value(name);
    int axis = a.axis("dim", 0);
    return switch (how) {
      case Tensor t when t.dim() == 0 -> a.self().tensorSplit(t.itemLong(), axis);
      case Tensor t -> a.self().tensorSplit(t.toLongArray(), axis);
      case Long sections -> a.self().tensorSplit(sections, axis);
      default -> a.self().tensorSplit(a.longs(name), axis);
    };
  }

  private static List<Tensor> meshgrid(Arguments a) {
    List<Tensor> tensors = MovementEntries.all(a);
    return Torch.meshgrid(tensors, "xy".equals(a.named("indexing")));
  }
}
