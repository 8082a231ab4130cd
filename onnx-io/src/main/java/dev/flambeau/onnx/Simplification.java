package dev.flambeau.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * What simplifying a file did.
 *
 * @param before number of nodes by operator, those in bodies and functions included
 * @param after the same of the result
 * @param bytesBefore size of the model with its weights
 * @param bytesAfter the same of the result
 * @param difference largest difference of an output on random inputs, relative to the largest
 *     magnitude; empty if the two were not compared
 * @param notCompared why they were not; else empty
 */
public record Simplification(
    Map<String, Integer> before,
    Map<String, Integer> after,
    long bytesBefore,
    long bytesAfter,
    OptionalDouble difference,
    String notCompared) {
  public Simplification {
    before = Collections.unmodifiableMap(new LinkedHashMap<>(before));
    after = Collections.unmodifiableMap(new LinkedHashMap<>(after));
  }

  private static int sum(Map<String, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Number of nodes of the original. */
  public int nodesBefore() {
    return sum(before);
  }

  /** Number of nodes of the result. */
  public int nodesAfter() {
    return sum(after);
  }

  /** A line for each operator whose number changed, then nodes, bytes and difference. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    TreeSet<String> operators = new TreeSet<>(before.keySet());
    operators.addAll(after.keySet());
    for (String operator : operators) {
      int was = before.getOrDefault(operator, 0);
      int is = after.getOrDefault(operator, 0);
      if (was != is) {
        out.append(String.format(Locale.ROOT, "%-28s %6d -> %6d%n", operator, was, is));
      }
    }
    out.append(
        String.format(Locale.ROOT, "%-28s %6d -> %6d%n", "nodes", nodesBefore(), nodesAfter()));
    out.append(QuantizeReport.sizes(bytesBefore, bytesAfter));
    String compared =
        difference.isPresent()
            ? String.format(Locale.ROOT, "%.3g, relative", difference.getAsDouble())
            : "not compared: " + notCompared;
    return out.append(String.format("%-28s %s", "largest difference", compared)).toString();
  }
}
