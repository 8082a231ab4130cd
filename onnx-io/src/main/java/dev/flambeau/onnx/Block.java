package dev.flambeau.onnx;

import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A checked graph, or a body of If, Loop or Scan, in the order in which it runs. Every value has a
 * slot; after its last use a slot is let go.
 */
final class Block {
  /** A body of a node, with the slots outside whose values it uses. */
  record Body(String attribute, Block block, int[] outside) {}

  /**
   * A node with the slots it reads (-1: left out) and writes (-1: unused), and those it frees; the
   * operator is null until it is known to be supported.
   */
  record Step(
      Node node, Registry.Operator operator, int[] reads, int[] writes, List<Body> bodies) {}

  /** An input or output: its slot and the type the file declares. */
  record Port(String name, int slot, Declared type, Optional<Dims> dims) {}

  /** A constant of the file in its slot. */
  record Held(int slot, Constant constant) {}

  final List<Step> steps = new ArrayList<>();
  final List<Port> inputs = new ArrayList<>();
  final List<Port> outputs = new ArrayList<>();
  final List<Held> constants = new ArrayList<>();

  /** The slots of the values that have names here. */
  final Map<String, Integer> names = new HashMap<>();

  /** Slots for values of the graph around this one. */
  final List<Integer> captured = new ArrayList<>();

  private final List<int[]> frees = new ArrayList<>();
  private int slots;

  /** The same with steps joined; null until it is asked for. */
  private volatile Block joined;

  int newSlot() {
    return slots++;
  }

  /** A name of a slot's value, for messages. */
  String name(int slot) {
    return names.entrySet().stream()
        .filter(e -> e.getValue() == slot)
        .map(Map.Entry::getKey)
        .min(Comparator.naturalOrder())
        .orElse("value " + slot);
  }

  /** The same graph with other outputs; steps and constants are shared. */
  Block withOutputs(List<Port> others) {
    Block copy = new Block();
    copy.captured.addAll(captured);
    copy.steps.addAll(steps);
    copy.inputs.addAll(inputs);
    copy.outputs.addAll(others);
    copy.constants.addAll(constants);
    copy.names.putAll(names);
    copy.slots = slots;
    return copy;
  }

  /** Finds out after which step each slot is no longer needed. */
  void close() {
    boolean[] keep = new boolean[slots];
    constants.forEach(held -> keep[held.slot()] = true);
    outputs.forEach(port -> keep[port.slot()] = true);
    frees.clear();
    joined = null;
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      List<Integer> last = new ArrayList<>();
      note(step.reads, keep, last);
      note(step.writes, keep, last);
      step.bodies.forEach(body -> note(body.outside, keep, last));
      frees.add(last.stream().mapToInt(Integer::intValue).toArray());
    }
    java.util.Collections.reverse(frees);
  }

  private static void note(int[] touched, boolean[] keep, List<Integer> last) {
    for (int slot : touched) {
      if (slot >= 0 && !keep[slot]) {
        keep[slot] = true;
        last.add(slot);
      }
    }
  }

  /** Runs its steps as they are, always. */
  Block plain() {
    joined = this;
    return this;
  }

  private Block joined() {
    Block known = joined;
    if (known == null) {
      known = FormulaPlan.of(IntegerPlan.of(this));
      joined = known;
    }
    return known;
  }

  /** The outputs' values; {@code given} in the order of the inputs. */
  OnnxValue[] run(Run run, OnnxValue[] given, OnnxValue[] around) {
    return (run.joins() ? joined() : this).each(run, given, around);
  }

  private OnnxValue[] each(Run run, OnnxValue[] given, OnnxValue[] around) {
    OnnxValue[] values = new OnnxValue[slots];
    constants.forEach(held -> values[held.slot()] = held.constant().value());
    for (int i = 0; i < captured.size(); i++) {
      values[captured.get(i)] = around[i];
    }
    for (int i = 0; i < given.length; i++) {
      values[inputs.get(i).slot()] = given[i];
    }
    for (int i = 0; i < steps.size(); i++) {
      execute(run, steps.get(i), values);
      for (int slot : frees.get(i)) {
        values[slot] = null;
      }
    }
    OnnxValue[] out = new OnnxValue[outputs.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[outputs.get(i).slot()];
    }
    return out;
  }

  private static void execute(Run run, Step step, OnnxValue[] values) {
    run.count();
    Call call = new Call(step, values, run);
    OnnxValue[] results;
    try {
      results = step.operator().apply(call);
    } catch (ArithmeticException
        | IndexOutOfBoundsException
        | NegativeArraySizeException
        | IllegalArgumentException e) {
      throw TorchException.format(
          run.file(), step.node().describe() + " has impossible sizes or attributes", e);
    }
    for (int i = 0; i < step.writes().length; i++) {
      int slot = step.writes()[i];
      if (slot >= 0) {
        if (i >= results.length || results[i] == null) {
          throw TorchException.format(
              run.file(), step.node().describe() + ": output " + i + " is not supported");
        }
        values[slot] = results[i];
      }
    }
    run.watch(call, results);
  }
}
