package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Index;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Full;
import dev.flambeau.torch.op.Gather;
import dev.flambeau.torch.op.IndexSelect;
import dev.flambeau.torch.op.Nonzero;
import dev.flambeau.torch.op.Views;

/** Parts of a tensor, by position and by index tensors. */
public sealed interface Indexing extends Self permits Tensor {
  static long checkIndex(String operator, long index, long size) {
    if (index < -size || index >= size) {
      throw TorchException.argument(
          operator, "index", index, "an index in [" + -size + ", " + (size - 1) + "]");
    }
    return index < 0 ? index + size : index;
  }

  static Tensor full(Tensor like, Layout layout, Number value) {
    Meta meta = new Meta(like.dtype(), like.device(), layout);
    return Dispatcher.call(new Full(meta, value.doubleValue(), value.longValue()));
  }

  /** Slice {@code index} of an axis, without that axis. */
  default Tensor select(int axis, long index) {
    int at = self().shape().axis(axis);
    if (self().dim() == 0) {
      throw TorchException.shape("select", "input", self().shape(), "at least one dimension");
    }
    long start = checkIndex("select", index, self().size(at));
    Tensor one = Dispatcher.call(new Views.Slice(at, start, 1, 1), self());
    return Dispatcher.call(new Views.Reshape(self().shape().reduce(new int[] {at}, false)), one);
  }

  /** Element or sub-tensor at the leading indices: {@code x.get(0)} is PyTorch's {@code x[0]}. */
  default Tensor get(long... index) {
    Tensor t = self();
    for (long i : index) {
      t = t.select(0, i);
    }
    return t;
  }

  /**
   * Python's {@code x[...]}: a view where there are only positions, slices and new axes; a copy
   * where index tensors or masks take part.
   */
  default Tensor get(Index... index) {
    return Positions.of(self(), index).get();
  }

  /** {@code length} slices of an axis from {@code start} on, which may count from the end. */
  default Tensor narrow(int axis, long start, long length) {
    int at = self().shape().axis(axis);
    if (self().dim() == 0) {
      throw TorchException.shape("narrow", "input", self().shape(), "at least one dimension");
    }
    long size = self().size(at);
    long from = start < 0 ? start + size : start;
    if (from < 0 || length < 0 || from + length > size) {
      throw TorchException.argument(
          "narrow", "start, length", start + ", " + length, "within the size " + size);
    }
    return Dispatcher.call(new Views.Slice(at, from, length, 1), self());
  }

  /** The same with the start in a 0-d integer tensor. */
  default Tensor narrow(int axis, Tensor start, long length) {
    if (start.dim() != 0 || start.dtype().isFloat()) {
      throw TorchException.type(
          "narrow", "start", start.dtype() + start.shape().toString(), "a 0-d integer tensor");
    }
    if (!Mode.checking()) {
      // A place that elements decide about.
      int at = self().shape().axis(axis);
      return self().indexSelect(at, Torch.arange(length).add(start.to(DType.I64)));
    }
    long from = start.itemLong();
    return narrow(axis, from < 0 ? from + self().size(axis) : from, length);
  }

  /** Python's {@code start:end:step} of an axis; bounds are clipped, the step is positive. */
  default Tensor slice(int axis, long start, long end, long step) {
    return Dispatcher.call(range("slice", axis, start, end, step), self());
  }

  private Views.Slice range(String operator, int axis, long start, long end, long step) {
    int at = self().shape().axis(axis);
    if (self().dim() == 0) {
      throw TorchException.shape(operator, "input", self().shape(), "at least one dimension");
    }
    long size = self().size(at);
    if (step <= 0) {
      throw TorchException.argument(operator, "step", step, "1 or more");
    }
    long from = Math.clamp(start < 0 ? start + size : start, 0, size);
    long to = Math.clamp(end < 0 ? end + size : end, from, size);
    return new Views.Slice(at, from, (to - from + step - 1) / step, step);
  }

  /** A copy with {@code source} in the place of {@link #slice}. */
  default Tensor sliceScatter(Tensor source, int axis, long start, long end, long step) {
    return Diagonals.scatter(self(), range("slice_scatter", axis, start, end, step), source);
  }

  /** A copy with {@code source} in the place of {@link #select}. */
  default Tensor selectScatter(Tensor source, int axis, long index) {
    int at = self().shape().axis(axis);
    long start = checkIndex("select_scatter", index, self().dim() == 0 ? 0 : self().size(at));
    Shape wanted = self().shape().reduce(new int[] {at}, false);
    if (!source.shape().equals(wanted)) {
      throw TorchException.shape("select_scatter", "src", source.shape(), wanted.toString());
    }
    return Diagonals.scatter(self(), new Views.Slice(at, start, 1, 1), source.unsqueeze(at));
  }

  /** {@code out[i][j] = x[index[i][j]][j]} for axis 0; PyTorch: {@code gather}. */
  default Tensor gather(int axis, Tensor index) {
    return Dispatcher.call(new Gather(self().shape().axis(axis)), self(), index);
  }

  /** {@link #gather} with the sizes of other axes stretched to agree. */
  default Tensor takeAlongDim(Tensor index, int axis) {
    int at = self().shape().axis(axis);
    if (index.dim() != self().dim()) {
      throw TorchException.shape(
          "take_along_dim", "indices", index.shape(), self().dim() + " dimensions");
    }
    long[] mine = self().shape().sizes();
    long[] theirs = index.shape().sizes();
    mine[at] = 1;
    theirs[at] = 1;
    long[] common = Shape.of(mine).broadcast(Shape.of(theirs), "take_along_dim").sizes();
    common[at] = self().size(at);
    Tensor x = self().expand(Shape.of(common));
    common[at] = index.size(at);
    return x.gather(at, index.expand(Shape.of(common)));
  }

  /** The slices of an axis named by a 1-d (or 0-d) index; PyTorch: {@code index_select}. */
  default Tensor indexSelect(int axis, Tensor index) {
    Tensor at = Scattering.line("index_select", index);
    if (self().dim() == 0) {
      if (at.numel() != 1) {
        throw TorchException.shape("index_select", "index", index.shape(), "one element");
      }
      return self().unsqueeze(0).indexSelect(axis, at).reshape();
    }
    return Dispatcher.call(new IndexSelect(self().shape().axis(axis)), self(), at);
  }

  /** The elements with these numbers in row-major order, in the index's shape. */
  default Tensor take(Tensor index) {
    if (index.dtype() != DType.I64) {
      throw TorchException.type("take", "index", index.dtype(), "int64");
    }
    Tensor flat = self().reshape(-1);
    return flat.indexSelect(0, index.reshape(-1)).reshape(index.shape().sizes());
  }

  /** The elements where the mask is true, in row-major order; both are stretched to agree. */
  default Tensor maskedSelect(Tensor mask) {
    Scattering.checkMask("masked_select", mask);
    Shape shape = self().shape().broadcast(mask.shape(), "masked_select");
    Tensor at = mask.expand(shape).reshape(-1).nonzero().reshape(-1);
    return self().expand(shape).reshape(-1).indexSelect(0, at);
  }

  /**
   * The positions of the elements that are not 0, in row-major order: I64, count by rank. PyTorch:
   * {@code nonzero}, {@code argwhere}.
   */
  default Tensor nonzero() {
    Tensor x = self().detach();
    long count = x.numel() == 0 ? 0 : Mode.counting(Dispatcher.call(new Nonzero.Count(), x));
    return Dispatcher.call(new Nonzero(count), x);
  }
}
