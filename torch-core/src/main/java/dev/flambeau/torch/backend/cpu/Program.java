package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Expressions as a list of steps on registers, equal subexpressions once. The first registers are
 * the inputs. Each step is run on a whole block of elements before the next one (see {@link
 * FloatBlocks}): its loop is short, the same for all operators, and compiled once for the life of
 * the JVM, where a loop generated for each operator costs 10 to 80 ms of compilation and runs
 * slowly until then.
 */
record Program(
    List<Step> steps,
    Map<Integer, Double> constants,
    int[] outputs,
    boolean[] last,
    int registers) {

  /** {@code prim} null: {@code out = a != 0 ? b : c}. */
  record Step(Prim prim, int out, int a, int b, int c) {}

  /**
   * Whether output k is computed, once, after all inputs have been read: then it may overwrite an
   * input as it is computed.
   */
  boolean last(int k) {
    return last[k];
  }

  /** What computes {@code expressions} of {@code inputs} inputs. */
  static Program of(List<Expr> expressions, int inputs) {
    return new Builder(inputs).build(expressions);
  }

  private static final class Builder {
    private final List<Step> steps = new ArrayList<>();
    private final Map<Integer, Double> constants = new HashMap<>();
    private final Map<Expr, Integer> known = new HashMap<>();
    private final int inputs;
    private int registers;

    Builder(int inputs) {
      this.inputs = inputs;
      registers = inputs;
    }

    Program build(List<Expr> expressions) {
      int[] outputs = expressions.stream().mapToInt(this::register).toArray();
      boolean[] last = new boolean[outputs.length];
      for (int k = 0; k < last.length; k++) {
        last[k] = last(outputs, k);
      }
      return new Program(List.copyOf(steps), Map.copyOf(constants), outputs, last, registers);
    }

    private boolean last(int[] outputs, int k) {
      boolean found = false;
      for (Step s : steps) {
        boolean reads = s.a() < inputs || s.b() < inputs || s.c() < inputs;
        if (found && reads) {
          return false;
        }
        found |= s.out() == outputs[k];
      }
      for (int i = 0; i < outputs.length; i++) {
        found &= outputs[i] >= inputs && (i >= k || outputs[i] != outputs[k]);
      }
      return found;
    }

    private int register(Expr e) {
      if (e instanceof Expr.In in) {
        return in.index();
      }
      Integer at = known.get(e);
      if (at == null) {
        at = add(e);
        known.put(e, at);
      }
      return at;
    }

    private int add(Expr e) {
      switch (e) {
        case Expr.Const c -> constants.put(registers, c.value());
        case Expr.In _, Expr.Out _ ->
            throw new IllegalStateException("Out is replaced before a program is made");
        case Expr.Call c -> {
          int a = register(c.args().get(0));
          int b = c.args().size() > 1 ? register(c.args().get(1)) : a;
          steps.add(new Step(c.prim(), registers, a, b, a));
        }
        case Expr.Where w -> {
          int a = register(w.condition());
          int b = register(w.yes());
          int c = register(w.no());
          steps.add(new Step(null, registers, a, b, c));
        }
      }
      return registers++;
    }
  }
}
