package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.IndexSelect;
import dev.flambeau.torch.op.Scatter;
import java.util.Optional;
import java.util.OptionalLong;

/** Sums, means and maxima of rows of a table, bag by bag. */
final class Bags {
  private Bags() {}

  static Tensor embed(
      Tensor indices,
      Tensor weight,
      Optional<Tensor> offsets,
      BagMode mode,
      Optional<Tensor> perSample,
      boolean lastIncluded,
      OptionalLong padding) {
    if (weight.dim() != 2 || indices.dim() < 1 || indices.dim() > 2) {
      throw TorchException.shape(
          "embedding_bag",
          "input",
          indices.shape() + ", weight " + weight.shape(),
          "1 or 2 dimensions, 2 for the weight");
    }
    if ((indices.dim() == 1) != offsets.isPresent()) {
      throw TorchException.argument(
          "embedding_bag",
          "offsets",
          offsets.isPresent() ? "given" : "absent",
          "given for a 1-d input only");
    }
    if (perSample.isPresent() && mode != BagMode.SUM) {
      throw TorchException.argument(
          "embedding_bag", "per_sample_weights", "given", "given for sums only");
    }
    Tensor rows = indices.to(DType.I64).reshape(-1);
    long count =
        offsets.isEmpty() ? indices.size(0) : offsets.get().numel() - (lastIncluded ? 1 : 0);
    Tensor bags =
        offsets.isEmpty()
            ? Torch.arange(count).unsqueeze(1).expand(indices.shape()).reshape(-1)
            : bags(offsets.get().to(DType.I64), rows.numel());
    if (padding.isPresent()) {
      long skipped = padding.getAsLong() + (padding.getAsLong() < 0 ? weight.size(0) : 0);
      bags = Torch.where(rows.eq(skipped), bags.fullLike(count), bags);
    }
    Tensor found = weight.indexSelect(0, rows);
    if (perSample.isPresent()) {
      found = found.mul(perSample.get().reshape(-1).unsqueeze(1));
    }
    // What belongs to no bag comes to one more behind the others.
    return combined(found, bags, count + 1, mode).narrow(0, 0, count);
  }

  /** The bag of each row. */
  private static Tensor bags(Tensor starts, long rows) {
    if (Mode.checking()) {
      boolean fits =
          starts.numel() == 0
              || starts.select(0, 0).itemLong() == 0
                  && starts.select(0, -1).itemLong() <= rows
                  && starts.diff().lt(0).any().itemLong() == 0;
      if (!fits) {
        throw TorchException.argument("embedding_bag", "offsets", starts, "ascending from 0");
      }
    }
    return starts.searchsorted(Torch.arange(rows), true).sub(1);
  }

  private static Tensor combined(Tensor found, Tensor bags, long count, BagMode mode) {
    Shape shape = Shape.of(count, found.size(1));
    if (mode == BagMode.MAX) {
      Tensor at = bags.unsqueeze(1).expand(found.shape());
      return found.zeros(shape).scatterReduce(0, at, found, Scatter.Reduce.AMAX, false);
    }
    Tensor sums = Dispatcher.call(new IndexSelect.IndexAdd(0, shape), bags, found);
    if (mode == BagMode.SUM) {
      return sums;
    }
    Tensor sizes = Torch.zeros(DType.I64, count).scatterAdd(0, bags, bags.onesLike());
    return sums.div(sizes.clampMin(1).to(found.dtype()).unsqueeze(1));
  }
}
