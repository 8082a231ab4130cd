package dev.flambeau.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Backend tests that do not pass, with the reason. */
final class KnownFailures {
  private static final Map<String, List<String>> BY_REASON = Map.of();

  private KnownFailures() {}

  /** Reason by folder. */
  static Map<String, String> reasons() {
    Map<String, String> out = new HashMap<>();
    BY_REASON.forEach((why, names) -> names.forEach(name -> out.put("dev/node/" + name, why)));
    return out;
  }
}
