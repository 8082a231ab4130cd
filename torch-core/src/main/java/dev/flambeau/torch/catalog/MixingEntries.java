package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;
import static dev.flambeau.torch.catalog.Entry.several;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.BagMode;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.Interpolation;
import dev.flambeau.torch.nn.functional.Padding;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Attention, distances, bags of embeddings, resized and sampled images. */
final class MixingEntries {
  private static final String PREFIX = "nn.functional.";
  private static final String RANDOM = "dropout by numbers that the sample does not hold";
  private static final String POSITIONS = "PyTorch's positions are F32";

  static final List<Entry> ALL =
      List.of(
          several(
                  PREFIX + "_scaled_dot_product_attention",
                  "F.scaledDotProductAttention",
                  MixingEntries::attention)
              .tolerance(1e-5, 2e-5, "F32 rounding of scores above 10")
              .without("f323", RANDOM)
              .without("f327", RANDOM)
              .without("f329", RANDOM)
              .without("f3211", RANDOM)
              .without("f3213", RANDOM),
          entry("cdist", "F.cdist", MixingEntries::cdist)
              .tolerance(2e-5, 2e-5, "PyTorch's own F32 rounding of powers"),
          entry(PREFIX + "interpolate", "F.interpolate", MixingEntries::interpolate)
              .tolerance(1e-5, 2e-5, POSITIONS),
          entry(
              PREFIX + "upsample_nearest",
              "F.interpolate",
              a -> resized(a, Interpolation.NEAREST, false)),
          entry(
                  PREFIX + "upsample_bilinear",
                  "F.interpolate",
                  a -> resized(a, Interpolation.LINEAR, true))
              .tolerance(1e-5, 2e-5, POSITIONS),
          entry(PREFIX + "grid_sample", "F.gridSample", MixingEntries::sample)
              .tolerance(2e-5, 2e-5, POSITIONS),
          entry(PREFIX + "embedding_bag", "F.embeddingBag", MixingEntries::embeddingBag));

  private MixingEntries() {}

  private static List<Tensor> attention(Arguments a) {
    Tensor k = a.tensor("key");
    Tensor v = a.tensor("value");
    Optional<Tensor> mask = a.maybeTensor("attn_mask");
    double dropout = a.real("dropout_p", 0);
    a.value("need_attn_weights");
    F.Attention out =
        F.scaledDotProductAttention(a.self(), k, v, mask, dropout, a.flag("is_causal", false));
    return List.of(out.output(), out.weights());
  }

  /** The way the distance is computed is ours. */
  private static Tensor cdist(Arguments a) {
    Tensor other = a.tensor("x2");
    double p = a.real("p", 2);
    a.value("compute_mode");
    return F.cdist(a.self(), other, p);
  }

  private static Tensor embeddingBag(Arguments a) {
    Tensor indices = a.tensor("input");
    Optional<Tensor> offsets = a.maybeTensor("offsets");
    Object mode = a.named("mode");
    BagMode how =
        mode == null ? BagMode.MEAN : BagMode.valueOf(mode.toString().toUpperCase(Locale.ROOT));
    Optional<Tensor> perSample = Optional.ofNullable((Tensor) a.named("per_sample_weights"));
    boolean last = Boolean.TRUE.equals(a.named("include_last_offset"));
    OptionalLong padding =
        a.named("padding_idx") instanceof Long p ? OptionalLong.of(p) : OptionalLong.empty();
    return F.embeddingBag(indices, a.self(), offsets, how, perSample, last, padding);
  }

  private static Tensor interpolate(Arguments a) {
    long[] size = a.longs("size");
    double[] scale = a.maybeReals("scale_factor").orElse(new double[0]);
    String mode = a.text("mode", "nearest");
    boolean align = a.flag("align_corners", false);
    a.only("recompute_scale_factor", false);
    boolean antialias = a.flag("antialias", false);
    Interpolation how =
        switch (mode) {
          case "nearest" -> Interpolation.NEAREST;
          case "nearest-exact" -> Interpolation.NEAREST_EXACT;
          case "area" -> Interpolation.AREA;
          case "bicubic" -> Interpolation.CUBIC;
          default -> Interpolation.LINEAR;
        };
    return F.interpolate(a.self(), size, scale, how, align, antialias);
  }

  private static Tensor resized(Arguments a, Interpolation how, boolean align) {
    long[] size = a.longs("size");
    double[] scale = a.maybeReals("scale_factor").orElse(new double[0]);
    return F.interpolate(a.self(), size, scale, how, align, false);
  }

  private static Tensor sample(Arguments a) {
    Tensor grid = a.tensor("grid");
    Interpolation mode =
        switch (a.text("mode", "bilinear")) {
          case "nearest" -> Interpolation.NEAREST;
          case "bicubic" -> Interpolation.CUBIC;
          default -> Interpolation.LINEAR;
        };
    Padding padding =
        switch (a.text("padding_mode", "zeros")) {
          case "border" -> Padding.REPLICATE;
          case "reflection" -> Padding.REFLECT;
          default -> Padding.CONSTANT;
        };
    return F.gridSample(a.self(), grid, mode, padding, a.flag("align_corners", false));
  }
}
