package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Scaled dot-product attention and its parts: operator sets 23 and newer. */
final class Attention {
  private Attention() {}

  static void register(Registry r) {
    r.mapAll("Attention", since(23), Attention::attention);
    r.map("RotaryEmbedding", since(23), Attention::rotary);
    r.mapAll("TensorScatter", since(24), c -> new Tensor[] {tensorScatter(c)});
    r.map("SwiGLU", since(28), c -> swish(c.in(0), c.node().f("alpha", 1)).mul(c.in(1)));
  }

  static void registerPreview(Registry r) {
    r.map("FlexAttention", Attention::flex);
  }

  static Tensor swish(Tensor x, double alpha) {
    return x.mul(x.mul(alpha).sigmoid());
  }

  /** (N, L, H D) as (N, H, L, D); four axes stay. */
  static Tensor heads(Call c, Tensor x, long heads) {
    if (x.dim() == 4) {
      return x;
    }
    if (x.dim() != 3 || heads < 1 || x.size(2) % heads != 0) {
      throw c.bad("Q, K, V", x.shape() + " with " + heads + " heads", "(N, L, heads * size)");
    }
    return x.reshape(x.size(0), x.size(1), heads, x.size(2) / heads).permute(0, 2, 1, 3);
  }

  /** Each key and value head serves several query heads, one after another. */
  static Tensor repeated(Tensor x, long heads) {
    long times = heads / x.size(1);
    return times == 1 ? x : x.repeatInterleave(times, 1);
  }

  /** (N, H, L, D) as (N, L, H D). */
  static Tensor merged(Tensor x) {
    return x.permute(0, 2, 1, 3).reshape(x.size(0), x.size(2), x.size(1) * x.size(3));
  }

  private static Tensor[] attention(Call c) {
    Tensor q = heads(c, c.in(0), c.node().i("q_num_heads", 0));
    Tensor k = heads(c, c.in(1), c.node().i("kv_num_heads", 0));
    Tensor v = heads(c, c.in(2), c.node().i("kv_num_heads", 0));
    long past = 0;
    if (c.has(4)) {
      past = c.in(4).size(2);
      k = Torch.cat(List.of(c.in(4), k), 2);
      v = Torch.cat(List.of(c.in(5), v), 2);
    }
    double scale = c.node().f("scale", 1 / Math.sqrt(q.size(3)));
    Tensor product = q.matmul(repeated(k, q.size(1)).transpose(2, 3)).mul(scale);
    double cap = c.node().f("softcap", 0);
    Tensor capped = cap > 0 ? product.div(cap).tanh().mul(cap) : product;
    Optional<Tensor> bias = bias(c, q.size(2), k.size(2), past, q.dtype());
    Tensor biased = bias.map(capped::add).orElse(capped);
    Tensor shares = biased.softmax(3);
    if (bias.isPresent()) {
      // Where nothing may be attended to, the softmax of minus infinities is replaced by zeros.
      Tensor none = bias.get().amax(new int[] {-1}, true).eq(Double.NEGATIVE_INFINITY);
      shares = Torch.where(none, shares.zerosLike(), shares);
    }
    Tensor y = shares.matmul(repeated(v, q.size(1)));
    Tensor shown =
        switch ((int) c.node().i("qk_matmul_output_mode", 0)) {
          case 1 -> capped;
          case 2 -> biased;
          case 3 -> shares;
          default -> product;
        };
    return new Tensor[] {c.in(0).dim() == 3 ? merged(y) : y, k, v, shown};
  }

  /** What is added to the products: mask, causality, a window and the lengths of padded keys. */
  private static Optional<Tensor> bias(Call c, long queries, long keys, long past, DType type) {
    Optional<Tensor> bias = c.maybe(3).map(mask -> asBias(mask, type, keys));
    Tensor column = Torch.arange(keys);
    Tensor row = Torch.arange(queries).unsqueeze(1);
    Tensor place = c.has(6) ? row.add(c.in(6).sub(queries).reshape(-1, 1, 1, 1)) : row.add(past);
    long right = c.node().flag("is_causal", false) ? 0 : c.node().i("right_window_size", -1);
    if (right >= 0) {
      Tensor mask = asBias(column.le(place.add(right)), type, keys);
      bias = Optional.of(bias.map(mask::add).orElse(mask));
    }
    long left = c.node().i("left_window_size", -1);
    if (left >= 0) {
      Tensor mask = asBias(column.ge(place.sub(left)), type, keys);
      bias = Optional.of(bias.map(mask::add).orElse(mask));
    }
    if (c.has(6)) {
      Tensor mask = asBias(column.lt(c.in(6).reshape(-1, 1, 1, 1)), type, keys);
      bias = Optional.of(bias.map(mask::add).orElse(mask));
    }
    return bias;
  }

  /** Minus infinity where a truth mask is false; short masks leave the last keys out. */
  static Tensor asBias(Tensor mask, DType type, long keys) {
    Tensor bias =
        mask.dtype() == DType.BOOL
            ? Torch.where(mask, Torch.full(type, 0), Torch.full(type, Double.NEGATIVE_INFINITY))
            : mask;
    long missing = keys - bias.size(-1);
    if (missing <= 0 || bias.size(-1) == 1) {
      return bias;
    }
    long[] sizes = bias.shape().sizes();
    sizes[sizes.length - 1] = missing;
    Tensor rest = Torch.full(bias.dtype(), Double.NEGATIVE_INFINITY, sizes);
    return Torch.cat(List.of(bias, rest), -1);
  }

  /** Pairs of features turned by angles that grow with the position (Su et al. 2021). */
  private static Tensor rotary(Call c) {
    Tensor x = heads(c, c.in(0), c.node().i("num_heads", 0));
    Tensor cos = c.in(1);
    Tensor sin = c.in(2);
    if (c.has(3)) {
      Tensor at = c.in(3);
      cos = rows(cos, at);
      sin = rows(sin, at);
    }
    Tensor y = rotated(x, cos.unsqueeze(1), sin.unsqueeze(1), c.node().flag("interleaved", false));
    return c.in(0).dim() == 3 ? merged(y) : y;
  }

  static Tensor rows(Tensor table, Tensor at) {
    Tensor rows = table.indexSelect(0, at.to(DType.I64).reshape(-1));
    return rows.reshape(at.size(0), at.size(1), table.size(1));
  }

  /** x (N, H, L, D); cos and sin (N, 1, L, R / 2): the first R features are turned. */
  static Tensor rotated(Tensor x, Tensor cos, Tensor sin, boolean interleaved) {
    long turned = 2 * cos.size(-1);
    Tensor part = x.narrow(3, 0, turned);
    Tensor first = interleaved ? part.slice(3, 0, turned, 2) : part.narrow(3, 0, turned / 2);
    Tensor second =
        interleaved ? part.slice(3, 1, turned, 2) : part.narrow(3, turned / 2, turned / 2);
    Tensor real = cos.mul(first).sub(sin.mul(second));
    Tensor imaginary = sin.mul(first).add(cos.mul(second));
    Tensor out =
        interleaved
            ? Torch.stack(List.of(real, imaginary), 4).reshape(part.shape().sizes())
            : Torch.cat(List.of(real, imaginary), 3);
    long rest = x.size(3) - turned;
    return rest == 0 ? out : Torch.cat(List.of(out, x.narrow(3, turned, rest)), 3);
  }

  /** A cache (N, ..., L, D) with an update written from each sample's place on. */
  private static Tensor tensorScatter(Call c) {
    Tensor cache = c.in(0);
    Tensor update = c.in(1);
    int axis = c.axis(-2, cache);
    boolean circular = c.node().s("mode", "linear").equals("circular");
    long[] start = c.has(2) ? c.longs(2) : new long[(int) cache.size(0)];
    long size = cache.size(axis);
    long[] index = new long[Math.toIntExact(cache.size(0) * update.size(axis))];
    for (int i = 0; i < index.length; i++) {
      long place = start[(int) (i / update.size(axis))] + i % update.size(axis);
      index[i] = circular ? Math.floorMod(place, size) : place;
      if (index[i] < 0 || index[i] >= size) {
        throw c.bad("write_indices", place, "places in a cache of " + size);
      }
    }
    long[] sizes = new long[cache.dim()];
    Arrays.fill(sizes, 1);
    sizes[0] = cache.size(0);
    sizes[axis] = update.size(axis);
    Tensor places = Torch.tensor(index, sizes).expand(update.shape()).contiguous();
    return cache.scatter(axis, places, update);
  }

  /** Attention whose products and shares pass through graphs of the node. */
  private static Tensor flex(Call c) {
    Tensor q = c.in(0);
    double scale = c.node().f("scale", 1 / Math.sqrt(q.size(3)));
    Tensor keys = repeated(c.in(1), q.size(1));
    Tensor score = modified(c, "score_mod", q.matmul(keys.transpose(2, 3)).mul(scale));
    Tensor shares = modified(c, "prob_mod", score.softmax(3));
    return shares.matmul(repeated(c.in(2), q.size(1)));
  }

  private static Tensor modified(Call c, String graph, Tensor x) {
    if (!c.node().bodies().containsKey(graph)) {
      return x;
    }
    OnnxValue given = c.like(0, x)[0];
    if (c.body(graph, given)[0] instanceof OnnxValue.Numbers n) {
      return n.tensor();
    }
    throw c.bad(graph, "a graph without tensor", "a graph from scores to scores");
  }
}
