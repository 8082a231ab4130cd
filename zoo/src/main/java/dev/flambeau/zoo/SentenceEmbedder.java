package dev.flambeau.zoo;

import dev.flambeau.text.Encoding;
import dev.flambeau.text.SentenceEmbeddings;
import dev.flambeau.text.Tokenizer;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Texts to vectors whose cosine tells how alike the texts are in meaning. */
public final class SentenceEmbedder implements AutoCloseable {
  /** Texts run together; more would take memory for little speed. */
  private static final int BATCH = 16;

  private final Tokenizer tokenizer;
  private final Function<Encoding, Tensor> network;

  /**
   * @param network gives the last hidden state, N x L x D
   */
  SentenceEmbedder(Tokenizer tokenizer, Function<Encoding, Tensor> network) {
    this.tokenizer = tokenizer;
    this.network = network;
  }

  /** One row a text, of length 1: N x D. */
  public Tensor embed(List<String> texts) {
    return Torch.noGrad(
        () -> {
          List<Tensor> rows = new ArrayList<>();
          for (int i = 0; i < texts.size(); i += BATCH) {
            List<String> part = texts.subList(i, Math.min(texts.size(), i + BATCH));
            Encoding input = tokenizer.encodeBatch(part);
            Tensor hidden = network.apply(input);
            rows.add(SentenceEmbeddings.meanPool(hidden, input.attentionMask()));
          }
          return SentenceEmbeddings.normalize(Torch.cat(rows, 0));
        });
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
