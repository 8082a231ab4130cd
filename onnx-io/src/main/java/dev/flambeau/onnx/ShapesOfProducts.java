package dev.flambeau.onnx;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shapes of products of matrices and of attention. */
final class ShapesOfProducts {
  private static final int MOST_LETTERS = 1000;

  private ShapesOfProducts() {}

  static void register(ShapeRules r) {
    r.put("MatMul MatMulInteger", c -> c.out(0, product(c, c.in(0), c.in(1))));
    r.put("QLinearMatMul", c -> c.out(0, product(c, c.in(0), c.in(3))));
    r.put("Gemm", ShapesOfProducts::gemm);
    r.put("Einsum", ShapesOfProducts::einsum);
    r.put("Attention", ShapesOfProducts::attention);
    r.put("LinearAttention", ShapesOfProducts::linearAttention);
  }

  static void registerPreview(ShapeRules r) {
    r.put("FlexAttention", c -> c.out(0, with(c.in(0, 4), 3, c.in(2, 4)[3])));
  }

  static Size[] with(Size[] sizes, int axis, Size size) {
    sizes[axis] = size;
    return sizes;
  }

  /** As NumPy's matmul: vectors count as a row on the left, a column on the right. */
  static Size[] product(ShapeCall c, Size[] a, Size[] b) {
    if (a.length == 0 || b.length == 0) {
      throw c.bad("inputs", Arrays.toString(a) + ", " + Arrays.toString(b), "vectors or matrices");
    }
    Size inner = b[Math.max(0, b.length - 2)];
    c.equal("columns of the first and rows of the second input", a[a.length - 1], inner);
    Size[] left = Arrays.copyOf(a, Math.max(0, a.length - 2));
    Size[] right = Arrays.copyOf(b, Math.max(0, b.length - 2));
    Size[] batch = c.broadcast(left, right);
    int rank = batch.length;
    Size[] out = Arrays.copyOf(batch, rank + (a.length > 1 ? 1 : 0) + (b.length > 1 ? 1 : 0));
    if (a.length > 1) {
      out[rank++] = a[a.length - 2];
    }
    if (b.length > 1) {
      out[rank] = b[b.length - 1];
    }
    return out;
  }

  private static void gemm(ShapeCall c) {
    Size[] a = c.in(0, 2);
    Size[] b = c.in(1, 2);
    int m = c.flag("transA", false) ? 1 : 0;
    int n = c.flag("transB", false) ? 0 : 1;
    c.equal("inner sizes", a[1 - m], b[1 - n]);
    c.out(0, a[m], b[n]);
  }

  /** Sizes by letter; three dots stand for axes that are broadcast. */
  private static void einsum(ShapeCall c) {
    String equation = c.s("equation", "").replace(" ", "");
    int arrow = equation.indexOf("->");
    List<String> terms =
        List.of((arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1));
    if (terms.size() != c.count() || equation.length() > MOST_LETTERS) {
      throw c.bad("equation", equation, c.count() + " terms");
    }
    Map<Character, Size> sizes = new LinkedHashMap<>();
    StringBuilder once = new StringBuilder();
    Size[] dots = {};
    for (int i = 0; i < terms.size(); i++) {
      Size[] x = c.in(i);
      String term = terms.get(i);
      String letters = term.replace("...", "");
      int more = x.length - letters.length();
      if (more < 0 || more > 0 && letters.length() == term.length()) {
        throw c.bad("equation", equation, "a letter for each axis of " + Arrays.toString(x));
      }
      int at = term.indexOf("...");
      for (int k = 0; k < letters.length(); k++) {
        Size size = x[at >= 0 && k >= at ? k + more : k];
        Size before = sizes.putIfAbsent(letters.charAt(k), size);
        if (before != null) {
          sizes.put(letters.charAt(k), c.broadcast(new Size[] {before}, new Size[] {size})[0]);
        }
      }
      if (at >= 0) {
        dots = c.broadcast(dots, Arrays.copyOfRange(x, at, at + more));
      }
    }
    String all = String.join("", terms);
    sizes.keySet().stream()
        .sorted()
        .filter(letter -> all.indexOf(letter) == all.lastIndexOf(letter))
        .forEach(once::append);
    String out = arrow < 0 ? "..." + once : equation.substring(arrow + 2);
    String letters = out.replace("...", "");
    int at = out.indexOf("...");
    Size[] result = new Size[letters.length() + (at >= 0 ? dots.length : 0)];
    for (int k = 0; k < letters.length(); k++) {
      Size size = sizes.get(letters.charAt(k));
      if (size == null) {
        throw c.bad("equation", equation, "letters that inputs have");
      }
      result[at >= 0 && k >= at ? k + dots.length : k] = size;
    }
    if (at >= 0) {
      System.arraycopy(dots, 0, result, at, dots.length);
    }
    c.out(0, result);
  }

  /** Queries, keys and values as (B, heads, L, D), or (B, L, heads * D) with the heads said. */
  private static void attention(ShapeCall c) {
    boolean packed = c.rank(0) == 3;
    Size heads = Size.of(c.i("q_num_heads", 0));
    Size groups = Size.of(c.i("kv_num_heads", 0));
    Size[] q = c.in(0, packed ? 3 : 4);
    Size[] k = c.in(1, packed ? 3 : 4);
    Size[] v = c.in(2, packed ? 3 : 4);
    if (packed && (heads.is(0) || groups.is(0))) {
      throw c.bad("q_num_heads, kv_num_heads", "missing", "the heads of inputs with three axes");
    }
    Size[] queries = packed ? new Size[] {q[0], heads, q[1], q[2].over(heads)} : q;
    Size[] keys = packed ? new Size[] {k[0], groups, k[1], k[2].over(groups)} : k;
    Size[] values = packed ? new Size[] {v[0], groups, v[1], v[2].over(groups)} : v;
    Size past = Size.ZERO;
    if (c.has(4)) {
      past = c.shaped(4) ? c.in(4, 4)[2] : c.fresh();
    }
    Size all = past.plus(keys[2]);
    if (packed) {
      c.out(0, q[0], q[1], heads.times(values[3]));
    } else {
      c.out(0, q[0], q[1], q[2], values[3]);
    }
    c.out(1, keys[0], keys[1], all, keys[3]);
    c.out(2, values[0], values[1], all, values[3]);
    c.out(3, queries[0], queries[1], queries[2], all);
  }

  /** (B, L, heads * D); the state is (B, heads, D, D of values). */
  private static void linearAttention(ShapeCall c) {
    Size heads = Size.of(c.i("q_num_heads", 1));
    Size groups = Size.of(c.i("kv_num_heads", 1));
    Size[] q = c.in(0, 3);
    Size width = c.in(2, 3)[2].over(groups);
    c.out(0, q[0], q[1], heads.times(width));
    if (c.outputs() > 1 && c.result(1).type() instanceof ValueType.Unknown) {
      c.type(1, c.element(0));
    }
    c.out(1, q[0], groups, q[2].over(heads), width);
  }
}
