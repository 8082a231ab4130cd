package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.IntConv;
import dev.flambeau.torch.op.IntMatMul;
import dev.flambeau.torch.op.Rescaled;
import dev.flambeau.torch.op.Structured;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Products of 8-bit integers, summed exactly in 32 bits. */
final class IntegerProducts {
  private IntegerProducts() {}

  static void register(Registry r) {
    r.values("MatMulInteger", since(10), c -> matMul(c, false));
    r.values("ConvInteger", since(10), c -> Call.plain(product(conv(c, 0, 2, 1, 3))));
    r.values("QLinearMatMul", since(10), c -> quantizedMatMul(c, false));
    r.values("QLinearConv", since(10), IntegerProducts::quantizedConv);
  }

  /**
   * An operator and the two factors with their zero points that it multiplies.
   *
   * @param shape of the result, if it is not the operator's own: that of products with vectors
   */
  record Factors(Structured op, Tensor[] in, Optional<long[]> shape) {
    private Tensor shaped(Tensor y) {
      return shape.isPresent() ? y.reshape(shape.get()) : y;
    }
  }

  /**
   * (a - zeroA)(b - zeroB) of U8 or I8. Zero points are integers of any type: one number, or one
   * for each row of a or column of b as ONNX has them: a vector, or with as many axes as the
   * matrices.
   *
   * @param weight whether b lives longer than the call
   */
  static Factors matMul(
      Tensor a, Optional<Tensor> zeroA, Tensor b, Optional<Tensor> zeroB, boolean weight) {
    Tensor rows = a.dim() == 1 ? a.unsqueeze(0) : a;
    Tensor columns = b.dim() == 1 ? b.unsqueeze(1) : b;
    Tensor byRow = zero(zeroA);
    Tensor[] in = {rows, columns, byRow.dim() == 1 ? byRow.unsqueeze(1) : byRow, zero(zeroB)};
    IntMatMul op = new IntMatMul(weight);
    if (a.dim() > 1 && b.dim() > 1) {
      return new Factors(op, in, Optional.empty());
    }
    List<Long> shape = new ArrayList<>();
    Tensor batch = a.dim() > 1 ? a : b;
    for (int i = 0; i < batch.dim() - 2; i++) {
      shape.add(batch.size(i));
    }
    if (a.dim() > 1) {
      shape.add(a.size(-2));
    }
    if (b.dim() > 1) {
      shape.add(b.size(-1));
    }
    long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
    return new Factors(op, in, Optional.of(sizes));
  }

  /** A zero point as I32: one number without axes, none as 0. */
  static Tensor zero(Optional<Tensor> given) {
    if (given.isEmpty()) {
      return Torch.full(DType.I32, 0);
    }
    Tensor zero = given.get().to(DType.I32);
    return zero.numel() == 1 ? zero.reshape() : zero;
  }

  /** The sums, I32. */
  static Tensor product(Factors f) {
    return f.shaped(Dispatcher.call(f.op, f.in));
  }

  /**
   * What becomes of sums: times {@code scale}, plus {@code bias}, brought into {@code low} to
   * {@code high}, and for integers rounded half to even, plus the zero point and saturated.
   *
   * @param scale F32: one number or, for matrices, what broadcasts to the result, for convolutions
   *     one for each channel
   * @param bias F32: one for each column or channel
   * @param zero one number; empty for 0
   * @param type FLOAT, UINT8 or INT8
   */
  record Epilogue(
      Tensor scale,
      Optional<Tensor> bias,
      double low,
      double high,
      Optional<Tensor> zero,
      ElementType type) {
    private static final double ALL = Double.POSITIVE_INFINITY;

    static Epilogue floats(Tensor scale, Optional<Tensor> bias) {
      return new Epilogue(scale, bias, -ALL, ALL, Optional.empty(), ElementType.FLOAT);
    }

    static Epilogue integers(Tensor scale, Optional<Tensor> bias, Tensor zero, ElementType type) {
      return new Epilogue(scale, bias, -ALL, ALL, Optional.of(zero), type);
    }
  }

  /** A product on another scale. */
  static Tensor rescaled(Factors f, Epilogue e) {
    DType type = e.type.require("product of integers");
    Rescaled op = new Rescaled(f.op, e.bias.isPresent(), e.low, e.high, type);
    List<Tensor> in = new ArrayList<>(Arrays.asList(f.in));
    in.add(e.scale);
    e.bias.ifPresent(in::add);
    if (op.rounds()) {
      in.add(zero(e.zero));
    }
    return f.shaped(Dispatcher.call(op, in.toArray(Tensor[]::new)));
  }

  /** MatMulInteger. */
  static OnnxValue[] matMul(Call c, boolean weight) {
    return Call.plain(product(matMul(c.in(0), c.maybe(2), c.in(1), c.maybe(3), weight)));
  }

  private static Factors conv(Call c, int x, int zeroX, int w, int zeroW) {
    return conv(c, c.in(x), c.maybe(zeroX), c.in(w), c.maybe(zeroW));
  }

  /** With the window of the node. */
  static Factors conv(Call c, Tensor x, Optional<Tensor> zeroX, Tensor w, Optional<Tensor> zeroW) {
    IntConv op = new IntConv(Convolution.window(c, x, w), c.node().i("group", 1));
    Tensor[] in = {x, w, zero(zeroX), shared(zero(zeroW))};
    return new Factors(op, in, Optional.empty());
  }

  /** One number for all channels where all have the same: ONNX Runtime's ConvInteger wants that. */
  private static Tensor shared(Tensor zero) {
    boolean same = zero.dim() > 0 && Arrays.stream(zero.toLongArray()).distinct().count() == 1;
    return same ? zero.reshape(-1).select(0, 0) : zero;
  }

  /** Scales as F32: one number without axes. */
  static Tensor scale(Tensor scale) {
    return scale.numel() == 1 ? scale.reshape().to(DType.F32) : scale.to(DType.F32);
  }

  private static Tensor byRow(Tensor vector) {
    return vector.dim() == 1 ? vector.unsqueeze(1) : vector;
  }

  /** QLinearMatMul: a, scale, zero, b, scale, zero, scale of y, zero of y. */
  static OnnxValue[] quantizedMatMul(Call c, boolean weight) {
    Factors f = matMul(c.in(0), c.maybe(2), c.in(3), c.maybe(5), weight);
    Tensor scale = byRow(scale(c.in(1))).mul(scale(c.in(4))).div(byRow(scale(c.in(6))));
    Tensor zero = c.in(7);
    if (zero.numel() == 1) {
      return rounded(c, f, scale, Optional.empty());
    }
    Tensor y = rescaled(f, Epilogue.floats(scale, Optional.empty()));
    Tensor one = Torch.full(DType.F32, 1);
    return Call.typed(Quantizing.integers(y, one, byRow(zero), c.element(7)), c.element(7));
  }

  /** x, scale, zero, w, scale, zero, scale of y, zero of y, bias in steps of both scales. */
  static OnnxValue[] quantizedConv(Call c) {
    Factors f = conv(c, 0, 2, 3, 5);
    Tensor scale = scale(c.in(1)).mul(scale(c.in(4))).div(scale(c.in(6)));
    Optional<Tensor> bias = c.maybe(8).map(b -> b.to(DType.F32).mul(scale));
    return rounded(c, f, scale, bias);
  }

  /** Of the type of the zero point, input 7. */
  private static OnnxValue[] rounded(Call c, Factors f, Tensor scale, Optional<Tensor> bias) {
    ElementType type = c.element(7);
    if (type != ElementType.UINT8 && type != ElementType.INT8) {
      throw c.bad("input 7", type, "UINT8 or INT8");
    }
    Tensor y = rescaled(f, Epilogue.integers(scale, bias, c.in(7), type));
    return new OnnxValue[] {new OnnxValue.Numbers(y, type)};
  }
}
