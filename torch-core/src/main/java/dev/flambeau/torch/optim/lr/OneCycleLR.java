package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;
import java.util.List;
import java.util.function.Consumer;

/**
 * One rise of the rate to its maximum and one long fall far below its start, the momentum the other
 * way (Smith and Topin 2018). One step a batch. PyTorch: {@code OneCycleLR}.
 */
public final class OneCycleLR extends LRScheduler {
  /** Defaults as PyTorch's. */
  public static final class Options {
    private double pctStart = 0.3;
    private Annealing annealStrategy = Annealing.COS;
    private boolean cycleMomentum = true;
    private double baseMomentum = 0.85;
    private double maxMomentum = 0.95;
    private double divFactor = 25;
    private double finalDivFactor = 1e4;
    private boolean threePhase;

    private Options() {}

    /** The part of all steps that the rise takes; 0.3. */
    public Options pctStart(double part) {
      pctStart = part;
      return this;
    }

    /** The form of rise and fall; cosine. */
    public Options annealStrategy(Annealing strategy) {
      annealStrategy = strategy;
      return this;
    }

    /** Whether the momentum changes too; true. */
    public Options cycleMomentum(boolean on) {
      cycleMomentum = on;
      return this;
    }

    /** The momentum at the highest rate; 0.85. */
    public Options baseMomentum(double value) {
      baseMomentum = value;
      return this;
    }

    /** The momentum at start and end; 0.95. */
    public Options maxMomentum(double value) {
      maxMomentum = value;
      return this;
    }

    /** The first rate is the maximum divided by this; 25. */
    public Options divFactor(double value) {
      divFactor = value;
      return this;
    }

    /** The last rate is the first one divided by this; 10,000. */
    public Options finalDivFactor(double value) {
      finalDivFactor = value;
      return this;
    }

    /** Whether the fall stops at the first rate for a phase of its own; false. */
    public Options threePhase(boolean on) {
      threePhase = on;
      return this;
    }
  }

  /** Until a step: from one rate (0 first, 1 maximum, 2 last) and momentum to another. */
  private record Phase(double end, int from, int to, double momentumFrom, double momentumTo) {}

  private final double[] maxLr;
  private final long totalSteps;
  private final Options options = new Options();
  private final List<Phase> phases;

  /** The same maximum for all groups. */
  public OneCycleLR(
      Optimizer<?> optimizer, double maxLr, long totalSteps, Consumer<Options> options) {
    this(optimizer, new double[] {maxLr}, totalSteps, options);
  }

  /**
   * A maximum for each group, or one for all.
   *
   * @param totalSteps epochs times batches
   */
  public OneCycleLR(
      Optimizer<?> optimizer, double[] maxLr, long totalSteps, Consumer<Options> options) {
    super(optimizer);
    options.accept(this.options);
    if (totalSteps < 1) {
      throw refused("totalSteps", totalSteps, "1 or more");
    }
    double part = this.options.pctStart;
    if (!(part >= 0 && part <= 1)) {
      throw refused("pctStart", part, "0 to 1");
    }
    this.maxLr = Annealing.each("OneCycleLR", "maxLr", maxLr, groups());
    this.totalSteps = totalSteps;
    double high = this.options.maxMomentum;
    double low = this.options.baseMomentum;
    double last = totalSteps - 1;
    phases =
        this.options.threePhase
            ? List.of(
                new Phase(part * totalSteps - 1, 0, 1, high, low),
                new Phase(2 * part * totalSteps - 2, 1, 0, low, high),
                new Phase(last, 0, 2, high, high))
            : List.of(
                new Phase(part * totalSteps - 1, 0, 1, high, low),
                new Phase(last, 1, 2, low, high));
    for (int i = 0; i < groups(); i++) {
      if (this.options.cycleMomentum && !Momentum.has(options(i))) {
        throw refused("cycleMomentum", true, "false for an optimizer without momentum");
      }
      base(i, rate(i, 0));
      options(i).initialLr(rate(i, 0));
    }
    start();
  }

  private double rate(int group, int which) {
    double first = maxLr[group] / options.divFactor;
    return switch (which) {
      case 0 -> first;
      case 1 -> maxLr[group];
      default -> first / options.finalDivFactor;
    };
  }

  @Override
  double lr(int group) {
    if (epoch() > totalSteps) {
      throw refused("step", epoch(), "at most totalSteps, " + totalSteps);
    }
    double start = 0;
    int i = 0;
    for (; i < phases.size() - 1 && epoch() > phases.get(i).end; i++) {
      start = phases.get(i).end;
    }
    Phase phase = phases.get(i);
    double part = (epoch() - start) / (phase.end - start);
    Annealing form = options.annealStrategy;
    if (options.cycleMomentum) {
      Momentum.set(options(group), form.at(phase.momentumFrom, phase.momentumTo, part));
    }
    return form.at(rate(group, phase.from), rate(group, phase.to), part);
  }
}
