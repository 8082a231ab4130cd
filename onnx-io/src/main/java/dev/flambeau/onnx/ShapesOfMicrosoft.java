package dev.flambeau.onnx;

/**
 * Shapes of the operators of domain com.microsoft that exported transformers use. They have no
 * schema here: element types are said too. Source: ONNX Runtime's ContribOperators.md.
 */
final class ShapesOfMicrosoft {
  private ShapesOfMicrosoft() {}

  static void register(ShapeRules r) {
    r.put("BiasGelu FastGelu Gelu QuickGelu SimplifiedLayerNormalization", c -> like(c, 0, 0));
    r.put("LayerNormalization QLinearLeakyRelu QLinearSigmoid QLinearSoftmax", c -> like(c, 0, 0));
    r.put("BiasSplitGelu", ShapesOfMicrosoft::splitGelu);
    r.put("SkipLayerNormalization SkipSimplifiedLayerNormalization", ShapesOfMicrosoft::skip);
    r.put("EmbedLayerNormalization", ShapesOfMicrosoft::embed);
    r.put("FusedMatMul TransposeMatMul", ShapesOfMicrosoft::matMul);
    r.put("MatMulNBits", ShapesOfMicrosoft::matMulBits);
    r.put("DynamicQuantizeMatMul MatMulIntegerToFloat", ShapesOfMicrosoft::quantizedProduct);
    r.put("QLinearAdd QLinearMul", ShapesOfMicrosoft::pairs);
    r.put("Attention QAttention", ShapesOfMicrosoft::attention);
    r.put("MultiHeadAttention", ShapesOfMicrosoft::heads);
    r.put("GroupQueryAttention", ShapesOfMicrosoft::groups);
    r.put("RotaryEmbedding", c -> like(c, 0, 0));
    r.put("QuantizeLinear", ShapesOfMicrosoft::quantize);
    r.put("DequantizeLinear", ShapesOfMicrosoft::dequantize);
  }

  /** Type and shape of an input. */
  private static void like(ShapeCall c, int o, int input) {
    c.type(o, c.element(input));
    c.like(o, input);
  }

  private static void out(ShapeCall c, int o, int typeOf, Size... sizes) {
    if (o < c.outputs()) {
      c.type(o, c.element(typeOf));
      c.out(o, sizes);
    }
  }

  private static void splitGelu(ShapeCall c) {
    Size[] x = c.inAtLeast(0, 1);
    out(c, 0, 0, ShapesOfProducts.with(x, x.length - 1, x[x.length - 1].over(Size.of(2))));
  }

  /** The sum before normalizing is the fourth output; mean and deviation lack the last axis. */
  private static void skip(ShapeCall c) {
    like(c, 0, 0);
    Size[] x = c.in(0);
    Size[] rows = ShapesOfProducts.with(c.in(0), x.length - 1, Size.ONE);
    for (int o = 1; o < Math.min(3, c.outputs()); o++) {
      c.type(o, ElementType.FLOAT);
      c.out(o, rows);
    }
    out(c, 3, 0, x);
  }

  /** Tokens (B, L) and tables of embeddings -> (B, L, D), positions of the mask (B). */
  private static void embed(ShapeCall c) {
    Size[] tokens = c.in(0, 2);
    Size[] out = {tokens[0], tokens[1], c.in(2, 2)[1]};
    out(c, 0, 2, out);
    if (c.outputs() > 1) {
      c.type(1, ElementType.INT32);
      c.out(1, tokens[0]);
    }
    out(c, 2, 2, out);
  }

  private static Size[] turned(Size[] sizes, boolean turn) {
    if (turn && sizes.length > 1) {
      Size last = sizes[sizes.length - 1];
      sizes[sizes.length - 1] = sizes[sizes.length - 2];
      sizes[sizes.length - 2] = last;
    }
    return sizes;
  }

  private static void matMul(ShapeCall c) {
    c.type(0, c.element(0));
    if (!c.flag("transBatchA", false) && !c.flag("transBatchB", false)) {
      Size[] a = turned(c.in(0), c.flag("transA", false));
      c.out(0, ShapesOfProducts.product(c, a, turned(c.in(1), c.flag("transB", false))));
    }
  }

  private static void matMulBits(ShapeCall c) {
    Size[] x = c.inAtLeast(0, 1);
    out(c, 0, 0, ShapesOfProducts.with(x, x.length - 1, Size.of(c.i("N", 0))));
  }

  private static void quantizedProduct(ShapeCall c) {
    c.type(0, ElementType.FLOAT);
    c.out(0, ShapesOfProducts.product(c, c.in(0), c.in(1)));
  }

  /** Each operand with its scale and zero point. */
  private static void pairs(ShapeCall c) {
    c.type(0, c.element(0));
    c.out(0, c.broadcast(c.in(0), c.in(3)));
  }

  /** x (B, L, D), weight (D, q + k + v) -> (B, L, v); the keys and values kept grow by L. */
  private static void attention(ShapeCall c) {
    Size[] x = c.in(0, 3);
    int floats = c.type().equals("QAttention") ? 3 : 0;
    long[] hidden = c.ints("qkv_hidden_sizes", new long[0]);
    Size width = hidden.length == 3 ? Size.of(hidden[2]) : c.in(1, 2)[1].over(Size.of(3));
    out(c, 0, floats, x[0], x[1], width);
    int past = c.type().equals("QAttention") ? 8 : 4;
    Size heads = Size.of(Math.max(1, c.i("num_heads", 1)));
    Size before = !c.has(past) ? Size.ZERO : c.shaped(past) ? c.in(past, 5)[3] : Size.UNKNOWN;
    out(c, 1, floats, Size.of(2), x[0], heads, before.plus(x[1]), width.over(heads));
  }

  /** Queries (B, L, D), values (B, S, D'), or packed queries, keys and values. */
  private static void heads(ShapeCall c) {
    Size[] q = c.in(0);
    if (q.length != 3 || !c.has(2) || !c.shaped(2)) {
      c.type(0, c.element(0));
      return;
    }
    Size[] v = c.in(2);
    Size heads = Size.of(Math.max(1, c.i("num_heads", 1)));
    Size width = v.length == 3 ? v[2] : v[1].times(v[3]);
    Size length = v.length == 3 ? v[1] : v[2];
    out(c, 0, 0, q[0], q[1], width);
    Size before = !c.has(6) ? Size.ZERO : c.shaped(6) ? c.in(6, 4)[2] : Size.UNKNOWN;
    out(c, 1, 0, q[0], heads, before.plus(length), q[2].over(heads));
    out(c, 2, 0, q[0], heads, before.plus(length), width.over(heads));
  }

  /** The caches may be longer than what is in them: their size is the runtime's choice. */
  private static void groups(ShapeCall c) {
    Size[] q = c.in(0, 3);
    Size heads = Size.of(Math.max(1, c.i("num_heads", 1)));
    Size groups = Size.of(Math.max(1, c.i("kv_num_heads", 1)));
    boolean packed = !c.has(1);
    Size all = heads.plus(groups.times(2));
    Size width = packed ? q[2].over(all) : q[2].over(heads);
    out(c, 0, 0, q[0], q[1], width.times(heads));
    for (int o = 1; o < 3; o++) {
      out(c, o, 0, q[0], groups, Size.UNKNOWN, width);
    }
  }

  private static void quantize(ShapeCall c) {
    c.type(0, c.has(2) ? c.element(2) : ElementType.UINT8);
    c.like(0, 0);
  }

  private static void dequantize(ShapeCall c) {
    c.type(0, c.element(1));
    c.like(0, 0);
  }
}
