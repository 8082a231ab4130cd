package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;

/**
 * Rotary embeddings of com.microsoft (Su et al. 2021): features of x (N, L, H D) or (N, H, L, D)
 * turned in pairs, by cosines and sines (positions, R / 2) read at each element's position. Source:
 * onnxruntime, docs/ContribOperators.md.
 */
final class MicrosoftRotary {
  private MicrosoftRotary() {}

  static void register(Registry r) {
    r.map("RotaryEmbedding", MicrosoftRotary::plain);
    r.map("MRotaryEmbedding", MicrosoftRotary::sectioned);
    r.mapAll("GemmaRotaryEmbedding", MicrosoftRotary::gemma);
  }

  /** Positions (N, L), or the first one for all samples. */
  private static Tensor plain(Call c) {
    Tensor x = heads(c);
    Tensor at = positions(c, c.in(1), x.size(0), x.size(2));
    return turned(c, x, read(c, 2, at), read(c, 3, at));
  }

  static Tensor positions(Call c, Tensor given, long samples, long length) {
    Tensor at = given.to(DType.I64);
    if (at.numel() == 1 && at.dim() <= 1) {
      return Torch.arange(length).add(at.reshape(1)).unsqueeze(0);
    }
    if (at.dim() != 2 || at.size(0) != samples || at.size(1) != length) {
      throw c.bad("position_ids", at.shape(), "(1) or (" + samples + ", " + length + ")");
    }
    return at;
  }

  /** x as (N, H, L, D). */
  private static Tensor heads(Call c) {
    Tensor x = c.in(0);
    long turned = c.node().i("rotary_embedding_dim", 0);
    long heads = c.node().i("num_heads", 0);
    long width = 2 * c.in(3).size(-1);
    if (turned > 0 && heads < 1 && x.dim() == 3) {
      throw c.bad("num_heads", heads, "a positive number with rotary_embedding_dim");
    }
    boolean known = turned > 0 || width == 0 || x.dim() == 4;
    return Attention.heads(c, x, known ? heads : x.size(-1) / width);
  }

  /** Rows of a table at positions: (N or 1, L, R / 2). */
  static Tensor read(Call c, int table, Tensor at) {
    Tensor cache = c.in(table);
    if (cache.dim() != 2) {
      throw c.bad("cos_cache, sin_cache", cache.shape(), "(positions, R / 2)");
    }
    return Attention.rows(cache, at);
  }

  private static Tensor turned(Call c, Tensor x, Tensor cos, Tensor sin) {
    boolean pairs = c.node().flag("interleaved", false);
    Tensor y = turned(c, x, cos, sin, pairs);
    return c.in(0).dim() == 3 ? Attention.merged(y) : y;
  }

  static Tensor turned(Call c, Tensor x, Tensor cos, Tensor sin, boolean interleaved) {
    if (2 * cos.size(-1) > x.size(3) || !cos.shape().equals(sin.shape())) {
      throw c.bad(
          "cos_cache, sin_cache",
          cos.shape() + ", " + sin.shape(),
          "half of at most " + x.size(3) + " features");
    }
    return Attention.rotated(x, cos.unsqueeze(1), sin.unsqueeze(1), interleaved);
  }

  /**
   * Positions (3, N, L) in time, height and width, each of which turns a section of the features:
   * one after another, or every third feature (Qwen2-VL, Wang et al. 2024).
   */
  private static Tensor sectioned(Call c) {
    Tensor x = heads(c);
    Tensor at = c.in(1);
    long[] sections = c.node().ints("mrope_section", new long[0]);
    long half = c.in(2).size(-1);
    if (sections.length != 3
        || Arrays.stream(sections).anyMatch(s -> s < 0 || s > half)
        || Arrays.stream(sections).sum() != half) {
      throw c.bad("mrope_section", Arrays.toString(sections), "three numbers with sum " + half);
    }
    if (at.dim() != 3 || at.size(0) != 3) {
      throw c.bad("position_ids", at.shape(), "(3, N, L)");
    }
    long[] stream = new long[(int) half];
    if (c.node().i("mrope_layout", 0) == 0) {
      Arrays.fill(stream, (int) sections[0], (int) (sections[0] + sections[1]), 1);
      Arrays.fill(stream, (int) (sections[0] + sections[1]), (int) half, 2);
    } else {
      for (int i = 0; i < half; i++) {
        stream[i] = i % 3 != 0 && i < 3 * sections[i % 3] ? i % 3 : 0;
      }
    }
    Tensor which = Torch.tensor(stream);
    return turned(c, x, chosen(c, 2, at, which), chosen(c, 3, at, which));
  }

  private static Tensor chosen(Call c, int table, Tensor at, Tensor which) {
    Tensor y = read(c, table, at.select(0, 0));
    for (int i = 1; i < 3; i++) {
      y = Torch.where(which.eq(i), read(c, table, at.select(0, i)), y);
    }
    return y;
  }

  /** q cos + rotated q sin, and the same for k; angles (N, L, D). */
  private static Tensor[] gemma(Call c) {
    Tensor cos = c.in(0).cos().unsqueeze(1);
    Tensor sin = c.in(0).sin().unsqueeze(1);
    return new Tensor[] {
      c.in(1).mul(cos).add(c.in(2).mul(sin)), c.in(3).mul(cos).add(c.in(4).mul(sin))
    };
  }
}
