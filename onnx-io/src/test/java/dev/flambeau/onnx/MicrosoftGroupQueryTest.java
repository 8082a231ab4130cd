package dev.flambeau.onnx;

import static dev.flambeau.onnx.ElementType.FLOAT;
import static dev.flambeau.onnx.ElementType.FLOAT16;
import static dev.flambeau.onnx.ElementType.INT8;
import static dev.flambeau.onnx.ElementType.UINT8;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** GroupQueryAttention against ONNX Runtime: 4 query heads of size 32, 2 of keys and values. */
class MicrosoftGroupQueryTest {
  private static final long D = 32;

  @BeforeEach
  void seed() {
    Torch.manualSeed(6);
  }

  @AfterAll
  static void print() {
    System.out.println(Twin.table());
  }

  private static Tensor random(long... sizes) {
    return Torch.randn(sizes);
  }

  private static Twin twin() {
    return Twin.of("GroupQueryAttention").set("num_heads", 4).set("kv_num_heads", 2);
  }

  private static Twin rows(Twin t, long samples, long rows) {
    t.in(random(samples, rows, 4 * D), random(samples, rows, 2 * D));
    return t.in(random(samples, rows, 2 * D));
  }

  private static Twin ends(Twin t, int total, int... last) {
    return t.in(Torch.tensor(last, last.length), Torch.tensor(new int[] {total}, 1).reshape());
  }

  /** A prompt of five, without cache. */
  private static Twin prompt(Twin t) {
    return ends(rows(t, 2, 5).skip(2), 5, 4, 4);
  }

  private static Twin past(Twin t, long samples, long size) {
    return t.in(random(samples, 2, size, D), random(samples, 2, size, D));
  }

  private static void agree(Twin t) {
    t.out(FLOAT, FLOAT, FLOAT).agree();
  }

  @Test
  void caches() {
    agree(prompt(twin()));
    agree(ends(rows(twin(), 2, 5).skip(2), 5, 4, 2));
    agree(ends(past(rows(twin(), 2, 5), 2, 9), 5, 4, 2));
    agree(ends(twin().in(random(2, 5, 8 * D)).skip(4), 5, 4, 4));
    agree(ends(past(rows(twin(), 2, 1), 2, 6), 7, 6, 6));
    agree(ends(past(rows(twin(), 2, 1), 2, 6), 7, 6, 3));
    agree(ends(past(rows(twin(), 2, 1), 2, 6), 5, 4, 2));
    agree(ends(past(rows(twin(), 1, 3), 1, 6), 9, 8));
    agree(ends(past(rows(twin(), 1, 3), 1, 6), 5, 4));
    Twin none = twin().in(random(2, 1, 4 * D), random(2, 0, 2 * D), random(2, 0, 2 * D));
    agree(ends(past(none, 2, 6), 6, 5, 5));
  }

  @Test
  void scores() {
    for (int window = 1; window < 4; window++) {
      agree(prompt(twin().set("local_window_size", window)));
      agree(ends(past(rows(twin().set("local_window_size", window), 2, 1), 2, 6), 7, 6, 3));
    }
    agree(prompt(twin().set("softcap", 1.5)));
    agree(prompt(twin().set("scale", 0.4)));
    agree(prompt(twin().set("smooth_softmax", 1)));
    agree(prompt(twin()).skip(4).in(random(4)));
    agree(prompt(twin().set("softcap", 1.5)).skip(3).in(random(1, 4, 5, 5)));
    agree(prompt(twin()).skip(3).in(random(2, 1, 5, 5)));
    for (int mode = 1; mode < 3; mode++) {
      prompt(twin().set("qk_output", mode)).out(FLOAT, FLOAT, FLOAT, FLOAT).agree();
    }
  }

  @Test
  void rotary() {
    for (int interleaved = 0; interleaved < 2; interleaved++) {
      for (long half : new long[] {D / 2, D / 4}) {
        Twin t = twin().set("do_rotary", 1).set("rotary_interleaved", interleaved);
        agree(prompt(t).held(random(16, half), random(16, half)));
        t = twin().set("do_rotary", 1).set("rotary_interleaved", interleaved);
        t = ends(past(rows(t, 2, 1), 2, 6), 7, 6, 3);
        agree(t.held(random(16, half), random(16, half)));
      }
    }
    Twin t = twin().set("do_rotary", 1);
    t = ends(t.in(random(2, 5, 8 * D)).skip(4), 5, 4, 4);
    agree(t.held(random(16, D / 2), random(16, D / 2)));
    t = prompt(twin().set("do_rotary", 1)).held(random(16, D / 2), random(16, D / 2));
    agree(t.in(Torch.arange(10).add(3).reshape(2, 5)));
  }

  @Test
  void half() {
    Twin t = twin();
    for (long heads : new long[] {4, 2, 2}) {
      t.in(random(2, 5, heads * D).to(DType.F16));
    }
    ends(t.skip(2), 5, 4, 4).out(FLOAT16, FLOAT16, FLOAT16).agree();
  }

  @Test
  void quantizedCaches() {
    for (int bits : new int[] {4, 8}) {
      for (String kind : new String[] {"PER_TENSOR", "PER_CHANNEL"}) {
        Twin t = twin().set("kv_cache_bit_width", bits);
        t.set("k_quant_type", kind).set("v_quant_type", kind);
        rows(t, 2, 1);
        for (int i = 0; i < 2; i++) {
          t.in(
              bits == 8
                  ? Torch.randint(-90, 90, 2, 2, 6, D).to(DType.I8)
                  : Torch.randint(0, 256, 2, 2, 6, D / 2).to(DType.U8));
        }
        long[] sizes = kind.equals("PER_TENSOR") ? new long[] {1} : new long[] {1, 2, 1, D};
        ends(t, 7, 6, 6).skip(5);
        for (int i = 0; i < 2; i++) {
          t.in(Torch.rand(sizes).mul(0.1).add(0.02));
        }
        ElementType type = bits == 8 ? INT8 : UINT8;
        t.out(FLOAT, type, type).agree();
      }
    }
  }

  /** Newer than this ONNX Runtime; without causality the same as MultiHeadAttention. */
  @Test
  void seeingAhead() {
    Tensor q = random(2, 5, 4 * D);
    Tensor k = random(2, 5, 2 * D);
    Tensor v = random(2, 5, 2 * D);
    Twin multi = Twin.of("MultiHeadAttention").set("num_heads", 4);
    multi.in(q, wide(k), wide(v)).skip(1).in(Torch.tensor(new int[] {5, 3}, 2)).out(FLOAT);
    ends(twin().set("causal", 0).in(q, k, v).skip(2), 5, 4, 2).out(FLOAT).agree(multi);
  }

  /** Newer than this ONNX Runtime: norms of the heads before all else. */
  @Test
  void normedHeads() {
    Tensor q = random(2, 5, 4 * D);
    Tensor k = random(2, 5, 2 * D);
    Tensor v = random(2, 5, 2 * D);
    Tensor[] scale = {random(D), random(D)};
    Tensor[] normed = new Tensor[2];
    for (int i = 0; i < 2; i++) {
      Twin norm = Twin.standard("SimplifiedLayerNormalization", 17).set("epsilon", 1e-6f);
      norm.in((i == 0 ? q : k).reshape(2, 5, -1, D), scale[i]).out(FLOAT);
      normed[i] = norm.theirs().get("out0").orElseThrow().reshape(2, 5, -1);
    }
    Twin plain = prompt(twin(), normed[0], normed[1], v).out(FLOAT);
    prompt(twin(), q, k, v).skip(7).in(scale).out(FLOAT).agree(plain);
  }

  private static Twin prompt(Twin t, Tensor... qkv) {
    return ends(t.in(qkv).skip(2), 5, 4, 4);
  }

  /** Each head of keys or values twice, for two query heads. */
  private static Tensor wide(Tensor x) {
    return x.reshape(2, 5, 2, 1, D).expand(2, 5, 2, 2, D).reshape(2, 5, 4 * D);
  }
}
