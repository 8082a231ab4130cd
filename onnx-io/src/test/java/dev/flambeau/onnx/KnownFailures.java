package dev.flambeau.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Backend tests that do not pass, with the reason. */
final class KnownFailures {
  /** Module zoo has one, and runs these tests with it. */
  private static final String NO_READER = "no ImageReader on this module's class path";

  private static final List<String> IMAGES =
      List.of(
          "bmp_rgb",
          "jpeg2k_rgb",
          "jpeg_bgr",
          "jpeg_grayscale",
          "jpeg_rgb",
          "png_rgb",
          "tiff_rgb",
          "webp_rgb");

  private KnownFailures() {}

  /** Reason by folder. */
  static Map<String, String> reasons() {
    Map<String, String> out = new HashMap<>();
    if (Images.reader().isEmpty()) {
      IMAGES.forEach(name -> out.put("dev/node/test_image_decoder_decode_" + name, NO_READER));
    }
    return out;
  }
}
