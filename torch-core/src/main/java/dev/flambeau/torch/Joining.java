package dev.flambeau.torch;

import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Cat;
import dev.flambeau.torch.op.Pad;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Functions of several tensors side by side; used through {@link Torch}. */
class Joining extends Factories {
  Joining() {}

  private static void checkNotEmpty(String operator, List<Tensor> tensors) {
    if (tensors.isEmpty()) {
      throw TorchException.argument(operator, "tensors", "an empty list", "at least one tensor");
    }
  }

  /** Tensors one after another along an axis; empty vectors do not count. */
  public static Tensor cat(List<Tensor> tensors, int axis) {
    checkNotEmpty("cat", tensors);
    List<Tensor> used = tensors.stream().filter(t -> !t.shape().equals(Shape.of(0))).toList();
    List<Tensor> joined = used.isEmpty() ? tensors : used;
    Tensor first = joined.get(0);
    if (first.dim() == 0) {
      throw TorchException.shape("cat", "tensors[0]", first.shape(), "at least one dimension");
    }
    return Dispatcher.call(new Cat(first.shape().axis(axis)), joined.toArray(Tensor[]::new));
  }

  /** Tensors of one shape along a new axis. */
  public static Tensor stack(List<Tensor> tensors, int axis) {
    checkNotEmpty("stack", tensors);
    Shape shape = tensors.get(0).shape();
    for (Tensor t : tensors) {
      if (!t.shape().equals(shape)) {
        throw TorchException.shape("stack", "tensors", t.shape(), "one shape, " + shape);
      }
    }
    int rank = shape.rank() + 1;
    int at = axis < 0 ? axis + rank : axis;
    return cat(tensors.stream().map(t -> t.unsqueeze(axis)).toList(), at);
  }

  /** Along the second axis; vectors one after another. */
  public static Tensor hstack(List<Tensor> tensors) {
    checkNotEmpty("hstack", tensors);
    List<Tensor> all = tensors.stream().map(t -> t.atLeast(1)).toList();
    return cat(all, all.get(0).dim() == 1 ? 0 : 1);
  }

  /** Along the first axis; vectors are rows. */
  public static Tensor vstack(List<Tensor> tensors) {
    checkNotEmpty("vstack", tensors);
    return cat(tensors.stream().map(t -> t.atLeast(2)).toList(), 0);
  }

  /** Along the third axis; see {@code atLeast(3)}. */
  public static Tensor dstack(List<Tensor> tensors) {
    checkNotEmpty("dstack", tensors);
    return cat(tensors.stream().map(t -> t.atLeast(3)).toList(), 2);
  }

  /** Along the second axis; vectors are columns. */
  public static Tensor columnStack(List<Tensor> tensors) {
    checkNotEmpty("column_stack", tensors);
    return hstack(tensors.stream().map(t -> t.dim() < 2 ? t.reshape(-1, 1) : t).toList());
  }

  /** Matrices along the diagonal of a matrix of zeros; vectors are rows. */
  public static Tensor blockDiag(List<Tensor> tensors) {
    checkNotEmpty("block_diag", tensors);
    long width = 0;
    DType type = tensors.get(0).dtype();
    for (Tensor t : tensors) {
      if (t.dim() > 2) {
        throw TorchException.shape("block_diag", "tensors", t.shape(), "at most two dimensions");
      }
      width += t.dim() == 0 ? 1 : t.size(-1);
      type = type.promote(t.dtype());
    }
    List<Tensor> rows = new ArrayList<>();
    long start = 0;
    for (Tensor t : tensors) {
      Tensor block = t.atLeast(2).to(type);
      List<Long> before = List.of(0L, start);
      List<Long> after = List.of(0L, width - start - block.size(1));
      rows.add(Dispatcher.call(new Pad(before, after, 0), block));
      start += block.size(1);
    }
    return cat(rows, 0);
  }

  /**
   * Vectors stretched over the grid they span.
   *
   * @param cartesian whether the first two axes are swapped (PyTorch: {@code indexing="xy"})
   */
  public static List<Tensor> meshgrid(List<Tensor> tensors, boolean cartesian) {
    checkNotEmpty("meshgrid", tensors);
    boolean swapped = cartesian && tensors.size() > 1;
    long[] sizes = new long[tensors.size()];
    for (int i = 0; i < sizes.length; i++) {
      Tensor t = tensors.get(i);
      if (t.dim() > 1 || t.dtype() != tensors.get(0).dtype()) {
        throw TorchException.argument(
            "meshgrid",
            "tensors",
            t.dtype() + " " + t.shape(),
            "vectors or single numbers of one type");
      }
      sizes[place(i, swapped)] = t.numel();
    }
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      long[] own = new long[sizes.length];
      Arrays.fill(own, 1);
      own[place(i, swapped)] = tensors.get(i).numel();
      out.add(tensors.get(i).reshape(own).expand(Shape.of(sizes)));
    }
    return out;
  }

  private static int place(int i, boolean swapped) {
    return swapped && i < 2 ? 1 - i : i;
  }

  /** All combinations of an element of each vector, one a row. */
  public static Tensor cartesianProd(List<Tensor> tensors) {
    checkNotEmpty("cartesian_prod", tensors);
    for (Tensor t : tensors) {
      if (t.dim() != 1) {
        throw TorchException.shape("cartesian_prod", "tensors", t.shape(), "one dimension");
      }
    }
    return tensors.size() == 1
        ? tensors.get(0).view(-1)
        : stack(meshgrid(tensors, false).stream().map(Tensor::ravel).toList(), 1);
  }

  /** The tensors stretched to the shape they have in common. */
  public static List<Tensor> broadcastTensors(List<Tensor> tensors) {
    Shape shape = broadcastShapes(tensors.stream().map(Tensor::shape).toList());
    return tensors.stream().map(t -> t.expand(shape)).toList();
  }

  /** The shape that tensors of these shapes are stretched to. */
  public static Shape broadcastShapes(List<Shape> shapes) {
    Shape common = Shape.of();
    for (Shape shape : shapes) {
      common = common.broadcast(shape, "broadcast_shapes");
    }
    return common;
  }
}
