package dev.flambeau.onnx;

import static dev.flambeau.onnx.PlanSteps.read;

import dev.flambeau.torch.op.Pointwise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Joins the steps of a quantized graph so that it runs in integers: what exporters write around a
 * product (DequantizeLinear of both factors, the product, Relu or Clip, QuantizeLinear; or
 * MatMulInteger, Cast, Mul, Add) becomes one step, as do operators on elements and Concat between
 * integers. DequantizeLinear moves behind what only moves elements or takes their maximum, and is
 * dropped where QuantizeLinear undoes it. Steps whose values nothing uses any more are left out.
 *
 * <p>The joined steps are a copy of the block for inference, beside the block itself, which is what
 * is trained, changed, looked at and written. They compute the same but for rounding: sums of
 * products are exact here. What the types and sizes at hand do not allow, a joined step does as the
 * file says: {@link JoinedStep}.
 *
 * <p>MiniLM in 8 bits, one sentence of 128 tokens, one thread: from 105 ms with products in F32 to
 * 18, where F32 takes 64. A third of what is left are products.
 */
final class IntegerPlan {
  /** Their first input's elements, each as it is. */
  private static final Set<String> MOVES =
      Set.of(
          "Reshape",
          "Flatten",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "Slice",
          "Gather",
          "GatherElements",
          "GatherND",
          "Identity",
          "DepthToSpace",
          "SpaceToDepth",
          "MaxPool",
          "GlobalMaxPool");

  private static final Map<String, Pointwise> ON_ELEMENTS =
      Map.of(
          "Add", Pointwise.ADD,
          "Sub", Pointwise.SUB,
          "Mul", Pointwise.MUL,
          "Relu", Pointwise.RELU,
          "Sigmoid", Pointwise.SIGMOID,
          "Tanh", Pointwise.TANH,
          "HardSwish", Pointwise.HARDSWISH);

  private static final String QUANTIZE = "QuantizeLinear";
  private static final String DEQUANTIZE = "DequantizeLinear";

  private final PlanSteps steps;

  /** The slots in whose place others are used, because they hold the same. */
  private final Map<Integer, Integer> same = new HashMap<>();

  private boolean changed;

  private IntegerPlan(Block block) {
    steps = new PlanSteps(block);
  }

  /** The block with joined steps, or itself where there are none. */
  static Block of(Block block) {
    boolean quantized =
        block.steps.stream()
            .anyMatch(s -> s.node().type().matches(".*antizeLinear|QL.*|.*Integer"));
    if (!quantized) {
      return block;
    }
    IntegerPlan plan = new IntegerPlan(block);
    block.steps.forEach(plan::add);
    return plan.changed ? plan.finished() : block;
  }

  private Block finished() {
    steps.block().outputs.replaceAll(p -> p.at(now(p.slot())));
    return steps.finished();
  }

  private int now(int slot) {
    return same.getOrDefault(slot, slot);
  }

  private int[] now(int[] slots) {
    return Arrays.stream(slots).map(this::now).toArray();
  }

  private void add(Block.Step written) {
    List<Block.Body> bodies =
        written.bodies().stream()
            .map(b -> new Block.Body(b.attribute(), b.block(), now(b.outside())))
            .toList();
    Block.Step step =
        new Block.Step(
            written.node(), written.operator(), now(written.reads()), written.writes(), bodies);
    boolean simple = step.writes().length == 1 && bodies.isEmpty();
    boolean joined =
        simple
            && switch (step.node().type()) {
              case QUANTIZE -> quantize(step);
              case DEQUANTIZE -> bias32(step);
              case "Conv", "MatMul", "Gemm" -> product(step);
              case "Relu", "Clip" -> bounds(step);
              case "Mul" -> scale(step);
              case "Add" -> bias(step);
              case "Concat" -> moves(step, step.reads().length);
              case "MatMulInteger", "QLinearMatMul" -> packs(step);
              default -> MOVES.contains(step.node().type()) && moves(step, 1);
            };
    changed |= joined;
    if (!joined) {
      steps.put(step);
    }
  }

  /** Another operator in place of others; always true. */
  private boolean put(Block.Step at, Registry.Operator operator, int[] reads, int write) {
    steps.put(new Block.Step(at.node(), operator, reads, new int[] {write}, List.of()));
    return true;
  }

  /** The product in place of its parts, if there is one; whether there is. */
  private boolean put(Optional<JoinedProduct> product) {
    product.ifPresent(p -> steps.put(p.step()));
    return product.isPresent();
  }

  /** The product that makes an input which nothing else uses. */
  private Optional<JoinedProduct> product(Block.Step step, int input) {
    return steps
        .only(step, input)
        .map(Block.Step::operator)
        .filter(JoinedProduct.class::isInstance)
        .map(JoinedProduct.class::cast);
  }

  private boolean allFixed(Block.Step step) {
    return Arrays.stream(step.reads()).allMatch(steps::isFixed);
  }

  private boolean quantize(Block.Step step) {
    Optional<Block.Step> undone = steps.maker(step, 0, DEQUANTIZE);
    if (undone.isPresent() && undoes(step, undone.get())) {
      same.put(step.writes()[0], undone.get().reads()[0]);
      return true;
    }
    if (allFixed(step)) {
      return put(step, new Remembered(step.operator()), step.reads(), step.writes()[0]);
    }
    Optional<Block.Step> inner = steps.only(step, 0);
    return put(product(step, 0).flatMap(p -> p.rounded(step)))
        || inner.isPresent() && between(step, inner.get());
  }

  /** Whether quantizing gives the integers that were there. */
  private boolean undoes(Block.Step quantize, Block.Step dequantize) {
    return quantize.node().i("axis", 1) == dequantize.node().i("axis", 1)
        && quantize.node().i("block_size", 0) == dequantize.node().i("block_size", 0)
        && steps.equal(read(dequantize, 1), read(quantize, 1))
        && steps.equal(read(dequantize, 2), read(quantize, 2));
  }

  /** Biases, of which there are few enough to keep them as floats. */
  private boolean bias32(Block.Step step) {
    return allFixed(step)
        && steps.numbers(read(step, 0)).filter(n -> n.type() == ElementType.INT32).isPresent()
        && put(step, new Remembered(step.operator()), step.reads(), step.writes()[0]);
  }

  /** Operators on elements, and Concat, with integers on both sides. */
  private boolean between(Block.Step step, Block.Step inner) {
    boolean concat = inner.node().type().equals("Concat");
    Pointwise op = ON_ELEMENTS.get(inner.node().type());
    int operands = inner.reads().length;
    boolean known = concat || op != null && op.arity() == operands;
    if (!known || inner.node().has("broadcast")) {
      return false;
    }
    List<Block.Step> originals = new ArrayList<>();
    int[] reads = new int[JoinedElements.PARTS * operands + 2];
    for (int i = 0; i < operands; i++) {
      Optional<Block.Step> integers = steps.maker(inner, i, DEQUANTIZE);
      integers.ifPresent(originals::add);
      int at = JoinedElements.PARTS * i;
      reads[at] = integers.map(s -> read(s, 0)).orElse(read(inner, i));
      reads[at + 1] = integers.map(s -> read(s, 1)).orElse(-1);
      reads[at + 2] = integers.map(s -> read(s, 2)).orElse(-1);
    }
    int found = originals.size();
    if (found == 0 || concat && found < operands) {
      return false;
    }
    reads[JoinedElements.PARTS * operands] = read(step, 1);
    reads[JoinedElements.PARTS * operands + 1] = read(step, 2);
    originals.add(inner);
    originals.add(step);
    JoinedElements joined =
        new JoinedElements(steps.block(), originals, reads, Optional.ofNullable(op));
    return put(inner, joined, reads, step.writes()[0]);
  }

  private boolean product(Block.Step step) {
    Optional<Block.Step> x = steps.maker(step, 0, DEQUANTIZE);
    Optional<Block.Step> w = steps.maker(step, 1, DEQUANTIZE);
    if (x.isEmpty() || w.isEmpty()) {
      return false;
    }
    int weight = read(w.get(), 0);
    boolean kept =
        steps.isFixed(weight)
            || steps.maker(weight).filter(s -> s.operator() instanceof Remembered).isPresent();
    return put(JoinedProduct.of(steps.block(), x.get(), w.get(), step, kept));
  }

  /** Relu, and Clip between constants, right behind a product. */
  private boolean bounds(Block.Step step) {
    if (step.node().type().equals("Relu")) {
      return put(product(step, 0).flatMap(p -> p.bounded(step, 0, Double.POSITIVE_INFINITY)));
    }
    boolean known = true;
    double[] bounds = {
      step.node().f("min", Double.NEGATIVE_INFINITY), step.node().f("max", Double.POSITIVE_INFINITY)
    };
    for (int i = 0; i < 2; i++) {
      int slot = read(step, i + 1);
      if (slot >= 0) {
        Optional<OnnxValue.Numbers> bound = steps.number(slot);
        known &= bound.isPresent();
        bounds[i] = bound.map(n -> n.tensor().item()).orElse(bounds[i]);
      }
    }
    return known && put(product(step, 0).flatMap(p -> p.bounded(step, bounds[0], bounds[1])));
  }

  /** Mul of what Cast makes of an integer product. */
  private boolean scale(Block.Step step) {
    boolean both = step.reads().length == 2 && read(step, 0) >= 0 && read(step, 1) >= 0;
    for (int i = 0; i < 2 && both; i++) {
      Optional<Block.Step> cast = steps.only(step, i).filter(IntegerPlan::toFloat);
      Optional<Block.Step> sums =
          cast.flatMap(c -> steps.only(c, 0))
              .filter(s -> s.node().type().matches("(MatMul|Conv)Integer"));
      if (sums.isPresent()) {
        boolean kept = steps.isFixed(read(sums.get(), 1));
        List<Block.Step> all = List.of(sums.get(), cast.get(), step);
        steps.put(JoinedProduct.of(steps.block(), all, read(step, 1 - i), kept).step());
        return true;
      }
    }
    return false;
  }

  private static boolean toFloat(Block.Step step) {
    return step.node().type().equals("Cast")
        && step.node().element("to", ElementType.INT32) == ElementType.FLOAT;
  }

  /** Add of a constant vector to a product, which is its bias. */
  private boolean bias(Block.Step step) {
    for (int i = 0; i < 2 && step.reads().length == 2; i++) {
      int other = read(step, 1 - i);
      if (vector(other) && put(product(step, i).flatMap(p -> p.biased(step, other)))) {
        return true;
      }
    }
    return false;
  }

  private boolean vector(int slot) {
    Optional<OnnxValue.Numbers> constant = steps.numbers(slot);
    long[] sizes = constant.map(n -> n.tensor().shape().sizes()).orElse(new long[0]);
    long longest = Arrays.stream(sizes).max().orElse(1);
    return longest > 1 && constant.orElseThrow().tensor().numel() == longest;
  }

  /** Lets the integers be moved, and makes floats of them afterwards. */
  private boolean moves(Block.Step step, int operands) {
    List<Block.Step> all = new ArrayList<>();
    for (int i = 0; i < operands; i++) {
      steps.maker(step, i, DEQUANTIZE).ifPresent(all::add);
    }
    if (all.isEmpty() || all.size() < operands) {
      return false;
    }
    Block.Step first = all.getFirst();
    int[] reads = step.reads().clone();
    for (int i = 0; i < operands; i++) {
      Block.Step other = all.get(i);
      boolean whole =
          steps.number(read(other, 1)).isPresent() && other.node().i("block_size", 0) == 0;
      boolean alike =
          i == 0
              || steps.equal(read(first, 1), read(other, 1))
                  && steps.equal(read(first, 2), read(other, 2));
      if (!whole || !alike) {
        return false;
      }
      reads[i] = other.reads()[0];
    }
    int moved = steps.block().newSlot();
    put(step, step.operator(), reads, moved);
    int[] whole = first.reads().clone();
    whole[0] = moved;
    return put(first, first.operator(), whole, step.writes()[0]);
  }

  /** Products whose second factor is a constant, which is worth packing. */
  private boolean packs(Block.Step step) {
    boolean integers = step.node().type().equals("MatMulInteger");
    if (steps.constant(read(step, integers ? 1 : 3)).isEmpty()) {
      return false;
    }
    Registry.Operator operator =
        integers
            ? c -> IntegerProducts.matMul(c, true)
            : c -> IntegerProducts.quantizedMatMul(c, true);
    return put(step, operator, step.reads(), step.writes()[0]);
  }
}
