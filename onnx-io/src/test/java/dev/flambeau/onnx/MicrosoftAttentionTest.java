package dev.flambeau.onnx;

import static dev.flambeau.onnx.ElementType.FLOAT;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attention of com.microsoft against ONNX Runtime. */
class MicrosoftAttentionTest {
  @BeforeEach
  void seed() {
    Torch.manualSeed(5);
  }

  @AfterAll
  static void print() {
    System.out.println(Twin.table());
  }

  private static Tensor ints(int... values) {
    return Torch.tensor(values, values.length);
  }

  private static Tensor grid(long rows, long columns, int... values) {
    return Torch.tensor(values, rows, columns);
  }

  private static Tensor random(long... sizes) {
    return Torch.randn(sizes);
  }

  private static Twin attention() {
    return Twin.of("Attention").set("num_heads", 2).in(Torch.randn(2, 4, 6));
  }

  @Test
  void attentionMasks() {
    List<Tensor> masks =
        List.of(
            ints(3, 4),
            ints(4, 3, 1, 0),
            ints(2, 4, 0, 4, 8, 0, 4, 8),
            grid(2, 4, 1, 1, 1, 0, 0, 1, 1, 1),
            random(2, 4, 4).gt(0).to(DType.I32));
    for (Tensor mask : masks) {
      for (long causal = 0; causal < 2; causal++) {
        attention()
            .set("unidirectional", causal)
            .held(Torch.randn(6, 24), Torch.randn(24))
            .in(mask)
            .out(FLOAT)
            .agree();
      }
    }
  }

  @Test
  void attentionPast() {
    for (long length : new long[] {1, 4}) {
      for (long causal = 0; causal < 2; causal++) {
        Twin.of("Attention")
            .set("num_heads", 2)
            .set("unidirectional", causal)
            .in(random(2, length, 6))
            .held(random(6, 24), random(24))
            .skip(1)
            .in(random(2, 2, 2, 3, 4))
            .out(FLOAT, FLOAT)
            .agree();
      }
    }
    Twin.of("Attention")
        .set("num_heads", 2)
        .in(random(2, 4, 6))
        .held(random(6, 24), random(24))
        .in(grid(2, 7, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1), random(2, 2, 2, 3, 4))
        .out(FLOAT, FLOAT)
        .agree();
  }

  @Test
  void attentionOptions() {
    attention().held(random(6, 24), random(24)).out(FLOAT, FLOAT).agree();
    attention().set("scale", 0.7).held(random(6, 24), random(24)).out(FLOAT).agree();
    attention()
        .set("qkv_hidden_sizes", List.of(8, 8, 12))
        .held(random(6, 28), random(28))
        .out(FLOAT)
        .agree();
    attention()
        .set("mask_filter_value", -3.0)
        .held(random(6, 24), random(24))
        .in(ints(3, 2))
        .out(FLOAT)
        .agree();
    for (int n = 1; n < 3; n++) {
      attention()
          .held(random(6, 24), random(24))
          .in(ints(3, 2))
          .skip(1)
          .in(random(n, 3 - n, 4, 4))
          .out(FLOAT)
          .agree();
    }
  }

  private static Twin multi(Tensor query) {
    return Twin.of("MultiHeadAttention").set("num_heads", 2).in(query);
  }

  @Test
  void multiHead() {
    multi(random(2, 4, 8)).in(random(2, 4, 8), random(2, 4, 8)).out(FLOAT, FLOAT, FLOAT).agree();
    multi(random(2, 4, 8)).in(random(2, 5, 8), random(2, 5, 12)).out(FLOAT).agree();
    multi(random(2, 4, 8))
        .in(random(2, 5, 8), random(2, 5, 12))
        .held(random(28))
        .out(FLOAT)
        .agree();
    multi(random(2, 4, 8)).in(random(2, 2, 5, 4), random(2, 2, 5, 4)).out(FLOAT).agree();
    multi(random(2, 4, 8))
        .in(random(2, 2, 5, 4), random(2, 2, 5, 4))
        .held(random(24))
        .out(FLOAT)
        .agree();
    for (double scale : new double[] {0, 0.3}) {
      multi(random(2, 4, 8))
          .set("unidirectional", 1)
          .set("scale", scale)
          .in(random(2, 4, 8), random(2, 4, 8))
          .out(FLOAT, FLOAT, FLOAT, FLOAT)
          .agree();
    }
  }

  @Test
  void multiHeadMasks() {
    List<Tensor> masks =
        List.of(
            ints(3, 4),
            ints(3, 4, 0, 4, 8, 0, 5, 10),
            grid(2, 5, 1, 1, 0, 1, 0, 1, 1, 1, 0, 0),
            random(2, 4, 5).gt(0).to(DType.I32));
    for (Tensor mask : masks) {
      multi(random(2, 4, 8))
          .in(random(2, 5, 8), random(2, 5, 8))
          .held(random(24))
          .in(mask)
          .out(FLOAT)
          .agree();
    }
    List<Tensor> withPast =
        List.of(
            grid(2, 7, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1),
            random(2, 4, 7).gt(0).to(DType.I32));
    for (Tensor mask : withPast) {
      for (int n = 1; n < 3; n++) {
        multi(random(2, 4, 8))
            .in(random(2, 4, 8), random(2, 4, 8))
            .held(random(24))
            .in(mask, random(n, 3 - n, 4, 7), random(2, 2, 3, 4), random(2, 2, 3, 4))
            .out(FLOAT, FLOAT, FLOAT, FLOAT)
            .agree();
      }
    }
  }

  /** What ONNX Runtime's CPU provider lacks, against another form of the same that it has. */
  @Test
  void multiHeadOtherForms() {
    Tensor q = random(2, 4, 2, 4);
    Tensor k = random(2, 4, 2, 4);
    Tensor v = random(2, 4, 2, 4);
    Tensor bias = random(24);
    Twin apart = multi(q.reshape(2, 4, 8)).in(k.reshape(2, 4, 8), v.reshape(2, 4, 8));
    apart.held(bias).out(FLOAT);
    multi(Torch.stack(List.of(q, k, v), 3)).skip(2).held(bias).out(FLOAT).agree(apart);
    multi(q.reshape(2, 4, 8))
        .in(Torch.stack(List.of(k, v), 3))
        .skip(1)
        .held(bias)
        .out(FLOAT)
        .agree(apart);

    Tensor[] one = {random(2, 1, 8), random(2, 1, 8), random(2, 1, 8)};
    Tensor[] past = {random(2, 2, 9, 4), random(2, 2, 9, 4)};
    Twin grown = multi(one[0]).in(one[1], one[2]).skip(3);
    grown.in(past[0].narrow(2, 0, 3), past[1].narrow(2, 0, 3)).out(FLOAT, FLOAT, FLOAT);
    multi(one[0]).in(one[1], one[2]).skip(3).in(past[0], past[1], ints(3)).out(FLOAT).agree(grown);
  }

  @Test
  void attentionOtherForms() {
    Tensor x = random(2, 4, 6);
    Tensor w = random(6, 24);
    Twin zero = Twin.of("Attention").set("num_heads", 2).in(x).held(w, Torch.zeros(24)).out(FLOAT);
    Twin.of("Attention").set("num_heads", 2).in(x).held(w).out(FLOAT).agree(zero);

    Tensor square = random(2, 1, 9, 9).gt(0).to(DType.I32);
    Tensor past = random(2, 2, 2, 3, 4);
    Tensor bias = random(24);
    Twin cut = Twin.of("Attention").set("num_heads", 2).in(x).held(w, bias);
    cut.in(square.squeeze(1).narrow(1, 3, 4).narrow(2, 0, 7), past).out(FLOAT, FLOAT);
    Twin.of("Attention")
        .set("num_heads", 2)
        .in(x)
        .held(w, bias)
        .in(square, past)
        .out(FLOAT, FLOAT)
        .agree(cut);

    Tensor more = random(2, 2, 2, 9, 4);
    Twin grown = Twin.of("Attention").set("num_heads", 2).in(x).held(w, bias).skip(1);
    grown.in(more.narrow(3, 0, 3)).out(FLOAT, FLOAT);
    Twin.of("Attention")
        .set("num_heads", 2)
        .set("past_present_share_buffer", 1)
        .in(x)
        .held(w, bias)
        .skip(1)
        .in(more)
        .skip(1)
        .in(ints(3))
        .out(FLOAT)
        .agree(grown);
  }
}
