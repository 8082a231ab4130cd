package dev.flambeau.bench;

import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;

import dev.flambeau.bench.LibtorchLayers.Layer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Transformers of 384 channels and 6 heads in libtorch, as its Python side computes them: layers of
 * {@code TransformerEncoderLayer} with norms first, GELU, and attention by the fused kernel, fed
 * with views of the one projection (that of Python copies it first).
 */
final class LibtorchTransformer {
  static final int SIZE = 384;
  static final int HEADS = 6;
  static final int WIDE = 1536;

  private final LibtorchLayers layers;

  LibtorchTransformer(LibtorchLayers layers) {
    this.layers = layers;
  }

  /** ViT-S/16 of 12 layers (Dosovitskiy et al. 2021): pictures to logits. */
  Layer vision() {
    var patches = patches();
    var token = layers.parameter("class_token", 1, 1, SIZE);
    var positions = layers.parameter("pos_embedding", 1, 197, SIZE);
    Layer embed =
        x -> {
          try (var y = patches.forward(x);
              var first = token.expand(y.size(0), 1, SIZE);
              var both = new TensorVector(first, y);
              var all = torch.cat(both, 1)) {
            return all.add(positions);
          }
        };
    return embed
        .then(encoder("encoder", 12, 1e-6))
        .then(LibtorchLayers.closing(x -> x.select(1, 0)))
        .then(layers.dense("head", SIZE, Input.PICTURES.classes));
  }

  private Layer patches() {
    var conv = layers.patches("patches", 3, SIZE, 16);
    return conv.then(
        LibtorchLayers.closing(
            x -> {
              try (var rows = x.flatten(2, -1)) {
                return rows.transpose(1, 2);
              }
            }));
  }

  /** An encoder of 6 layers: tokens to logits from the mean over all positions. */
  Layer text() {
    return layers
        .embedding("embedding", Input.VOCABULARY, SIZE)
        .then(encoder("encoder", 6, 1e-5))
        .then(LibtorchLayers.closing(x -> x.mean(1)))
        .then(layers.dense("head", SIZE, Input.TOKENS.classes));
  }

  private Layer encoder(String name, int depth, double eps) {
    Layer all = x -> x;
    for (int i = 0; i < depth; i++) {
      all = all.then(block(name + ".layers." + i, eps));
    }
    return all.then(layers.layerNorm(name + ".norm", SIZE, eps));
  }

  private Layer block(String name, double eps) {
    var attention =
        layers
            .layerNorm(name + ".norm1", SIZE, eps)
            .then(attention(name + ".self_attn"))
            .then(layers.dense(name + ".self_attn.out_proj", SIZE, SIZE));
    var feedForward =
        layers
            .layerNorm(name + ".norm2", SIZE, eps)
            .then(layers.dense(name + ".linear1", SIZE, WIDE))
            .then(LibtorchLayers.closing(x -> gelu(x)))
            .then(layers.dense(name + ".linear2", WIDE, SIZE));
    return LibtorchLayers.residual(attention).then(LibtorchLayers.residual(feedForward));
  }

  private Layer attention(String name) {
    var weight = layers.parameter(name + ".in_proj_weight", 3 * SIZE, SIZE);
    var bias = LibtorchLayers.optional(layers.parameter(name + ".in_proj_bias", 3 * SIZE));
    return x -> {
      try (x;
          var all = linear(x, weight, bias);
          var parts = all.chunk(3, -1);
          var q = heads(parts.get(0));
          var k = heads(parts.get(1));
          var v = heads(parts.get(2));
          var found = scaled_dot_product_attention(q, k, v);
          var rows = found.transpose(1, 2)) {
        return rows.flatten(2, -1);
      }
    };
  }

  /** (batch, heads, length, size of a head). */
  private static Tensor heads(Tensor x) {
    try (var parts = x.view(x.size(0), x.size(1), HEADS, SIZE / HEADS)) {
      return parts.transpose(1, 2);
    }
  }
}
