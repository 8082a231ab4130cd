package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;

/**
 * Several tensors walked together over one shape. Axes are sorted by the first tensor's strides and
 * neighbours are joined where every tensor allows it, so the inner run is as long as possible.
 */
final class Strided {
  /** Called for a run of {@code count} elements; tensor t starts at {@code addresses[t]}. */
  @FunctionalInterface
  interface Run {
    void at(long[] addresses, long count);
  }

  private final long[] sizes;
  private final long[][] strides;
  private final long[] bases;
  private final int rank;

  private Strided(long[] sizes, long[][] strides, long[] bases, int rank) {
    this.sizes = sizes;
    this.strides = strides;
    this.bases = bases;
    this.rank = rank;
  }

  /** All tensors broadcast to {@code shape}; the first one (an output) decides the order. */
  static Strided of(Shape shape, Tensor... tensors) {
    int rank = shape.rank();
    int[] order = tensors[0].layout().broadcast(shape).axesByStride();
    long[] sizes = new long[Math.max(rank, 1)];
    long[][] strides = new long[tensors.length][Math.max(rank, 1)];
    long[] bases = new long[tensors.length];
    sizes[0] = 1;
    for (int i = 0; i < rank; i++) {
      sizes[i] = shape.size(order[i]);
    }
    for (int t = 0; t < tensors.length; t++) {
      Layout layout = tensors[t].layout().broadcast(shape);
      bases[t] = tensors[t].address();
      for (int i = 0; i < rank; i++) {
        strides[t][i] = layout.stride(order[i]) * tensors[t].dtype().bytes();
      }
    }
    return new Strided(sizes, strides, bases, join(sizes, strides, Math.max(rank, 1)));
  }

  /** Joins axis i+1 into i where stride(i+1) = size(i) stride(i) for all; returns the rank left. */
  private static int join(long[] sizes, long[][] strides, int rank) {
    int last = 0;
    for (int i = 1; i < rank; i++) {
      boolean joins = sizes[i] == 1 || sizes[last] == 1;
      if (!joins) {
        joins = true;
        for (long[] s : strides) {
          joins &= s[i] == sizes[last] * s[last];
        }
      }
      if (!joins) {
        last++;
        sizes[last] = sizes[i];
        for (long[] s : strides) {
          s[last] = s[i];
        }
      } else {
        if (sizes[last] == 1) {
          for (long[] s : strides) {
            s[last] = s[i];
          }
        }
        sizes[last] *= sizes[i];
      }
    }
    return last + 1;
  }

  /** Bytes between neighbours of tensor t within a run. */
  long stride(int tensor) {
    return strides[tensor][0];
  }

  /** Bytes between neighbours of tensor t along an axis, of which the innermost is 0. */
  long stride(int tensor, int axis) {
    return strides[tensor][axis];
  }

  long size(int axis) {
    return sizes[axis];
  }

  /** Axes left after joining. */
  int rank() {
    return rank;
  }

  /** Address of tensor t's first element. */
  long base(int tensor) {
    return bases[tensor];
  }

  /** Elements of a run. */
  long inner() {
    return sizes[0];
  }

  /** Number of runs. */
  long outer() {
    long n = 1;
    for (int i = 1; i < rank; i++) {
      n *= sizes[i];
    }
    return n;
  }

  void forEach(Run run) {
    forEach(0, outer(), run);
  }

  /** Runs {@code from} to {@code to}. */
  void forEach(long from, long to, Run run) {
    if (sizes[0] == 0 || from >= to) {
      return;
    }
    long[] index = new long[rank];
    long[] addresses = bases.clone();
    long rest = from;
    for (int i = 1; i < rank; i++) {
      index[i] = rest % sizes[i];
      rest /= sizes[i];
      for (int t = 0; t < addresses.length; t++) {
        addresses[t] += index[i] * strides[t][i];
      }
    }
    for (long n = from; n < to; n++) {
      run.at(addresses, sizes[0]);
      for (int i = 1; i < rank; i++) {
        boolean carry = ++index[i] == sizes[i];
        long move = carry ? 1 - sizes[i] : 1;
        for (int t = 0; t < addresses.length; t++) {
          addresses[t] += move * strides[t][i];
        }
        if (!carry) {
          break;
        }
        index[i] = 0;
      }
    }
  }
}
