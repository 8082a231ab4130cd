package dev.flambeau.torch.api;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A tensor cut into views along an axis. */
public sealed interface Splitting extends Self permits Tensor {
  private int axis(String operator, int axis) {
    int at = self().shape().axis(axis);
    if (self().dim() == 0) {
      throw TorchException.shape(operator, "input", self().shape(), "at least one dimension");
    }
    return at;
  }

  /** Parts of {@code size}, the last maybe smaller. */
  default List<Tensor> split(long size, int axis) {
    int at = axis("split", axis);
    long length = self().size(at);
    if (size < 0 || size == 0 && length > 0) {
      throw TorchException.argument("split", "split_size", size, "1 or more");
    }
    List<Tensor> parts = new ArrayList<>();
    for (long start = 0; start == 0 || start < length; start += Math.max(size, 1)) {
      parts.add(self().narrow(at, start, Math.min(size, length - start)));
    }
    return parts;
  }

  /** Parts of these sizes, which add up to the axis's; PyTorch: {@code split_with_sizes}. */
  default List<Tensor> split(long[] sizes, int axis) {
    int at = axis("split_with_sizes", axis);
    long length = self().size(at);
    if (Arrays.stream(sizes).sum() != length || Arrays.stream(sizes).anyMatch(n -> n < 0)) {
      throw TorchException.argument(
          "split_with_sizes",
          "split_sizes",
          Arrays.toString(sizes),
          "sizes of 0 or more that add up to " + length);
    }
    List<Tensor> parts = new ArrayList<>();
    long start = 0;
    for (long size : sizes) {
      parts.add(self().narrow(at, start, size));
      start += size;
    }
    return parts;
  }

  /** At most {@code chunks} parts of one size, the last maybe smaller. */
  default List<Tensor> chunk(long chunks, int axis) {
    int at = axis("chunk", axis);
    if (chunks <= 0) {
      throw TorchException.argument("chunk", "chunks", chunks, "1 or more");
    }
    long length = self().size(at);
    long size = (length + chunks - 1) / chunks;
    return length == 0 ? split(new long[(int) chunks], at) : split(size, at);
  }

  /** Exactly {@code sections} parts; the first ones are longer by one where it must be. */
  default List<Tensor> tensorSplit(long sections, int axis) {
    int at = axis("tensor_split", axis);
    if (sections <= 0) {
      throw TorchException.argument("tensor_split", "sections", sections, "1 or more");
    }
    long length = self().size(at);
    List<Tensor> parts = new ArrayList<>();
    long start = 0;
    for (long i = 0; i < sections; i++) {
      long size = length / sections + (i < length % sections ? 1 : 0);
      parts.add(self().narrow(at, start, size));
      start += size;
    }
    return parts;
  }

  /** Parts that end before these positions, and the rest. */
  default List<Tensor> tensorSplit(long[] positions, int axis) {
    int at = axis("tensor_split", axis);
    List<Tensor> parts = new ArrayList<>();
    long start = 0;
    for (long end : positions) {
      parts.add(self().slice(at, start, end, 1));
      start = end;
    }
    parts.add(self().slice(at, start, self().size(at), 1));
    return parts;
  }

  private int split(String operator, long sections, int least, int axis) {
    atLeast(operator, least);
    if (sections <= 0 || self().size(axis) % sections != 0) {
      throw TorchException.argument(
          operator, "sections", sections, "a divisor of the size " + self().size(axis));
    }
    return axis;
  }

  private void atLeast(String operator, int least) {
    if (self().dim() < least) {
      throw TorchException.shape(
          operator, "input", self().shape(), "at least " + least + " dimensions");
    }
  }

  /** Equal parts of columns; of elements, for a vector. */
  default List<Tensor> hsplit(long sections) {
    atLeast("hsplit", 1);
    return tensorSplit(sections, split("hsplit", sections, 1, self().dim() == 1 ? 0 : 1));
  }

  /** Columns (elements, for a vector) up to these positions, and the rest. */
  default List<Tensor> hsplit(long[] positions) {
    atLeast("hsplit", 1);
    return tensorSplit(positions, self().dim() == 1 ? 0 : 1);
  }

  /** Equal parts of rows. */
  default List<Tensor> vsplit(long sections) {
    return tensorSplit(sections, split("vsplit", sections, 2, 0));
  }

  /** Rows up to these positions, and the rest. */
  default List<Tensor> vsplit(long[] positions) {
    atLeast("vsplit", 2);
    return tensorSplit(positions, 0);
  }

  /** Equal parts along the third axis. */
  default List<Tensor> dsplit(long sections) {
    return tensorSplit(sections, split("dsplit", sections, 3, 2));
  }

  /** Parts along the third axis up to these positions, and the rest. */
  default List<Tensor> dsplit(long[] positions) {
    atLeast("dsplit", 3);
    return tensorSplit(positions, 2);
  }

  /** All slices of an axis, without it. */
  default List<Tensor> unbind(int axis) {
    int at = axis("unbind", axis);
    List<Tensor> slices = new ArrayList<>();
    for (long i = 0; i < self().size(at); i++) {
      slices.add(self().select(at, i));
    }
    return slices;
  }
}
