package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * GroupQueryAttention of com.microsoft (Ainslie et al. 2023): several query heads share a head of
 * keys and values, which a cache (N, H, most, D) holds, as numbers or as integers of 8 or 4 bits
 * times a scale. Source: onnxruntime, docs/ContribOperators.md.
 */
final class MicrosoftGroupQuery {
  private final Call c;
  private final long heads;
  private final long groups;

  /** Of the query, and of what the cache holds in the end. */
  private final long rows;

  private final long keys;

  /** A sample's keys in the end, those before the new ones, and the place of its first query. */
  private final long[] ends;

  private final long[] before;
  private final long[] starts;

  static void register(Registry r) {
    r.mapAll("GroupQueryAttention", c -> new MicrosoftGroupQuery(c).run());
  }

  private MicrosoftGroupQuery(Call c) {
    this.c = c;
    heads = c.node().i("num_heads", 0);
    groups = c.node().i("kv_num_heads", 0);
    Tensor q = c.in(0);
    if (heads < 1 || groups < 1 || heads % groups != 0 || q.dim() != 3) {
      throw c.bad(
          "num_heads, kv_num_heads", heads + ", " + groups, "a multiple of the other, and 3 axes");
    }
    if (c.node().flag("sliding_window_cache", false)) {
      throw c.bad("sliding_window_cache", 1, "0: the cache holds the whole sequence");
    }
    rows = q.size(1);
    long added = c.has(1) ? c.in(1).size(1) : rows;
    long[] last = c.longs(5);
    keys = c.scalarLong(6);
    boolean first = rows == keys;
    ends = Arrays.stream(last).map(i -> i + 1).toArray();
    before = Arrays.stream(ends).map(end -> first ? 0 : end - added).toArray();
    starts = Arrays.stream(ends).map(end -> first ? 0 : end - rows).toArray();
    for (int i = 0; i < ends.length; i++) {
      if (ends[i] < 1
          || ends[i] > keys
          || before[i] < 0
          || before[i] + added > Math.max(keys, room())) {
        throw c.bad("seqlens_k", last[i], "0 to total_sequence_length - 1, " + (keys - 1));
      }
    }
    if (ends.length != q.size(0)) {
      throw c.bad("seqlens_k", c.in(5).shape(), "one number for each of " + q.size(0));
    }
    Limits.checked(c.name(), q.size(0), heads, rows, keys);
  }

  private long room() {
    return c.has(3) ? c.in(3).size(2) : 0;
  }

  private Tensor[] run() {
    Tensor[] parts = parts();
    Tensor q = normalized(parts[0], 14);
    Tensor k = normalized(parts[1], 15);
    if (c.node().flag("do_rotary", false)) {
      q = turned(q);
      k = turned(k);
    }
    Stored keyCache = new Stored(c, "k_quant_type", 12);
    Stored valueCache = new Stored(c, "v_quant_type", 13);
    Tensor present = extended(3, keyCache.encoded(k));
    Tensor presentValues = extended(4, valueCache.encoded(parts[2]));
    Tensor scores = scores(q, keyCache.decoded(present.narrow(2, 0, keys)));
    Tensor seen = seen();
    Tensor weights = softmax(seen == null ? scores : Torch.where(seen, scores, never(scores)));
    Tensor y = together(weights).matmul(valueCache.decoded(presentValues.narrow(2, 0, keys)));
    Tensor shown = c.node().i("qk_output", 0) == 2 ? weights : scores;
    if (c.wants(3) && seen != null) {
      shown = Torch.where(seen, shown, shown.zerosLike());
    }
    Tensor apart = y.reshape(q.size(0), heads, rows, y.size(3));
    return new Tensor[] {Attention.merged(apart), present, presentValues, shown};
  }

  private static Tensor never(Tensor scores) {
    return Torch.full(scores.dtype(), Double.NEGATIVE_INFINITY);
  }

  /** Queries, keys and values as heads; without keys all lie side by side in the first input. */
  private Tensor[] parts() {
    Tensor q = c.in(0);
    if (c.has(1)) {
      return new Tensor[] {
        Attention.heads(c, q, heads),
        Attention.heads(c, c.in(1), groups),
        Attention.heads(c, c.in(2), groups)
      };
    }
    Tensor all = Attention.heads(c, q, heads + 2 * groups);
    return new Tensor[] {
      all.narrow(1, 0, heads), all.narrow(1, heads, groups), all.narrow(1, heads + groups, groups)
    };
  }

  private Tensor normalized(Tensor x, int weight) {
    if (!c.has(weight)) {
      return x;
    }
    double eps = c.node().f("qk_norm_epsilon", 1e-6f);
    return x.mul(MicrosoftNormalization.rootMeanSquare(x, new int[] {-1}, eps)).mul(c.in(weight));
  }

  private Tensor turned(Tensor x) {
    if (!c.has(7) || !c.has(8)) {
      throw c.bad("cos_cache, sin_cache", "missing", "tables, with do_rotary");
    }
    Tensor at = Torch.tensor(starts, starts.length, 1).add(Torch.arange(x.size(2)));
    if (c.has(9)) {
      // Of a first prompt's positions ONNX Runtime reads the first one, and goes on from there.
      Tensor given = rows == keys ? c.in(9).reshape(-1).narrow(0, 0, 1) : c.in(9);
      at = MicrosoftRotary.positions(c, given, x.size(0), x.size(2));
    }
    Tensor cos = MicrosoftRotary.read(c, 7, at);
    Tensor sin = MicrosoftRotary.read(c, 8, at);
    return MicrosoftRotary.turned(c, x, cos, sin, c.node().flag("rotary_interleaved", false));
  }

  /** Each sample's cache up to its length, what is new, and zeros up to the longest. */
  private Tensor extended(int cache, Tensor next) {
    long size = Math.max(keys, room());
    Limits.checked(c.name(), next.size(0), groups, size, next.size(3));
    Tensor past = c.has(cache) ? c.in(cache) : null;
    if (past != null && (past.dim() != 4 || past.dtype() != next.dtype())) {
      throw c.bad("past", past.dtype() + " " + past.shape(), "(N, H, most, D) of " + next.dtype());
    }
    if (Arrays.stream(before).allMatch(b -> b == before[0])) {
      return filled(past, next, before[0], size);
    }
    List<Tensor> samples = new ArrayList<>();
    for (int i = 0; i < before.length; i++) {
      Tensor one = past == null ? null : past.narrow(0, i, 1);
      samples.add(filled(one, next.narrow(0, i, 1), before[i], size));
    }
    return Torch.cat(samples, 0);
  }

  private Tensor filled(Tensor past, Tensor next, long before, long size) {
    List<Tensor> parts = new ArrayList<>();
    if (before > 0) {
      if (past == null || past.size(2) < before) {
        throw c.bad("past", past == null ? "missing" : past.shape(), before + " keys");
      }
      parts.add(past.narrow(2, 0, before));
    }
    parts.add(next);
    long[] sizes = next.shape().sizes();
    sizes[2] = size - before - sizes[2];
    if (sizes[2] > 0) {
      parts.add(Torch.zeros(next.dtype(), sizes));
    }
    return parts.size() == 1 ? next : Torch.cat(parts, 2);
  }

  /** A group's query heads one after another, as rows: (N, groups, rows, any). */
  private Tensor together(Tensor x) {
    return x.reshape(x.size(0), groups, heads / groups * rows, x.size(3));
  }

  private Tensor scores(Tensor q, Tensor k) {
    double given = c.node().f("scale", 0);
    double scale = given == 0 ? 1 / Math.sqrt(q.size(3)) : given;
    Tensor scores = together(q.mul(scale)).matmul(k.mT()).reshape(q.size(0), heads, rows, keys);
    double cap = c.node().f("softcap", 0);
    Tensor capped = cap > 0 ? scores.div(cap).tanh().mul(cap) : scores;
    return c.has(10) ? capped.add(c.in(10)) : capped;
  }

  /** Which keys a query sees, (N, 1, rows, keys); null if all. */
  private Tensor seen() {
    boolean causal = c.node().flag("causal", true);
    long window = c.node().i("local_window_size", -1);
    boolean whole = Arrays.stream(ends).allMatch(end -> end == keys);
    if (whole && (!causal || rows == 1) && window < 1) {
      return null;
    }
    Tensor column = Torch.arange(keys);
    Tensor end = Torch.tensor(ends, ends.length, 1, 1, 1);
    if (!causal) {
      return column.lt(end);
    }
    Tensor row = Torch.tensor(starts, starts.length, 1, 1, 1).add(Torch.arange(rows).unsqueeze(1));
    // Rows beyond a sample's end, which are padding, see what its last one does.
    Tensor last = row.minimum(end.sub(1));
    Tensor seen = column.le(last);
    return window < 1 ? seen : seen.logicalAnd(column.gt(last.sub(window)));
  }

  /** With {@code head_sink} or {@code smooth_softmax} as if there was one more key of no value. */
  private Tensor softmax(Tensor scores) {
    boolean smooth = c.node().i("smooth_softmax", -1) == 1;
    if (!c.has(11) && !smooth) {
      return scores.softmax(3);
    }
    Tensor sink =
        c.has(11) ? c.in(11).reshape(1, -1, 1, 1) : Torch.zeros(scores.dtype(), 1, 1, 1, 1);
    Tensor more = sink.expand(scores.size(0), heads, rows, 1);
    return Torch.cat(List.of(scores, more), 3).softmax(3).narrow(3, 0, keys);
  }

  /** How a cache holds numbers: as they are, or divided by a scale as integers. */
  private static final class Stored {
    private final Call c;
    private final Tensor scale;
    private final int bits;

    Stored(Call c, String type, int scale) {
      this.c = c;
      boolean plain = c.node().s(type, "NONE").equals("NONE");
      this.scale = plain ? null : c.in(scale).numel() == 1 ? c.in(scale).reshape() : c.in(scale);
      bits = (int) c.node().i("kv_cache_bit_width", 8);
      if (!plain && bits != 8 && bits != 4) {
        throw c.bad("kv_cache_bit_width", bits, "8, 4");
      }
    }

    Tensor encoded(Tensor x) {
      if (scale == null) {
        return x;
      }
      Tensor steps = x.detach().div(scale).round();
      if (bits == 8) {
        return Quantizing.integers(steps, ElementType.INT8);
      }
      return BlockQuantized.packed(Quantizing.integers(steps.add(8), ElementType.UINT4), 4);
    }

    Tensor decoded(Tensor x) {
      if (scale == null) {
        return x;
      }
      Tensor steps = bits == 8 ? x : BlockQuantized.unpacked(x, 4, 2 * x.size(-1));
      Tensor whole = steps.to(DType.F32);
      return (bits == 8 ? whole : whole.sub(8)).mul(scale);
    }
  }
}
