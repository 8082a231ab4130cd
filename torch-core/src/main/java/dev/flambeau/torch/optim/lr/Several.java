package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What schedulers of schedulers share. */
final class Several {
  private Several() {}

  static List<LRScheduler> of(String name, List<? extends LRScheduler> schedulers) {
    if (schedulers.isEmpty()) {
      throw TorchException.argument(name, "schedulers", "an empty list", "at least one");
    }
    for (LRScheduler s : schedulers) {
      if (s.optimizer != schedulers.get(0).optimizer) {
        throw TorchException.argument(
            name, "schedulers", "those of several optimizers", "those of one");
      }
    }
    return List.copyOf(schedulers);
  }

  static List<Object> states(List<LRScheduler> schedulers) {
    List<Object> states = new ArrayList<>();
    schedulers.forEach(s -> states.add(s.stateDict()));
    return states;
  }

  static void load(List<LRScheduler> schedulers, Map<?, ?> state) {
    List<Map<?, ?>> states = States.states(state, "_schedulers", schedulers.size());
    for (int i = 0; i < states.size(); i++) {
      schedulers.get(i).loadStateDict(states.get(i));
    }
  }
}
