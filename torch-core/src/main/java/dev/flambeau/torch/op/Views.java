package dev.flambeau.torch.op;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.Arrays;
import java.util.List;

/** The views. */
public final class Views {
  private Views() {}

  /** Axis i of the result is axis {@code axes[i]} of the input. */
  public record Permute(List<Integer> axes) implements View {
    @Override
    public String name() {
      return "permute";
    }

    @Override
    public Layout apply(Layout input) {
      long[] sizes = new long[axes.size()];
      long[] strides = new long[axes.size()];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = input.size(axes.get(i));
        strides[i] = input.stride(axes.get(i));
      }
      return input.with(Shape.of(sizes), strides, input.offset());
    }

    @Override
    public Tensor backward(Meta input, Tensor gradient) {
      int[] inverse = new int[axes.size()];
      for (int i = 0; i < inverse.length; i++) {
        inverse[axes.get(i)] = i;
      }
      return gradient.permute(inverse);
    }
  }

  /** Stretched to {@code shape} with stride 0. */
  public record Expand(Shape shape) implements View {
    @Override
    public String name() {
      return "expand";
    }

    @Override
    public Layout apply(Layout input) {
      if (input.rank() > shape.rank() || !input.shape().broadcast(shape, name()).equals(shape)) {
        throw TorchException.shape(
            name(), "sizes", shape, "a shape to which " + input.shape() + " broadcasts");
      }
      return input.broadcast(shape);
    }

    @Override
    public Tensor backward(Meta input, Tensor gradient) {
      return gradient.sumToSize(input.shape());
    }
  }

  /** The same elements under another shape; only where strides allow it. */
  public record Reshape(Shape shape) implements View {
    @Override
    public String name() {
      return "view";
    }

    @Override
    public Layout apply(Layout input) {
      return input
          .reshaped(shape)
          .orElseThrow(
              () ->
                  TorchException.shape(
                      name(),
                      "size",
                      shape,
                      "a shape compatible with the strides of " + input + "; use reshape"));
    }

    @Override
    public Tensor backward(Meta input, Tensor gradient) {
      return gradient.reshape(input.shape().sizes());
    }
  }

  /** Every {@code step}-th element of an axis, {@code length} of them from {@code start}. */
  public record Slice(int axis, long start, long length, long step) implements View {
    @Override
    public String name() {
      return "slice";
    }

    @Override
    public Layout apply(Layout input) {
      long[] sizes = input.shape().sizes();
      long[] strides = input.strides();
      sizes[axis] = length;
      long offset = input.offset() + start * strides[axis];
      strides[axis] *= step;
      return input.with(Shape.of(sizes), strides, offset);
    }

    @Override
    public Tensor backward(Meta input, Tensor gradient) {
      return new ViewBackward(input.shape(), this, false).applyTo(gradient);
    }
  }

  /**
   * Elements {@code [i, i + offset]} of two axes as the last axis; below the main diagonal for a
   * negative offset.
   */
  public record Diagonal(long offset, int first, int second) implements View {
    @Override
    public String name() {
      return "diagonal";
    }

    @Override
    public Layout apply(Layout input) {
      long down = Math.max(-offset, 0);
      long right = Math.max(offset, 0);
      long length = Math.max(Math.min(input.size(first) - down, input.size(second) - right), 0);
      long start = length == 0 ? 0 : down * input.stride(first) + right * input.stride(second);
      long[] sizes = new long[input.rank() - 1];
      long[] strides = new long[sizes.length];
      int n = 0;
      for (int i = 0; i < input.rank(); i++) {
        if (i != first && i != second) {
          sizes[n] = input.size(i);
          strides[n++] = input.stride(i);
        }
      }
      sizes[n] = length;
      strides[n] = input.stride(first) + input.stride(second);
      return input.with(Shape.of(sizes), strides, input.offset() + start);
    }

    @Override
    public Tensor backward(Meta input, Tensor gradient) {
      return new ViewBackward(input.shape(), this, false).applyTo(gradient);
    }
  }

  /** All windows of {@code size} along an axis, {@code step} apart; their elements come last. */
  public record Unfold(int axis, long size, long step) implements View {
    @Override
    public String name() {
      return "unfold";
    }

    @Override
    public Layout apply(Layout input) {
      int rank = input.rank();
      long[] sizes = Arrays.copyOf(input.shape().sizes(), rank + 1);
      long[] strides = Arrays.copyOf(input.strides(), rank + 1);
      sizes[rank] = size;
      strides[rank] = rank == 0 ? 1 : strides[axis];
      if (rank > 0) {
        sizes[axis] = (input.size(axis) - size) / step + 1;
        strides[axis] *= step;
      }
      return input.with(Shape.of(sizes), strides, input.offset());
    }

    @Override
    public Tensor backward(Meta input, Tensor gradient) {
      return new ViewBackward(input.shape(), this, step < size).applyTo(gradient);
    }
  }

  /** Any layout on the input's storage; {@code offset} counts from the input's first element. */
  public record AsStrided(Shape shape, List<Long> strides, long offset) implements View {
    public static AsStrided of(Shape shape, long[] strides, long offset) {
      return new AsStrided(shape, Arrays.stream(strides).boxed().toList(), offset);
    }

    @Override
    public String name() {
      return "as_strided";
    }

    @Override
    public Layout apply(Layout input) {
      long[] all = strides.stream().mapToLong(Long::longValue).toArray();
      return input.with(shape, all, input.offset() + offset);
    }

    /** Through a vector that stands for the storage. */
    @Override
    public Tensor backward(Meta input, Tensor gradient) {
      Layout from = Layout.of(input.shape(), input.layout().strides(), 0);
      Layout to = apply(from.with(from.shape(), from.strides(), 0));
      long low = Math.min(0, offset);
      long high = Math.max(from.end(), to.end());
      AsStrided shown = new AsStrided(shape, strides, offset - low);
      AsStrided back = of(from.shape(), from.strides(), -low);
      Shape span = Shape.of(high - low);
      Tensor storage = new ViewBackward(span, shown, to.mayOverlap()).applyTo(gradient);
      if (from.mayOverlap()) {
        Tensor ones = gradient.zeros(Shape.of()).add(1).expand(input.shape());
        Tensor counts = new ViewBackward(span, back, true).applyTo(ones);
        storage = storage.div(counts.clamp(1, Double.POSITIVE_INFINITY));
      }
      return Dispatcher.call(back, storage);
    }
  }

  /** The same values with exactly these strides; the layout is dense. */
  static Tensor laidOut(Tensor t, Layout layout) {
    boolean same = true;
    for (int i = 0; i < layout.rank(); i++) {
      same &= layout.size(i) <= 1 || layout.stride(i) == t.layout().stride(i);
    }
    if (same) {
      return t;
    }
    int[] rising = layout.axesByStride();
    int[] order = new int[rising.length];
    int[] inverse = new int[rising.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = rising[order.length - 1 - i];
      inverse[order[i]] = i;
    }
    return t.permute(order).contiguous().permute(inverse);
  }
}
