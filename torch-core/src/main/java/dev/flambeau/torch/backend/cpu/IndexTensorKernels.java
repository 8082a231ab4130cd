package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.op.IndexPut;
import dev.flambeau.torch.op.IndexTensors;
import java.util.Arrays;
import java.util.List;

/** Reading and writing where several index tensors meet. */
final class IndexTensorKernels {
  private IndexTensorKernels() {}

  static void register(Kernels kernels) {
    kernels.register(
        IndexTensors.class,
        (op, in, out) ->
            at(op.name(), op.axes(), in[0], Arrays.copyOfRange(in, 1, in.length), out[0], false));
    kernels.register(IndexPut.class, IndexTensorKernels::indexPut);
  }

  private static void indexPut(IndexPut op, Tensor[] in, Tensor[] out) {
    Elements.move(in[0], out[0]);
    Tensor[] indices = Arrays.copyOfRange(in, 2, in.length);
    if (op.accumulate()) {
      accumulate(op, out[0], indices, in[1]);
    } else {
      at(op.name(), op.axes(), out[0], indices, in[1], true);
    }
  }

  /** Copies between the places the indices name and a tensor of the result's shape. */
  private static void at(
      String name, List<Integer> axes, Tensor x, Tensor[] indices, Tensor other, boolean write) {
    each(
        name,
        axes,
        x,
        indices,
        other,
        (named, beside) -> {
          if (write) {
            Elements.move(beside, named);
          } else {
            Elements.move(named, beside);
          }
        },
        (from, to) -> Elements.copy(x.dtype().bytes(), write ? to : from, write ? from : to));
  }

  private static void accumulate(IndexPut op, Tensor x, Tensor[] indices, Tensor values) {
    each(
        op.name(),
        op.axes(),
        x,
        indices,
        values,
        (named, beside) -> Elements.add(beside, named),
        (named, beside) -> Elements.add(x.dtype(), beside, named));
  }

  /** What is done at one place of the indices: with slices, or with elements if all is indexed. */
  @FunctionalInterface
  private interface Slices {
    void at(Tensor named, Tensor beside);
  }

  /** The same for single elements. */
  @FunctionalInterface
  private interface Pair {
    void at(long named, long beside);
  }

  private static void each(
      String name,
      List<Integer> axes,
      Tensor x,
      Tensor[] indices,
      Tensor other,
      Slices slices,
      Pair pair) {
    Shape shape = indices[0].shape();
    int place = new IndexTensors(axes).place();
    Split split = new Split(axes, x, other, place, shape.rank());
    Strided walk = Strided.of(shape, prepend(split.beside(shape), indices));
    boolean single = split.rest.rank() == 0;
    long[] sizes = new long[axes.size()];
    long[] steps = new long[axes.size()];
    for (int k = 0; k < sizes.length; k++) {
      sizes[k] = x.size(axes.get(k));
      steps[k] = x.layout().stride(axes.get(k));
    }
    int width = x.dtype().bytes();
    walk.forEach(
        (a, count) -> {
          for (long i = 0; i < count; i++) {
            long at = 0;
            for (int k = 0; k < sizes.length; k++) {
              at +=
                  steps[k] * IndexKernels.index(name, a[k + 1] + i * walk.stride(k + 1), sizes[k]);
            }
            long beside = a[0] + i * walk.stride(0);
            if (single) {
              pair.at(x.address() + at * width, beside);
            } else {
              long offset = (beside - other.address()) / width;
              slices.at(split.named(at), split.beside(offset));
            }
          }
        });
  }

  private static Tensor[] prepend(Tensor first, Tensor[] others) {
    Tensor[] all = new Tensor[others.length + 1];
    all[0] = first;
    System.arraycopy(others, 0, all, 1, others.length);
    return all;
  }

  /** The axes that are not indexed, in x and in the tensor beside it. */
  private static final class Split {
    final Layout rest;
    private final Tensor x;
    private final Tensor other;
    private final Layout otherRest;
    private final int place;

    Split(List<Integer> axes, Tensor x, Tensor other, int place, int rank) {
      this.x = x;
      this.other = other;
      this.place = place;
      int left = x.dim() - axes.size();
      long[] sizes = new long[left];
      long[] strides = new long[left];
      long[] otherStrides = new long[left];
      int n = 0;
      for (int i = 0; i < x.dim(); i++) {
        if (!axes.contains(i)) {
          sizes[n] = x.size(i);
          strides[n] = x.layout().stride(i);
          otherStrides[n] = other.layout().stride(n < place ? n : n + rank);
          n++;
        }
      }
      rest = Layout.of(Shape.of(sizes), strides, x.layout().offset());
      otherRest = Layout.of(rest.shape(), otherStrides, other.layout().offset());
    }

    /** The other tensor at the indices' axes only. */
    Tensor beside(Shape indices) {
      long[] strides = new long[indices.rank()];
      for (int i = 0; i < strides.length; i++) {
        strides[i] = other.layout().stride(place + i);
      }
      return Elements.over(other, Layout.of(indices, strides, other.layout().offset()));
    }

    Tensor named(long offset) {
      return Elements.over(x, rest.with(rest.shape(), rest.strides(), rest.offset() + offset));
    }

    Tensor beside(long offset) {
      return Elements.over(
          other, rest.with(rest.shape(), otherRest.strides(), otherRest.offset() + offset));
    }
  }
}
