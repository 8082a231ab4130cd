package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.ModuleEntry.absent;

import java.util.List;

/** Recurrent modules and bags of embeddings. */
final class RecurrentEntries {
  static final List<ModuleEntry<?>> ALL =
      List.of(
          absent("RNN", "not built"),
          absent("LSTM", "not built"),
          absent("GRU", "not built"),
          absent("RNNCell", "not built"),
          absent("LSTMCell", "not built"),
          absent("GRUCell", "not built"),
          absent("EmbeddingBag", "not built"),
          absent("AdaptiveLogSoftmaxWithLoss", "not built"));

  private RecurrentEntries() {}
}
