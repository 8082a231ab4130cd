package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;
import java.util.function.Consumer;

/**
 * The rate goes up and down between two bounds, the momentum the other way (Smith 2017). One step a
 * batch. PyTorch: {@code CyclicLR}.
 */
public final class CyclicLR extends LRScheduler {
  /** How the height of a cycle changes. */
  public enum Mode {
    /** Not at all. */
    TRIANGULAR,
    /** Halves from cycle to cycle. */
    TRIANGULAR2,
    /** Times gamma from step to step. */
    EXP_RANGE
  }

  /** Defaults as PyTorch's. */
  public static final class Options {
    private long stepSizeUp = 2000;
    private long stepSizeDown;
    private Mode mode = Mode.TRIANGULAR;
    private double gamma = 1;
    private boolean cycleMomentum = true;
    private double baseMomentum = 0.8;
    private double maxMomentum = 0.9;

    private Options() {}

    /** Steps from the lower to the upper bound; 2000. */
    public Options stepSizeUp(long steps) {
      stepSizeUp = steps;
      return this;
    }

    /** Steps back; as many as up. */
    public Options stepSizeDown(long steps) {
      stepSizeDown = steps;
      return this;
    }

    public Options mode(Mode value) {
      mode = value;
      return this;
    }

    /** For {@link Mode#EXP_RANGE}; 1. */
    public Options gamma(double value) {
      gamma = value;
      return this;
    }

    /** Whether the momentum cycles too; true. */
    public Options cycleMomentum(boolean on) {
      cycleMomentum = on;
      return this;
    }

    /** The momentum at the highest rate; 0.8. */
    public Options baseMomentum(double value) {
      baseMomentum = value;
      return this;
    }

    /** The momentum at the lowest rate; 0.9. */
    public Options maxMomentum(double value) {
      maxMomentum = value;
      return this;
    }
  }

  private final double[] maxLr;
  private final Options options = new Options();
  private final double total;
  private final double ratio;

  /** The same bounds for all groups. */
  public CyclicLR(Optimizer<?> optimizer, double baseLr, double maxLr, Consumer<Options> options) {
    this(optimizer, new double[] {baseLr}, new double[] {maxLr}, options);
  }

  /** Bounds for each group, or one for all. */
  public CyclicLR(
      Optimizer<?> optimizer, double[] baseLr, double[] maxLr, Consumer<Options> options) {
    super(optimizer);
    options.accept(this.options);
    long up = this.options.stepSizeUp;
    long down = this.options.stepSizeDown == 0 ? up : this.options.stepSizeDown;
    if (up < 1 || down < 1) {
      throw refused("step sizes", up + " and " + down, "1 or more");
    }
    this.maxLr = Annealing.each("CyclicLR", "maxLr", maxLr, groups());
    double[] lowest = Annealing.each("CyclicLR", "baseLr", baseLr, groups());
    total = up + down;
    ratio = up / total;
    for (int i = 0; i < groups(); i++) {
      if (this.options.cycleMomentum && !Momentum.has(options(i))) {
        throw refused("cycleMomentum", true, "false for an optimizer without momentum");
      }
      base(i, lowest[i]);
    }
    start();
  }

  @Override
  double lr(int group) {
    double cycle = Math.floor(1 + epoch() / total);
    double x = 1 + epoch() / total - cycle;
    double scale = x <= ratio ? x / ratio : (x - 1) / (ratio - 1);
    double height =
        scale
            * switch (options.mode) {
              case TRIANGULAR -> 1;
              case TRIANGULAR2 -> 1 / Math.pow(2, cycle - 1);
              case EXP_RANGE -> Math.pow(options.gamma, epoch());
            };
    if (options.cycleMomentum) {
      Momentum.set(
          options(group),
          options.maxMomentum - (options.maxMomentum - options.baseMomentum) * height);
    }
    return base(group) + (maxLr[group] - base(group)) * height;
  }
}
