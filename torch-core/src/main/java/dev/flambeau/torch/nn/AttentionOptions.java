package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.Optional;
import java.util.function.Consumer;

/** What may be attended to, and what {@link MultiheadAttention} gives beside its output. */
public final class AttentionOptions {
  Optional<Tensor> keyPaddingMask = Optional.empty();
  Optional<Tensor> mask = Optional.empty();
  boolean causal;
  boolean needWeights = true;
  boolean averageWeights = true;

  private AttentionOptions() {}

  static AttentionOptions of(Consumer<AttentionOptions> set) {
    AttentionOptions options = new AttentionOptions();
    set.accept(options);
    return options;
  }

  /** Keys that do not count: (batch, keys), true or -inf where ignored; none by default. */
  public AttentionOptions keyPaddingMask(Tensor value) {
    keyPaddingMask = Optional.of(value);
    return this;
  }

  /**
   * What each query must not see: (queries, keys) or (batch * heads, queries, keys), true where
   * hidden, or numbers added to the scores; none by default.
   */
  public AttentionOptions mask(Tensor value) {
    mask = Optional.of(value);
    return this;
  }

  /** Whether query i sees keys 0 to i only, if no mask says it. Default false. */
  public AttentionOptions causal(boolean on) {
    causal = on;
    return this;
  }

  /** Whether the weights of the values are wanted. Default true. */
  public AttentionOptions needWeights(boolean on) {
    needWeights = on;
    return this;
  }

  /** Whether these are the mean over all heads. Default true. */
  public AttentionOptions averageWeights(boolean on) {
    averageWeights = on;
    return this;
  }
}
