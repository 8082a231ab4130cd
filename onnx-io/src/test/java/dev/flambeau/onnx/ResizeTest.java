package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Resize against ONNX Runtime, to the last bit for linear pictures and nearest elements: a rounding
 * of another kind makes other steps of quantized networks.
 */
class ResizeTest {
  private static final List<String> TRANSFORMATIONS =
      List.of(
          "half_pixel",
          "pytorch_half_pixel",
          "asymmetric",
          "align_corners",
          "half_pixel_symmetric");

  private static Tensor image(long... sizes) {
    Torch.manualSeed(7);
    return Torch.randn(sizes);
  }

  private static Twin resize(String mode, String transformation) {
    return Twin.standard("Resize", 19)
        .set("mode", mode)
        .set("coordinate_transformation_mode", transformation);
  }

  private static void scaled(String transformation, Tensor x, double... scales) {
    Tensor held = Torch.tensor(scales, scales.length).to(DType.F32);
    resize("linear", transformation).out(ElementType.FLOAT, 0).in(x).skip(1).held(held).agree();
  }

  private static void sized(Twin twin, Tensor x, long... sizes) {
    twin.in(x).skip(2).held(Torch.tensor(sizes)).agree();
  }

  private static void sized(String transformation, Tensor x, long... sizes) {
    sized(resize("linear", transformation).out(ElementType.FLOAT, 0), x, sizes);
  }

  @Test
  void linear() {
    for (String t : TRANSFORMATIONS) {
      for (Tensor x : List.of(image(2, 3, 37, 41), image(1, 20, 16, 12).channelsLast())) {
        long n = x.size(0);
        long c = x.size(1);
        long h = x.size(2);
        long w = x.size(3);
        scaled(t, x, 1, 1, 2, 2);
        sized(t, x, n, c, 2 * h, 2 * w);
        sized(t, x, n, c, 101, 67);
        sized(t, x, n, c, 3 * h + 1, w);
        sized(t, x, n, c, h, 3 * w + 1);
        sized(t, x, n, c, 11, 7);
        sized(t, x, n, c, h / 2, 3 * w);
        sized(t, x, n, c, 1, 1);
        // Channels come last.
        sized(t, x, n, 5, 2 * h, w);
      }
      sized(t, image(1, 1, 1, 1), 1, 1, 3, 5);
      sized(t, image(9, 14), 20, 31);
    }
  }

  /** Sizes are products in float numbers: 2.3 times 10 is 23. */
  @Test
  void scales() {
    Tensor x = image(1, 2, 10, 30);
    for (String t : TRANSFORMATIONS) {
      for (double scale : new double[] {2.3, 2.1, 1.7, 1.3, 0.7, 0.6}) {
        // The standard lays corners by the product, ONNX Runtime by the size, a whole number.
        if (!t.equals("align_corners") || (float) scale * 30 % 1 == 0) {
          scaled(t, x, 1, 1, scale, scale);
        }
      }
    }
  }

  @Test
  void cropped() {
    Tensor x = image(1, 2, 10, 30);
    Tensor region = Torch.tensor(new double[] {0, 0, 0.2, 0.1, 1, 1, 0.9, 1.2}, 8).to(DType.F32);
    resize("linear", "tf_crop_and_resize")
        .set("extrapolation_value", 3.0)
        .out(ElementType.FLOAT, 0)
        .in(x, region)
        .skip(1)
        .held(Torch.tensor(new long[] {1, 2, 21, 67}))
        .agree();
  }

  @Test
  void bytes() {
    Tensor x = image(1, 2, 10, 30).mul(60);
    Tensor unsigned = x.add(128).clamp(0, 255).to(DType.U8);
    Tensor signed = x.clamp(-128, 127).to(DType.I8);
    for (String t : TRANSFORMATIONS) {
      sized(resize("linear", t).out(ElementType.UINT8, 0), unsigned, 1, 2, 21, 67);
      sized(resize("linear", t).out(ElementType.INT8, 0), signed, 1, 2, 21, 67);
    }
  }

  /** Where ONNX Runtime sums in another order; its cubic weights are float numbers, too. */
  @Test
  void rounded() {
    Tensor x = image(1, 2, 10, 30);
    for (String t : TRANSFORMATIONS) {
      sized(resize("cubic", t).out(ElementType.FLOAT, 1e-5), x, 1, 2, 21, 67);
      sized(resize("linear", t).out(ElementType.FLOAT, 1e-6), x.select(2, 1), 1, 2, 47);
      sized(
          resize("linear", t).out(ElementType.FLOAT, 1e-6),
          image(1, 2, 3, 10, 30),
          new long[] {1, 2, 7, 13, 50});
      for (String mode : List.of("linear", "cubic")) {
        sized(resize(mode, t).set("antialias", 1).out(ElementType.FLOAT, 1e-5), x, 1, 2, 7, 13);
      }
    }
  }

  /** Halfway between two elements, too, however the position is rounded: 14.499999 of 14 to 39. */
  @Test
  void nearest() {
    for (int from : new int[] {7, 14, 20, 28, 111}) {
      Tensor x = Torch.arange(from).to(DType.F32).reshape(1, 1, 1, from);
      for (int to : new int[] {1, 2, 6, 13, 19, 31, 35, 39, 42, 57, 58, 300}) {
        for (String mode : List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")) {
          for (String t : List.of("half_pixel", "asymmetric")) {
            Twin twin = resize("nearest", t).set("nearest_mode", mode);
            sized(twin.out(ElementType.FLOAT, 0), x, 1, 1, 1, to);
          }
        }
      }
    }
  }

  /** A node that means something else in the operator set it is written in goes out in parts. */
  @Test
  void exportedInParts(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("parts.onnx");
    Tensor x = image(1, 2, 10, 30);
    Tensor scales = Torch.tensor(new double[] {1, 1, 1.7, 2}, 4).to(DType.F32);
    Twin old = Twin.standard("Resize", 10).set("mode", "linear").out(ElementType.FLOAT, 0);
    OnnxModule module = old.in(x).held(scales).load();
    Tensor expected = module.forward(x);
    Onnx.export(module, List.of(x), file, o -> o.opset(13));
    try (Peer peer = new Peer(file)) {
      Tensor got = peer.run(Map.of("in0", x));
      assertArrayEquals(expected.toDoubleArray(), got.toDoubleArray());
    }
  }

  /** What a file asks for is refused or done, never more than there is room for. */
  @Test
  void hostile() {
    Tensor nothing = image(1, 1, 0, 4);
    Tensor sizes = Torch.tensor(new long[] {1, 1, 3, 4});
    for (String mode : List.of("nearest", "linear", "cubic")) {
      Twin twin = resize(mode, "half_pixel").out(ElementType.FLOAT).in(nothing).skip(2);
      assertThrows(TorchException.ArgumentError.class, twin.held(sizes)::ours);
      for (double scale : new double[] {Double.NaN, -1, 1e9, Double.POSITIVE_INFINITY}) {
        Tensor scales = Torch.tensor(new double[] {1, 1, 1, scale}, 4).to(DType.F32);
        Twin other = resize(mode, "half_pixel").out(ElementType.FLOAT);
        other.in(image(1, 1, 2, 4)).skip(1).held(scales);
        if (Double.isNaN(scale)) {
          other.ours();
        } else {
          assertThrows(TorchException.ArgumentError.class, other::ours);
        }
      }
    }
    Tensor region = Torch.tensor(new double[] {0, 0, 0, 0, 1, 1, 1, 1e9}, 8).to(DType.F32);
    Twin twin = resize("cubic", "tf_crop_and_resize").set("antialias", 1).out(ElementType.FLOAT);
    twin.in(image(1, 1, 2, 4), region);
    twin.held(Torch.tensor(new double[] {1, 1, 1, 1e-9}, 4).to(DType.F32));
    assertThrows(TorchException.ArgumentError.class, twin::ours);
  }
}
