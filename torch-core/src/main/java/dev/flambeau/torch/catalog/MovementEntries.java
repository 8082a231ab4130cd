package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import dev.flambeau.torch.Torch;
import java.util.Arrays;
import java.util.List;

/** Other shapes and orders of the same elements, and joins. */
final class MovementEntries {
  static final List<Entry> ALL =
      List.of(
          entry("permute", "Tensor.permute", a -> a.self().permute(ints(a.shape("dims")))),
          entry("reshape", "Tensor.reshape", a -> a.self().reshape(a.shape("shape"))),
          entry("view", "Tensor.view", a -> a.self().view(a.shape("size"))),
          entry("expand", "Tensor.expand", a -> a.self().expand(a.shape("size"))),
          entry("broadcast_to", "Tensor.expand", a -> a.self().expand(a.shape("size"))),
          entry("unsqueeze", "Tensor.unsqueeze", a -> a.self().unsqueeze(a.axis("dim"))),
          entry("squeeze", "Tensor.squeeze", a -> a.self().squeeze(a.axes("dim"))),
          entry(
              "transpose",
              "Tensor.transpose",
              a -> a.self().transpose(a.axis("dim0"), a.axis("dim1"))),
          entry(
              "flatten",
              "Tensor.flatten",
              a -> a.self().flatten(a.axis("start_dim", 0), a.axis("end_dim", -1))),
          entry("t", "Tensor.t", a -> a.self().t()),
          entry("mT", "Tensor.mT", a -> a.self().mT()),
          entry("cat", "Torch.cat", a -> Torch.cat(a.selfTensors(), a.axis("dim", 0))),
          entry("stack", "Torch.stack", a -> Torch.stack(a.selfTensors(), a.axis("dim", 0))));

  private MovementEntries() {}

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }
}
