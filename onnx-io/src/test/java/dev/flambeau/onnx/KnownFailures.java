package dev.flambeau.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Backend tests whose operators are supported, but not in this use of them, with the reason. */
final class KnownFailures {
  private static final Map<String, List<String>> BY_REASON =
      Map.ofEntries(
          Map.entry(
              "ConvTranspose takes pads and output_padding only",
              List.of("test_convtranspose_autopad_same", "test_convtranspose_output_shape")),
          Map.entry(
              "MaxPool gives no indices",
              List.of("test_maxpool_with_argmax_2d_precomputed_strides")),
          Map.entry(
              "the extremes of nothing are refused",
              List.of("test_reduce_max_empty_set", "test_reduce_min_empty_set")),
          Map.entry(
              "Resize has no cubic mode",
              List.of(
                  "test_resize_downsample_scales_cubic",
                  "test_resize_downsample_scales_cubic_A_n0p5_exclude_outside",
                  "test_resize_downsample_scales_cubic_align_corners",
                  "test_resize_downsample_sizes_cubic",
                  "test_resize_upsample_scales_cubic",
                  "test_resize_upsample_scales_cubic_align_corners",
                  "test_resize_upsample_scales_cubic_asymmetric",
                  "test_resize_upsample_sizes_cubic")),
          Map.entry(
              "Resize has no axes, antialias, aspect ratio policy or half_pixel_symmetric",
              List.of(
                  "test_resize_downsample_scales_cubic_antialias",
                  "test_resize_downsample_scales_linear_antialias",
                  "test_resize_downsample_scales_linear_half_pixel_symmetric",
                  "test_resize_downsample_sizes_cubic_antialias",
                  "test_resize_downsample_sizes_linear_antialias",
                  "test_resize_downsample_sizes_nearest_not_larger",
                  "test_resize_tf_crop_and_resize_axes_2_3",
                  "test_resize_tf_crop_and_resize_axes_3_2",
                  "test_resize_upsample_scales_nearest_axes_3_2",
                  "test_resize_upsample_sizes_nearest_axes_2_3",
                  "test_resize_upsample_sizes_nearest_axes_3_2",
                  "test_resize_upsample_sizes_nearest_not_smaller")));

  private KnownFailures() {}

  /** Reason by folder. */
  static Map<String, String> reasons() {
    Map<String, String> out = new HashMap<>();
    BY_REASON.forEach((why, names) -> names.forEach(name -> out.put("dev/node/" + name, why)));
    return out;
  }
}
