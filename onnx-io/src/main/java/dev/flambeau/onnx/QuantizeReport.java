package dev.flambeau.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What became of a file whose numbers were made smaller.
 *
 * @param changed number of nodes computed in the smaller type, by operator
 * @param kept why other nodes were left as they are, with the nodes
 * @param warnings weights that do not fit, each with its name
 * @param bytesBefore size of the model with its weights
 * @param bytesAfter the same of the result
 * @param outputs how far the outputs are from the original's; empty if it was not run
 * @param layers how far the quantized nodes' results are, if that was asked for
 * @param notMeasured why it was not; else empty
 */
public record QuantizeReport(
    Map<String, Integer> changed,
    Map<String, List<String>> kept,
    List<String> warnings,
    long bytesBefore,
    long bytesAfter,
    List<Deviation> outputs,
    List<Deviation> layers,
    String notMeasured) {
  /**
   * @param value name of an output or of a layer's result
   * @param relative largest difference, relative to the largest magnitude
   * @param sqnr signal to quantization noise: 10 log10 of the sum of squares over that of the
   *     differences, in decibels; infinite without a difference
   */
  public record Deviation(String value, double relative, double sqnr) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s: largest difference %.3g, relative; SQNR %.1f dB",
          value,
          relative,
          sqnr);
    }
  }

  private static final int SHOWN = 5;

  public QuantizeReport {
    changed = Collections.unmodifiableMap(new LinkedHashMap<>(changed));
    kept = Collections.unmodifiableMap(new LinkedHashMap<>(kept));
    warnings = List.copyOf(warnings);
    outputs = List.copyOf(outputs);
    layers = List.copyOf(layers);
  }

  /** Without what needs the result to be run. */
  static QuantizeReport of(
      Map<String, Integer> changed, Map<String, List<String>> kept, List<String> warnings) {
    return new QuantizeReport(changed, kept, warnings, 0, 0, List.of(), List.of(), "not asked for");
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    changed.forEach((operator, n) -> out.append(String.format("%-28s %6d%n", operator, n)));
    kept.forEach(
        (reason, nodes) ->
            out.append(
                String.format(
                    "left: %s: %d%s%n", reason, nodes.size(), " (" + Globs.some(nodes) + ")")));
    warnings.stream().limit(SHOWN).forEach(w -> out.append("warning: ").append(w).append('\n'));
    if (warnings.size() > SHOWN) {
      out.append("and ").append(warnings.size() - SHOWN).append(" more warnings\n");
    }
    out.append(sizes(bytesBefore, bytesAfter));
    layers.forEach(d -> out.append("layer ").append(d).append('\n'));
    outputs.forEach(d -> out.append(d).append('\n'));
    if (!notMeasured.isEmpty()) {
      out.append("not measured: ").append(notMeasured).append('\n');
    }
    return out.toString().stripTrailing();
  }

  static String sizes(long before, long after) {
    return String.format(
        Locale.ROOT, "%-28s %.2f MB -> %.2f MB%n", "size", before / 1e6, after / 1e6);
  }
}
