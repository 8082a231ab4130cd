package dev.flambeau.onnx;

import java.util.Arrays;
import java.util.Locale;

/** Shapes of operators that work on each element for itself, or keep the shape of their input. */
final class ShapesOfElements {
  private static final String ALIKE =
      "Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Clip Cos Cosh CumProd CumSum Elu"
          + " Erf Exp Floor Gelu GroupNormalization HardSigmoid HardSwish Hardmax"
          + " InstanceNormalization IsInf IsNaN LRN LeakyRelu Log LogSoftmax LpNormalization"
          + " MeanVarianceNormalization Mish Neg Not PRelu RMSNormalization Reciprocal"
          + " RegexFullMatch Relu ReverseSequence RotaryEmbedding Round Scatter ScatterElements"
          + " ScatterND Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt SwiGLU"
          + " Swish Tan Tanh TensorScatter ThresholdedRelu Trilu";

  private ShapesOfElements() {}

  static void register(ShapeRules r) {
    r.put(ALIKE, c -> c.like(0, 0));
    r.put("And Or Xor Equal Greater Less Add Sub Mul Div Pow", c -> broadcast(c, 7));
    r.put("BitShift BitwiseAnd BitwiseOr BitwiseXor GreaterOrEqual LessOrEqual Mod", all(1));
    r.put("Max Min Sum Mean", all(8));
    r.put("Where StringConcat", all(1));
    r.put("Identity", c -> c.set(0, c.known(0)));
    r.put("Cast BitCast", ShapesOfElements::cast);
    r.put("CastLike", ShapesOfElements::castLike);
    r.put("Bernoulli EyeLike RandomNormalLike RandomUniformLike", ShapesOfElements::typed);
    r.put("Dropout", ShapesOfElements::dropout);
    r.put("BatchNormalization", ShapesOfElements::batchNorm);
    r.put("LayerNormalization", ShapesOfElements::layerNorm);
    r.put("QuantizeLinear", ShapesOfElements::quantize);
    r.put("DequantizeLinear", ShapesOfElements::dequantize);
    r.put("DynamicQuantizeLinear", ShapesOfElements::dynamic);
    r.put("StringNormalizer", ShapesOfElements::normalizer);
    r.put("StringSplit", ShapesOfElements::split);
  }

  /** Below operator set {@code since} the second operand was made to fit the first. */
  private static void broadcast(ShapeCall c, long since) {
    if (c.opset() < since) {
      c.like(0, 0);
      return;
    }
    Size[] sizes = c.in(0);
    for (int i = 1; i < c.count(); i++) {
      sizes = c.broadcast(sizes, c.in(i));
    }
    c.out(0, sizes);
  }

  private static ShapeRules.Rule all(long since) {
    return c -> broadcast(c, since);
  }

  /** Below operator set 6 the type was a text. */
  private static void cast(ShapeCall c) {
    if (c.opset() >= 6 || c.type().equals("BitCast")) {
      c.type(0, c.element("to", ElementType.FLOAT));
    } else {
      Arrays.stream(ElementType.values())
          .filter(e -> e.name().equals(c.s("to", "").toUpperCase(Locale.ROOT)))
          .findFirst()
          .ifPresent(e -> c.type(0, e));
    }
    c.like(0, 0);
  }

  private static void castLike(ShapeCall c) {
    c.type(0, c.element(1));
    c.like(0, 0);
  }

  private static void typed(ShapeCall c) {
    if (c.hasAttribute("dtype")) {
      c.type(0, c.element("dtype", ElementType.FLOAT));
    } else if (c.type(0) instanceof ValueType.Dense d) {
      d.type().ifPresent(type -> c.type(0, type));
    }
    c.like(0, 0);
  }

  private static void dropout(ShapeCall c) {
    c.like(0, 0);
    c.like(1, 0);
  }

  private static void batchNorm(ShapeCall c) {
    c.like(0, 0);
    Size channels = c.inAtLeast(0, 1).length > 1 ? c.in(0)[1] : Size.ONE;
    for (int i = 1; i < 5; i++) {
      if (c.shaped(i)) {
        c.equal("channels", c.in(i, 1)[0], channels);
      }
      c.out(i, channels);
    }
  }

  private static void layerNorm(ShapeCall c) {
    ElementType stash = c.element("stash_type", ElementType.FLOAT);
    c.type(1, stash);
    c.type(2, stash);
    Size[] sizes = c.in(0);
    c.out(0, sizes);
    Arrays.fill(sizes, c.axis(c.i("axis", -1), sizes.length), sizes.length, Size.ONE);
    c.out(1, sizes);
    c.out(2, sizes);
  }

  /** The type is the zero point's, else what the attribute says, else UINT8. */
  private static void quantize(ShapeCall c) {
    if (!c.has(2)) {
      long code = c.i("output_dtype", 0);
      c.type(0, code == 0 ? ElementType.UINT8 : c.element("output_dtype", ElementType.UINT8));
    }
    c.like(0, 0);
  }

  private static void dequantize(ShapeCall c) {
    if (c.i("output_dtype", 0) != 0) {
      c.type(0, c.element("output_dtype", ElementType.FLOAT));
    } else if (c.opset() >= 19 && c.type(1) instanceof ValueType.Dense d) {
      d.type().ifPresent(type -> c.type(0, type));
    }
    c.like(0, 0);
  }

  private static void dynamic(ShapeCall c) {
    c.out(1);
    c.out(2);
    c.like(0, 0);
  }

  /** Some strings may be dropped; of a row of them, if all are, an empty one is left. */
  private static void normalizer(ShapeCall c) {
    Size[] sizes = c.in(0);
    if (c.hasAttribute("stopwords")) {
      sizes[sizes.length - 1] = Size.UNKNOWN;
    }
    c.out(0, sizes);
  }

  private static void split(ShapeCall c) {
    Size[] sizes = c.in(0);
    c.out(1, sizes);
    Size[] parts = Arrays.copyOf(sizes, sizes.length + 1);
    parts[sizes.length] = Size.UNKNOWN;
    c.out(0, parts);
  }
}
