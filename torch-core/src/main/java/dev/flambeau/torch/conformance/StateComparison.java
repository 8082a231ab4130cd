package dev.flambeau.torch.conformance;

import dev.flambeau.torch.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Whether an optimizer's state says what PyTorch's says; it may say more. None, False and a map of
 * nothing else are the same as no entry.
 */
final class StateComparison {
  private StateComparison() {}

  /** Every entry of {@code wanted}. */
  static void compare(Map<?, ?> got, Map<?, ?> wanted, Differences differences) {
    wanted.forEach((key, value) -> compare(key.toString(), find(got, key), value, differences));
  }

  private static boolean saysNothing(Object value) {
    return value == null
        || Boolean.FALSE.equals(value)
        || value instanceof Map<?, ?> map
            && map.values().stream().allMatch(StateComparison::saysNothing);
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
    if (got == null && saysNothing(wanted)) {
      return;
    }
    switch (wanted) {
      case Map<?, ?> map when got instanceof Map<?, ?> ours ->
          map.forEach(
              (key, value) -> compare(where + "." + key, find(ours, key), value, differences));
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
      case null, default -> differences.note(where + " is " + got + ", expected " + wanted);
    }
  }
}
