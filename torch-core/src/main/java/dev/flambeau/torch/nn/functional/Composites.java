package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.op.Composite;
import java.util.List;

/** Functions made of several operators that file formats have one for. */
public final class Composites {
  private Composites() {}

  /**
   * {@link F#interpolate} but for {@link Interpolation#AREA}.
   *
   * @param sizes of the output's spatial axes
   * @param scales by which positions are found; 0: the quotient of the sizes
   */
  public record Resize(
      List<Long> sizes, List<Double> scales, Interpolation mode, boolean align, boolean antialias)
      implements Composite {
    @Override
    public String name() {
      return "nn.functional.interpolate";
    }
  }

  /** {@link F#adaptiveAvgPool} of (N, C, ...). */
  public record AdaptiveMean(List<Long> sizes) implements Composite {
    @Override
    public String name() {
      return "adaptive_avg_pool" + sizes.size() + "d";
    }
  }

  /** {@link F#adaptiveMaxPool} of (N, C, ...); outputs: values, places. */
  public record AdaptiveMax(List<Long> sizes) implements Composite {
    @Override
    public String name() {
      return "adaptive_max_pool" + sizes.size() + "d";
    }
  }

  /** {@link F#gridSample}; inputs: images, grid. */
  public record GridSample(Interpolation mode, Padding padding, boolean align)
      implements Composite {
    @Override
    public String name() {
      return "nn.functional.grid_sample";
    }
  }

  /** {@link F#groupNorm} without weight and bias. */
  public record GroupNorm(long groups, double eps) implements Composite {
    @Override
    public String name() {
      return "nn.functional.group_norm";
    }
  }

  /** {@link F#pad} with something else than a constant; one number an axis of the input. */
  public record Pad(Padding mode, List<Long> before, List<Long> after) implements Composite {
    @Override
    public String name() {
      return "nn.functional.pad";
    }
  }
}
