package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Index;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Scatter;
import dev.flambeau.torch.op.Scatter.Reduce;
import java.util.Arrays;

/** Copies with elements written or reduced at places that index tensors or masks name. */
public sealed interface Scattering extends Self permits Tensor {
  /** A 1-d I64 index from a 0-d or 1-d one of I64 or I32. */
  static Tensor line(String operator, Tensor index) {
    if (index.dim() > 1) {
      throw TorchException.shape(operator, "index", index.shape(), "at most one dimension");
    }
    if (index.dtype() != DType.I64 && index.dtype() != DType.I32) {
      throw TorchException.type(operator, "index", index.dtype(), "int64 or int32");
    }
    Tensor whole = index.to(DType.I64);
    return index.dim() == 0 ? whole.reshape(1) : whole;
  }

  static void checkMask(String operator, Tensor mask) {
    if (mask.dtype() != DType.BOOL) {
      throw TorchException.type(operator, "mask", mask.dtype(), "bool");
    }
  }

  /** A copy with {@code source} written at {@code index} along an axis. */
  default Tensor scatter(int axis, Tensor index, Tensor source) {
    return scatterReduce(axis, index, source, Reduce.SET, true);
  }

  /** A copy with {@code value} written at {@code index} along an axis. */
  default Tensor scatter(int axis, Tensor index, Number value) {
    return scatter(axis, index, one(value).expand(index.shape()));
  }

  /** A copy with {@code source} added at {@code index}. */
  default Tensor scatterAdd(int axis, Tensor index, Tensor source) {
    return scatterReduce(axis, index, source, Reduce.SUM, true);
  }

  /**
   * A copy with {@code source} reduced into the elements at {@code index}.
   *
   * @param includeSelf whether the old elements count
   */
  default Tensor scatterReduce(
      int axis, Tensor index, Tensor source, Reduce reduce, boolean includeSelf) {
    int at = self().shape().axis(axis);
    return Dispatcher.call(new Scatter(at, reduce, includeSelf), self(), index, source);
  }

  private Tensor one(Number value) {
    return Indexing.full(self(), Layout.contiguous(Shape.of()), value);
  }

  /** A copy with slices of {@code source} times {@code alpha} added at a 1-d index. */
  default Tensor indexAdd(int axis, Tensor index, Tensor source, Number alpha) {
    boolean whole = alpha instanceof Long || alpha instanceof Integer;
    if (!whole && !self().dtype().isFloat()) {
      throw TorchException.argument(
          "index_add", "alpha", alpha, "a whole number, for " + self().dtype());
    }
    Tensor scaled = alpha.doubleValue() == 1 ? source : source.mul(alpha).to(source.dtype());
    return indexReduce("index_add", axis, index, scaled, Reduce.SUM);
  }

  /** A copy with slices of {@code source} added at a 1-d index. */
  default Tensor indexAdd(int axis, Tensor index, Tensor source) {
    return indexAdd(axis, index, source, 1);
  }

  /** A copy with slices of {@code source} written at a 1-d index. */
  default Tensor indexCopy(int axis, Tensor index, Tensor source) {
    return indexReduce("index_copy", axis, index, source, Reduce.SET);
  }

  /** A copy with {@code value} written to all slices a 1-d index names. */
  default Tensor indexFill(int axis, Tensor index, Number value) {
    return indexFill(axis, index, one(value));
  }

  /** A copy with {@code value}, a 0-d tensor, written to all slices a 1-d index names. */
  default Tensor indexFill(int axis, Tensor index, Tensor value) {
    if (value.dim() > 0) {
      throw TorchException.shape("index_fill", "value", value.shape(), "no dimensions");
    }
    long[] sizes = self().shape().sizes();
    if (sizes.length > 0) {
      sizes[self().shape().axis(axis)] = line("index_fill", index).numel();
    }
    Tensor source = value.to(self().dtype()).expand(Shape.of(sizes));
    return indexReduce("index_fill", axis, index, source, Reduce.SET);
  }

  /** A copy with slices of {@code source} reduced into those a 1-d index names. */
  default Tensor indexReduce(
      int axis, Tensor index, Tensor source, Reduce reduce, boolean includeSelf) {
    return indexReduce("index_reduce", axis, index, source, reduce, includeSelf);
  }

  private Tensor indexReduce(
      String operator, int axis, Tensor index, Tensor source, Reduce reduce) {
    return indexReduce(operator, axis, index, source, reduce, true);
  }

  private Tensor indexReduce(
      String operator, int axis, Tensor index, Tensor source, Reduce reduce, boolean includeSelf) {
    Tensor line = line(operator, index);
    int at = self().shape().axis(axis);
    if (source.dtype() != self().dtype()) {
      throw TorchException.type(
          operator, "source", source.dtype(), self().dtype() + ", the input's type");
    }
    long[] wanted = self().shape().sizes();
    long[] wide = new long[wanted.length];
    Arrays.fill(wide, 1);
    if (wanted.length > 0) {
      wanted[at] = line.numel();
      wide[at] = line.numel();
    }
    boolean single = wanted.length == 0 && line.numel() == 1 && source.numel() == 1;
    if (!single && !Shape.of(wanted).equals(source.shape())) {
      throw TorchException.shape(
          operator,
          "source",
          source.shape(),
          "the input's sizes with those of the index at dim "
              + at
              + ", "
              + Arrays.toString(wanted));
    }
    Tensor places = single ? line : line.reshape(wide).expand(Shape.of(wanted));
    return scatterReduce(at, places, single ? source.reshape(1) : source, reduce, includeSelf);
  }

  /**
   * A copy with values, which are stretched, written (or added) where {@link Indexing#get} would
   * read; the list has whole axes, index tensors and masks only.
   */
  default Tensor indexPut(Tensor values, boolean accumulate, Index... index) {
    Positions at = Positions.of(self(), index);
    if (at.isView() || at.view() != self()) {
      throw TorchException.argument(
          "index_put", "index", Arrays.toString(index), "index tensors, masks and whole axes");
    }
    return at.put(values, accumulate);
  }

  /** Python's {@code x[...] = values}: in place; values are stretched and converted. */
  default Tensor set(Tensor values, Index... index) {
    Positions at = Positions.of(self(), index);
    Tensor converted = values.to(self().dtype());
    at.view().copy_(at.isView() ? converted : at.put(converted, false));
    return self();
  }

  /** Python's {@code x[...] = value}, in place. */
  default Tensor set(Number value, Index... index) {
    return set(one(value), index);
  }

  /** A copy with {@code source} written (or added) at these numbers in row-major order. */
  default Tensor put(Tensor index, Tensor source, boolean accumulate) {
    if (index.dtype() != DType.I64) {
      throw TorchException.type("put", "index", index.dtype(), "int64");
    }
    if (source.numel() != index.numel()) {
      throw TorchException.shape(
          "put", "source", source.shape(), "as many elements as the index, " + index.numel());
    }
    Reduce reduce = accumulate ? Reduce.SUM : Reduce.SET;
    Tensor flat = self().reshape(-1);
    return flat.scatterReduce(0, index.reshape(-1), source.reshape(-1), reduce, true)
        .reshape(self().shape().sizes());
  }

  /** {@code value} where the mask is true, else the input; both are stretched to agree. */
  default Tensor maskedFill(Tensor mask, Number value) {
    return maskedFill(mask, one(value));
  }

  /** {@code value}, a 0-d tensor, where the mask is true, else the input. */
  default Tensor maskedFill(Tensor mask, Tensor value) {
    checkMask("masked_fill", mask);
    if (value.dim() > 0) {
      throw TorchException.shape("masked_fill", "value", value.shape(), "no dimensions");
    }
    if (value.dtype().category().compareTo(self().dtype().category()) > 0) {
      throw TorchException.type(
          "masked_fill", "value", value.dtype(), "types that fit into " + self().dtype());
    }
    return Elementwise.where(mask, value.to(self().dtype()), self());
  }

  /** The elements of {@code source}, in order, where the mask is true, else the input. */
  default Tensor maskedScatter(Tensor mask, Tensor source) {
    checkMask("masked_scatter", mask);
    if (source.dtype() != self().dtype()) {
      throw TorchException.type(
          "masked_scatter", "source", source.dtype(), self().dtype().toString());
    }
    Shape shape = self().shape().broadcast(mask.shape(), "masked_scatter");
    Tensor count = mask.expand(shape).reshape(-1).to(DType.I64).cumsum(0);
    if (Mode.checking() && count.numel() > 0) {
      long most = count.select(0, -1).itemLong();
      if (most > source.numel()) {
        throw TorchException.shape(
            "masked_scatter", "source", source.shape(), "at least " + most + " elements");
      }
    }
    if (source.numel() == 0) {
      return self().expand(shape).copy();
    }
    Tensor chosen = source.reshape(-1).indexSelect(0, count.sub(1).clampMin(0));
    return Elementwise.where(mask, chosen.reshape(shape.sizes()), self());
  }
}
