package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Tensor;

/**
 * The lines of tensors along one axis. The tensors have the same sizes at all other axes; a 0-d
 * tensor is one line of one element.
 */
final class Lines {
  private final int rank;
  private final long[] sizes;
  private final long[][] strides;
  private final long[] bases;
  private final long[] lengths;
  private final long[] steps;
  private final long count;

  Lines(int axis, Tensor... tensors) {
    Layout first = tensors[0].layout();
    rank = Math.max(first.rank() - 1, 0);
    sizes = new long[rank];
    strides = new long[tensors.length][rank];
    bases = new long[tensors.length];
    lengths = new long[tensors.length];
    steps = new long[tensors.length];
    long lines = 1;
    for (int i = 0; i < rank; i++) {
      sizes[i] = first.size(i < axis ? i : i + 1);
      lines *= sizes[i];
    }
    count = lines;
    for (int t = 0; t < tensors.length; t++) {
      Layout layout = tensors[t].layout();
      int width = tensors[t].dtype().bytes();
      bases[t] = tensors[t].address();
      boolean single = layout.rank() == 0;
      lengths[t] = single ? 1 : layout.size(axis);
      steps[t] = single ? width : layout.stride(axis) * width;
      for (int i = 0; i < rank; i++) {
        strides[t][i] = layout.stride(i < axis ? i : i + 1) * width;
      }
    }
  }

  /** Number of lines. */
  long count() {
    return count;
  }

  /** Elements of a line of tensor t. */
  long length(int t) {
    return lengths[t];
  }

  /** Bytes from one element of a line of tensor t to the next. */
  long step(int t) {
    return steps[t];
  }

  /** Address of the first element of a line of tensor t. */
  long address(int t, long line) {
    long at = bases[t];
    long rest = line;
    for (int i = rank - 1; i >= 0; i--) {
      at += rest % sizes[i] * strides[t][i];
      rest /= sizes[i];
    }
    return at;
  }
}
