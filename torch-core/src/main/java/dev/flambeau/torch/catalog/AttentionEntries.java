package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.ModuleEntry.module;
import static dev.flambeau.torch.catalog.ModuleEntry.several;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.AlphaDropout;
import dev.flambeau.torch.nn.AttentionOptions;
import dev.flambeau.torch.nn.Dropout1d;
import dev.flambeau.torch.nn.Dropout2d;
import dev.flambeau.torch.nn.Dropout3d;
import dev.flambeau.torch.nn.FeatureAlphaDropout;
import dev.flambeau.torch.nn.LayerNorm;
import dev.flambeau.torch.nn.MultiheadAttention;
import dev.flambeau.torch.nn.Transformer;
import dev.flambeau.torch.nn.TransformerDecoder;
import dev.flambeau.torch.nn.TransformerDecoderLayer;
import dev.flambeau.torch.nn.TransformerEncoder;
import dev.flambeau.torch.nn.TransformerEncoderLayer;
import dev.flambeau.torch.nn.TransformerLayerOptions;
import dev.flambeau.torch.nn.TransformerMasks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Attention, the transformer and dropout. */
final class AttentionEntries {
  static final List<ModuleEntry<?>> ALL =
      List.of(
          several(
              MultiheadAttention.class, AttentionEntries::attention, AttentionEntries::attended),
          module(
              TransformerEncoderLayer.class,
              a -> {
                long size = a.whole("d_model");
                int heads = (int) a.whole("nhead");
                return new TransformerEncoderLayer(size, heads, o -> layer(o, a));
              },
              (m, a) -> m.forward(a.tensor("src"), o -> source(o, a, "src_mask"))),
          module(
              TransformerDecoderLayer.class,
              a -> {
                long size = a.whole("d_model");
                int heads = (int) a.whole("nhead");
                return new TransformerDecoderLayer(size, heads, o -> layer(o, a));
              },
              (m, a) -> m.forward(a.tensor("tgt"), a.tensor("memory"), o -> target(o, a))),
          module(
              TransformerEncoder.class,
              a ->
                  new TransformerEncoder(
                      (TransformerEncoderLayer) a.module("encoder_layer"),
                      (int) a.whole("num_layers"),
                      norm(a)),
              (m, a) -> m.forward(a.tensor("src"), o -> source(o, a, "mask"))),
          module(
              TransformerDecoder.class,
              a ->
                  new TransformerDecoder(
                      (TransformerDecoderLayer) a.module("decoder_layer"),
                      (int) a.whole("num_layers"),
                      norm(a)),
              (m, a) -> m.forward(a.tensor("tgt"), a.tensor("memory"), o -> target(o, a))),
          module(Transformer.class, AttentionEntries::transformer, AttentionEntries::transformed),
          module(AlphaDropout.class, a -> new AlphaDropout(a.real("p", 0.5))),
          module(Dropout1d.class, a -> new Dropout1d(a.real("p", 0.5))),
          module(Dropout2d.class, a -> new Dropout2d(a.real("p", 0.5))),
          module(Dropout3d.class, a -> new Dropout3d(a.real("p", 0.5))),
          module(FeatureAlphaDropout.class, a -> new FeatureAlphaDropout(a.real("p", 0.5))));

  private AttentionEntries() {}

  private static MultiheadAttention attention(Arguments a) {
    long embed = a.whole("embed_dim");
    int heads = (int) a.whole("num_heads");
    return new MultiheadAttention(
        embed,
        heads,
        o -> {
          o.dropout(a.real("dropout", 0)).bias(a.flag("bias", true));
          o.addBiasKv(a.flag("add_bias_kv", false));
          o.addZeroAttention(a.flag("add_zero_attn", false));
          a.maybeWhole("kdim").ifPresent(o::kdim);
          a.maybeWhole("vdim").ifPresent(o::vdim);
          o.batchFirst(a.flag("batch_first", false));
        });
  }

  private static List<Tensor> attended(MultiheadAttention m, Arguments a) {
    Tensor query = a.tensor("query");
    Tensor key = a.tensor("key");
    Tensor value = a.tensor("value");
    MultiheadAttention.Attended found =
        m.forward(
            query,
            key,
            value,
            o -> {
              a.maybeTensor("key_padding_mask").ifPresent(o::keyPaddingMask);
              o.needWeights(a.flag("need_weights", true));
              a.maybeTensor("attn_mask").ifPresent(o::mask);
              o.averageWeights(a.flag("average_attn_weights", true));
            });
    List<Tensor> all = new ArrayList<>(List.of(found.output()));
    found.weights().ifPresent(all::add);
    return all;
  }

  private static void layer(TransformerLayerOptions o, Arguments a) {
    o.dimFeedforward(a.whole("dim_feedforward", 2048))
        .dropout(a.real("dropout", 0.1))
        .activation(a.text("activation", "relu"))
        .layerNormEps(a.real("layer_norm_eps", 1e-5))
        .batchFirst(a.flag("batch_first", false))
        .normFirst(a.flag("norm_first", false));
  }

  private static Optional<LayerNorm> norm(Arguments a) {
    return a.has("norm") ? Optional.of((LayerNorm) a.module("norm")) : Optional.empty();
  }

  private static void source(AttentionOptions o, Arguments a, String mask) {
    a.maybeTensor(mask).ifPresent(o::mask);
    a.maybeTensor("src_key_padding_mask").ifPresent(o::keyPaddingMask);
  }

  private static void target(TransformerMasks o, Arguments a) {
    a.maybeTensor("tgt_mask").ifPresent(o::tgtMask);
    a.maybeTensor("memory_mask").ifPresent(o::memoryMask);
    a.maybeTensor("tgt_key_padding_mask").ifPresent(o::tgtKeyPaddingMask);
    a.maybeTensor("memory_key_padding_mask").ifPresent(o::memoryKeyPaddingMask);
  }

  private static Transformer transformer(Arguments a) {
    long size = a.whole("d_model", 512);
    int heads = (int) a.whole("nhead", 8);
    int encoders = (int) a.whole("num_encoder_layers", 6);
    int decoders = (int) a.whole("num_decoder_layers", 6);
    return new Transformer(size, heads, encoders, decoders, o -> layer(o, a));
  }

  private static Tensor transformed(Transformer m, Arguments a) {
    Tensor src = a.tensor("src");
    Tensor tgt = a.tensor("tgt");
    return m.forward(
        src,
        tgt,
        o -> {
          a.maybeTensor("src_mask").ifPresent(o::srcMask);
          a.maybeTensor("tgt_mask").ifPresent(o::tgtMask);
          a.maybeTensor("memory_mask").ifPresent(o::memoryMask);
          a.maybeTensor("src_key_padding_mask").ifPresent(o::srcKeyPaddingMask);
          a.maybeTensor("tgt_key_padding_mask").ifPresent(o::tgtKeyPaddingMask);
          a.maybeTensor("memory_key_padding_mask").ifPresent(o::memoryKeyPaddingMask);
        });
  }
}
