package dev.flambeau.bench;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.Embedding;
import dev.flambeau.torch.nn.LayerNorm;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.TransformerEncoder;
import dev.flambeau.torch.nn.TransformerEncoderLayer;
import java.util.Optional;

/** A transformer encoder of 6 layers: tokens (N, length) to (N, 2). */
final class TextClassifier extends Module {
  private static final int SIZE = LibtorchTransformer.SIZE;

  final Embedding embedding = new Embedding(Input.VOCABULARY, SIZE);
  final TransformerEncoder encoder = encoder(6, 1e-5);
  final Linear head = new Linear(SIZE, Input.TOKENS.classes);

  static TransformerEncoder encoder(int depth, double eps) {
    var layer =
        new TransformerEncoderLayer(
            SIZE,
            LibtorchTransformer.HEADS,
            o ->
                o.dimFeedforward(LibtorchTransformer.WIDE)
                    .dropout(0)
                    .activation("gelu")
                    .layerNormEps(eps)
                    .batchFirst(true)
                    .normFirst(true));
    var norm = new LayerNorm(SIZE, o -> o.eps(eps));
    return new TransformerEncoder(layer, depth, Optional.of(norm));
  }

  @Override
  public Tensor forward(Tensor tokens) {
    return head.call(encoder.call(embedding.call(tokens)).mean(1));
  }
}
