package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.AvgPool;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.Op;
import java.util.Arrays;
import java.util.Optional;

/** Convolution and pooling of inputs with or without a batch axis. */
final class Spatial {
  private Spatial() {}

  static Tensor convolution(Tensor input, Tensor weight, Optional<Tensor> bias, Conv op) {
    int axes = op.window().axes();
    if (input.dtype().category() == DType.Category.INTEGER) {
      return integers(op.name(), input, weight, bias, (x, w, b) -> convolution(x, w, b, op));
    }
    return bias.isPresent()
        ? batched(op, axes, input, weight, bias.get().contiguous())
        : batched(op, axes, input, weight);
  }

  /** A convolution of three tensors, the last perhaps absent. */
  @FunctionalInterface
  interface Convolution {
    Tensor of(Tensor input, Tensor weight, Optional<Tensor> bias);
  }

  /** Integers are computed in F64: exact below 2^53. */
  static Tensor integers(
      String name, Tensor input, Tensor weight, Optional<Tensor> bias, Convolution convolution) {
    DType type = input.dtype();
    if (weight.dtype() != type || bias.isPresent() && bias.get().dtype() != type) {
      throw TorchException.type(
          name,
          "weight and bias",
          weight.dtype() + bias.map(b -> " and " + b.dtype()).orElse(""),
          "the type of the input, " + type);
    }
    Optional<Tensor> wide = bias.map(b -> b.to(DType.F64));
    return convolution.of(input.to(DType.F64), weight.to(DType.F64), wide).to(type);
  }

  static Tensor adaptiveAvgPool(Tensor input, long[] sizes) {
    int axes = sizes.length;
    requireAxes("adaptive_avg_pool" + axes + "d", input, axes);
    boolean single = input.dim() == axes + 1;
    Tensor batch = single ? input.unsqueeze(0) : input;
    long[] resolved = sizes.clone();
    for (int i = 0; i < axes; i++) {
      resolved[i] = sizes[i] == -1 ? batch.size(i + 2) : sizes[i];
    }
    Tensor out =
        Dispatcher.composite(
            new Composites.AdaptiveMean(Arrays.stream(resolved).boxed().toList()),
            () -> AvgPool.adaptive(batch, resolved),
            batch);
    return single ? out.squeeze(0) : out;
  }

  static long[] spread(long size, int axes) {
    long[] sizes = new long[axes];
    Arrays.fill(sizes, size);
    return sizes;
  }

  private static void requireAxes(String operator, Tensor input, int axes) {
    if (input.dim() != axes + 1 && input.dim() != axes + 2) {
      throw TorchException.shape(
          operator,
          "input",
          input.shape(),
          axes + 2 + " dimensions, or " + (axes + 1) + " without a batch");
    }
  }

  /** The first output; the input may lack the batch axis. */
  static Tensor batched(Op op, int axes, Tensor... inputs) {
    requireAxes(op.name(), inputs[0], axes);
    boolean single = inputs[0].dim() == axes + 1;
    if (single) {
      inputs[0] = inputs[0].unsqueeze(0);
    }
    Tensor out = Dispatcher.call(op, inputs);
    return single ? out.squeeze(0) : out;
  }
}
