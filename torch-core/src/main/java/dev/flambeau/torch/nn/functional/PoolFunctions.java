package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.MaxPool;
import java.util.Arrays;
import java.util.function.Consumer;

/** The poolings of {@link F} that tell places. */
abstract class PoolFunctions extends SpatialFunctions {
  PoolFunctions() {}

  /**
   * The largest of each window over as many spatial axes as the kernel has sizes, and its place,
   * counted row-major over the input's spatial axes; the input may lack the batch axis.
   */
  public static ValuesIndices maxPoolWithIndices(
      Tensor input, long[] kernel, Consumer<PoolOptions> options) {
    return maxPoolWithIndices(input, PoolOptions.of(options).maxOperator(kernel));
  }

  /** The same by an operator made before. */
  public static ValuesIndices maxPoolWithIndices(Tensor input, MaxPool op) {
    int axes = op.window().axes();
    boolean single = input.dim() == axes + 1;
    for (int i = 1; i <= axes + 1; i++) {
      if (!single && input.dim() != axes + 2 || input.size(-i) == 0) {
        throw TorchException.shape(
            "max_pool" + axes + "d",
            "input",
            input.shape(),
            axes + 2 + " dimensions, or " + (axes + 1) + " without a batch, all but it above 0");
      }
    }
    Tensor[] out = Dispatcher.callAll(op, single ? input.unsqueeze(0) : input);
    return single
        ? new ValuesIndices(out[0].squeeze(0), out[1].squeeze(0))
        : new ValuesIndices(out[0], out[1]);
  }

  /**
   * Zeros with each element at its place, as {@link #maxPoolWithIndices} counts them.
   *
   * @param sizes the spatial sizes of the output
   */
  public static Tensor maxUnpool(Tensor input, Tensor indices, long... sizes) {
    int axes = sizes.length;
    if (!indices.shape().equals(input.shape())
        || indices.dtype() != DType.I64
        || input.dim() != axes + 1 && input.dim() != axes + 2) {
      throw TorchException.shape(
          "max_unpool" + axes + "d",
          "indices",
          indices.dtype() + " " + indices.shape(),
          "int64 of the input's shape, (N, C, ...) or (C, ...): " + input.shape());
    }
    long[] all = input.shape().sizes();
    System.arraycopy(sizes, 0, all, all.length - axes, axes);
    long[] flat = Arrays.copyOf(all, all.length - axes + 1);
    flat[flat.length - 1] = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    int from = input.dim() - axes;
    Tensor places = indices.flatten(from);
    return Torch.zeros(input.dtype(), flat).scatter(from, places, input.flatten(from)).reshape(all);
  }

  /**
   * The largest element of parts of each spatial axis, as equal as possible, and its place.
   *
   * @param sizes the output's, one for each spatial axis; -1 keeps the input's
   */
  public static ValuesIndices adaptiveMaxPool(Tensor input, long... sizes) {
    int axes = sizes.length;
    String name = "adaptive_max_pool" + axes + "d";
    if (axes < 1 || input.dim() != axes + 1 && input.dim() != axes + 2) {
      throw TorchException.shape(
          name, "input", input.shape(), (axes + 2) + " dimensions, or one less without a batch");
    }
    int lead = input.dim() - axes;
    long count = 1;
    for (int i = 0; i < axes; i++) {
      count *= input.size(lead + i);
      if (input.size(lead + i) == 0 || sizes[i] < -1) {
        throw TorchException.shape(
            name,
            "input and output_size",
            input.shape() + ", " + Arrays.toString(sizes),
            "spatial sizes above 0, output sizes of 0 or more or -1");
      }
    }
    long most = count;
    Tensor batch = lead == 1 ? input.unsqueeze(0) : input;
    long[] resolved = sizes.clone();
    Arrays.setAll(resolved, i -> sizes[i] == -1 ? batch.size(i + 2) : sizes[i]);
    Tensor[] out =
        Dispatcher.composite(
            new Composites.AdaptiveMax(Arrays.stream(resolved).boxed().toList()),
            new Tensor[] {batch},
            () -> adaptiveMax(batch, most, resolved));
    return lead == 1
        ? new ValuesIndices(out[0].squeeze(0), out[1].squeeze(0))
        : new ValuesIndices(out[0], out[1]);
  }

  private static Tensor[] adaptiveMax(Tensor input, long count, long[] sizes) {
    int lead = 2;
    long[] shape = Arrays.copyOfRange(input.shape().sizes(), lead, input.dim());
    Tensor windows = windows(input, lead, sizes);
    Tensor places = windows(Torch.arange(count).reshape(shape), 0, sizes);
    ValuesIndices found = windows.max(-1, false);
    Tensor where = places.expand(windows.shape()).gather(-1, found.indices().unsqueeze(-1));
    return new Tensor[] {found.values(), where.squeeze(-1)};
  }

  /** The elements of each part along a new last axis; short parts repeat their last element. */
  private static Tensor windows(Tensor x, int lead, long[] sizes) {
    Tensor y = x;
    for (int i = 0; i < sizes.length; i++) {
      // Each axis is split into (part, element); elements go to the end.
      long in = x.size(lead + i);
      long out = sizes[i] == -1 ? in : sizes[i];
      long most = 1;
      for (long p = 0; p < out; p++) {
        most = Math.max(most, end(p, in, out) - p * in / out);
      }
      long[] index = new long[Math.toIntExact(out * most)];
      for (int n = 0; n < index.length; n++) {
        long part = n / most;
        index[n] = Math.min(part * in / out + n % most, end(part, in, out) - 1);
      }
      long[] split = new long[y.dim() + 1];
      System.arraycopy(y.shape().sizes(), 0, split, 0, lead + i);
      split[lead + i] = out;
      split[lead + i + 1] = most;
      for (int d = lead + i + 1; d < y.dim(); d++) {
        split[d + 1] = y.size(d);
      }
      y = y.indexSelect(lead + i, Torch.tensor(index)).reshape(split).movedim(lead + i + 1, -1);
    }
    return y.flatten(lead + sizes.length);
  }

  private static long end(long part, long in, long out) {
    return ((part + 1) * in + out - 1) / out;
  }
}
