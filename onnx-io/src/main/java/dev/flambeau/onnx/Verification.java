package dev.flambeau.onnx;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How far this module's results are from ONNX Runtime's.
 *
 * @param outputs a difference for each output of the graph
 * @param layers a difference for each node's results in order; empty unless asked for
 * @param tolerance the relative difference up to which results are equal
 */
public record Verification(List<Difference> outputs, List<Difference> layers, double tolerance) {
  /**
   * @param node what gives the value, such as {@code Conv 'conv1'}
   * @param value its name
   * @param shape its sizes; text where it is no tensor of numbers
   * @param absolute the largest absolute difference of two elements; infinite where the shapes
   *     differ or only one is not a number
   * @param relative the same, divided by the largest magnitude in ONNX Runtime's result
   */
  public record Difference(
      String node, String value, String shape, double absolute, double relative) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%s %s of %s: %.3g, relative %.3g", value, shape, node, absolute, relative);
    }
  }

  public Verification {
    outputs = List.copyOf(outputs);
    layers = List.copyOf(layers);
  }

  /** Whether all outputs agree within the tolerance. */
  public boolean agrees() {
    return outputs.stream().allMatch(d -> d.relative <= tolerance);
  }

  /** The largest relative difference of an output. */
  public double largest() {
    return outputs.stream().mapToDouble(Difference::relative).max().orElse(0);
  }

  /** The first node whose results differ by more than the tolerance. */
  public Optional<Difference> firstDifferent() {
    return layers.stream().filter(d -> !(d.relative <= tolerance)).findFirst();
  }

  /** A line each: the first layer that differs, if layers were compared, and the outputs. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    if (!layers.isEmpty()) {
      String first =
          firstDifferent().map(d -> "first that differs: " + d).orElse("all of them agree");
      out.append(layers.size()).append(" layers, ").append(first).append('\n');
    }
    outputs.forEach(d -> out.append(d).append('\n'));
    return out.toString().stripTrailing();
  }
}
