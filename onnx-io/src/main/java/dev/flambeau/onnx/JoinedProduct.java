package dev.flambeau.onnx;

import static dev.flambeau.onnx.PlanSteps.read;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A product of integers with what is done to it: scale, bias, bounds, rounding. Either of two that
 * DequantizeLinear makes floats of (Conv, MatMul, Gemm), or MatMulInteger or ConvInteger with Cast
 * and Mul, whose factor then stands where the weight's scale does.
 */
final class JoinedProduct extends JoinedStep {
  private static final int X = 0;
  private static final int X_SCALE = 1;
  private static final int X_ZERO = 2;
  private static final int W = 3;
  private static final int W_SCALE = 4;
  private static final int W_ZERO = 5;
  private static final int BIAS = 6;
  private static final int Y_SCALE = 7;
  private static final int Y_ZERO = 8;
  private static final int INPUTS = 9;

  /** What happens after the product. */
  private enum Then {
    SCALE,
    BIAS,
    BOUNDS,
    ROUNDING
  }

  private final Block.Step product;
  private final Then last;
  private final double low;
  private final double high;

  /** Whether the weight lives as long as the module. */
  private final boolean kept;

  /** Scale, bias and zero points as they were computed last. */
  private volatile Remembered.Sight<Tensor[]> known;

  private volatile Remembered.Sight<Tensor> knownZero;

  private JoinedProduct(
      Block around,
      List<Block.Step> originals,
      int[] reads,
      Block.Step product,
      Then last,
      double low,
      double high,
      boolean kept) {
    super(around, originals, reads);
    this.product = product;
    this.last = last;
    this.low = low;
    this.high = high;
    this.kept = kept;
  }

  private JoinedProduct(
      JoinedProduct before, Then last, Block.Step more, int[] reads, double low, double high) {
    this(
        before.around(),
        plus(before.originals(), more),
        reads,
        before.product,
        last,
        low,
        high,
        before.kept);
  }

  private static List<Block.Step> plus(List<Block.Step> steps, Block.Step more) {
    List<Block.Step> all = new ArrayList<>(steps);
    all.add(more);
    return all;
  }

  private static JoinedProduct of(
      Block around, List<Block.Step> originals, int[] reads, Block.Step product, boolean kept) {
    Then last = reads[BIAS] >= 0 ? Then.BIAS : Then.SCALE;
    double all = Double.POSITIVE_INFINITY;
    return new JoinedProduct(around, originals, reads, product, last, -all, all, kept);
  }

  /** Conv, MatMul or Gemm of what two steps make floats of; empty if it cannot be joined. */
  static Optional<JoinedProduct> of(
      Block around, Block.Step x, Block.Step w, Block.Step product, boolean kept) {
    Node node = product.node();
    boolean plain =
        read(x, 1) >= 0
            && read(w, 1) >= 0
            && node.i("transA", 0) == 0
            && node.f("alpha", 1) == 1
            && node.f("beta", 1) == 1
            && x.node().i("block_size", 0) == 0
            && w.node().i("block_size", 0) == 0;
    int[] reads = {
      read(x, 0),
      read(x, 1),
      read(x, 2),
      read(w, 0),
      read(w, 1),
      read(w, 2),
      read(product, 2),
      -1,
      -1
    };
    return plain
        ? Optional.of(of(around, List.of(x, w, product), reads, product, kept))
        : Optional.empty();
  }

  /** MatMulInteger or ConvInteger, Cast, and Mul by what is in a slot. */
  static JoinedProduct of(Block around, List<Block.Step> steps, int factor, boolean kept) {
    Block.Step sums = steps.getFirst();
    int[] reads = new int[INPUTS];
    Arrays.fill(reads, -1);
    reads[X] = read(sums, 0);
    reads[X_ZERO] = read(sums, 2);
    reads[W] = read(sums, 1);
    reads[W_ZERO] = read(sums, 3);
    reads[W_SCALE] = factor;
    return of(around, steps, reads, sums, kept);
  }

  private boolean before(Then then) {
    return last.compareTo(then) < 0;
  }

  /** With a vector added; empty if that comes too late, as in the following ones. */
  Optional<JoinedProduct> biased(Block.Step add, int vector) {
    int[] reads = reads();
    reads[BIAS] = vector;
    return before(Then.BIAS)
        ? Optional.of(new JoinedProduct(this, Then.BIAS, add, reads, low, high))
        : Optional.empty();
  }

  Optional<JoinedProduct> bounded(Block.Step clip, double least, double most) {
    return before(Then.BOUNDS)
        ? Optional.of(new JoinedProduct(this, Then.BOUNDS, clip, reads(), least, most))
        : Optional.empty();
  }

  Optional<JoinedProduct> rounded(Block.Step quantize) {
    int[] reads = reads();
    reads[Y_SCALE] = read(quantize, 1);
    reads[Y_ZERO] = read(quantize, 2);
    return before(Then.ROUNDING) && reads[Y_SCALE] >= 0
        ? Optional.of(new JoinedProduct(this, Then.ROUNDING, quantize, reads, low, high))
        : Optional.empty();
  }

  /** The step that this is, writing what the last of its originals writes. */
  Block.Step step() {
    int[] writes = {originals().getLast().writes()[0]};
    return new Block.Step(product.node(), this, reads(), writes, List.of());
  }

  private boolean convolves() {
    return product.node().type().startsWith("Conv");
  }

  /** Whether it is one of floats, in which the weight's scales count along an axis. */
  private boolean dequantizes() {
    return !product.node().type().endsWith("Integer");
  }

  private boolean rounds() {
    return last == Then.ROUNDING;
  }

  @Override
  Optional<OnnxValue> join(Call c) {
    if (!fits(c)) {
      return Optional.empty();
    }
    Tensor[] parts = parts(c);
    Tensor w = transposed() ? c.in(W).t() : c.in(W);
    Optional<Tensor> zeroX = Optional.of(parts[2]);
    Optional<Tensor> zeroW = Optional.of(parts[3]);
    IntegerProducts.Factors f =
        convolves()
            ? IntegerProducts.conv(c, c.in(X), zeroX, w, zeroW)
            : IntegerProducts.matMul(c.in(X), zeroX, w, zeroW, kept);
    ElementType type = rounds() ? type(c) : ElementType.FLOAT;
    double step = rounds() ? c.in(Y_SCALE).item() : 1;
    Optional<Tensor> bias = Optional.ofNullable(parts[1]);
    Optional<Tensor> zeroY = Optional.ofNullable(parts[4]);
    IntegerProducts.Epilogue e =
        new IntegerProducts.Epilogue(parts[0], bias, low / step, high / step, zeroY, type);
    return Optional.of(new OnnxValue.Numbers(IntegerProducts.rescaled(f, e), type));
  }

  private static ElementType type(Call c) {
    return c.has(Y_ZERO) ? c.element(Y_ZERO) : ElementType.UINT8;
  }

  private boolean transposed() {
    return product.node().i("transB", 0) != 0;
  }

  private static boolean one(Call c, int input) {
    return !c.has(input) || c.in(input).numel() == 1;
  }

  private boolean fits(Call c) {
    boolean bytes = true;
    for (int input : new int[] {X, W}) {
      DType type = c.in(input).dtype();
      boolean gemm = product.node().type().equals("Gemm");
      int rank = c.in(input).dim();
      bytes &= (type == DType.U8 || type == DType.I8) && (gemm ? rank == 2 : rank > 1);
    }
    boolean result =
        !rounds()
            || one(c, Y_SCALE) && (type(c) == ElementType.UINT8 || type(c) == ElementType.INT8);
    return bytes
        && one(c, X_SCALE)
        && one(c, X_ZERO)
        && result
        && c.element(W_SCALE) == ElementType.FLOAT
        && (one(c, W_SCALE) || (dequantizes() ? counted(c) : along(c, c.in(W_SCALE), false)))
        && (!c.has(BIAS) || along(c, c.in(BIAS), reads()[BIAS] == read(product, 2)));
  }

  private int columnAxis(Call c) {
    return convolves() || transposed() ? 0 : c.in(W).dim() - 1;
  }

  /** Whether the weight's scales are one a column or channel. */
  private boolean counted(Call c) {
    Tensor scale = c.in(W_SCALE);
    int axis = columnAxis(c);
    long along = originals().get(1).node().i("axis", 1);
    return scale.dim() == 1
        && scale.numel() == c.in(W).size(axis)
        && (along < 0 ? along + c.in(W).dim() : along) == axis;
  }

  /**
   * Whether there is one for each column or channel.
   *
   * @param own whether it is the operator's own, and not an operand that is broadcast
   */
  private boolean along(Call c, Tensor vector, boolean own) {
    long columns = c.in(W).size(columnAxis(c));
    int behind = convolves() ? c.in(X).dim() - 2 : 0;
    int rank = vector.dim();
    boolean broadcast = rank > behind && vector.size(rank - 1 - behind) == columns;
    return vector.numel() == columns && (own && rank == 1 || broadcast);
  }

  /**
   * Scale, bias and the three zero points as the product takes them; null for what is not there.
   */
  private Tensor[] parts(Call c) {
    Tensor[] from = new Tensor[INPUTS];
    for (int i = 0; i < INPUTS; i++) {
      from[i] = i != X && i != W && c.has(i) ? c.in(i) : null;
    }
    Remembered.Sight<Tensor[]> sight = known;
    if (sight != null && sight.fits(from)) {
      return sight.result();
    }
    Tensor scale = vector(from[W_SCALE]);
    Tensor bias = from[BIAS] == null ? null : vector(from[BIAS]);
    if (from[X_SCALE] != null) {
      scale = vector(from[X_SCALE]).mul(scale);
    }
    if (rounds()) {
      Tensor step = vector(from[Y_SCALE]);
      scale = scale.div(step);
      bias = bias == null ? null : bias.div(step);
    }
    Tensor zeroY = rounds() ? zero(from[Y_ZERO]) : null;
    Tensor[] parts = {scale, bias, zero(from[X_ZERO]), zeroW(from[W_ZERO]), zeroY};
    if (dequantizes()) {
      known = Remembered.Sight.of(from, parts, parts);
    }
    return parts;
  }

  private Tensor zeroW(Tensor zero) {
    Remembered.Sight<Tensor> sight = knownZero;
    if (sight == null || !sight.fits(zero)) {
      Tensor integers = zero(zero);
      sight = Remembered.Sight.of(new Tensor[] {zero}, integers, integers);
      knownZero = sight;
    }
    return sight.result();
  }

  private static Tensor vector(Tensor t) {
    return (t.numel() == 1 ? t.reshape() : t.reshape(-1)).to(DType.F32);
  }

  private static Tensor zero(Tensor t) {
    return IntegerProducts.zero(Optional.ofNullable(t));
  }
}
