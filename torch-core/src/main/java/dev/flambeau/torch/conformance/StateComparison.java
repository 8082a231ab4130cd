package dev.flambeau.torch.conformance;

import dev.flambeau.torch.Tensor;
import java.util.List;
import java.util.Map;

/** Whether an optimizer's state says what PyTorch's says; it may say more. */
final class StateComparison {
  private StateComparison() {}

  /** Every entry of {@code wanted}; None is the same as no entry. */
  static void compare(Map<?, ?> got, Map<?, ?> wanted, Differences differences) {
    wanted.forEach(
        (key, value) -> {
          if (value != null) {
            compare("state." + key, find(got, key), value, differences);
          }
        });
  }

  /** Numbers of parameters are text in JSON. */
  private static Object find(Map<?, ?> map, Object key) {
    for (Map.Entry<?, ?> e : map.entrySet()) {
      if (String.valueOf(e.getKey()).equals(String.valueOf(key))) {
        return e.getValue();
      }
    }
    return null;
  }

  private static void compare(String where, Object got, Object wanted, Differences differences) {
    switch (wanted) {
      case Map<?, ?> map when got instanceof Map<?, ?> ours ->
          map.forEach(
              (key, value) -> {
                if (value != null) {
                  compare(where + "." + key, find(ours, key), value, differences);
                }
              });
      case List<?> list when got instanceof List<?> ours && ours.size() == list.size() -> {
        for (int i = 0; i < list.size(); i++) {
          compare(where + "." + i, ours.get(i), list.get(i), differences);
        }
      }
      case Tensor t when got instanceof Tensor ours -> differences.close(where, ours, t);
      case Number n when got instanceof Number ours ->
          differences.close(where, ours.doubleValue(), n.doubleValue());
      case Number n when got instanceof Tensor ours ->
          differences.close(where, ours.item(), n.doubleValue());
      case Boolean flag when got instanceof Boolean -> differences.equal(where, got, flag);
      default -> differences.note(where + " is " + got + ", expected " + wanted);
    }
  }
}
