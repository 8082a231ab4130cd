package dev.flambeau.onnx;

import static dev.flambeau.onnx.ElementType.DOUBLE;
import static dev.flambeau.onnx.ElementType.FLOAT;
import static dev.flambeau.onnx.ElementType.INT16;
import static dev.flambeau.onnx.ElementType.INT32;
import static dev.flambeau.onnx.ElementType.INT64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Operators of all kinds against ONNX Runtime, or formulas where its CPU provider lacks them. */
class MicrosoftOthersTest {
  @BeforeEach
  void seed() {
    Torch.manualSeed(9);
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

  private static Tensor longs(long... values) {
    return Torch.tensor(values, values.length);
  }

  @Test
  void parts() {
    Twin.of("Trilu").in(random(2, 4, 5)).out(FLOAT).agree();
    Twin.of("Trilu").set("upper", 0).in(random(4, 5), longs(1).reshape()).out(FLOAT).agree();
    Twin.of("GatherND")
        .in(random(3, 4), Torch.tensor(new long[] {0, 1, 2, 3}, 2, 2))
        .out(FLOAT)
        .agree();
    Twin.of("GatherND").in(random(3, 4), Torch.tensor(new int[] {2, 0}, 2, 1)).out(FLOAT).agree();
    Twin.of("ExpandDims").in(random(2, 3), ints(1).reshape()).out(FLOAT).agree();
    Twin.of("ExpandDims").in(Torch.arange(3), ints(-1).reshape()).out(INT64).agree();
    Twin.of("UnfoldTensor").set("size", 3).set("step", 2).in(random(2, 9)).out(FLOAT).agree();
    Twin.of("UnfoldTensor")
        .set("size", 2)
        .set("dim", 0)
        .in(Torch.arange(10).reshape(5, 2))
        .out(INT64)
        .agree();
    Twin.of("Unique")
        .in(Torch.tensor(new float[] {2, 1, 1, 3, 4, 3}, 6))
        .out(FLOAT, INT64, INT64)
        .agree();
    for (String mode : List.of("constant", "reflect", "edge")) {
      Twin.of("Pad").set("mode", mode).in(random(3, 4), longs(0, 1, 2, 1)).out(FLOAT).agree();
    }
    Twin.of("Pad").in(random(3, 4), longs(0, 1, 2, -1).reshape(1, 4), random(1)).out(FLOAT).agree();
  }

  @Test
  void ranges() {
    Tensor[] reals = {
      Torch.full(DType.F32, 1), Torch.full(DType.F32, 5), Torch.full(DType.F32, 0.7)
    };
    Twin.of("Range").in(reals).out(FLOAT).agree();
    Twin.of("Range").in(reals[0], reals[1]).out(FLOAT).agree();
    Twin.of("Range").in(ints(9), ints(2), ints(-3)).out(INT32).agree();
    Tensor[] small = {Torch.full(DType.I16, 2, 1), Torch.full(DType.I16, 5, 1)};
    Twin.of("Range").in(small).out(INT16).agree();
  }

  @Test
  void matrices() {
    Twin.of("Inverse").in(random(2, 4, 4)).out(ElementType.FLOAT, 1e-3).agree();
    Twin.of("Inverse").in(random(3, 3).to(DType.F64)).out(DOUBLE).agree();
    for (String metric : List.of("euclidean", "sqeuclidean")) {
      Twin.of("CDist").set("metric", metric).in(random(4, 3), random(5, 3)).out(FLOAT).agree();
    }
    Tensor[] wide = {random(4, 3).to(DType.F64), random(5, 3).to(DType.F64)};
    Twin.of("CDist").in(wide).out(DOUBLE).agree();
  }

  /** Not in ONNX Runtime's CPU provider: against its transforms in ONNX's own domain. */
  @Test
  void spectra() {
    Tensor x = random(3, 4, 8);
    Twin t = Twin.standard("DFT", 17).set("axis", 2).set("onesided", 1);
    t.in(x.unsqueeze(3)).out(FLOAT);
    Tensor half = t.theirs().get("out0").orElseThrow();
    Twin.of("Rfft").in(x).out(FLOAT).matches(half);
    Twin.of("Irfft").set("signal_ndim", 1).in(half).out(FLOAT).matches(x);
    t = Twin.standard("DFT", 17).set("axis", 1).in(half).out(FLOAT);
    Tensor both = t.theirs().get("out0").orElseThrow();
    Twin.of("Rfft").set("signal_ndim", 2).in(x).out(FLOAT).matches(both);
    Twin.of("Irfft").set("signal_ndim", 2).in(both).out(FLOAT).matches(x);
  }

  @Test
  void sequences() {
    for (String rule : List.of("linear", "gated", "delta", "gated_delta")) {
      Twin t = Twin.of("LinearAttention").set("q_num_heads", 4).set("kv_num_heads", 2);
      t.set("update_rule", rule).in(random(2, 3, 32), random(2, 3, 16).mul(0.3), random(2, 3, 16));
      t.in(random(2, 2, 8, 8));
      t = rule.startsWith("gated") ? t.in(random(2, 3, 2).abs().neg()) : t.skip(1);
      t = rule.endsWith("delta") ? t.in(random(2, 3, 2).sigmoid()) : t;
      t.out(FLOAT, FLOAT).agree();
    }
    for (String activation : List.of("none", "silu")) {
      Twin t = Twin.of("CausalConvWithState").set("activation", activation);
      t.in(random(2, 4, 6)).held(random(4, 1, 3), random(4)).in(random(2, 4, 2));
      t.out(FLOAT, FLOAT).agree();
    }
    Tensor a = random(2, 3, 4);
    Tensor shift = random(4);
    Tensor scale = random(4);
    Tensor b = random(2, 3, 4);
    Twin.of("LinearAttentionGate")
        .in(a, shift, scale, b)
        .out(FLOAT, FLOAT)
        .matches(a.add(shift).exp().log1p().mul(scale), b.sigmoid());
  }

  @Test
  void pictures() {
    for (String mode : List.of("bilinear", "nearest", "bicubic")) {
      for (String padding : List.of("zeros", "border", "reflection")) {
        for (int align = 0; align < 2; align++) {
          Twin t = Twin.of("GridSample").set("mode", mode).set("padding_mode", padding);
          t.set("align_corners", align).in(random(1, 2, 5, 4), random(1, 3, 6, 2)).out(FLOAT);
          t.agree();
        }
      }
    }
    for (String mode : List.of("bilinear", "nearest")) {
      for (long height = 1; height < 4; height += 2) {
        float[] boxes = {0, 0, 1, 1, 0.1f, 0.2f, 0.7f, 1.2f, 0.9f, 0.8f, 0.2f, 0.1f};
        Twin.of("CropAndResize")
            .set("mode", mode)
            .set("extrapolation_value", 0.3)
            .in(random(2, 3, 6, 7), Torch.tensor(boxes, 3, 4), ints(0, 1, 1), ints((int) height, 4))
            .out(FLOAT)
            .agree();
      }
    }
  }

  @Test
  void windows() {
    // Of a mask with several planes ONNX Runtime 1.29 reads wrong places.
    for (int padded = 0; padded < 2; padded++) {
      Twin t = Twin.of("MaxpoolWithMask").set("kernel_shape", List.of(3, 2));
      t = padded == 0 ? t : t.set("pads", List.of(1, 0, 1, 1)).set("strides", List.of(2, 1));
      t.in(random(2, 3, 5, 6), random(1, 1, 5, 6).gt(-1).to(DType.I32)).out(FLOAT).agree();
    }
    Twin.of("MaxpoolWithMask")
        .set("kernel_shape", List.of(3))
        .in(random(2, 3, 8), random(1, 1, 8).gt(-1).to(DType.I32))
        .out(FLOAT)
        .agree();
    for (int bias = 0; bias < 2; bias++) {
      Twin t = Twin.of("ConvTransposeWithDynamicPads").set("strides", List.of(2, 2));
      t.set("output_padding", List.of(1, 1)).in(random(1, 2, 4, 4)).held(random(2, 3, 3, 3));
      t = t.in(longs(1, 0, 1, 1));
      t = bias == 0 ? t : t.held(random(3));
      t.out(FLOAT).agree();
    }
  }

  private static Twin old(String type) {
    return Twin.standard(type, 7).in(random(2, 3, 4, 5));
  }

  @Test
  void removedOnes() {
    old("Affine").set("alpha", 2.0).set("beta", -1.0).out(FLOAT).agree();
    old("ParametricSoftplus").set("alpha", 0.5).set("beta", 2.0).out(FLOAT).agree();
    old("ScaledTanh").set("alpha", 0.5).set("beta", 2.0).out(FLOAT).agree();
    old("Scale").set("scale", 3.0).out(FLOAT).agree();
    old("ThresholdedRelu").set("alpha", 0.3).out(FLOAT).agree();
    old("ImageScaler").set("scale", 2.0).set("bias", 1, 2, 3).out(FLOAT).agree();
    old("Crop").set("border", List.of(1, 0, 2, 1)).out(FLOAT).agree();
    Twin t = old("Crop").set("border", List.of(1, 1, 0, 0)).set("scale", List.of(2, 3));
    t.out(FLOAT).agree();
    Twin.standard("DynamicSlice", 9).in(random(4, 5), longs(1), longs(3)).out(FLOAT).agree();
    t = Twin.standard("DynamicSlice", 9).in(random(4, 5), longs(1, 0), longs(3, 9));
    t.in(longs(1, 0)).out(FLOAT).agree();
  }

  /** ONNX Runtime has none of them any more; the definition says what they give. */
  @Test
  void removedFills() {
    OneNode fill = new OneNode("", "ConstantFill", 1).with("value", 2.5f);
    Tensor x = Torch.zeros(2, 3);
    assertEquals("[2, 3]", filled(new OneNode(fill).on(x), 2.5));
    assertEquals(
        "[2, 3, 4]", filled(new OneNode(fill).with("extra_shape", new long[] {4}).on(x), 2.5));
    assertEquals("[3, 1]", filled(new OneNode(fill).with("shape", new long[] {3, 1}), 2.5));
    OneNode by = new OneNode(fill).with("input_as_shape", 1L).on(longs(5, 2));
    assertEquals("[5, 2]", filled(by, 2.5));
    OneNode given = new OneNode("", "GivenTensorFill", 1).with("shape", new long[] {2});
    assertEquals("[2]", filled(new OneNode(given).with("values", new float[] {3, 3}), 3));
    OneNode wrong = new OneNode(given).with("values", new float[] {3, 3, 3});
    assertThrows(TorchException.class, () -> wrong.run(1));
    OneNode huge = new OneNode(fill).with("shape", new long[] {1L << 40, 1L << 40});
    assertThrows(TorchException.class, () -> huge.run(1));
  }

  private static String filled(OneNode node, double value) {
    Tensor out = ((OnnxValue.Numbers) node.run(1).getFirst()).tensor();
    assertEquals(0, out.sub(value).abs().sum().item());
    return out.shape().toString();
  }
}
