package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;
import java.util.List;

/**
 * Attention of com.microsoft with its projections, masks and caches. Heads are (N, H, L, D), caches
 * (N, H, past, D) or both in one (2, N, H, past, D). Source: onnxruntime, docs/ContribOperators.md.
 */
final class MicrosoftAttention {
  private static final double MASKED = -10000;

  private MicrosoftAttention() {}

  static void register(Registry r) {
    r.mapAll("Attention", MicrosoftAttention::attention);
    r.mapAll("MultiHeadAttention", MicrosoftAttention::multiHead);
    r.mapAll("DecoderMaskedMultiHeadAttention", MicrosoftAttention::decoder);
  }

  /** What is attended with and to, and the cache before it. */
  private record Heads(Tensor q, Tensor k, Tensor v, long past) {}

  private static Tensor[] attention(Call c) {
    Tensor x = c.in(0);
    Tensor product = x.matmul(c.in(1));
    return projected(c, c.has(2) ? product.add(c.in(2)) : product, 3, 4, 5, 6);
  }

  /**
   * Attention of q, k and v that lie side by side in (N, L, Dq + Dk + Dv).
   *
   * @param mask input of the mask; of the cache, the bias and its length the others
   * @return (N, L, Dv) and the longer cache
   */
  static Tensor[] projected(Call c, Tensor all, int mask, int cache, int bias, int length) {
    if (all.dim() != 3) {
      throw c.bad("input", all.shape(), "(batch, length, features)");
    }
    long third = all.size(2) / 3;
    long[] sizes = c.node().ints("qkv_hidden_sizes", new long[] {third, third, third});
    if (sizes.length != 3 || Arrays.stream(sizes).sum() != all.size(2)) {
      throw c.bad("qkv_hidden_sizes", Arrays.toString(sizes), "three with sum " + all.size(2));
    }
    Tensor q = heads(c, all.narrow(2, 0, sizes[0]));
    Tensor k = heads(c, all.narrow(2, sizes[0], sizes[1]));
    Tensor v = heads(c, all.narrow(2, sizes[0] + sizes[1], sizes[2]));
    Tensor past = c.has(cache) ? c.in(cache) : null;
    if (past != null && (past.dim() != 5 || past.size(0) != 2)) {
      throw c.bad("past", past.shape(), "(2, batch, heads, past, head size)");
    }
    boolean shared = c.node().flag("past_present_share_buffer", false) && past != null;
    long before = past == null ? 0 : shared ? c.scalarLong(length) : past.size(3);
    if (c.node().flag("do_rotary", false)) {
      q = turned(c, q, before);
      k = turned(c, k, before);
    }
    Tensor[] caches = {k, v};
    for (int i = 0; i < 2 && past != null; i++) {
      caches[i] = extended(c, past.select(0, i), caches[i], before);
    }
    Heads heads =
        new Heads(
            q, part(caches[0], shared, before, q), part(caches[1], shared, before, q), before);
    Tensor[] out = attend(c, heads, mask, bias);
    boolean same = sizes[1] == sizes[2];
    return new Tensor[] {
      out[0], c.wants(1) && same ? Torch.stack(List.of(caches[0], caches[1]), 0) : null
    };
  }

  private static Tensor heads(Call c, Tensor x) {
    return Attention.heads(c, x, c.node().i("num_heads", 0));
  }

  /** Of a shared buffer what is filled. */
  private static Tensor part(Tensor cache, boolean shared, long before, Tensor added) {
    return shared ? cache.narrow(2, 0, before + added.size(2)) : cache;
  }

  /** A cache, or the first {@code before} of a longer one, with what comes next. */
  private static Tensor extended(Call c, Tensor past, Tensor next, long before) {
    long most = past.size(2);
    if (before < 0 || before > most || before < most && before + next.size(2) > most) {
      throw c.bad("past_sequence_length", before, "room for " + next.size(2) + " more in " + most);
    }
    Tensor all = Torch.cat(List.of(past.narrow(2, 0, before), next), 2);
    long rest = most - all.size(2);
    return rest <= 0 ? all : Torch.cat(List.of(all, past.narrow(2, most - rest, rest)), 2);
  }

  /** Angles position / 10000 ^ (2 i / R) of feature i and its partner half of R away. */
  private static Tensor turned(Call c, Tensor x, long before) {
    long given = c.node().i("rotary_embedding_dim", 0);
    long features = given > 0 ? given : x.size(3);
    if (features > x.size(3) || features % 2 != 0) {
      throw c.bad("rotary_embedding_dim", features, "an even number of at most " + x.size(3));
    }
    Tensor power = Torch.arange(features / 2).to(x.dtype()).mul(-2 * Math.log(10000) / features);
    Tensor at = Torch.arange(x.size(2)).add(before).to(x.dtype()).unsqueeze(1);
    Tensor angle = at.mul(power.exp()).unsqueeze(0);
    return MicrosoftRotary.turned(c, x, angle.cos(), angle.sin(), false);
  }

  /**
   * softmax(scale q k^T + mask + bias) v.
   *
   * @return (N, L, H D) and the scores (N, H, L, keys) before softmax
   */
  private static Tensor[] attend(Call c, Heads heads, int mask, int bias) {
    Tensor q = heads.q;
    double given = c.node().f("scale", 0);
    double scale = given == 0 ? 1 / Math.sqrt(q.size(3)) : given;
    Tensor scores = q.mul(scale).matmul(heads.k.mT());
    if (c.has(bias)) {
      scores = scores.add(c.in(bias));
    }
    if (c.has(mask)) {
      double value = c.node().f("mask_filter_value", MASKED);
      scores = scores.add(filled(seen(c, c.in(mask), heads), value, q.dtype()));
    }
    if (c.node().flag("unidirectional", false) && q.size(2) > 1) {
      Tensor row = Torch.arange(q.size(2)).add(heads.past).unsqueeze(1);
      Tensor before = Torch.arange(heads.k.size(2)).le(row);
      scores = scores.add(filled(before, -Float.MAX_VALUE, q.dtype()));
    }
    Tensor y = scores.softmax(3).matmul(heads.v);
    return new Tensor[] {Attention.merged(y), scores};
  }

  private static Tensor filled(Tensor seen, double value, DType type) {
    return Torch.where(seen, Torch.full(type, 0), Torch.full(type, value));
  }

  /** Which keys are attended to: (N or 1, 1, L or 1, keys). */
  private static Tensor seen(Call c, Tensor mask, Heads heads) {
    long n = heads.q.size(0);
    long keys = heads.k.size(2);
    long rows = heads.q.size(2);
    Tensor column = Torch.arange(keys);
    Tensor seen =
        switch (mask.dim()) {
          case 1 -> {
            Tensor ends = lengths(c, mask, 0, n);
            Tensor inside = column.lt(ends);
            yield mask.size(0) == 2 * n && n > 0
                ? inside.logicalAnd(column.ge(lengths(c, mask, n, n)))
                : inside;
          }
          case 2 -> mask.gt(0).unsqueeze(1).unsqueeze(1);
          case 3 -> mask.gt(0).unsqueeze(1);
          case 4 -> mask.gt(0).narrow(2, heads.past, rows).narrow(3, 0, keys);
          default -> throw c.bad("mask_index", mask.shape(), "1 to 4 axes");
        };
    boolean fits =
        (seen.size(0) == n || seen.size(0) == 1)
            && seen.size(1) == 1
            && (seen.size(2) == rows || seen.size(2) == 1)
            && seen.size(3) == keys;
    if (!fits) {
      throw c.bad(
          "mask_index",
          mask.shape(),
          "(N), (2 N), (3 N + 2), (N, keys), (N, L, keys) or (N, 1, most, most) with N, L, keys = "
              + n
              + ", "
              + rows
              + ", "
              + keys);
    }
    return seen;
  }

  private static Tensor lengths(Call c, Tensor mask, long from, long count) {
    long size = mask.size(0);
    if (size != count && size != 2 * count && size != 3 * count + 2) {
      throw c.bad("mask_index", mask.shape(), count + ", twice or three times as many, plus 2");
    }
    return mask.narrow(0, from, count).reshape(-1, 1, 1, 1);
  }

  /** q, k, v apart, packed in q, k and v packed in k, or k and v as heads of another sequence. */
  private static Tensor[] multiHead(Call c) {
    Tensor q = c.in(0);
    Tensor k = c.has(1) ? c.in(1) : null;
    Tensor v = c.has(2) ? c.in(2) : null;
    if (q.dim() == 5) {
      Tensor[] parts = unpacked(c, q, 3);
      q = parts[0];
      k = parts[1];
      v = parts[2];
    } else if (k != null && k.dim() == 5) {
      Tensor[] parts = unpacked(c, k, 2);
      k = parts[0];
      v = parts[1];
    }
    return cached(c, new Tensor[] {q, k, v}, new Inputs(3, 4, 5, 6, 8));
  }

  /** Places of inputs. */
  private record Inputs(int bias, int mask, int added, int cache, int length) {}

  /** (N, L, H, parts, D) as parts of (N, L, H D). */
  private static Tensor[] unpacked(Call c, Tensor x, int parts) {
    if (x.size(3) != parts || x.size(2) != c.node().i("num_heads", 0)) {
      throw c.bad("packed input", x.shape(), "(N, L, num_heads, " + parts + ", D)");
    }
    Tensor[] out = new Tensor[parts];
    for (int i = 0; i < parts; i++) {
      out[i] = x.select(3, i).reshape(x.size(0), x.size(1), -1);
    }
    return out;
  }

  private static Tensor[] decoder(Call c) {
    Tensor q = c.in(0);
    Tensor[] parts = {q, c.has(1) ? c.in(1) : null, c.has(2) ? c.in(2) : null};
    if (parts[1] == null) {
      long third = q.size(2) / 3;
      for (int i = 0; i < 3; i++) {
        parts[i] = q.narrow(2, i * third, third);
      }
    }
    return cached(c, parts, new Inputs(10, 3, 4, 5, 7));
  }

  /** Of each sample's cache what its beam's ancestors wrote: input 9 (batch, beams, most). */
  private static Tensor ofBeams(Call c, Tensor cache, long before) {
    if (!c.has(9)) {
      return cache;
    }
    Tensor ancestor = c.in(9);
    long beams = ancestor.dim() == 3 ? ancestor.size(1) : 0;
    if (beams < 1 || ancestor.size(0) * beams != cache.size(0) || ancestor.size(2) < before) {
      throw c.bad(
          "cache_indirection", ancestor.shape(), "(batch, beams, most) of " + cache.shape());
    }
    Tensor first = Torch.arange(ancestor.size(0)).mul(beams).reshape(-1, 1, 1);
    Tensor row = ancestor.narrow(2, 0, before).to(DType.I64).add(first);
    Tensor old = cache.narrow(2, 0, before);
    Tensor places = row.reshape(cache.size(0), 1, before, 1).expand(old.shape()).contiguous();
    Tensor rest = cache.narrow(2, before, cache.size(2) - before);
    return Torch.cat(List.of(old.gather(0, places), rest), 2);
  }

  /** With bias and cache; keys and values of four axes are heads already, without either. */
  private static Tensor[] cached(Call c, Tensor[] parts, Inputs at) {
    if (parts[1] == null || parts[2] == null) {
      throw c.bad("key, value", "missing", "tensors, or all packed in query");
    }
    long offset = 0;
    for (int i = 0; i < 3; i++) {
      if (parts[i].dim() == 3) {
        long width = parts[i].size(2);
        if (c.has(at.bias)) {
          parts[i] = parts[i].add(c.in(at.bias).narrow(0, offset, width));
        }
        offset += width;
      }
    }
    Tensor q = heads(c, parts[0]);
    Tensor k = heads(c, parts[1]);
    Tensor v = heads(c, parts[2]);
    long before = 0;
    Tensor[] present = {k, v};
    if (c.has(at.cache) && parts[1].dim() == 3) {
      boolean shared = c.has(at.length);
      before = shared ? c.scalarLong(at.length) : c.in(at.cache).size(2);
      present[0] = extended(c, c.in(at.cache), k, before);
      present[1] = extended(c, c.in(at.cache + 1), v, before);
      k = ofBeams(c, part(present[0], shared, before, k), before);
      v = ofBeams(c, part(present[1], shared, before, v), before);
    }
    Tensor[] out = attend(c, new Heads(q, k, v, before), at.mask, at.added);
    return new Tensor[] {out[0], present[0], present[1], out[1]};
  }
}
