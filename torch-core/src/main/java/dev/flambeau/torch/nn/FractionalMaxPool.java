package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import dev.flambeau.torch.nn.functional.F;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Maxima of windows at pseudo-random distances (Graham 2014), the distances drawn anew at each
 * call; the batch axis may lack.
 */
public abstract class FractionalMaxPool extends Module {
  private final long[] kernel;
  private final long[] sizes;
  private final double[] ratios;

  /** The size of the output: one of the two must be given, a number or one for each axis. */
  public static final class Options {
    private long[] sizes = {};
    private double[] ratios = {};

    Options() {}

    /** Output sizes. */
    public Options outputSize(long... values) {
      sizes = values.clone();
      return this;
    }

    /** Output sizes as parts of the input's, between 0 and 1. */
    public Options outputRatio(double... values) {
      ratios = values.clone();
      return this;
    }
  }

  FractionalMaxPool(long[] kernel, int axes, Consumer<Options> options) {
    String name = getClass().getSimpleName();
    Options o = new Options();
    options.accept(o);
    if (o.sizes.length > 0 == o.ratios.length > 0) {
      throw TorchException.argument(
          name, "output_size, output_ratio", "both or none", "one of them");
    }
    this.kernel = Kernels.checked(name, kernel, axes);
    boolean within = Arrays.stream(o.ratios).allMatch(r -> r > 0 && r < 1);
    int given = o.sizes.length + o.ratios.length;
    if (!within || given != 1 && given != axes) {
      throw TorchException.argument(
          name,
          "output_size, output_ratio",
          Arrays.toString(o.sizes) + ", " + Arrays.toString(o.ratios),
          "one for each of " + axes + " axes, ratios between 0 and 1");
    }
    sizes = o.sizes.length == 1 ? cube(o.sizes[0], axes) : o.sizes;
    ratios = Arrays.copyOf(o.ratios, o.ratios.length == 0 ? 0 : axes);
    if (o.ratios.length == 1) {
      Arrays.fill(ratios, o.ratios[0]);
    }
  }

  static long[] cube(long size, int axes) {
    long[] all = new long[axes];
    Arrays.fill(all, size);
    return all;
  }

  @Override
  public Tensor forward(Tensor input) {
    return forwardWithIndices(input).values();
  }

  /** The largest and where each is in its channel, row by row. PyTorch: return_indices. */
  public ValuesIndices forwardWithIndices(Tensor input) {
    long[] wanted = sizes;
    if (ratios.length > 0 && input.dim() >= ratios.length) {
      wanted = new long[ratios.length];
      for (int i = 0; i < wanted.length; i++) {
        wanted[i] = (long) (input.size(i - ratios.length) * ratios[i]);
      }
    }
    return F.fractionalMaxPool(input, kernel, wanted);
  }
}
