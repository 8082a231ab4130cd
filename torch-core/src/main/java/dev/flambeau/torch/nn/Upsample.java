package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.Interpolation;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * (N, C, ...) at another size, or a multiple of its size, of its one to three spatial axes.
 * PyTorch: {@code torch.nn.Upsample}.
 */
public class Upsample extends Module {
  private final Options options = new Options();

  /** The nearest element, edges keeping their places. Either size or scale factor is needed. */
  public static final class Options {
    private long[] size = {};
    private double[] scale = {};
    private Interpolation mode = Interpolation.NEAREST;
    private boolean align;
    private boolean recompute;

    Options() {}

    /** The output's, one for all spatial axes or one for each. */
    public Options size(long... values) {
      size = values.clone();
      return this;
    }

    /** The output's size over the input's, one for all spatial axes or one for each. */
    public Options scaleFactor(double... values) {
      scale = values.clone();
      return this;
    }

    public Options mode(Interpolation value) {
      mode = value;
      return this;
    }

    /** Whether corner elements keep their places, else edges do; linear and cubic only. */
    public Options alignCorners(boolean on) {
      align = on;
      return this;
    }

    /** Whether distances follow from the rounded size, not from the scale factor. */
    public Options recomputeScaleFactor(boolean on) {
      recompute = on;
      return this;
    }
  }

  /** So many times the size, by the nearest element. */
  public Upsample(double scale) {
    this(o -> o.scaleFactor(scale));
  }

  public Upsample(Consumer<Options> set) {
    set.accept(options);
    if ((options.size.length == 0) == (options.scale.length == 0)) {
      throw TorchException.argument(
          getClass().getSimpleName(),
          "size and scale_factor",
          options.size.length + " and " + options.scale.length + " numbers",
          "one of them");
    }
  }

  @Override
  public Tensor forward(Tensor input) {
    boolean sized = options.recompute && options.scale.length > 0;
    return F.interpolate(
        input,
        sized ? sizes(input) : options.size,
        sized ? new double[0] : options.scale,
        options.mode,
        options.align,
        false);
  }

  private long[] sizes(Tensor input) {
    long[] sizes = new long[Math.max(input.dim() - 2, 0)];
    double[] scale = options.scale;
    Arrays.setAll(
        sizes, i -> (long) Math.floor(input.size(i + 2) * scale[scale.length == 1 ? 0 : i]));
    return sizes;
  }

  @Override
  protected String describe() {
    String what =
        options.size.length == 0
            ? "scale_factor=" + text(Arrays.toString(options.scale), options.scale.length)
            : "size=" + text(Arrays.toString(options.size), options.size.length);
    String mode = options.mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
    return what + ", mode='" + mode + "'";
  }

  private static String text(String array, int count) {
    String inner = array.substring(1, array.length() - 1);
    return count == 1 ? inner : "(" + inner + ")";
  }
}
