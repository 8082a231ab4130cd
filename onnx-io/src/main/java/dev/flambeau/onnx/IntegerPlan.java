package dev.flambeau.onnx;

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

  private final Block block;
  private final Map<Integer, Constant> constants = new HashMap<>();
  private final Map<Integer, Integer> uses = new HashMap<>();
  private final Map<Integer, Integer> same = new HashMap<>();
  private final Map<Integer, Block.Step> makers = new HashMap<>();
  private final List<Block.Step> steps = new ArrayList<>();
  private boolean changed;

  private IntegerPlan(Block block) {
    this.block = block;
    block.constants.forEach(held -> constants.put(held.slot(), held.constant()));
    block.steps.forEach(step -> Region.reads(step).forEach(slot -> uses.merge(slot, 1, Integer::sum)));
    block.outputs.forEach(port -> uses.merge(port.slot(), 1, Integer::sum));
  }

  /** The block with joined steps, or itself where there are none. */
  static Block of(Block block) {
    boolean quantized =
        block.steps.stream().anyMatch(s -> s.node().type().matches(".*antizeLinear|QL.*|.*Integer"));
    if (!quantized) {
      return block;
    }
    IntegerPlan plan = new IntegerPlan(block.withOutputs(block.outputs));
    block.steps.forEach(plan::add);
    return plan.changed ? plan.finished() : block;
  }

  private Block finished() {
    block.steps.clear();
    block.steps.addAll(steps);
    block.outputs.replaceAll(p -> new Block.Port(p.name(), now(p.slot()), p.type(), p.dims()));
    Surgery.prune(block);
    return block.plain();
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
    if (step.writes().length == 0 || !bodies.isEmpty()) {
      put(step);
      return;
    }
    boolean joined =
        switch (step.node().type()) {
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
      put(step);
    }
  }

  private void put(Block.Step step) {
    steps.add(step);
    Region.writes(step).forEach(slot -> makers.put(slot, step));
  }

  /** Another operator in place of others; always true. */
  private boolean put(Block.Step at, Registry.Operator operator, int[] reads, int write) {
    put(new Block.Step(at.node(), operator, reads, new int[] {write}, List.of()));
    return true;
  }

  /** The product in place of its parts, if there is one; whether there is. */
  private boolean put(Optional<JoinedProduct> product) {
    product.ifPresent(p -> put(p.step()));
    return product.isPresent();
  }

  private Optional<Block.Step> maker(Block.Step step, int input, String type) {
    int slot = read(step, input);
    Block.Step maker = slot < 0 ? null : makers.get(slot);
    boolean fits = maker != null && maker.node().type().equals(type) && maker.writes()[0] == slot;
    return fits ? Optional.of(maker) : Optional.empty();
  }

  private static int read(Block.Step step, int input) {
    return input < step.reads().length ? step.reads()[input] : -1;
  }

  /** What makes an input, if nothing else uses that. */
  private Optional<Block.Step> only(Block.Step step, int input) {
    int slot = read(step, input);
    boolean alone = slot >= 0 && uses.getOrDefault(slot, 0) == 1;
    return alone ? Optional.ofNullable(makers.get(slot)) : Optional.empty();
  }

  /** The product that makes an input which nothing else uses. */
  private Optional<JoinedProduct> product(Block.Step step, int input) {
    return only(step, input)
        .map(Block.Step::operator)
        .filter(JoinedProduct.class::isInstance)
        .map(JoinedProduct.class::cast);
  }

  private boolean isConstant(int slot) {
    return slot < 0 || constants.containsKey(slot);
  }

  /** Constants of one number that are not trained and equal. */
  private boolean equal(int a, int b) {
    if (a == b) {
      return a >= 0;
    }
    Constant x = constants.get(a);
    Constant y = constants.get(b);
    return x != null
        && y != null
        && x.role() == Constant.Role.CONSTANT
        && y.role() == Constant.Role.CONSTANT
        && x.value() instanceof OnnxValue.Numbers m
        && y.value() instanceof OnnxValue.Numbers n
        && m.type() == n.type()
        && m.tensor().numel() == 1
        && n.tensor().numel() == 1
        && m.tensor().item() == n.tensor().item();
  }

  private boolean quantize(Block.Step step) {
    Optional<Block.Step> undone = maker(step, 0, DEQUANTIZE);
    if (undone.isPresent()
        && equal(read(undone.get(), 1), read(step, 1))
        && equal(read(undone.get(), 2), read(step, 2))) {
      same.put(step.writes()[0], undone.get().reads()[0]);
      return true;
    }
    if (Arrays.stream(step.reads()).allMatch(this::isConstant)) {
      return put(step, new Remembered(step.operator()), step.reads(), step.writes()[0]);
    }
    Optional<Block.Step> inner = only(step, 0);
    return put(product(step, 0).flatMap(p -> p.rounded(step)))
        || inner.isPresent() && between(step, inner.get());
  }

  /** Biases, of which there are few enough to keep them as floats. */
  private boolean bias32(Block.Step step) {
    Constant bias = constants.get(read(step, 0));
    return bias != null
        && Arrays.stream(step.reads()).allMatch(this::isConstant)
        && bias.value() instanceof OnnxValue.Numbers n
        && n.type() == ElementType.INT32
        && put(step, new Remembered(step.operator()), step.reads(), step.writes()[0]);
  }

  /** Operators on elements, and Concat, with integers on both sides. */
  private boolean between(Block.Step step, Block.Step inner) {
    boolean concat = inner.node().type().equals("Concat");
    Pointwise op = ON_ELEMENTS.get(inner.node().type());
    List<Block.Step> originals = new ArrayList<>();
    int operands = inner.reads().length;
    int[] reads = new int[3 * operands + 2];
    for (int i = 0; i < operands; i++) {
      Optional<Block.Step> integers = maker(inner, i, DEQUANTIZE);
      integers.ifPresent(originals::add);
      reads[3 * i] = integers.isPresent() ? read(integers.get(), 0) : read(inner, i);
      reads[3 * i + 1] = integers.isPresent() ? read(integers.get(), 1) : -1;
      reads[3 * i + 2] = integers.isPresent() ? read(integers.get(), 2) : -1;
    }
    int found = originals.size();
    boolean older = inner.node().has("broadcast");
    if (found == 0 || older || !concat && (op == null || op.arity() != operands)) {
      return false;
    }
    if (concat && found < operands) {
      return false;
    }
    reads[3 * operands] = read(step, 1);
    reads[3 * operands + 1] = read(step, 2);
    originals.add(inner);
    originals.add(step);
    Registry.Operator joined = new JoinedElements(block, originals, reads, Optional.ofNullable(op));
    return put(concat ? inner : step, joined, reads, step.writes()[0]);
  }

  private boolean product(Block.Step step) {
    Optional<Block.Step> x = maker(step, 0, DEQUANTIZE);
    Optional<Block.Step> w = maker(step, 1, DEQUANTIZE);
    if (x.isEmpty() || w.isEmpty()) {
      return false;
    }
    int weight = read(w.get(), 0);
    Block.Step maker = makers.get(weight);
    boolean kept = isConstant(weight) || maker != null && maker.operator() instanceof Remembered;
    return put(JoinedProduct.of(block, x.get(), w.get(), step, kept));
  }

  /** Relu, and Clip between constants, right behind a product. */
  private boolean bounds(Block.Step step) {
    double low = Double.NEGATIVE_INFINITY;
    double high = Double.POSITIVE_INFINITY;
    if (step.node().type().equals("Relu")) {
      low = 0;
    } else if (isConstant(read(step, 1)) && isConstant(read(step, 2))) {
      low = number(read(step, 1), step.node().f("min", low));
      high = number(read(step, 2), step.node().f("max", high));
    } else {
      return false;
    }
    double least = low;
    double most = high;
    return put(product(step, 0).flatMap(p -> p.bounded(step, least, most)));
  }

  private double number(int slot, double fallback) {
    boolean one =
        slot >= 0
            && constants.get(slot).value() instanceof OnnxValue.Numbers n
            && n.tensor().numel() == 1;
    return one ? ((OnnxValue.Numbers) constants.get(slot).value()).tensor().item() : fallback;
  }

  /** Mul of what Cast makes of an integer product. */
  private boolean scale(Block.Step step) {
    boolean both = step.reads().length == 2 && read(step, 0) >= 0 && read(step, 1) >= 0;
    for (int i = 0; i < 2 && both; i++) {
      Optional<Block.Step> cast = only(step, i).filter(s -> s.node().type().equals("Cast"));
      if (cast.isEmpty() || cast.get().node().element("to", ElementType.INT32) != ElementType.FLOAT) {
        continue;
      }
      Optional<Block.Step> sums =
          only(cast.get(), 0).filter(s -> s.node().type().matches("(MatMul|Conv)Integer"));
      if (sums.isPresent()) {
        boolean kept = isConstant(read(sums.get(), 1));
        List<Block.Step> all = List.of(sums.get(), cast.get(), step);
        put(JoinedProduct.of(block, all, read(step, 1 - i), kept).step());
        return true;
      }
    }
    return false;
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
    Constant constant = constants.get(slot);
    if (constant == null || !(constant.value() instanceof OnnxValue.Numbers n)) {
      return false;
    }
    long longest = Arrays.stream(n.tensor().shape().sizes()).max().orElse(1);
    return n.tensor().numel() == longest && longest > 1;
  }

  /** Lets the integers be moved, and makes floats of them afterwards. */
  private boolean moves(Block.Step step, int operands) {
    List<Block.Step> all = new ArrayList<>();
    for (int i = 0; i < operands; i++) {
      maker(step, i, DEQUANTIZE).ifPresent(all::add);
    }
    if (all.isEmpty() || all.size() < operands || step.writes().length > 1) {
      return false;
    }
    Block.Step first = all.getFirst();
    int[] reads = step.reads().clone();
    for (int i = 0; i < operands; i++) {
      Block.Step other = all.get(i);
      boolean whole = isNumber(read(other, 1)) && other.node().i("block_size", 0) == 0;
      boolean alike =
          i == 0
              || equal(read(first, 1), read(other, 1)) && equal(read(first, 2), read(other, 2));
      if (!whole || !alike) {
        return false;
      }
      reads[i] = other.reads()[0];
    }
    int moved = block.newSlot();
    put(new Block.Step(step.node(), step.operator(), reads, new int[] {moved}, List.of()));
    int[] whole = first.reads().clone();
    whole[0] = moved;
    put(new Block.Step(first.node(), first.operator(), whole, step.writes(), List.of()));
    return true;
  }

  private boolean isNumber(int slot) {
    Constant constant = constants.get(slot);
    return constant != null
        && constant.value() instanceof OnnxValue.Numbers n
        && n.tensor().numel() == 1;
  }

  /** Products whose second factor is a constant, which is worth packing. */
  private boolean packs(Block.Step step) {
    boolean integers = step.node().type().equals("MatMulInteger");
    if (!constants.containsKey(read(step, integers ? 1 : 3))) {
      return false;
    }
    Registry.Operator operator =
        integers ? c -> IntegerProducts.matMul(c, true) : c -> IntegerProducts.quantizedMatMul(c, true);
    return put(step, operator, step.reads(), step.writes()[0]);
  }
}
