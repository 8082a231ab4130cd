package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads entries of saved states. */
final class States {
  private States() {}

  static Number number(Map<?, ?> state, String name) {
    if (state.get(name) instanceof Number n) {
      return n;
    }
    throw refused(name, state.get(name), "a number");
  }

  static List<Double> numbers(Map<?, ?> state, String name, int count) {
    if (state.get(name) instanceof List<?> list && list.size() == count) {
      List<Double> all = new ArrayList<>();
      for (Object value : list) {
        if (!(value instanceof Number n)) {
          throw refused(name, list, "numbers");
        }
        all.add(n.doubleValue());
      }
      return all;
    }
    throw refused(name, state.get(name), "a list of " + count + " numbers");
  }

  static List<Map<?, ?>> states(Map<?, ?> state, String name, int count) {
    List<Map<?, ?>> all = new ArrayList<>();
    if (state.get(name) instanceof List<?> list && list.size() == count) {
      for (Object value : list) {
        if (value instanceof Map<?, ?> map) {
          all.add(map);
        }
      }
    }
    if (all.size() != count) {
      throw refused(name, state.get(name), "the states of " + count + " schedulers");
    }
    return all;
  }

  private static TorchException refused(String name, Object got, String allowed) {
    return TorchException.argument("Scheduler.loadStateDict", name, got, allowed);
  }
}
