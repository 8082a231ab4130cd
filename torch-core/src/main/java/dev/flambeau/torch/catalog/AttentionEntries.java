package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.ModuleEntry.absent;

import java.util.List;

/** Attention, the transformer and dropout. */
final class AttentionEntries {
  static final List<ModuleEntry<?>> ALL =
      List.of(
          absent("MultiheadAttention", "not built"),
          absent("Transformer", "not built"),
          absent("TransformerEncoder", "not built"),
          absent("TransformerEncoderLayer", "not built"),
          absent("TransformerDecoder", "not built"),
          absent("TransformerDecoderLayer", "not built"),
          absent("AlphaDropout", "not built"),
          absent("Dropout1d", "not built"),
          absent("Dropout2d", "not built"),
          absent("Dropout3d", "not built"),
          absent("FeatureAlphaDropout", "not built"));

  private AttentionEntries() {}
}
