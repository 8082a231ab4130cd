package dev.flambeau.onnx;

import static dev.flambeau.onnx.ElementType.FLOAT;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Mixtures of experts against ONNX Runtime, or formulas where its CPU provider lacks a form. */
class MicrosoftExpertsTest {
  private static final long TOKENS = 5;
  private static final long EXPERTS = 4;
  private static final long HIDDEN = 128;
  private static final long INNER = 64;

  @BeforeEach
  void seed() {
    Torch.manualSeed(12);
  }

  @AfterAll
  static void print() {
    System.out.println(Twin.table());
  }

  private static Tensor random(long... sizes) {
    return Torch.randn(sizes).mul(0.3);
  }

  private static Twin experts(String activation, long k, long normalized) {
    Twin t = Twin.of("MoE").set("activation_type", activation).set("k", k);
    t.set("normalize_routing_weights", normalized);
    return t.in(random(TOKENS, HIDDEN), Torch.randn(TOKENS, EXPERTS));
  }

  @Test
  void floats() {
    for (String activation : List.of("relu", "gelu", "silu", "identity")) {
      for (long k = 1; k < 3; k++) {
        for (long normalized = 0; normalized < 2; normalized++) {
          Twin t = experts(activation, k, normalized).held(random(EXPERTS, INNER, HIDDEN));
          t.held(random(EXPERTS, INNER), random(EXPERTS, HIDDEN, INNER));
          t.held(random(EXPERTS, HIDDEN)).out(FLOAT).agree();
        }
      }
    }
    Twin t = Twin.of("MoE").set("k", 2).in(random(1, TOKENS, HIDDEN), random(TOKENS, EXPERTS));
    t.held(random(EXPERTS, INNER, HIDDEN)).skip(1).held(random(EXPERTS, HIDDEN, INNER));
    t.out(FLOAT).agree();
  }

  @Test
  void swiglu() {
    for (int limited = 0; limited < 2; limited++) {
      Tensor x = random(TOKENS, HIDDEN);
      Tensor scores = Torch.randn(TOKENS, EXPERTS);
      Tensor[] gate = {random(EXPERTS, INNER, HIDDEN), random(EXPERTS, INNER)};
      Tensor[] line = {random(EXPERTS, INNER, HIDDEN), random(EXPERTS, INNER)};
      Tensor[] last = {random(EXPERTS, HIDDEN, INNER), random(EXPERTS, HIDDEN)};
      Twin one = form(1, limited).in(x, scores);
      for (int i = 0; i < 2; i++) {
        long[] sizes = gate[i].shape().sizes();
        sizes[1] *= 2;
        one.held(Torch.stack(List.of(gate[i], line[i]), 2).reshape(sizes));
      }
      one.held(last).out(FLOAT).agree();
      Twin two = form(2, limited).in(x, scores);
      for (int i = 0; i < 2; i++) {
        two.held(Torch.cat(List.of(gate[i], line[i]), 1));
      }
      two.held(last).out(FLOAT).agree(one);
      Twin apart = form(0, limited).in(x, scores).held(gate).held(last).held(line);
      apart.out(FLOAT).agree(one);
    }
  }

  private static Twin form(long fusion, int limited) {
    Twin t = Twin.of("MoE").set("activation_type", "swiglu").set("k", 2);
    t.set("activation_alpha", 1.702).set("activation_beta", 1.0).set("swiglu_fusion", fusion);
    return limited == 0 ? t : t.set("swiglu_limit", 0.5);
  }

  /** Phi-3.5's routing, element by element; ONNX Runtime's CPU provider ignores the attribute. */
  @Test
  void sparseMixer() {
    Tensor x = random(TOKENS, HIDDEN);
    Tensor scores = Torch.randn(TOKENS, EXPERTS).mul(0.05).add(1);
    Tensor[] all = {random(EXPERTS, INNER, HIDDEN), random(EXPERTS, HIDDEN, INNER)};
    Tensor[] rows = new Tensor[(int) TOKENS];
    for (int t = 0; t < TOKENS; t++) {
      double[] score = TestData.values(scores.select(0, t));
      int first = most(score, -1);
      int second = most(score, first);
      Tensor token = x.narrow(0, t, 1);
      Tensor a = expert(token, all, first).mul(share(score, first, -1));
      rows[t] = a.add(expert(token, all, second).mul(share(score, second, first)));
    }
    Twin t = Twin.of("MoE").set("k", 2).set("use_sparse_mixer", 1).in(x, scores);
    t.held(all[0]).skip(1).held(all[1]).out(FLOAT).matches(Torch.cat(List.of(rows), 0));
  }

  private static Tensor expert(Tensor x, Tensor[] weights, long e) {
    return x.matmul(weights[0].select(0, e).t()).relu().matmul(weights[1].select(0, e).t());
  }

  private static int most(double[] score, int without) {
    int best = -1;
    for (int i = 0; i < score.length; i++) {
      if (i != without && (best < 0 || score[i] > score[best])) {
        best = i;
      }
    }
    return best;
  }

  private static double share(double[] score, int chosen, int without) {
    double sum = 0;
    for (int i = 0; i < score.length; i++) {
      double gap = (score[chosen] - score[i]) / Math.max(Math.abs(score[i]), score[chosen]);
      sum += i == without || gap > 0.02 ? 0 : Math.exp(score[i] - score[chosen]);
    }
    return 1 / sum;
  }

  /** One weight with its scales; with zero points if asked for. */
  private record Packed(Tensor bytes, Tensor scales, Tensor zeros) {
    static Packed of(long rows, long columns, int bits, long block) {
      long blocks = block == 0 ? 1 : columns / block;
      long each = 8 / bits;
      long[] sizes = block == 0 ? new long[] {EXPERTS, rows} : new long[] {EXPERTS, rows, blocks};
      long[] zeros =
          block == 0
              ? new long[] {EXPERTS, rows / each}
              : new long[] {EXPERTS, rows, blocks / each};
      return new Packed(
          bytes(EXPERTS, rows, columns / each),
          Torch.rand(sizes).mul(0.02).add(0.005),
          bytes(zeros));
    }

    private static Tensor bytes(long... sizes) {
      return Torch.randint(0, 256, sizes).to(DType.U8);
    }
  }

  private static Twin packed(int bits, long block, boolean zeros, String activation, int wide) {
    Twin t = Twin.of("QMoE").set("k", 2).set("normalize_routing_weights", 1);
    t.set("expert_weight_bits", bits).set("activation_type", activation);
    t = block == 0 ? t : t.set("block_size", block);
    t.in(random(TOKENS, HIDDEN), Torch.randn(TOKENS, EXPERTS));
    Packed first = Packed.of(wide * INNER, HIDDEN, bits, block);
    Packed second = Packed.of(HIDDEN, INNER, bits, block);
    t.held(first.bytes, first.scales, random(EXPERTS, wide * INNER));
    t.held(second.bytes, second.scales, random(EXPERTS, HIDDEN)).skip(3);
    return zeros ? t.held(first.zeros, second.zeros) : t.skip(2);
  }

  @Test
  void quantized() {
    for (int bits : new int[] {2, 4, 8}) {
      for (long block : new long[] {0, 16, 32}) {
        if (bits == 2 && block == 32) {
          continue;
        }
        packed(bits, block, false, "relu", 1).out(FLOAT).agree();
        packed(bits, block, true, "silu", 1).out(FLOAT).agree();
        Twin t = packed(bits, block, false, "swiglu", 2).set("swiglu_fusion", 1);
        t.set("activation_alpha", 1.702).set("activation_beta", 1.0).out(FLOAT).agree();
      }
    }
    packed(4, 0, false, "relu", 1)
        .set("use_sparse_mixer", 0)
        .skip(1)
        .in(Torch.rand(TOKENS, EXPERTS))
        .out(FLOAT)
        .agree();
  }
}
