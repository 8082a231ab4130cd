package dev.flambeau.torch.api;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.RowOrder;
import java.util.List;

/** Groups of equal neighbours, after sorting or as they come. */
final class Uniques {
  private Uniques() {}

  static Sorting.Unique all(Tensor x, boolean sort) {
    Tensor flat = x.detach().reshape(-1);
    Tensor order = sort ? flat.argsort(0, false) : Torch.arange(flat.numel());
    Sorting.Unique found = grouped(flat, 0, order, flat.indexSelect(0, order).reshape(-1, 1));
    return new Sorting.Unique(
        found.values(), found.inverse().reshape(x.shape().sizes()), found.counts());
  }

  static Sorting.Unique slices(Tensor input, int axis, boolean sort) {
    Tensor x = input.detach();
    if (x.dim() == 0) {
      return all(x, sort);
    }
    int at = x.shape().axis(axis);
    long n = x.size(at);
    if (n > 0 && x.numel() == 0) {
      throw TorchException.shape("unique", "input", x.shape(), "no empty dimension but dim " + at);
    }
    // Swapped, not moved, as PyTorch does: this decides the order in which rows are compared.
    Tensor rows = x.transpose(at, 0).reshape(n, n == 0 ? 1 : x.numel() / n);
    Tensor order = sort ? Dispatcher.call(new RowOrder(), rows) : Torch.arange(n);
    return grouped(x, at, order, sort ? rows.indexSelect(0, order) : rows);
  }

  /** {@code rows} are x's slices in this order. */
  private static Sorting.Unique grouped(Tensor x, int axis, Tensor order, Tensor rows) {
    long n = order.numel();
    if (n == 0) {
      return new Sorting.Unique(x.copy(), order, order.copy());
    }
    Tensor changes = rows.narrow(0, 1, n - 1).ne(rows.narrow(0, 0, n - 1)).any(1);
    Tensor first = Torch.tensor(new boolean[] {true});
    Tensor starts = Torch.cat(List.of(first, changes), 0).nonzero().reshape(-1);
    Tensor ends = Torch.cat(List.of(starts, Torch.tensor(new long[] {n})), 0);
    long groups = starts.numel();
    Tensor counts = ends.narrow(0, 1, groups).sub(starts);
    Tensor group = Torch.arange(groups).repeatInterleave(counts, 0);
    Tensor inverse = order.zerosLike().scatter(0, order, group);
    Tensor values = x.indexSelect(axis, order.indexSelect(0, starts));
    return new Sorting.Unique(values, inverse, counts);
  }
}
