package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;
import static dev.flambeau.torch.catalog.Entry.several;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Other shapes of the same elements, and views; all numbers are real here. */
final class MovementEntries {
  static final List<Entry> ALL =
      List.of(
          entry("permute", "Tensor.permute", a -> a.self().permute(ints(a.shape("dims")))),
          entry("reshape", "Tensor.reshape", a -> a.self().reshape(a.shape("shape"))),
          entry("view", "Tensor.view", a -> a.self().view(a.shape("size"))),
          entry("expand", "Tensor.expand", a -> a.self().expand(a.shape("size"))),
          entry("broadcast_to", "Tensor.expand", a -> a.self().expand(a.shape("size"))),
          entry("view_as", "Tensor.viewAs", a -> a.self().viewAs(a.tensor("other"))),
          entry("reshape_as", "Tensor.reshapeAs", a -> a.self().reshapeAs(a.tensor("other"))),
          entry("expand_as", "Tensor.expandAs", a -> a.self().expandAs(a.tensor("other"))),
          entry("ravel", "Tensor.ravel", a -> a.self().ravel()),
          entry("unsqueeze", "Tensor.unsqueeze", a -> a.self().unsqueeze(a.axis("dim"))),
          entry("squeeze", "Tensor.squeeze", a -> a.self().squeeze(a.axes("dim"))),
          entry(
              "transpose",
              "Tensor.transpose",
              a -> a.self().transpose(a.axis("dim0"), a.axis("dim1"))),
          entry(
              "movedim",
              "Tensor.movedim",
              a -> a.self().movedim(a.axes("source"), a.axes("destination"))),
          entry(
              "flatten",
              "Tensor.flatten",
              a -> a.self().flatten(a.axis("start_dim", 0), a.axis("end_dim", -1))),
          entry(
              "unflatten",
              "Tensor.unflatten",
              a -> a.self().unflatten(a.axis("dim"), a.longs("sizes"))),
          entry("t", "Tensor.t", a -> a.self().t()),
          entry("T", "Tensor.t", a -> a.self().t()),
          entry("H", "Tensor.t", a -> a.self().t()),
          entry("mT", "Tensor.mT", a -> a.self().mT()),
          entry("mH", "Tensor.mT", a -> a.self().mT()),
          entry(
              "sum_to_size",
              "Tensor.sumToSize",
              a -> a.self().sumToSize(Shape.of(a.shape("size")))),
          entry("conj", "Tensor.self", a -> a.self()),
          entry("conj_physical", "Tensor.self", a -> a.self()),
          entry("resolve_conj", "Tensor.self", a -> a.self()),
          entry("resolve_neg", "Tensor.self", a -> a.self()),
          entry("real", "Tensor.self", a -> a.self()),
          entry("positive", "Tensor.positive", a -> a.self().positive()),
          entry("isreal", "Tensor.onesLike", a -> a.self().onesLike(DType.BOOL)),
          entry("contiguous", "Tensor.contiguous", a -> a.self().contiguous()),
          entry("clone", "Tensor.copy", a -> a.self().copy()),
          several("atleast_1d", "Tensor.atLeast", a -> atLeast(a, 1)),
          several("atleast_2d", "Tensor.atLeast", a -> atLeast(a, 2)),
          several("atleast_3d", "Tensor.atLeast", a -> atLeast(a, 3)),
          several(
              "broadcast_tensors", "Torch.broadcastTensors", a -> Torch.broadcastTensors(all(a))),
          several("broadcast_shapes", "Torch.broadcastShapes", MovementEntries::shapes),
          entry(
              "diagonal",
              "Tensor.diagonal",
              a -> a.self().diagonal(a.whole("offset", 0), a.axis("dim1", 0), a.axis("dim2", 1))),
          entry(
              "unfold",
              "Tensor.unfold",
              a -> a.self().unfold(a.axis("dimension"), a.whole("size"), a.whole("step"))),
          entry(
              "as_strided",
              "Tensor.asStrided",
              a ->
                  a.self()
                      .asStrided(
                          a.longs("size"),
                          a.longs("stride"),
                          a.whole("storage_offset", a.self().layout().offset()))));

  private MovementEntries() {}

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }

  /** The first argument and all further ones. */
  static List<Tensor> all(Arguments a) {
    if (a.input() instanceof List<?>) {
      return a.selfTensors();
    }
    List<Tensor> tensors = new ArrayList<>();
    tensors.add(a.self());
    a.rest().forEach(t -> tensors.add((Tensor) t));
    return tensors;
  }

  private static List<Tensor> atLeast(Arguments a, int dimensions) {
    return all(a).stream().map(t -> t.atLeast(dimensions)).toList();
  }

  private static List<Tensor> shapes(Arguments a) {
    List<Shape> shapes = new ArrayList<>();
    for (Object shape : a.withInput().rest()) {
      List<?> sizes = shape instanceof List<?> list ? list : List.of(shape);
      shapes.add(Shape.of(sizes.stream().mapToLong(n -> (Long) n).toArray()));
    }
    return Arrays.stream(Torch.broadcastShapes(shapes).sizes()).mapToObj(Entry::value).toList();
  }
}
