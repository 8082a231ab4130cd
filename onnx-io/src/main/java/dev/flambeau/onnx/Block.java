package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
  record Port(String name, int slot, Declared type, Optional<Dims> dims, TypeProto written) {
    /** Of any type. */
    static Port of(String name, int slot) {
      return new Port(
          name, slot, new Declared.Any(), Optional.empty(), TypeProto.getDefaultInstance());
    }

    Port at(int other) {
      return new Port(name, other, type, dims, written);
    }
  }

  /** A constant of the file in its slot. */
  record Held(int slot, Constant constant) {}

  final List<Step> steps = new ArrayList<>();
  final List<Port> inputs = new ArrayList<>();
  final List<Port> outputs = new ArrayList<>();
  final List<Held> constants = new ArrayList<>();

  /** The slots of the values that have names here. */
  final Map<String, Integer> names = new HashMap<>();

  /** The constants in their slots, those of the graph around among them. */
  final Map<Integer, Constant> known = new HashMap<>();

  /** Slots for values of the graph around this one. */
  final List<Integer> captured = new ArrayList<>();

  private final List<int[]> frees = new ArrayList<>();
  private int slots;

  /** The same with steps joined; null until it is asked for. */
  private volatile Block joined;

  int newSlot() {
    return slots++;
  }

  /** The constant in a slot, if there is one. */
  Optional<Constant> constant(int slot) {
    return Optional.ofNullable(known.get(slot));
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
    copy.known.putAll(known);
    copy.slots = slots;
    return copy;
  }

  /**
   * The steps that compute a value from others, as a body with slots of the same numbers; what else
   * they need is taken from around. Empty if no step here does.
   */
  Optional<Body> between(String attribute, int[] from, int to) {
    Set<Integer> given = new HashSet<>();
    for (int slot : from) {
      given.add(slot);
    }
    Block part = new Block();
    part.slots = slots;
    Set<Integer> needed = new HashSet<>(Set.of(to));
    Set<Integer> made = new HashSet<>(given);
    for (Step step : steps.reversed()) {
      List<Integer> writes = Region.writes(step);
      if (writes.stream().anyMatch(s -> needed.contains(s) && !given.contains(s))) {
        part.steps.addFirst(step);
        made.addAll(writes);
        needed.addAll(Region.reads(step));
      }
    }
    if (!made.contains(to)) {
      return Optional.empty();
    }
    constants.stream()
        .filter(held -> needed.contains(held.slot()) && made.add(held.slot()))
        .forEach(part.constants::add);
    for (int slot : from) {
      part.inputs.add(Port.of(name(slot), slot));
    }
    part.outputs.add(Port.of(name(to), to));
    needed.stream().filter(slot -> !made.contains(slot)).sorted().forEach(part.captured::add);
    part.close();
    int[] outside = part.captured.stream().mapToInt(Integer::intValue).toArray();
    return Optional.of(new Body(attribute, part, outside));
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
    Collections.reverse(frees);
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

  private void execute(Run run, Step step, OnnxValue[] values) {
    run.count();
    Call call = new Call(step, values, run);
    OnnxValue[] results =
        Mode.current().capture() instanceof ExportTape tape && tape.kept.takes(this, step, values)
            ? tape.kept.keep(this, step, values, () -> apply(run, step, call))
            : apply(run, step, call);
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

  /** What a step's operator gives. */
  static OnnxValue[] apply(Run run, Step step, Call call) {
    try {
      return step.operator().apply(call);
    } catch (ArithmeticException
        | IndexOutOfBoundsException
        | NegativeArraySizeException
        | IllegalArgumentException e) {
      throw TorchException.format(
          run.file(), step.node().describe() + " has impossible sizes or attributes", e);
    }
  }
}
