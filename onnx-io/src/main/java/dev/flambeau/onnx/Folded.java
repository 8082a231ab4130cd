package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds batch normalization that an exporter folded into factors and shifts: after a convolution a
 * chain of operators on elements whose other operands are constants of one number a channel, with a
 * factor and a shift among them. A shift alone is the convolution's bias.
 */
final class Folded {
  private static final Set<String> CONVOLUTIONS = Set.of("Conv", "ConvTranspose");
  private static final Set<String> FACTORS = Set.of("Mul", "Div");
  private static final Set<String> SHIFTS = Set.of("Add", "Sub");

  private record Chain(List<Constant> constants, boolean factor, boolean shift) {}

  private Folded() {}

  /** Says of their constants that they are not trained. */
  static void fix(Block block) {
    Map<Integer, Constant> constants = new HashMap<>();
    block.constants.forEach(held -> constants.put(held.slot(), held.constant()));
    Map<Integer, Chain> chains = new HashMap<>();
    for (Block.Step step : block.steps) {
      String type = step.node().type();
      if (CONVOLUTIONS.contains(type)) {
        chains.put(step.writes()[0], new Chain(List.of(), false, false));
      } else if (step.reads().length == 2 && step.writes().length == 1) {
        Chain longer = longer(step, chains, constants);
        if (longer != null) {
          chains.put(step.writes()[0], longer);
          if (longer.factor && longer.shift) {
            longer.constants.forEach(Constant::fix);
          }
        }
      }
    }
  }

  /** The chain with this step at its end; null if it is none. */
  private static Chain longer(
      Block.Step step, Map<Integer, Chain> chains, Map<Integer, Constant> constants) {
    String type = step.node().type();
    boolean factor = FACTORS.contains(type);
    if (!factor && !SHIFTS.contains(type)) {
      return null;
    }
    int from = chains.containsKey(step.reads()[0]) ? 0 : 1;
    Chain before = chains.get(step.reads()[from]);
    Constant constant = constants.get(step.reads()[1 - from]);
    if (before == null || constant == null || !perChannel(constant)) {
      return null;
    }
    List<Constant> all = new ArrayList<>(before.constants);
    all.add(constant);
    return new Chain(all, before.factor || factor, before.shift || !factor);
  }

  private static boolean perChannel(Constant constant) {
    if (!(constant.value() instanceof OnnxValue.Numbers n)) {
      return false;
    }
    long wide = 0;
    for (long size : n.tensor().shape().sizes()) {
      wide += size == 1 ? 0 : 1;
    }
    return wide <= 1;
  }
}
