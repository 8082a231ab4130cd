package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.SearchSorted;
import dev.flambeau.torch.op.Sort;
import dev.flambeau.torch.op.TopK;

/** Sorting and searching. NaN is larger than all numbers; equal elements keep their order. */
public sealed interface Sorting extends Self permits Tensor {
  /** The values each once, the group of each element, and the size of each group (I64). */
  record Unique(Tensor values, Tensor inverse, Tensor counts) {}

  /** The elements along an axis in order, and the places they came from. */
  default Reductions.ValuesIndices sort(int axis, boolean descending) {
    Tensor[] out = Dispatcher.callAll(new Sort(self().shape().axis(axis), descending), self());
    return new Reductions.ValuesIndices(out[0], out[1]);
  }

  /** The places the elements of {@link #sort} come from. */
  default Tensor argsort(int axis, boolean descending) {
    return self().detach().sort(axis, descending).indices();
  }

  /** Sorted along the first axis. */
  default Tensor msort() {
    return sort(0, false).values();
  }

  /** The k largest (or smallest) elements along an axis, in order, and where they are. */
  default Reductions.ValuesIndices topk(long k, int axis, boolean largest) {
    Tensor[] out = Dispatcher.callAll(new TopK(k, self().shape().axis(axis), largest), self());
    return new Reductions.ValuesIndices(out[0], out[1]);
  }

  /** The k largest elements along the last axis. */
  default Reductions.ValuesIndices topk(long k) {
    return topk(k, -1, true);
  }

  /** The different elements in order; NaN is different from itself. */
  default Unique unique() {
    return Uniques.all(self(), true);
  }

  /** The different slices of an axis in lexicographic order; the inverse has one axis. */
  default Unique unique(int axis) {
    return Uniques.slices(self(), axis, true);
  }

  /** The elements without those equal to the one before. */
  default Unique uniqueConsecutive() {
    return Uniques.all(self(), false);
  }

  /** The slices of an axis without those equal to the one before. */
  default Unique uniqueConsecutive(int axis) {
    return Uniques.slices(self(), axis, false);
  }

  /**
   * Where {@code values} belong in this ascending sequence (I64), before equal elements, or behind
   * them if {@code right}. With more than one dimension, one sequence for each line of values.
   */
  default Tensor searchsorted(Tensor values, boolean right) {
    return Dispatcher.call(new SearchSorted(right), self().detach(), values.detach());
  }

  /** {@link #searchsorted} with a sequence that {@code sorter}, from {@code argsort}, sorts. */
  default Tensor searchsorted(Tensor values, boolean right, Tensor sorter) {
    if (!sorter.shape().equals(self().shape()) || sorter.dtype() != DType.I64) {
      throw TorchException.argument(
          "searchsorted",
          "sorter",
          sorter.dtype() + " " + sorter.shape(),
          "int64 of the sequence's shape, " + self().shape());
    }
    return self().detach().gather(-1, sorter).searchsorted(values, right);
  }

  /** The bucket of each element between ascending 1-d boundaries; {@link #searchsorted}. */
  default Tensor bucketize(Tensor boundaries, boolean right) {
    if (boundaries.dim() != 1) {
      throw TorchException.shape("bucketize", "boundaries", boundaries.shape(), "one dimension");
    }
    DType type = self().dtype().promote(boundaries.dtype());
    return boundaries.to(type).searchsorted(self().to(type), right);
  }

  /** Whether each element is among {@code test}'s. */
  default Tensor isin(Tensor test) {
    DType type = self().dtype().promote(test.dtype());
    Tensor x = self().detach().to(type);
    if (test.numel() == 0) {
      return x.ne(x).logicalAnd(x.eq(x));
    }
    Tensor sorted = test.detach().to(type).reshape(-1).sort(0, false).values();
    Tensor at = sorted.searchsorted(x.reshape(-1), false);
    Tensor last = at.zerosLike().add(sorted.numel() - 1);
    Tensor nearest = sorted.indexSelect(0, at.minimum(last));
    return nearest.reshape(x.shape().sizes()).eq(x);
  }
}
