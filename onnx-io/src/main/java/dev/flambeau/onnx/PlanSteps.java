package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The steps of a copy of a block while some of them are joined: those put so far, what made a value
 * and how often it is used.
 */
final class PlanSteps {
  private final Block block;
  private final Map<Integer, Constant> constants = new HashMap<>();
  private final Map<Integer, Integer> uses = new HashMap<>();
  private final Map<Integer, Block.Step> makers = new HashMap<>();
  private final List<Block.Step> steps = new ArrayList<>();

  PlanSteps(Block source) {
    block = source.withOutputs(source.outputs);
    block.constants.forEach(held -> constants.put(held.slot(), held.constant()));
    block.steps.forEach(
        step -> Region.reads(step).forEach(slot -> uses.merge(slot, 1, Integer::sum)));
    block.outputs.forEach(port -> uses.merge(port.slot(), 1, Integer::sum));
  }

  /** The copy, whose own steps are those of the source until it is finished. */
  Block block() {
    return block;
  }

  /** The copy with the steps that were put, less those that no output depends on any more. */
  Block finished() {
    block.steps.clear();
    block.steps.addAll(steps);
    Surgery.prune(block);
    return block.plain();
  }

  void put(Block.Step step) {
    steps.add(step);
    Region.writes(step).forEach(slot -> makers.put(slot, step));
  }

  /** The slot of an input; -1 if it is left out. */
  static int read(Block.Step step, int input) {
    return input < step.reads().length ? step.reads()[input] : -1;
  }

  /** The step put so far that writes to a slot. */
  Optional<Block.Step> maker(int slot) {
    return Optional.ofNullable(makers.get(slot));
  }

  /** What makes an input as its first output, if it is an operator of this type. */
  Optional<Block.Step> maker(Block.Step step, int input, String type) {
    int slot = read(step, input);
    return maker(slot).filter(s -> s.node().type().equals(type) && s.writes()[0] == slot);
  }

  /** What makes an input, if nothing else uses that. */
  Optional<Block.Step> only(Block.Step step, int input) {
    int slot = read(step, input);
    return once(slot) ? maker(slot) : Optional.empty();
  }

  /** Whether a slot's value is used at one place. */
  boolean once(int slot) {
    return uses.getOrDefault(slot, 0) == 1;
  }

  Optional<Constant> constant(int slot) {
    return Optional.ofNullable(constants.get(slot));
  }

  /** Whether a slot holds a constant, or nothing. */
  boolean isFixed(int slot) {
    return slot < 0 || constants.containsKey(slot);
  }

  /** The numbers of a constant. */
  Optional<OnnxValue.Numbers> numbers(int slot) {
    return constant(slot)
        .map(Constant::value)
        .filter(OnnxValue.Numbers.class::isInstance)
        .map(OnnxValue.Numbers.class::cast);
  }

  /** A constant of one number that is not trained. */
  Optional<OnnxValue.Numbers> number(int slot) {
    return numbers(slot)
        .filter(n -> n.tensor().numel() == 1)
        .filter(_ -> constant(slot).orElseThrow().role() == Constant.Role.CONSTANT);
  }

  /** Whether two slots are one, or hold constants that are the same number of the same type. */
  boolean equal(int a, int b) {
    if (a == b) {
      return a >= 0;
    }
    Optional<OnnxValue.Numbers> x = number(a);
    Optional<OnnxValue.Numbers> y = number(b);
    return x.isPresent()
        && y.isPresent()
        && x.get().type() == y.get().type()
        && x.get().tensor().item() == y.get().tensor().item();
  }
}
