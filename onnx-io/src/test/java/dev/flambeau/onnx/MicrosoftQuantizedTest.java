package dev.flambeau.onnx;

import static dev.flambeau.onnx.ElementType.FLOAT;
import static dev.flambeau.onnx.ElementType.INT32;
import static dev.flambeau.onnx.ElementType.INT4;
import static dev.flambeau.onnx.ElementType.INT8;
import static dev.flambeau.onnx.ElementType.UINT16;
import static dev.flambeau.onnx.ElementType.UINT4;
import static dev.flambeau.onnx.ElementType.UINT8;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Operators on 8-bit integers against ONNX Runtime, or formulas where its CPU lacks them. */
class MicrosoftQuantizedTest {
  private static final List<ElementType> TYPES = List.of(UINT8, INT8);

  @BeforeEach
  void seed() {
    Torch.manualSeed(11);
  }

  @AfterAll
  static void print() {
    System.out.println(Twin.table());
  }

  private static Tensor random(long... sizes) {
    return Torch.randn(sizes);
  }

  private static Tensor bytes(ElementType type, long... sizes) {
    long low = type == UINT8 ? 0 : -128;
    return Torch.randint(low, low + 256, sizes).to(type.stored().orElseThrow());
  }

  private static Tensor scale(double value) {
    return Torch.full(DType.F32, value);
  }

  private static Tensor zero(ElementType type, long value) {
    return Torch.full(type.stored().orElseThrow(), type == UINT8 ? value + 128 : value);
  }

  /** x with its scale and zero point. */
  private static Twin with(Twin t, Tensor x, ElementType type, double scale, long zero) {
    return t.in(x).held(scale(scale), zero(type, zero));
  }

  private static Twin result(Twin t, ElementType type, double scale, long zero) {
    return t.held(scale(scale), zero(type, zero)).out(type);
  }

  @Test
  void elements() {
    for (ElementType type : TYPES) {
      for (long[] other : new long[][] {{2, 3, 5}, {5}, {3, 1}}) {
        for (String name : List.of("QLinearAdd", "QLinearMul")) {
          Twin t = with(Twin.of(name), bytes(type, 2, 3, 5), type, 0.02, 3);
          t = with(t, bytes(type, other), type, 0.05, -7);
          result(t, type, 0.07, 10).agree();
        }
      }
      Twin t = with(Twin.of("QLinearSigmoid"), bytes(type, 4, 5), type, 0.05, 3);
      result(t, type, 1 / 256.0, -128).agree();
      t = with(Twin.of("QLinearLeakyRelu").set("alpha", 0.3), bytes(type, 4, 5), type, 0.05, 3);
      result(t, type, 0.04, 5).agree();
      t =
          with(
              Twin.of("QLinearConcat").set("axis", 1).held(scale(0.06), zero(type, 4)),
              bytes(type, 2, 3),
              type,
              0.05,
              3);
      with(t, bytes(type, 2, 4), type, 0.1, -5).out(type).agree();
      t = Twin.of("QLinearWhere").in(random(2, 3, 4).gt(0));
      t = with(with(t, bytes(type, 2, 3, 4), type, 0.05, 3), bytes(type, 4), type, 0.1, -5);
      result(t, type, 0.06, 4).agree();
    }
  }

  @Test
  void reductions() {
    for (ElementType type : TYPES) {
      for (int last = 0; last < 2; last++) {
        long[] sizes = last == 0 ? new long[] {2, 3, 6, 5} : new long[] {2, 6, 5, 3};
        Twin t = Twin.of("QLinearGlobalAveragePool").set("channels_last", last);
        result(with(t, bytes(type, sizes), type, 0.05, 3), type, 0.04, 5).agree();
        for (int form = 0; form < 3; form++) {
          t = Twin.of("QLinearAveragePool").set("channels_last", last);
          t.set("kernel_shape", List.of(3, 2)).set("ceil_mode", form / 2);
          t = form == 0 ? t : t.set("pads", List.of(1, 0, 1, 1)).set("strides", List.of(2, 1));
          t.set("count_include_pad", form % 2);
          result(with(t, bytes(type, sizes), type, 0.05, 3), type, 0.04, 5).agree();
        }
      }
      for (long[] form : new long[][] {{13, -1}, {13, 1}, {12, 1}, {9, 2}}) {
        Twin t = Twin.of("QLinearSoftmax").set("opset", form[0]).set("axis", form[1]);
        result(with(t, bytes(type, 2, 3, 4), type, 0.02, 3), type, 1 / 256.0, -128).agree();
      }
      // Not in ONNX Runtime's CPU provider.
      Tensor x = bytes(type, 2, 3, 4, 5);
      Tensor real = x.to(DType.F32).sub(zero(type, 3).to(DType.F32)).mul(0.05);
      Tensor mean = real.mean(new int[] {2, 3}, false).div(0.04).round();
      Tensor wanted = mean.add(zero(type, 5).to(DType.F32)).to(x.dtype());
      Twin t = Twin.of("QLinearReduceMean").set("axes", List.of(2, 3)).set("keepdims", 0);
      result(with(t, x, type, 0.05, 3), type, 0.04, 5).matches(wanted);
    }
  }

  @Test
  void convolutions() {
    for (ElementType type : TYPES) {
      for (int last = 0; last < 2; last++) {
        for (int form = 0; form < 3; form++) {
          long groups = form == 2 ? 2 : 1;
          Twin t = Twin.of("QLinearConv").set("channels_last", last).set("group", groups);
          t = form == 0 ? t : t.set("pads", List.of(1, 1, 1, 1)).set("strides", List.of(2, 1));
          long[] sizes = last == 0 ? new long[] {2, 4, 6, 5} : new long[] {2, 6, 5, 4};
          t = with(t, bytes(type, sizes), type, 0.05, 3);
          t.held(bytes(INT8, 6, 4 / groups, 3, 3));
          Tensor scales = Torch.rand(6).mul(0.01).add(0.005);
          t =
              form == 1
                  ? t.held(scales, Torch.zeros(DType.I8, 6))
                  : t.held(scale(0.01), zero(INT8, 0));
          t.held(scale(0.9), zero(type, 5));
          t = form == 0 ? t : t.held(Torch.randint(-2000, 2000, 6).to(DType.I32));
          t.out(type).agree();
        }
      }
      Twin t =
          Twin.of("NhwcMaxPool").set("kernel_shape", List.of(3, 2)).set("strides", List.of(2, 1));
      t.set("pads", List.of(1, 0, 1, 1)).in(bytes(type, 2, 6, 5, 3)).out(type).agree();
    }
  }

  @Test
  void linear() {
    for (ElementType type : List.of(UINT8, INT8, INT4, UINT4, UINT16, ElementType.INT16)) {
      DType stored = type.stored().orElseThrow();
      // Beside the types that tensors have, results are looked at by way of floats.
      Tensor x = random(3, 4).mul(4);
      if (type == UINT8 || type == INT8 || type == ElementType.INT16) {
        Twin t =
            Twin.of("QuantizeLinear").in(x).held(scale(0.05)).held(Torch.full(stored, 3), type);
        t.out(type).agree();
        t = Twin.of("QuantizeLinear").set("axis", 1).in(x).held(Torch.rand(4).add(0.01));
        t.held(Torch.full(stored, 3, 4), type).out(type).agree();
      }
      long low = type.isUnsigned() ? 0 : -(1L << (type.bits() - 1));
      Tensor steps = Torch.randint(low, low + (1L << type.bits()), 3, 4).to(stored);
      Twin t = Twin.of("DequantizeLinear").held(steps, type).held(scale(0.05));
      t.held(Torch.full(stored, 3), type).out(FLOAT).agree();
      t = Twin.of("DequantizeLinear").set("axis", 0).held(steps, type).held(Torch.rand(3));
      t.held(Torch.full(stored, 3, 3), type).out(FLOAT).agree();
    }
    Twin t = Twin.of("DequantizeLinear").in(Torch.randint(-99999, 99999, 3, 4).to(DType.I32));
    t.held(scale(0.001)).out(FLOAT).agree();
  }

  @Test
  void products() {
    for (ElementType type : TYPES) {
      for (int form = 0; form < 3; form++) {
        Tensor scales = form == 1 ? Torch.rand(6).mul(0.1) : scale(0.02);
        Tensor zeros = form == 1 ? bytes(type, 6) : zero(type, 3);
        Twin t = Twin.of("DynamicQuantizeMatMul").in(random(2, 3, 5)).held(bytes(type, 5, 6));
        t.held(scales);
        t = form == 2 ? t.skip(1).held(random(6)) : t.held(zeros);
        t.out(FLOAT).agree();
        for (ElementType a : type == INT8 ? TYPES : List.of(UINT8)) {
          t = Twin.of("MatMulIntegerToFloat").in(bytes(a, 2, 3, 5)).held(bytes(type, 5, 6));
          t.held(scale(0.1), scales);
          t = form == 2 ? t.skip(2).held(random(6)) : t.held(zero(a, -9), zeros);
          t.out(FLOAT).agree();
        }
      }
    }
    // As large as a layer of BERT has it.
    Twin large = Twin.of("DynamicQuantizeMatMul").in(random(2, 9, 384)).held(bytes(INT8, 384, 64));
    large.held(scale(0.01), zero(INT8, 0), random(64)).out(FLOAT).agree();
    large = Twin.of("MatMulIntegerToFloat").in(bytes(UINT8, 2, 9, 384)).held(bytes(INT8, 384, 64));
    large.held(scale(0.1), Torch.rand(64).mul(0.01), zero(UINT8, 5)).out(FLOAT).agree();
    Tensor[] wide = new Tensor[2];
    for (int i = 0; i < 2; i++) {
      wide[i] = Torch.randint(-32768, 32767, 4, 4).to(DType.I16);
    }
    Twin.of("MatMulInteger16").in(wide).out(INT32).agree();
  }

  @Test
  void gemms() {
    for (ElementType a : TYPES) {
      for (ElementType b : a == UINT8 ? TYPES : List.of(INT8)) {
        for (int flags = 0; flags < 4; flags++) {
          boolean columns = flags == 1;
          Twin t = Twin.of("QGemm").set("transA", flags & 1).set("transB", flags >> 1);
          t.set("alpha", 0.7);
          t = with(t, bytes(a, flags % 2 == 0 ? new long[] {3, 5} : new long[] {5, 3}), a, 0.1, 4);
          t.held(bytes(b, flags < 2 ? new long[] {5, 6} : new long[] {6, 5}));
          t.held(columns ? Torch.rand(6).mul(0.1) : scale(0.02));
          t.held(columns ? bytes(b, 6) : zero(b, 3));
          t = flags == 0 ? t.skip(1) : t.held(Torch.randint(-9999, 9999, 6).to(DType.I32));
          if (flags == 3) {
            t.out(FLOAT).agree();
          } else {
            t.held(scale(3), zero(a, 7)).out(a).agree();
          }
        }
      }
    }
  }

  private static Twin attention(ElementType type, boolean columns) {
    Twin t = Twin.of("QAttention").set("num_heads", 2).in(bytes(UINT8, 2, 4, 6));
    t.held(bytes(type, 6, 24), random(24), scale(0.02));
    return t.held(columns ? Torch.rand(24).mul(0.02) : scale(0.01));
  }

  @Test
  void attention() {
    for (ElementType type : TYPES) {
      for (int form = 0; form < 4; form++) {
        boolean columns = form == 1;
        Twin t = attention(type, columns).set("unidirectional", form % 2);
        t = form == 2 ? t.in(Torch.tensor(new int[] {3, 2}, 2)) : t.skip(1);
        t.held(zero(UINT8, 3), columns ? bytes(type, 24) : zero(type, 5));
        t = form == 3 ? t.in(random(2, 2, 2, 3, 4)) : t;
        t = form == 3 ? t.out(FLOAT, FLOAT) : t.out(FLOAT);
        t.agree();
      }
    }
  }

  /** One sample: of several ONNX Runtime quantizes as many together as there are threads. */
  @Test
  void lstm() {
    for (ElementType type : TYPES) {
      for (String direction : List.of("forward", "reverse", "bidirectional")) {
        long d = direction.equals("bidirectional") ? 2 : 1;
        for (int form = 0; form < 2; form++) {
          long[] scales = form == 0 ? new long[] {d} : new long[] {d, 16};
          Twin t = Twin.of("DynamicQuantizeLSTM").set("hidden_size", 4).set("direction", direction);
          t.in(random(5, 1, 6)).held(bytes(type, d, 6, 16), bytes(type, d, 4, 16), random(d, 32));
          t =
              form == 0
                  ? t.skip(3)
                  : t.in(Torch.tensor(new int[] {5}, 1), random(d, 1, 4), random(d, 1, 4));
          t = form == 0 ? t.skip(1) : t.held(random(d, 12));
          for (int i = 0; i < 2; i++) {
            t.held(Torch.rand(scales).mul(0.01).add(0.002));
            t.held(Torch.full(type.stored().orElseThrow(), type == UINT8 ? 128 : 0, scales));
          }
          t.out(FLOAT, FLOAT, FLOAT).agree();
        }
      }
    }
  }
}
