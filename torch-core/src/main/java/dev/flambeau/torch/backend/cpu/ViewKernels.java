package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.Flip;
import dev.flambeau.torch.op.Triangle;
import dev.flambeau.torch.op.ViewBackward;
import dev.flambeau.torch.op.ViewScatter;

/** Copies of tensors with parts turned, cleared or replaced. */
final class ViewKernels {
  private ViewKernels() {}

  static void register(Kernels kernels) {
    kernels.register(Flip.class, (op, in, out) -> flip(op, in[0], out[0]));
    kernels.register(Triangle.class, (op, in, out) -> triangle(op, in[0], out[0]));
    kernels.register(ViewBackward.class, (op, in, out) -> backward(op, in[0], out[0]));
    kernels.register(ViewScatter.class, ViewKernels::scatter);
  }

  private static void flip(Flip op, Tensor x, Tensor out) {
    if (x.numel() == 0) {
      return;
    }
    long[] strides = x.layout().strides();
    long offset = x.layout().offset();
    for (int axis : op.axes()) {
      offset += (x.size(axis) - 1) * strides[axis];
      strides[axis] = -strides[axis];
    }
    Elements.move(Elements.over(x, Layout.of(x.shape(), strides, offset)), out);
  }

  /** The output is row-major; its last axis is walked row by row. */
  private static void triangle(Triangle op, Tensor x, Tensor out) {
    int width = out.dtype().bytes();
    long rows = x.size(-2);
    long columns = x.size(-1);
    if (x.numel() == 0) {
      return;
    }
    Lines lines = new Lines(x.dim() - 1, x, out);
    for (long n = 0; n < lines.count(); n++) {
      long edge = n % rows + op.diagonal() + (op.upper() ? 0 : 1);
      long cut = Math.clamp(edge, 0, columns);
      long first = op.upper() ? cut : 0;
      long count = op.upper() ? columns - cut : cut;
      long to = lines.address(1, n);
      Memory.fill(to, columns * width, (byte) 0);
      Elements.copy(
          width,
          lines.address(0, n) + first * lines.step(0),
          lines.step(0),
          to + first * width,
          width,
          count);
    }
  }

  private static void backward(ViewBackward op, Tensor gradient, Tensor out) {
    Elements.zero(out);
    Tensor shown = Elements.over(out, op.view().apply(out.layout()));
    if (op.overlaps()) {
      Elements.add(gradient, shown);
    } else {
      Elements.move(gradient, shown);
    }
  }

  private static void scatter(ViewScatter op, Tensor[] in, Tensor[] out) {
    Elements.move(in[0], out[0]);
    Elements.move(in[1], Elements.over(out[0], op.view().apply(out[0].layout())));
  }
}
