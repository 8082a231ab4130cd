package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.List;
import java.util.Optional;

/**
 * The largest element of each window, and its place (I64, counted row-major over the input's
 * spatial axes). x (N, C, ...) with 1 to 3 spatial axes. NaN counts as largest. PyTorch: {@code
 * torch.nn.functional.max_pool2d} with {@code return_indices}.
 */
public record MaxPool(List<Long> kernel, Window window, boolean ceil) implements Structured {
  @Override
  public String name() {
    return "max_pool" + window.axes() + "d";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta out = pooled(name(), inputs[0], kernel, window, ceil);
    return new Meta[] {out, out.withDType(DType.I64)};
  }

  static Meta pooled(String name, Meta x, List<Long> kernel, Window window, boolean ceil) {
    if (!x.dtype().isFloat()) {
      throw TorchException.type(name, "input", x.dtype(), "a floating point type");
    }
    return sized(name, x, kernel, window, ceil);
  }

  private static Meta sized(String name, Meta x, List<Long> kernel, Window window, boolean ceil) {
    Conv.checkRank(name, "input", x, window);
    long[] sizes = x.shape().sizes();
    for (int i = 0; i < window.axes(); i++) {
      long k = kernel.size() == window.axes() ? kernel.get(i) : 0;
      if (k < 1) {
        throw TorchException.argument(
            name, "kernel_size", kernel, window.axes() + " positive numbers");
      }
      long pad = Math.max(window.padding().get(i), window.paddingEnd().get(i));
      if (pad > window.reach(i, k) / 2) {
        throw TorchException.argument(
            name, "padding", window.padding(), "at most half of the kernel size " + kernel);
      }
      long input = x.size(i + 2);
      sizes[i + 2] = ceil ? window.positionsCeil(i, input, k) : window.positions(i, input, k);
      if (sizes[i + 2] < 1) {
        throw TorchException.shape(
            name, "input", x.shape(), "sizes with room for the kernel " + kernel);
      }
    }
    return Conv.activation(x, sizes);
  }

  @Override
  public Saves saves() {
    return Saves.outputs(1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Shape shape = saved.inputMeta(0).shape();
    return new Tensor[] {Dispatcher.call(new Backward(this, shape), gradients[0], saved.output(1))};
  }

  /** Adds each gradient at the place its maximum came from; inputs: gradient, places. */
  public record Backward(MaxPool pool, Shape input) implements Structured {
    @Override
    public String name() {
      return pool.name() + "_backward";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      return new Meta[] {Conv.activation(inputs[0], input.sizes())};
    }

    @Override
    public Saves saves() {
      return Saves.inputs(1);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor[] gradients) {
      Tensor taken = gradients[0].flatten(2).gather(2, saved.input(1).flatten(2));
      return new Tensor[] {taken.reshape(saved.inputMeta(0).shape().sizes()), null};
    }
  }

  /** The largest elements alone, of 8-bit integers. It has no gradient. */
  public record OfBytes(MaxPool pool) implements OfIntegers {
    @Override
    public String name() {
      return pool.name();
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      DType type = inputs[0].dtype();
      if (type != DType.U8 && type != DType.I8) {
        throw TorchException.type(name(), "input", type, "U8 or I8");
      }
      return new Meta[] {sized(name(), inputs[0], pool.kernel, pool.window, pool.ceil)};
    }

    @Override
    public Optional<Tensor[]> decompose(Tensor[] in) {
      Tensor largest = Dispatcher.call(pool, in[0].to(DType.F32));
      return Optional.of(new Tensor[] {largest.to(in[0].dtype())});
    }
  }
}
