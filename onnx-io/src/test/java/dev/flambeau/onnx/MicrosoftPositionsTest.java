package dev.flambeau.onnx;

import static dev.flambeau.onnx.ElementType.FLOAT;
import static dev.flambeau.onnx.ElementType.FLOAT16;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Positions in attention of com.microsoft, and attention of one new element, against ONNX Runtime.
 */
class MicrosoftPositionsTest {
  @BeforeEach
  void seed() {
    Torch.manualSeed(16);
  }

  @AfterAll
  static void print() {
    System.out.println(Twin.table());
  }

  private static Tensor random(long... sizes) {
    return Torch.randn(sizes);
  }

  private static Tensor ints(int... values) {
    return Torch.tensor(values, values.length);
  }

  /** do_rotary: the same as RotaryEmbedding between projection and MultiHeadAttention. */
  @Test
  void attentionRotary() {
    Tensor x = random(2, 4, 6);
    Tensor w = random(6, 24);
    Tensor angle =
        Torch.arange(4).to(DType.F32).unsqueeze(1).mul(Torch.tensor(new float[] {1, 0.01f}));
    Tensor[] qkv = new Tensor[3];
    for (int i = 0; i < 3; i++) {
      qkv[i] = x.matmul(w.narrow(1, 8 * i, 8));
      if (i < 2) {
        Twin rotary = Twin.of("RotaryEmbedding").in(qkv[i], Torch.arange(1));
        rotary.held(angle.cos(), angle.sin()).out(FLOAT);
        qkv[i] = rotary.theirs().get("out0").orElseThrow();
      }
    }
    Twin parts = Twin.of("MultiHeadAttention").set("num_heads", 2).in(qkv).out(FLOAT);
    Twin.of("Attention")
        .set("num_heads", 2)
        .set("do_rotary", 1)
        .in(x)
        .held(w)
        .out(FLOAT)
        .agree(parts);
  }

  private static Twin decoder(long samples) {
    return Twin.of("DecoderMaskedMultiHeadAttention").set("num_heads", 2).in(random(samples, 1, 8));
  }

  /** ONNX Runtime reads what is new from the cache, so bias and length are always given. */
  @Test
  void decoder() {
    decoder(2).in(random(2, 2, 5, 4), random(2, 2, 5, 4)).out(FLOAT).agree();
    for (int n = 0; n < 2; n++) {
      Twin t = decoder(2).set("past_present_share_buffer", 1).set("output_qk", 1);
      t.in(random(2, 1, 8), random(2, 1, 8));
      t = n == 0 ? t.skip(1) : t.in(ints(1, 0, 1, 1, 0, 1, 1, 1).reshape(2, 4));
      t = n == 0 ? t.skip(1) : t.in(random(1, 2, 1, 4));
      t.in(random(2, 2, 9, 4), random(2, 2, 9, 4), ints(3)).skip(2).held(random(24));
      t.out(FLOAT, FLOAT, FLOAT, FLOAT).agree();
    }
    Twin t = decoder(4).set("past_present_share_buffer", 1).set("output_qk", 1);
    t.in(random(4, 1, 8), random(4, 1, 8), Torch.ones(DType.I32, 4, 6), Torch.zeros(1, 2, 1, 6));
    t.in(random(4, 2, 9, 4), random(4, 2, 9, 4), ints(5), ints(2));
    t.in(Torch.randint(0, 2, 2, 2, 9).to(DType.I32)).held(random(24));
    t.out(FLOAT, FLOAT, FLOAT, FLOAT).agree();
  }

  @Test
  void rotary() {
    Tensor cos = random(20, 4);
    Tensor sin = random(20, 4);
    Tensor at = Torch.randint(0, 20, 2, 5);
    for (int interleaved = 0; interleaved < 2; interleaved++) {
      Twin t = Twin.of("RotaryEmbedding").set("interleaved", interleaved);
      t.in(random(2, 5, 24), at).held(cos, sin).out(FLOAT).agree();
      t = Twin.of("RotaryEmbedding").set("interleaved", interleaved);
      t.in(random(2, 3, 5, 8), at).held(cos, sin).out(FLOAT).agree();
      t = Twin.of("RotaryEmbedding").set("interleaved", interleaved);
      t.set("num_heads", 2).set("rotary_embedding_dim", 8);
      t.in(random(2, 5, 24), at).held(cos, sin).out(FLOAT).agree();
      t = Twin.of("RotaryEmbedding").set("interleaved", interleaved).set("scale", 3.0);
      t.in(random(2, 5, 24), Torch.tensor(new long[] {4})).held(cos, sin).out(FLOAT).agree();
    }
    Twin t = Twin.of("RotaryEmbedding").in(random(2, 5, 24).to(DType.F16), at);
    t.held(cos.to(DType.F16), sin.to(DType.F16)).out(FLOAT16).agree();
    for (int layout = 0; layout < 2; layout++) {
      t = Twin.of("MRotaryEmbedding").set("mrope_layout", layout).set("num_heads", 3);
      t.set("mrope_section", List.of(2, 1, 1)).in(random(2, 5, 24), Torch.randint(0, 20, 3, 2, 5));
      t.held(cos, sin).out(FLOAT).agree();
    }
  }

  /** Not in ONNX Runtime's CPU provider. */
  @Test
  void gemmaRotary() {
    Tensor angles = random(2, 5, 8);
    Tensor[] x = {random(2, 3, 5, 8), random(2, 3, 5, 8), random(2, 3, 5, 8), random(2, 3, 5, 8)};
    Tensor cos = angles.cos().unsqueeze(1);
    Tensor sin = angles.sin().unsqueeze(1);
    Twin.of("GemmaRotaryEmbedding")
        .in(angles)
        .in(x)
        .out(FLOAT, FLOAT)
        .matches(x[0].mul(cos).add(x[1].mul(sin)), x[2].mul(cos).add(x[3].mul(sin)));
  }

  /** T5's buckets one by one: not in ONNX Runtime's CPU provider. */
  @Test
  void relativePositions() {
    for (int both = 0; both < 2; both++) {
      Tensor table = random(3, 32);
      int buckets = both == 1 ? 16 : 32;
      float[] wanted = new float[3 * 40 * 40];
      for (int i = 0; i < wanted.length; i++) {
        int distance = i % 40 - i / 40 % 40;
        int near = both == 1 ? Math.abs(distance) : Math.max(0, -distance);
        int exact = buckets / 2;
        float wide = (float) Math.log((float) near / exact) / (float) Math.log(20.0 / exact);
        int far = exact + (int) (wide * (buckets - exact));
        int bucket = near < exact ? near : Math.min(buckets - 1, far);
        bucket += both == 1 && distance > 0 ? buckets : 0;
        wanted[i] = (float) table.get(i / 1600, bucket).item();
      }
      Twin.of("RelativePositionBias")
          .set("max_distance", 20)
          .set("is_bidirectional", both)
          .held(table.reshape(32, 3), Torch.full(DType.I64, 40, 1), Torch.full(DType.I64, 40, 1))
          .out(FLOAT)
          .matches(Torch.tensor(wanted, 1, 3, 40, 40));
    }
    Tensor q = random(2, 4, 6);
    Tensor bias = random(6);
    Tensor scores = random(1, 2, 4, 4);
    Tensor w = random(3, 8);
    Tensor b = random(8);
    Tensor a = random(1, 2, 1, 1);
    Tensor sums = q.add(bias).reshape(2, 4, 2, 3).transpose(1, 2).matmul(w).add(b);
    Tensor gate = sums.reshape(2, 2, 4, 2, 4).sum(-1).sigmoid();
    Tensor factor = gate.select(3, 0).mul(gate.select(3, 1).mul(a.squeeze(3)).sub(1)).add(2);
    Twin.of("GatedRelativePositionBias")
        .set("num_heads", 2)
        .in(q, bias, scores, w, b, a)
        .out(FLOAT)
        .matches(factor.unsqueeze(3).mul(scores));
  }
}
