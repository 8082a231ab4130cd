package dev.flambeau.onnx;

import dev.flambeau.torch.op.Op;
import java.util.List;
import java.util.Map;

/** What runs while a function is captured, in order; values are numbers. */
sealed interface ExportEntry {
  /**
   * A call of an operator, with the line it was made from.
   *
   * @param index its place among all calls, which is the same in all captures
   */
  record Step(Op op, List<Integer> inputs, List<Integer> outputs, String site, int index)
      implements ExportEntry {}

  /**
   * A node of an imported file that stays as it is.
   *
   * @param inputs -1: left out
   * @param types the element types it takes its inputs in; null for what is no tensor of numbers
   * @param outside for each body, the values that it uses
   * @param outputs -1: unused
   */
  record Kept(
      Block block,
      Block.Step step,
      List<Integer> inputs,
      Map<Integer, ElementType> types,
      List<List<Integer>> outside,
      List<Integer> outputs)
      implements ExportEntry {}

  /** Dropout, which does nothing outside of training. */
  record Idle(int input, double ratio, int output) implements ExportEntry {}

  /** Both branches of an If. */
  record Choice(int condition, Body then, Body otherwise, List<Integer> outputs, String site)
      implements ExportEntry {}

  /** A Loop: the body computes whether it goes on, and the next values. */
  record Repeat(int condition, List<Integer> carried, Body body, List<Integer> outputs, String site)
      implements ExportEntry {}

  /** Entries of their own, with the values they take and give. */
  record Body(List<ExportEntry> entries, List<Integer> inputs, List<Integer> outputs) {
    /** Whether a value is read in it or given by it. */
    boolean reads(int value) {
      return outputs.contains(value) || entries.stream().anyMatch(e -> e.reads(value));
    }
  }

  /** Whether it reads a value. */
  default boolean reads(int value) {
    return switch (this) {
      case Step s -> s.inputs.contains(value);
      case Kept k ->
          k.inputs.contains(value) || k.outside.stream().anyMatch(used -> used.contains(value));
      case Idle i -> i.input == value;
      case Choice c -> c.condition == value || c.then.reads(value) || c.otherwise.reads(value);
      case Repeat r -> r.condition == value || r.carried.contains(value) || r.body.reads(value);
    };
  }
}
