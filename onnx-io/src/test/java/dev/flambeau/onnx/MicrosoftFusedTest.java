package dev.flambeau.onnx;

import static dev.flambeau.onnx.ElementType.BOOL;
import static dev.flambeau.onnx.ElementType.DOUBLE;
import static dev.flambeau.onnx.ElementType.FLOAT;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fused operators against ONNX Runtime, or formulas where its CPU provider lacks them. */
class MicrosoftFusedTest {
  @BeforeEach
  void seed() {
    Torch.manualSeed(8);
  }

  @AfterAll
  static void print() {
    System.out.println(Twin.table());
  }

  private static Tensor random(long... sizes) {
    return Torch.randn(sizes);
  }

  @Test
  void activations() {
    Twin.of("Gelu").in(random(3, 7)).out(FLOAT).agree();
    Twin.of("FastGelu").in(random(3, 7)).out(FLOAT).agree();
    Twin.of("FastGelu").in(random(3, 7)).held(random(7)).out(FLOAT).agree();
    Twin.of("BiasGelu").in(random(3, 7)).held(random(7)).out(FLOAT).agree();
    Twin.of("QuickGelu").in(random(3, 7)).out(FLOAT).agree();
    Twin.of("QuickGelu").set("alpha", 1.0).in(random(3, 7)).out(FLOAT).agree();
  }

  /** Not in ONNX Runtime's CPU provider. */
  @Test
  void biases() {
    Tensor x = random(2, 3, 8);
    Tensor bias = random(8);
    Tensor skip = random(2, 3, 8);
    Tensor sum = x.add(bias);
    Tensor split = sum.narrow(2, 0, 4).mul(sum.narrow(2, 4, 4).gelu());
    Twin.of("BiasSplitGelu").in(x, bias).out(FLOAT).matches(split);
    Twin.of("BiasAdd").in(x, bias, skip).out(FLOAT).matches(sum.add(skip));
    Twin t = Twin.of("BiasDropout").in(x, bias, skip, Torch.full(DType.F32, 0.3)).out(FLOAT, BOOL);
    t.matches(sum.add(skip), x.onesLike().ne(0));
    Tensor scores = random(2, 3, 4, 4);
    Tensor mask = random(2, 1, 1, 4);
    Twin.of("BiasSoftmax")
        .set("axis", 3)
        .set("is_inner_broadcast", 1)
        .in(scores, mask)
        .out(FLOAT)
        .matches(scores.add(mask).softmax(3));
    Tensor flat = scores.add(mask).reshape(2, 3, 16).softmax(2).reshape(2, 3, 4, 4);
    Twin.of("BiasSoftmax")
        .set("axis", 2)
        .set("is_inner_broadcast", 1)
        .in(scores, mask)
        .out(FLOAT)
        .matches(flat);
    Tensor w = random(8, 5);
    Twin.of("GemmFastGelu").in(x, w).out(FLOAT).matches(F.gelu(x.matmul(w), true));
  }

  private static Twin product(String type, int flags) {
    Twin t = Twin.of(type).set("alpha", 0.5);
    String[] names = {"transA", "transB", "transBatchA", "transBatchB"};
    for (int i = 0; i < 4; i++) {
      t = (flags >> i & 1) == 1 ? t.set(names[i], 1) : t;
    }
    return t;
  }

  /** (batch..., rows, columns) as it must be given for the flags to turn it into this. */
  private static Tensor turned(Tensor x, int flags, int which) {
    Tensor y = (flags >> which & 1) == 1 ? x.mT() : x;
    return (flags >> (2 + which) & 1) == 1 ? y.movedim(x.dim() - 2, 0) : y;
  }

  @Test
  void matrixProducts() {
    for (int flags = 0; flags < 16; flags++) {
      Tensor a = turned(random(2, 3, 4, 5), flags, 0).contiguous();
      Tensor b = turned(random(2, 3, 5, 6), flags, 1).contiguous();
      product("FusedMatMul", flags).in(a, b).out(FLOAT).agree();
      if (flags < 4) {
        product("TransposeMatMul", flags).in(a, b).out(FLOAT).agree();
        Tensor w = turned(random(5, 6), flags, 1).contiguous();
        product("FusedMatMul", flags).in(a).held(w).out(FLOAT).agree();
        Twin t = product("FusedMatMulActivation", flags).in(a, b).set("activation", "Relu");
        Twin same = product("FusedMatMul", flags).in(a, b).out(FLOAT);
        t.out(FLOAT).matches(same.theirs().get("out0").orElseThrow().relu());
      }
    }
    product("FusedMatMul", 0).in(random(5), random(5, 3)).out(FLOAT).agree();
    product("FusedMatMul", 1)
        .in(random(5, 2).to(DType.F64), random(5, 3).to(DType.F64))
        .out(DOUBLE)
        .agree();
  }

  @Test
  void gemm() {
    for (String name : List.of("Relu", "Tanh", "Sigmoid", "LeakyRelu", "Softplus", "Elu")) {
      Twin t = Twin.of("FusedGemm").set("alpha", 0.5).set("beta", 2.0).set("transB", 1);
      t = t.set("activation", name);
      t = name.equals("LeakyRelu") || name.equals("Elu") ? t.set("activation_alpha", 0.2) : t;
      t.in(random(3, 4)).held(random(5, 4), random(5)).out(FLOAT).agree();
    }
  }

  private static Twin conv(String type, String name, double... params) {
    Twin t = Twin.of(type).set("activation", name).set("kernel_shape", List.of(3, 3));
    t = params.length == 0 ? t : t.set("activation_params", params);
    return t.set("pads", List.of(1, 1, 1, 1)).set("strides", List.of(2, 1));
  }

  @Test
  void convolution() {
    for (String name : List.of("Relu", "Tanh", "Sigmoid")) {
      conv("FusedConv", name).in(random(2, 4, 6, 5)).held(random(8, 4, 3, 3)).out(FLOAT).agree();
    }
    Twin t = conv("FusedConv", "LeakyRelu", 0.2).set("group", 2).in(random(2, 4, 6, 5));
    t.held(random(8, 2, 3, 3), random(8)).out(FLOAT).agree();
    t = conv("FusedConv", "Clip", -0.3, 0.6).in(random(2, 4, 6, 5));
    t.held(random(8, 4, 3, 3), random(8)).out(FLOAT).agree();
    t = conv("FusedConv", "HardSigmoid", 0.3, 0.4).in(random(2, 4, 6, 5));
    t.held(random(8, 4, 3, 3), random(8)).out(FLOAT).agree();
    t = conv("FusedConv", "Relu").in(random(2, 4, 6, 5)).held(random(8, 4, 3, 3), random(8));
    t.in(random(2, 8, 3, 5)).out(FLOAT).agree();
  }

  /** Channels last, which ONNX Runtime's CPU provider has in half precision on ARM only. */
  @Test
  void convolutionChannelsLast() {
    Tensor x = random(2, 4, 6, 5);
    Tensor w = random(8, 4, 3, 3);
    Tensor bias = random(8);
    Tensor z = random(2, 8, 3, 5);
    Twin first = conv("FusedConv", "Relu").in(x).held(w, bias).in(z).out(FLOAT);
    Tensor y = first.theirs().get("out0").orElseThrow().movedim(1, 3);
    conv("NhwcFusedConv", "Relu")
        .in(x.movedim(1, 3).contiguous())
        .held(w, bias)
        .in(z.movedim(1, 3).contiguous())
        .out(FLOAT)
        .matches(y);
    Twin plain = Twin.of("FusedConv").in(x).held(w).out(FLOAT);
    Twin.of("NhwcConv")
        .in(x.movedim(1, 3).contiguous())
        .held(w)
        .out(FLOAT)
        .matches(plain.theirs().get("out0").orElseThrow().movedim(1, 3));
  }
}
