package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.optim.GroupOptions;
import dev.flambeau.torch.optim.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * A rule for the rate of each group by the number of the epoch, from 0 on; epoch 0 is set by the
 * constructor. PyTorch: {@code torch.optim.lr_scheduler.LRScheduler}.
 */
public abstract class LRScheduler implements Scheduler {
  final Optimizer<?> optimizer;
  private final List<Double> baseLrs = new ArrayList<>();
  private List<Double> lastLr = List.of();
  private long lastEpoch = -1;
  private long steps;

  /** Subclasses set their fields and then call {@link #start}. */
  LRScheduler(Optimizer<?> optimizer) {
    this.optimizer = optimizer;
    for (int i = 0; i < groups(); i++) {
      GroupOptions<?> group = options(i);
      if (group.initialLr().isEmpty()) {
        group.initialLr(group.lr());
      }
      baseLrs.add(group.initialLr().orElseThrow());
    }
  }

  /** The rate of a group at {@link #epoch}, which may depend on its rate now. */
  abstract double lr(int group);

  /** The same from the first rate alone, where the rule has such a form. */
  double closedForm(int group) {
    return lr(group);
  }

  final void start() {
    step();
  }

  @Override
  public void step() {
    steps++;
    lastEpoch++;
    set(this::lr);
  }

  /** Goes to an epoch, as if its rate did not depend on those before. */
  void stepTo(long epoch) {
    steps++;
    lastEpoch = epoch;
    set(this::closedForm);
  }

  final void set(IntToDoubleFunction rule) {
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i < groups(); i++) {
      options(i).lr(rule.applyAsDouble(i));
      rates.add(options(i).lr());
    }
    lastLr = List.copyOf(rates);
  }

  /** For a scheduler of schedulers: goes back by one epoch, so that the next step repeats it. */
  final void undo() {
    lastEpoch--;
  }

  final int groups() {
    return optimizer.groups().size();
  }

  final GroupOptions<?> options(int group) {
    return optimizer.groups().get(group).options();
  }

  /** The rate of a group now. */
  final double now(int group) {
    return options(group).lr();
  }

  /** The rate of a group before any scheduler. */
  final double base(int group) {
    return baseLrs.get(group);
  }

  final void base(int group, double lr) {
    baseLrs.set(group, lr);
  }

  /** The number of the epoch, from 0 on. PyTorch: {@code last_epoch}. */
  public final long epoch() {
    return lastEpoch;
  }

  final void epoch(long value) {
    lastEpoch = value;
  }

  /** How often the rates were set. */
  final long steps() {
    return steps;
  }

  @Override
  public final List<Double> lastLr() {
    return lastLr;
  }

  @Override
  public Map<String, Object> stateDict() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("base_lrs", List.copyOf(baseLrs));
    state.put("last_epoch", lastEpoch);
    state.put("_step_count", steps);
    state.put("_last_lr", lastLr);
    return state;
  }

  @Override
  public void loadStateDict(Map<?, ?> state) {
    List<Double> bases = States.numbers(state, "base_lrs", groups());
    List<Double> last = States.numbers(state, "_last_lr", groups());
    long epoch = States.number(state, "last_epoch").longValue();
    steps = States.number(state, "_step_count").longValue();
    lastEpoch = epoch;
    lastLr = List.copyOf(last);
    for (int i = 0; i < bases.size(); i++) {
      baseLrs.set(i, bases.get(i));
    }
  }

  final TorchException refused(String argument, Object got, String allowed) {
    return TorchException.argument(getClass().getSimpleName(), argument, got, allowed);
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + " (epoch " + lastEpoch + ", lr " + lastLr + ")";
  }
}
