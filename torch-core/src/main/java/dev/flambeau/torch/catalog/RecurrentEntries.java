package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.ModuleEntry.module;
import static dev.flambeau.torch.catalog.ModuleEntry.several;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.AdaptiveLogSoftmaxWithLoss;
import dev.flambeau.torch.nn.EmbeddingBag;
import dev.flambeau.torch.nn.GRU;
import dev.flambeau.torch.nn.GRUCell;
import dev.flambeau.torch.nn.LSTM;
import dev.flambeau.torch.nn.LSTMCell;
import dev.flambeau.torch.nn.PackedSequence;
import dev.flambeau.torch.nn.RNN;
import dev.flambeau.torch.nn.RNNBase;
import dev.flambeau.torch.nn.RNNCell;
import dev.flambeau.torch.nn.RecurrentOptions;
import dev.flambeau.torch.nn.functional.BagMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Recurrent modules and bags of embeddings. */
final class RecurrentEntries {
  static final List<ModuleEntry<?>> ALL =
      List.of(
          several(RNN.class, a -> new RNN(in(a), hidden(a), o -> options(o, a)), layers()),
          several(LSTM.class, a -> new LSTM(in(a), hidden(a), o -> options(o, a)), layers()),
          several(GRU.class, a -> new GRU(in(a), hidden(a), o -> options(o, a)), layers()),
          module(
              RNNCell.class,
              a -> {
                long in = in(a);
                long hidden = hidden(a);
                return new RNNCell(in, hidden, a.flag("bias", true), relu(a));
              },
              (m, a) -> {
                Tensor x = a.tensor("input");
                return a.maybeTensor("hx").map(h -> m.forward(x, h)).orElseGet(() -> m.forward(x));
              }),
          several(
              LSTMCell.class,
              a -> new LSTMCell(in(a), hidden(a), a.flag("bias", true)),
              (m, a) -> {
                RNNBase.State s = m.forward(a.tensor("input"), state(a));
                return List.of(s.hidden(), s.cell().orElseThrow());
              }),
          module(
              GRUCell.class,
              a -> new GRUCell(in(a), hidden(a), a.flag("bias", true)),
              (m, a) -> {
                Tensor x = a.tensor("input");
                return a.maybeTensor("hx").map(h -> m.forward(x, h)).orElseGet(() -> m.forward(x));
              }),
          module(
                  EmbeddingBag.class,
                  RecurrentEntries::bag,
                  (m, a) ->
                      m.forward(
                          a.tensor("input"),
                          a.maybeTensor("offsets"),
                          a.maybeTensor("per_sample_weights")))
              .without(
                  "o18", "PyTorch divides the k-th row's gradient by the count of the k-th index"),
          several(
                  AdaptiveLogSoftmaxWithLoss.class,
                  RecurrentEntries::adaptive,
                  (m, a) -> {
                    AdaptiveLogSoftmaxWithLoss.Result r =
                        m.forward(a.tensor("input"), a.tensor("target"));
                    return List.of(r.output(), r.loss());
                  })
              .method("log_prob", (m, a) -> List.of(m.logProb(a.tensor("input"))))
              .method("predict", (m, a) -> List.of(m.predict(a.tensor("input")))));

  private RecurrentEntries() {}

  private static long in(Arguments a) {
    return a.whole("input_size");
  }

  private static long hidden(Arguments a) {
    return a.whole("hidden_size");
  }

  private static boolean relu(Arguments a) {
    return "relu".equals(a.named("nonlinearity"));
  }

  private static void options(RecurrentOptions o, Arguments a) {
    o.numLayers((int) a.whole("num_layers", 1))
        .bias(a.flag("bias", true))
        .batchFirst(a.flag("batch_first", false))
        .dropout(a.real("dropout", 0))
        .bidirectional(a.flag("bidirectional", false))
        .projSize(a.whole("proj_size", 0))
        .relu(relu(a));
  }

  /** A tensor, or a pair for LSTM. */
  private static Optional<RNNBase.State> state(Arguments a) {
    return Optional.ofNullable(a.value("hx"))
        .map(
            hx ->
                hx instanceof List<?> pair
                    ? new RNNBase.State((Tensor) pair.get(0), (Tensor) pair.get(1))
                    : new RNNBase.State((Tensor) hx));
  }

  private static <M extends RNNBase> ModuleEntry.Call<M> layers() {
    return (m, a) -> {
      List<Tensor> outputs = new ArrayList<>();
      RNNBase.State state;
      if (a.value("input") instanceof Arguments.Packed p) {
        PackedSequence input =
            new PackedSequence(p.data(), p.batchSizes(), p.sortedIndices(), p.unsortedIndices());
        RNNBase.PackedOutput out = m.forward(input, state(a));
        outputs.add(out.output().data());
        outputs.add(out.output().batchSizes());
        out.output().sortedIndices().ifPresent(outputs::add);
        out.output().unsortedIndices().ifPresent(outputs::add);
        state = out.state();
      } else {
        RNNBase.Output out = m.forward(a.tensor("input"), state(a));
        outputs.add(out.output());
        state = out.state();
      }
      outputs.add(state.hidden());
      state.cell().ifPresent(outputs::add);
      return outputs;
    };
  }

  private static EmbeddingBag bag(Arguments a) {
    long count = a.whole("num_embeddings");
    long dim = a.whole("embedding_dim");
    return new EmbeddingBag(
        count,
        dim,
        o -> {
          a.maybeReal("max_norm").ifPresent(o::maxNorm);
          o.normType(a.real("norm_type", 2))
              .scaleGradByFrequency(a.flag("scale_grad_by_freq", false));
          o.mode(BagMode.valueOf(a.text("mode", "mean").toUpperCase(Locale.ROOT)));
          // The gradient's numbers are the same, stored dense.
          a.flag("sparse", false);
          o.includeLastOffset(a.flag("include_last_offset", false));
          a.maybeWhole("padding_idx").ifPresent(o::paddingIndex);
        });
  }

  private static AdaptiveLogSoftmaxWithLoss adaptive(Arguments a) {
    long in = a.whole("in_features");
    long classes = a.whole("n_classes");
    return new AdaptiveLogSoftmaxWithLoss(
        in,
        classes,
        a.longs("cutoffs"),
        o -> o.divValue(a.real("div_value", 4)).headBias(a.flag("head_bias", false)));
  }
}
