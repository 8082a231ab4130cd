package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The mean of each window: x (N, C, ...) with 1 to 3 spatial axes. {@code divisor} 0 divides by the
 * number of elements, those of the padding included if {@code countPadding}. PyTorch: {@code
 * torch.nn.functional.avg_pool2d}.
 */
public record AvgPool(
    List<Long> kernel, Window window, boolean ceil, boolean countPadding, long divisor)
    implements Structured {
  @Override
  public String name() {
    return "avg_pool" + window.axes() + "d";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    return new Meta[] {MaxPool.pooled(name(), inputs[0], kernel, window, ceil)};
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    return new Tensor[] {
      Dispatcher.call(new Backward(this, saved.inputMeta(0).shape()), gradients[0])
    };
  }

  /** Spreads each gradient over its window. */
  public record Backward(AvgPool pool, Shape input) implements Structured {
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
      return Saves.NOTHING;
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor[] gradients) {
      return new Tensor[] {Dispatcher.call(pool, gradients[0])};
    }
  }

  /**
   * Means of {@code sizes} parts of each spatial axis, as equal as possible; they overlap where the
   * size is no multiple. PyTorch: {@code torch.nn.functional.adaptive_avg_pool2d}.
   */
  public static Tensor adaptive(Tensor x, long... sizes) {
    int axes = sizes.length;
    if (x.dim() != axes + 2) {
      throw TorchException.shape(
          "adaptive_avg_pool" + axes + "d", "input", x.shape(), axes + 2 + " dimensions");
    }
    boolean one = true;
    boolean even = true;
    for (int i = 0; i < axes; i++) {
      if (sizes[i] < 1 || x.size(i + 2) < 1) {
        throw TorchException.argument(
            "adaptive_avg_pool" + axes + "d",
            "output_size",
            sizes[i] + " of " + x.shape(),
            "positive sizes");
      }
      one &= sizes[i] == 1;
      even &= x.size(i + 2) % sizes[i] == 0;
    }
    if (one) {
      int[] reduced = new int[axes];
      for (int i = 0; i < axes; i++) {
        reduced[i] = i + 2;
      }
      return x.mean(reduced, true);
    }
    return even ? evenly(x, sizes) : unevenly(x, sizes);
  }

  private static Tensor evenly(Tensor x, long[] sizes) {
    List<Long> kernel = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      kernel.add(x.size(i + 2) / sizes[i]);
    }
    List<Long> none = Collections.nCopies(sizes.length, 0L);
    Window window = new Window(kernel, none, none, Collections.nCopies(sizes.length, 1L));
    return Dispatcher.call(new AvgPool(kernel, window, false, true, 0), x);
  }

  /** One axis after another: a mean of means over equal counts is the mean. */
  private static Tensor unevenly(Tensor x, long[] sizes) {
    Tensor out = x;
    for (int i = 0; i < sizes.length; i++) {
      int axis = i + 2;
      long size = out.size(axis);
      List<Tensor> parts = new ArrayList<>();
      for (long p = 0; p < sizes[i]; p++) {
        long start = p * size / sizes[i];
        long end = Math.ceilDiv((p + 1) * size, sizes[i]);
        parts.add(out.narrow(axis, start, end - start).mean(new int[] {axis}, true));
      }
      out = Torch.cat(parts, axis);
    }
    return out;
  }
}
