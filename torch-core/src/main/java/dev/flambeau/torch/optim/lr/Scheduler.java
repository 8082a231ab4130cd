package dev.flambeau.torch.optim.lr;

import java.util.List;
import java.util.Map;

/** What sets learning rates over time, and what belongs into a checkpoint of it. */
public interface Scheduler {
  /** The next epoch: sets the rate of each group. */
  void step();

  /** The rates of the groups as they were set last. PyTorch: {@code get_last_lr}. */
  List<Double> lastLr();

  /** Numbers and lists that a later run needs to go on. Options are not among them. */
  Map<String, Object> stateDict();

  /**
   * Takes over what {@link #stateDict}, here or in PyTorch, gave; the optimizer's own state has the
   * rates.
   *
   * @throws dev.flambeau.torch.TorchException if an entry is missing or of another kind
   */
  void loadStateDict(Map<?, ?> state);
}
