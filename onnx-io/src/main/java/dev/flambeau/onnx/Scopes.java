package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The parts of the network that nodes belong to, as paths such as {@code layer1.0.conv1}: from the
 * nodes' names ({@code /layer1/layer1.0/conv1/Conv}), else from those of the weights they take.
 */
final class Scopes {
  private final Block block;
  private final Map<Block.Step, String> paths = new LinkedHashMap<>();
  private final Set<Integer> fixed = new HashSet<>();

  Scopes(Block block) {
    this.block = block;
    Map<Integer, String> known = new HashMap<>();
    for (Block.Held held : block.constants) {
      fixed.add(held.slot());
      known.put(held.slot(), ofWeight(held.constant().name()));
    }
    for (Block.Step step : block.steps) {
      boolean constant = step.bodies().isEmpty() && step.reads().length > 0;
      String weights = "";
      for (int slot : step.reads()) {
        constant &= slot < 0 || fixed.contains(slot);
        weights = weights.isEmpty() ? known.getOrDefault(slot, "") : weights;
      }
      String named = ofNode(step.node().name());
      String path = named.isEmpty() ? weights : named;
      paths.put(step, path);
      for (int slot : step.writes()) {
        if (constant && slot >= 0) {
          fixed.add(slot);
          known.put(slot, path);
        }
      }
    }
  }

  /** Whether a value follows from constants alone. */
  boolean isFixed(int slot) {
    return fixed.contains(slot);
  }

  /** The part a step belongs to; empty: none is known. */
  String path(Block.Step step) {
    return paths.getOrDefault(step, "");
  }

  /** Whether a step belongs to a part or to one inside it. */
  boolean isIn(Block.Step step, String part) {
    String path = path(step);
    return path.equals(part) || path.startsWith(part + ".");
  }

  /** Every part, outer ones before inner ones, with its steps. */
  Map<String, List<Block.Step>> parts() {
    Map<String, List<Block.Step>> parts = new LinkedHashMap<>();
    for (Block.Step step : block.steps) {
      String path = path(step);
      for (int dot = path.indexOf('.'); !path.isEmpty(); dot = path.indexOf('.', dot + 1)) {
        String part = dot < 0 ? path : path.substring(0, dot);
        parts.computeIfAbsent(part, _ -> new ArrayList<>()).add(step);
        if (dot < 0) {
          break;
        }
      }
    }
    return parts;
  }

  /** The part that takes a constant first; empty: none is known. */
  String user(Constant constant) {
    Set<Integer> slots = new HashSet<>();
    block.constants.stream()
        .filter(held -> held.constant() == constant)
        .forEach(held -> slots.add(held.slot()));
    return block.steps.stream()
        .filter(step -> Region.reads(step).stream().anyMatch(slots::contains))
        .map(this::path)
        .findFirst()
        .orElse("");
  }

  /** {@code /layer1/layer1.0/conv1/Conv} is in {@code layer1.0.conv1}. */
  private static String ofNode(String name) {
    String[] levels = name.split("/");
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < levels.length - 1; i++) {
      String level = levels[i];
      if (i > 0 && level.startsWith(levels[i - 1] + ".")) {
        level = level.substring(levels[i - 1].length() + 1);
      }
      path.append(path.isEmpty() || level.isEmpty() ? "" : ".").append(level);
    }
    return path.toString();
  }

  private static String ofWeight(String name) {
    return name.matches("[A-Za-z0-9_.-]+")
        ? name.substring(0, Math.max(0, name.lastIndexOf('.')))
        : "";
  }
}
