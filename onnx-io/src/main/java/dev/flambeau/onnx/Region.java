package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Steps of a block with those between them, and the values that cross its border. */
final class Region {
  private final Block block;
  private final Scopes scopes;
  private final Set<Block.Step> steps = new LinkedHashSet<>();

  Region(Block block, Scopes scopes, Collection<Block.Step> chosen) {
    this.block = block;
    this.scopes = scopes;
    Set<Integer> after = new HashSet<>();
    Set<Block.Step> below = new HashSet<>();
    for (Block.Step step : block.steps) {
      if (chosen.contains(step) || reads(step).stream().anyMatch(after::contains)) {
        below.add(step);
        add(step.writes(), after);
      }
    }
    Set<Integer> before = new HashSet<>();
    Set<Block.Step> region = new HashSet<>();
    for (Block.Step step : block.steps.reversed()) {
      boolean needed = writes(step).stream().anyMatch(before::contains);
      if (chosen.contains(step) || needed && below.contains(step)) {
        region.add(step);
        before.addAll(reads(step));
      } else if (needed) {
        before.addAll(reads(step));
      }
    }
    block.steps.stream().filter(region::contains).forEach(steps::add);
  }

  private static void add(int[] slots, Collection<Integer> to) {
    for (int slot : slots) {
      if (slot >= 0) {
        to.add(slot);
      }
    }
  }

  /** The slots a step takes values from, those its bodies use included. */
  static List<Integer> reads(Block.Step step) {
    List<Integer> all = new ArrayList<>();
    add(step.reads(), all);
    step.bodies().forEach(body -> add(body.outside(), all));
    return all;
  }

  static List<Integer> writes(Block.Step step) {
    List<Integer> all = new ArrayList<>();
    add(step.writes(), all);
    return all;
  }

  Set<Block.Step> steps() {
    return steps;
  }

  /** The slots whose values it takes from outside, in order of use; constants left out. */
  List<Integer> inputs() {
    Set<Integer> inside = new HashSet<>();
    Set<Integer> inputs = new LinkedHashSet<>();
    for (Block.Step step : steps) {
      reads(step).stream()
          .filter(slot -> !inside.contains(slot) && !scopes.isFixed(slot))
          .forEach(inputs::add);
      add(step.writes(), inside);
    }
    return List.copyOf(inputs);
  }

  /** The slots whose values are used outside. */
  List<Integer> outputs() {
    Set<Integer> used = new HashSet<>();
    block.steps.stream().filter(s -> !steps.contains(s)).forEach(s -> used.addAll(reads(s)));
    block.outputs.forEach(port -> used.add(port.slot()));
    List<Integer> outputs = new ArrayList<>();
    for (Block.Step step : steps) {
      writes(step).stream().filter(used::contains).forEach(outputs::add);
    }
    return outputs;
  }

  /** The part of it that a value is computed by. */
  Region behind(int slot) {
    Set<Integer> needed = new HashSet<>(Set.of(slot));
    Set<Block.Step> part = new HashSet<>();
    for (Block.Step step : List.copyOf(steps).reversed()) {
      if (writes(step).stream().anyMatch(needed::contains)) {
        part.add(step);
        needed.addAll(reads(step));
      }
    }
    return new Region(block, scopes, part);
  }
}
