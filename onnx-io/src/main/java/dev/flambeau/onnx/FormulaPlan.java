package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Types;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Simplify;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Joins operators on elements that follow one another, such as the five of GELU in files of older
 * operator sets, into one formula that is computed in one pass over memory: the same operations in
 * the same order, so that not even rounding differs. Only what nothing else uses is joined.
 */
final class FormulaPlan {
  private static final Map<String, Pointwise> OPERATORS =
      Map.ofEntries(
          Map.entry("Add", Pointwise.ADD),
          Map.entry("Sub", Pointwise.SUB),
          Map.entry("Mul", Pointwise.MUL),
          Map.entry("Div", Pointwise.DIV),
          Map.entry("Neg", Pointwise.NEG),
          Map.entry("Abs", Pointwise.ABS),
          Map.entry("Exp", Pointwise.EXP),
          Map.entry("Log", Pointwise.LOG),
          Map.entry("Sqrt", Pointwise.SQRT),
          Map.entry("Reciprocal", Pointwise.RECIPROCAL),
          Map.entry("Erf", Pointwise.ERF),
          Map.entry("Tanh", Pointwise.TANH),
          Map.entry("Sigmoid", Pointwise.SIGMOID),
          Map.entry("Relu", Pointwise.RELU),
          Map.entry("HardSwish", Pointwise.HARDSWISH));

  /** Each input is read for every block: more than this evict each other from the cache. */
  private static final int INPUTS = 8;

  /** Parts of an expression at most; what an operator reads twice counts twice. */
  private static final int PARTS = 100;

  private final PlanSteps steps;
  private final Map<Integer, Formula> formulas = new HashMap<>();

  /** Constants, and what is computed of them and of sums or means alone: smaller than the rest. */
  private final Set<Integer> small = new HashSet<>();

  private boolean changed;

  private FormulaPlan(Block block) {
    steps = new PlanSteps(block);
    block.constants.forEach(held -> small.add(held.slot()));
  }

  /** The block with joined steps, or itself where there are none. */
  static Block of(Block block) {
    FormulaPlan plan = new FormulaPlan(block);
    block.steps.forEach(plan::add);
    return plan.changed ? plan.steps.finished() : block;
  }

  private void add(Block.Step step) {
    if (step.node().type().startsWith("Reduce")
        || Arrays.stream(step.reads()).allMatch(small::contains)) {
      small.addAll(Region.writes(step));
    }
    Pointwise op = OPERATORS.get(step.node().type());
    if (op == null || !isPlain(step, op)) {
      steps.put(step);
      return;
    }
    Formula formula = joined(step, op).orElseGet(() -> new Formula(steps.block(), step, op));
    boolean several = formula.originals().size() > 1;
    formulas.put(step.writes()[0], formula);
    changed |= several;
    steps.put(several ? formula.step() : step);
  }

  /** Whether the step is the operator of that name in ONNX, by today's rules of broadcasting. */
  private static boolean isPlain(Block.Step step, Pointwise op) {
    Node node = step.node();
    return Registry.find("", node.type(), node.opset()).filter(step.operator()::equals).isPresent()
        && step.reads().length == op.arity()
        && Arrays.stream(step.reads()).allMatch(slot -> slot >= 0)
        && step.writes().length == 1
        && step.writes()[0] >= 0
        && !node.has("broadcast");
  }

  private Optional<Formula> joined(Block.Step step, Pointwise op) {
    for (int slot : step.reads()) {
      Formula inner = formulas.get(slot);
      boolean stretched = small.contains(slot) && !small.contains(step.writes()[0]);
      if (inner != null && steps.once(slot) && !stretched) {
        Formula whole = inner.then(step, op, slot);
        if (whole.reads().length <= INPUTS && whole.parts <= PARTS) {
          return Optional.of(whole);
        }
      }
    }
    return Optional.empty();
  }

  /** Steps on elements as one expression of what they read. */
  private static final class Formula extends JoinedStep {
    private final Expr expression;

    /** How many of the inputs the first step reads, which has the result's shape. */
    private final int first;

    private final int parts;
    private final Pointwise op;

    private Formula(
        Block around, List<Block.Step> originals, int[] reads, Expr expression, int first) {
      super(around, originals, reads);
      this.expression = expression;
      this.first = first;
      this.parts = parts(expression);
      String name = originals.stream().map(s -> s.node().type()).collect(Collectors.joining("+"));
      this.op = new Pointwise(name, reads.length, List.of(expression), Types.FLOAT, null);
    }

    Formula(Block around, Block.Step step, Pointwise op) {
      this(around, List.of(step), step.reads(), op.outputs().getFirst(), op.arity());
    }

    /** With an operator behind it that reads this result from a slot. */
    Formula then(Block.Step step, Pointwise operator, int result) {
      List<Integer> reads = new ArrayList<>();
      Arrays.stream(reads()).forEach(reads::add);
      Expr[] operands = new Expr[operator.arity()];
      for (int i = 0; i < operands.length; i++) {
        int slot = step.reads()[i];
        if (slot != result && !reads.contains(slot)) {
          reads.add(slot);
        }
        operands[i] = slot == result ? expression : Expr.in(reads.indexOf(slot));
      }
      Expr whole = Simplify.substitute(operator.outputs().getFirst(), operands);
      List<Block.Step> all = new ArrayList<>(originals());
      all.add(step);
      int[] slots = reads.stream().mapToInt(Integer::intValue).toArray();
      return new Formula(around(), all, slots, whole, first);
    }

    /** Bounded, since each formula is made of one within the bounds. */
    private static int parts(Expr e) {
      return switch (e) {
        case Expr.Call c -> 1 + c.args().stream().mapToInt(Formula::parts).sum();
        case Expr.Where w -> 1 + parts(w.condition()) + parts(w.yes()) + parts(w.no());
        default -> 1;
      };
    }

    Block.Step step() {
      Block.Step last = originals().getLast();
      return new Block.Step(last.node(), this, reads(), last.writes(), List.of());
    }

    @Override
    Optional<OnnxValue> join(Call c) {
      Tensor[] in = new Tensor[c.count()];
      for (int i = 0; i < in.length; i++) {
        in[i] = c.in(i);
        if (c.element(i) != ElementType.FLOAT || in[i].dtype() != DType.F32) {
          return Optional.empty();
        }
      }
      return fits(in) ? Optional.of(OnnxValue.of(Dispatcher.call(op, in))) : Optional.empty();
    }

    /** Else something small would be computed for each element that it is stretched over. */
    private boolean fits(Tensor[] in) {
      Shape shape = in[0].shape();
      for (int i = 1; i < first; i++) {
        Optional<Shape> both = stretched(shape, in[i].shape());
        if (both.isEmpty()) {
          return false;
        }
        shape = both.get();
      }
      boolean fits = true;
      for (int i = first; i < in.length; i++) {
        fits &= stretched(shape, in[i].shape()).equals(Optional.of(shape));
      }
      return fits;
    }

    /** What two shapes broadcast to; empty if they do not, which the step itself says best. */
    private static Optional<Shape> stretched(Shape a, Shape b) {
      int rank = Math.max(a.rank(), b.rank());
      long[] sizes = new long[rank];
      for (int i = 1; i <= rank; i++) {
        long x = i <= a.rank() ? a.size(-i) : 1;
        long y = i <= b.rank() ? b.size(-i) : 1;
        if (x != y && x != 1 && y != 1) {
          return Optional.empty();
        }
        sizes[rank - i] = x == 1 ? y : x;
      }
      return Optional.of(Shape.of(sizes));
    }
  }
}
