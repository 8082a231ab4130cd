package dev.flambeau.torch.optim.lr;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several rules at once, each changing the rate that the one before left. PyTorch: {@code
 * ChainedScheduler}.
 */
public final class ChainedScheduler implements Scheduler {
  private final List<LRScheduler> schedulers;

  public ChainedScheduler(List<? extends LRScheduler> schedulers) {
    this.schedulers = Several.of("ChainedScheduler", schedulers);
  }

  @Override
  public void step() {
    schedulers.forEach(LRScheduler::step);
  }

  @Override
  public List<Double> lastLr() {
    return schedulers.getLast().lastLr();
  }

  @Override
  public Map<String, Object> stateDict() {
    return new LinkedHashMap<>(Map.of("_schedulers", Several.states(schedulers)));
  }

  @Override
  public void loadStateDict(Map<?, ?> state) {
    Several.load(schedulers, state);
  }
}
