package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.Cast;
import dev.flambeau.torch.op.Cat;
import dev.flambeau.torch.op.Copy;
import dev.flambeau.torch.op.Full;
import dev.flambeau.torch.op.Pad;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;

/** Kernels that move elements: by width, whatever the type. */
final class MovementKernels {
  private static final Program IDENTITY = Program.of(List.of(Expr.in(0)), 1);

  private MovementKernels() {}

  static void register(Kernels kernels) {
    kernels.register(Cast.class, (_, in, out) -> cast(in[0], out[0]));
    kernels.register(Copy.class, (_, in, out) -> Elements.move(in[0], out[0]));
    kernels.register(Full.class, (op, _, out) -> fill(op, out[0]));
    kernels.register(Cat.class, MovementKernels::cat);
    kernels.register(Pad.class, (op, in, out) -> pad(op, in[0], out[0]));
  }

  /** The identity, computed in a type that holds both. */
  private static void cast(Tensor from, Tensor to) {
    boolean reals = from.dtype().isFloat() || to.dtype().isFloat();
    boolean wide = from.dtype() == DType.F64 || to.dtype() == DType.F64;
    DType compute = !reals ? DType.I64 : wide ? DType.F64 : DType.F32;
    PointwiseKernels.run(IDENTITY, compute, new Tensor[] {from}, new Tensor[] {to});
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
      from = Elements.part(from, i, cut, length, 1);
      to = Elements.part(to, i, Math.max(before, 0), length, 1);
    }
    Elements.move(from, to);
  }

  private static void cat(Cat op, Tensor[] in, Tensor[] out) {
    long start = 0;
    for (Tensor t : in) {
      Tensor target = Elements.part(out[0], op.axis(), start, t.size(op.axis()), 1);
      if (t.dtype() == target.dtype()) {
        Elements.move(t, target);
      } else {
        cast(t, target);
      }
      start += t.size(op.axis());
    }
  }
}
