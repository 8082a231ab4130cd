package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.optim.GroupOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One rule after the other, the next from each milestone on, each beginning with its epoch 0.
 * PyTorch: {@code SequentialLR}.
 */
public final class SequentialLR implements Scheduler {
  private final List<LRScheduler> schedulers;
  private final List<Long> milestones;
  private long lastEpoch;
  private List<Double> lastLr;

  /**
   * Sets the rates of epoch 0 by the first rule.
   *
   * @param milestones ascending epochs, one fewer than schedulers
   */
  public SequentialLR(List<? extends LRScheduler> schedulers, List<Long> milestones) {
    this.schedulers = Several.of("SequentialLR", schedulers);
    this.milestones = List.copyOf(milestones);
    if (milestones.size() != schedulers.size() - 1) {
      throw TorchException.argument(
          "SequentialLR",
          "milestones",
          milestones.size() + " epochs",
          "one fewer than the " + schedulers.size() + " schedulers");
    }
    for (int i = 0; i < this.schedulers.get(0).groups(); i++) {
      GroupOptions<?> group = this.schedulers.get(0).options(i);
      group.lr(group.initialLr().orElseThrow());
    }
    this.schedulers.forEach(LRScheduler::undo);
    this.schedulers.get(0).start();
    lastLr = this.schedulers.get(0).lastLr();
  }

  @Override
  public void step() {
    lastEpoch++;
    int now = (int) milestones.stream().filter(m -> m <= lastEpoch).count();
    LRScheduler scheduler = schedulers.get(now);
    if (now > 0 && milestones.get(now - 1) == lastEpoch) {
      scheduler.stepTo(0);
    } else {
      scheduler.step();
    }
    lastLr = scheduler.lastLr();
  }

  @Override
  public List<Double> lastLr() {
    return lastLr;
  }

  @Override
  public Map<String, Object> stateDict() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("last_epoch", lastEpoch);
    state.put("_last_lr", lastLr);
    state.put("_schedulers", Several.states(schedulers));
    return state;
  }

  @Override
  public void loadStateDict(Map<?, ?> state) {
    long epoch = States.number(state, "last_epoch").longValue();
    List<Double> last = States.numbers(state, "_last_lr", lastLr.size());
    Several.load(schedulers, state);
    lastEpoch = epoch;
    lastLr = List.copyOf(last);
  }
}
