package dev.flambeau.torch.optim;

/** Options of the optimizers that know weight decay. */
public abstract class DecayOptions<O extends DecayOptions<O>> extends GroupOptions<O> {
  DecayOptions(double lr, double weightDecay) {
    super(lr);
    define("weight_decay", weightDecay, Range.NOT_NEGATIVE);
    define("maximize", false);
  }

  /** Weight decay, 0 or more. */
  public final O weightDecay(double value) {
    return set("weight_decay", value);
  }

  /** Climbs instead of descending. */
  public final O maximize(boolean on) {
    return set("maximize", on);
  }
}
