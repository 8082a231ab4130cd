package dev.flambeau.torch.api;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Full;
import dev.flambeau.torch.op.Gather;
import dev.flambeau.torch.op.IndexSelect;
import dev.flambeau.torch.op.ScatterAdd;
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

  /** {@code length} slices of an axis from {@code start} on. */
  default Tensor narrow(int axis, long start, long length) {
    int at = self().shape().axis(axis);
    long size = self().size(at);
    if (start < 0 || length < 0 || start + length > size) {
      throw TorchException.argument(
          "narrow", "start, length", start + ", " + length, "within the size " + size);
    }
    return Dispatcher.call(new Views.Slice(at, start, length, 1), self());
  }

  /** The same with the start in a 0-d integer tensor. */
  default Tensor narrow(int axis, Tensor start, long length) {
    if (start.dim() != 0 || start.dtype().isFloat()) {
      throw TorchException.type(
          "narrow", "start", start.dtype() + start.shape().toString(), "a 0-d integer tensor");
    }
    long from = start.itemLong();
    return narrow(axis, from < 0 ? from + self().size(axis) : from, length);
  }

  /** Python's {@code start:end:step} of an axis; bounds are clipped, the step is positive. */
  default Tensor slice(int axis, long start, long end, long step) {
    int at = self().shape().axis(axis);
    long size = self().size(at);
    if (step <= 0) {
      throw TorchException.argument("slice", "step", step, "1 or more");
    }
    long from = Math.clamp(start < 0 ? start + size : start, 0, size);
    long to = Math.clamp(end < 0 ? end + size : end, from, size);
    return Dispatcher.call(new Views.Slice(at, from, (to - from + step - 1) / step, step), self());
  }

  /** {@code out[i][j] = x[index[i][j]][j]} for axis 0; PyTorch: {@code gather}. */
  default Tensor gather(int axis, Tensor index) {
    if (self().dim() == 0 && index.dim() == 1) {
      return self().unsqueeze(0).gather(axis, index);
    }
    return Dispatcher.call(new Gather(self().shape().axis(axis)), self(), index);
  }

  /** A copy with {@code source} added at {@code index}; PyTorch: {@code scatter_add}. */
  default Tensor scatterAdd(int axis, Tensor index, Tensor source) {
    return Dispatcher.call(new ScatterAdd(self().shape().axis(axis)), self(), index, source);
  }

  /** The slices of an axis named by a 1-d index; PyTorch: {@code index_select}. */
  default Tensor indexSelect(int axis, Tensor index) {
    if (self().dim() == 0) {
      return self().unsqueeze(0).indexSelect(axis, index).reshape();
    }
    return Dispatcher.call(new IndexSelect(self().shape().axis(axis)), self(), index);
  }
}
