package dev.flambeau.torch.op;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
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
      return new SliceBackward(input.shape(), this).applyTo(gradient);
    }
  }
}
