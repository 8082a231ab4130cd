package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.Cast;
import dev.flambeau.torch.op.Cat;
import dev.flambeau.torch.op.Copy;
import dev.flambeau.torch.op.Full;
import dev.flambeau.torch.op.Gather;
import dev.flambeau.torch.op.IndexSelect;
import dev.flambeau.torch.op.Pad;
import dev.flambeau.torch.op.ScatterAdd;
import dev.flambeau.torch.op.SliceBackward;

/** Kernels that move elements: by width, whatever the type. */
final class MovementKernels {
  private MovementKernels() {}

  static void register(Kernels kernels) {
    kernels.register(Cast.class, (_, in, out) -> cast(in[0], out[0]));
    kernels.register(Copy.class, (_, in, out) -> move(in[0], out[0]));
    kernels.register(Full.class, (op, _, out) -> fill(op, out[0]));
    kernels.register(Cat.class, MovementKernels::cat);
    kernels.register(SliceBackward.class, MovementKernels::sliceBackward);
    kernels.register(Pad.class, (op, in, out) -> pad(op, in[0], out[0]));
    kernels.register(Gather.class, MovementKernels::gather);
    kernels.register(ScatterAdd.class, MovementKernels::scatterAdd);
    kernels.register(IndexSelect.class, MovementKernels::indexSelect);
  }

  /** Copies between tensors of one shape and type. */
  static void move(Tensor from, Tensor to) {
    int width = to.dtype().bytes();
    Strided strided = Strided.of(to.shape(), to, from);
    boolean dense = strided.stride(0) == width && strided.stride(1) == width;
    strided.forEach(
        (addresses, count) -> {
          if (dense) {
            Memory.copy(addresses[1], addresses[0], count * width);
          } else {
            elements(
                width, addresses[1], strided.stride(1), addresses[0], strided.stride(0), count);
          }
        });
  }

  private static void elements(int width, long from, long fs, long to, long ts, long count) {
    switch (width) {
      case 1 -> {
        for (long i = 0; i < count; i++) {
          Memory.ALL.set(Memory.BYTE, to + i * ts, Memory.ALL.get(Memory.BYTE, from + i * fs));
        }
      }
      case 2 -> {
        for (long i = 0; i < count; i++) {
          Memory.ALL.set(Memory.SHORT, to + i * ts, Memory.ALL.get(Memory.SHORT, from + i * fs));
        }
      }
      case 4 -> {
        for (long i = 0; i < count; i++) {
          Memory.ALL.set(Memory.INT, to + i * ts, Memory.ALL.get(Memory.INT, from + i * fs));
        }
      }
      default -> {
        for (long i = 0; i < count; i++) {
          Memory.ALL.set(Memory.LONG, to + i * ts, Memory.ALL.get(Memory.LONG, from + i * fs));
        }
      }
    }
  }

  private static void cast(Tensor from, Tensor to) {
    boolean integers = !from.dtype().isFloat() && !to.dtype().isFloat();
    Strided strided = Strided.of(to.shape(), to, from);
    strided.forEach(
        (addresses, count) -> {
          for (long i = 0; i < count; i++) {
            long source = addresses[1] + i * strided.stride(1);
            long target = addresses[0] + i * strided.stride(0);
            if (integers) {
              Memory.integer(to.dtype(), target, Memory.integer(from.dtype(), source));
            } else {
              Memory.real(to.dtype(), target, Memory.real(from.dtype(), source));
            }
          }
        });
  }

  private static void fill(Full op, Tensor out) {
    int width = out.dtype().bytes();
    long start = out.address();
    if (out.numel() == 0) {
      return;
    }
    if (out.dtype().isFloat()) {
      Memory.real(out.dtype(), start, op.value());
    } else {
      Memory.integer(out.dtype(), start, op.bits());
    }
    long bytes = out.numel() * width;
    for (long done = width; done < bytes; done *= 2) {
      Memory.copy(start, start + done, Math.min(done, bytes - done));
    }
  }

  private static void pad(Pad op, Tensor x, Tensor out) {
    fill(new Full(out.meta(), op.value(), (long) op.value()), out);
    Tensor from = x;
    Tensor to = out;
    for (int i = 0; i < x.dim(); i++) {
      long before = op.before().get(i);
      long cut = Math.max(-before, 0);
      long length = x.size(i) - cut - Math.max(-op.after().get(i), 0);
      if (length <= 0) {
        return;
      }
      from = part(from, i, cut, length, 1);
      to = part(to, i, Math.max(before, 0), length, 1);
    }
    move(from, to);
  }

  private static Tensor part(Tensor t, int axis, long start, long length, long step) {
    long[] sizes = t.shape().sizes();
    long[] strides = t.layout().strides();
    sizes[axis] = length;
    long offset = t.layout().offset() + start * strides[axis];
    strides[axis] *= step;
    return new Tensor(t.storage(), Layout.of(Shape.of(sizes), strides, offset), t.dtype());
  }

  private static void cat(Cat op, Tensor[] in, Tensor[] out) {
    long start = 0;
    for (Tensor t : in) {
      Tensor target = part(out[0], op.axis(), start, t.size(op.axis()), 1);
      if (t.dtype() == target.dtype()) {
        move(t, target);
      } else {
        cast(t, target);
      }
      start += t.size(op.axis());
    }
  }

  private static void sliceBackward(SliceBackward op, Tensor[] in, Tensor[] out) {
    Memory.fill(out[0].address(), out[0].numel() * out[0].dtype().bytes(), (byte) 0);
    var slice = op.slice();
    move(in[0], part(out[0], slice.axis(), slice.start(), slice.length(), slice.step()));
  }

  private static long index(String operator, long address, long size) {
    long i = Memory.ALL.get(Memory.LONG, address);
    if (i < -size || i >= size) {
      throw TorchException.argument(
          operator, "index", i, "an index in [" + -size + ", " + (size - 1) + "]");
    }
    return i < 0 ? i + size : i;
  }

  /** Walks all elements of {@code index} with the base addresses of two other tensors. */
  private static void walk(
      String operator, int axis, Tensor index, Tensor indexed, Tensor other, Elements body) {
    Tensor open = part(indexed, axis, 0, Math.min(1, indexed.size(axis)), 1);
    long[] strides = open.layout().strides();
    strides[axis] = 0;
    Layout still = Layout.of(index.shape(), strides, open.layout().offset());
    Tensor target = new Tensor(indexed.storage(), still, indexed.dtype());
    Layout cut = Layout.of(index.shape(), other.layout().strides(), other.layout().offset());
    Tensor source = new Tensor(other.storage(), cut, other.dtype());
    long size = indexed.size(axis);
    long step = indexed.layout().stride(axis) * indexed.dtype().bytes();
    Strided strided = Strided.of(index.shape(), index, target, source);
    strided.forEach(
        (a, count) -> {
          for (long i = 0; i < count; i++) {
            long at = index(operator, a[0] + i * strided.stride(0), size);
            body.at(a[1] + i * strided.stride(1) + at * step, a[2] + i * strided.stride(2));
          }
        });
  }

  /** One indexed element and its partner. */
  @FunctionalInterface
  private interface Elements {
    void at(long indexed, long other);
  }

  private static Tensor unsqueezed(Tensor t) {
    return t.dim() > 0
        ? t
        : new Tensor(
            t.storage(), Layout.of(Shape.of(1), new long[] {1}, t.layout().offset()), t.dtype());
  }

  private static void gather(Gather op, Tensor[] in, Tensor[] out) {
    int width = out[0].dtype().bytes();
    walk(
        op.name(),
        op.axis(),
        unsqueezed(in[1]),
        unsqueezed(in[0]),
        unsqueezed(out[0]),
        (from, to) -> elements(width, from, 0, to, 0, 1));
  }

  private static void scatterAdd(ScatterAdd op, Tensor[] in, Tensor[] out) {
    move(in[0], out[0]);
    var type = out[0].dtype();
    walk(
        op.name(),
        op.axis(),
        unsqueezed(in[1]),
        unsqueezed(out[0]),
        unsqueezed(in[2]),
        (to, from) -> {
          if (type.isFloat()) {
            Memory.real(type, to, Memory.real(type, to) + Memory.real(type, from));
          } else {
            Memory.integer(type, to, Memory.integer(type, to) + Memory.integer(type, from));
          }
        });
  }

  private static void indexSelect(IndexSelect op, Tensor[] in, Tensor[] out) {
    Tensor source = unsqueezed(in[0]);
    Tensor target = unsqueezed(out[0]);
    long step = in[1].layout().stride(0) * Long.BYTES;
    for (long i = 0; i < in[1].numel(); i++) {
      long at = index(op.name(), in[1].address() + i * step, source.size(op.axis()));
      move(part(source, op.axis(), at, 1, 1), part(target, op.axis(), i, 1, 1));
    }
  }
}
