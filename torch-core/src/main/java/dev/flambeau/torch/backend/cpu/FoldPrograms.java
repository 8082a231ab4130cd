package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.op.Fold;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Simplify;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A fold as three programs. Registers of {@code step}: element, states, index; of {@code merge}:
 * states of the earlier and of the later part; of {@code finish}: states, count. {@code adds}: a
 * step adds the element to the only state.
 */
record FoldPrograms(
    double[] init,
    Program step,
    Program merge,
    Program finish,
    boolean usesIndex,
    boolean adds,
    int registers) {
  private static final Map<Fold, FoldPrograms> CACHE = new ConcurrentHashMap<>();

  static FoldPrograms of(Fold fold) {
    FoldPrograms known = CACHE.get(fold);
    if (known == null) {
      known = build(fold);
      CACHE.put(fold, known);
    }
    return known;
  }

  private static FoldPrograms build(Fold fold) {
    int states = fold.states();
    double[] init = fold.init().stream().mapToDouble(e -> ((Expr.Const) e).value()).toArray();
    Program step = Program.of(fold.step(), states + 2);
    Program merge = Program.of(fold.merge(), 2 * states);
    Program finish = Program.of(fold.finish(), states + 1);
    boolean usesIndex =
        fold.step().stream().anyMatch(e -> (Simplify.inputs(e) >> states + 1 & 1) != 0);
    int most = Math.max(step.registers(), Math.max(merge.registers(), finish.registers()));
    boolean adds =
        states == 1
            && step.steps().size() == 1
            && step.outputs()[0] == step.steps().getFirst().out()
            && fold.step().getFirst().equals(Expr.in(1).add(Expr.in(0)));
    return new FoldPrograms(init, step, merge, finish, usesIndex, adds, most);
  }

  int states() {
    return init.length;
  }
}
