package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.optim.GroupOptions;
import dev.flambeau.torch.optim.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Multiplies the rate by a factor when a measure has not become better for some epochs. PyTorch:
 * {@code ReduceLROnPlateau}.
 */
public final class ReduceLROnPlateau implements Scheduler {
  /** Defaults as PyTorch's. */
  public static final class Options {
    private boolean max;
    private double factor = 0.1;
    private long patience = 10;
    private double threshold = 1e-4;
    private boolean absolute;
    private long cooldown;
    private double[] minLr = {0};
    private double eps = 1e-8;

    private Options() {}

    /** Better is more, as for an accuracy; by default less, as for a loss. */
    public Options max() {
      max = true;
      return this;
    }

    /** What the rate is multiplied by, less than 1; 0.1. */
    public Options factor(double value) {
      factor = value;
      return this;
    }

    /** Epochs without improvement that are borne; 10. */
    public Options patience(long epochs) {
      patience = epochs;
      return this;
    }

    /** The least improvement that counts, as a part of the best measure; 1e-4. */
    public Options threshold(double value) {
      threshold = value;
      return this;
    }

    /** The threshold is a difference, not a part. */
    public Options absoluteThreshold() {
      absolute = true;
      return this;
    }

    /** Epochs after a change that do not count; 0. */
    public Options cooldown(long epochs) {
      cooldown = epochs;
      return this;
    }

    /** The least rate, for all groups or each; 0. */
    public Options minLr(double... values) {
      minLr = values.clone();
      return this;
    }

    /** Smaller changes of the rate are not made; 1e-8. */
    public Options eps(double value) {
      eps = value;
      return this;
    }
  }

  private static final String NAME = "ReduceLROnPlateau";

  private final Optimizer<?> optimizer;
  private final Options options = new Options();
  private final double[] minLr;
  private double best;
  private long badEpochs;
  private long cooling;
  private long lastEpoch;

  public ReduceLROnPlateau(Optimizer<?> optimizer, Consumer<Options> options) {
    this.optimizer = optimizer;
    options.accept(this.options);
    if (!(this.options.factor < 1)) {
      throw TorchException.argument(NAME, "factor", this.options.factor, "less than 1");
    }
    minLr = Annealing.each(NAME, "minLr", this.options.minLr, optimizer.groups().size());
    best = worst();
  }

  private double worst() {
    return options.max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
  }

  /** Not without a measure. */
  @Override
  public void step() {
    throw TorchException.argument(NAME, "measure", "none", "step(measure)");
  }

  /** The end of an epoch with this measure. */
  public void step(double measure) {
    lastEpoch++;
    if (better(measure)) {
      best = measure;
      badEpochs = 0;
    } else {
      badEpochs++;
    }
    if (cooling > 0) {
      cooling--;
      badEpochs = 0;
    }
    if (badEpochs > options.patience) {
      reduce();
      cooling = options.cooldown;
      badEpochs = 0;
    }
  }

  private boolean better(double measure) {
    double t = options.threshold;
    if (options.absolute) {
      return options.max ? measure > best + t : measure < best - t;
    }
    return options.max ? measure > best * (1 + t) : measure < best * (1 - t);
  }

  private void reduce() {
    for (int i = 0; i < minLr.length; i++) {
      GroupOptions<?> group = optimizer.groups().get(i).options();
      double lower = Math.max(group.lr() * options.factor, minLr[i]);
      if (group.lr() - lower > options.eps) {
        group.lr(lower);
      }
    }
  }

  @Override
  public List<Double> lastLr() {
    List<Double> rates = new ArrayList<>();
    optimizer.groups().forEach(g -> rates.add(g.options().lr()));
    return List.copyOf(rates);
  }

  @Override
  public Map<String, Object> stateDict() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("best", best);
    state.put("num_bad_epochs", badEpochs);
    state.put("cooldown_counter", cooling);
    state.put("last_epoch", lastEpoch);
    return state;
  }

  @Override
  public void loadStateDict(Map<?, ?> state) {
    double bestThen = States.number(state, "best").doubleValue();
    long bad = States.number(state, "num_bad_epochs").longValue();
    long cool = States.number(state, "cooldown_counter").longValue();
    lastEpoch = States.number(state, "last_epoch").longValue();
    best = bestThen;
    badEpochs = bad;
    cooling = cool;
  }
}
