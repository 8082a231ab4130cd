package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What {@link Transformer} and its decoder must not see; nothing by default. Masks are as in {@link
 * AttentionOptions}.
 */
public final class TransformerMasks {
  private final Pair src = new Pair();
  private final Pair tgt = new Pair();
  private final Pair memory = new Pair();

  /** A mask, a mask of keys and causality. */
  private static final class Pair {
    private Optional<Tensor> mask = Optional.empty();
    private Optional<Tensor> padding = Optional.empty();
    private boolean causal;

    void apply(AttentionOptions o) {
      mask.ifPresent(o::mask);
      padding.ifPresent(o::keyPaddingMask);
      o.causal(causal).needWeights(false);
    }
  }

  private TransformerMasks() {}

  static TransformerMasks of(Consumer<TransformerMasks> set) {
    TransformerMasks masks = new TransformerMasks();
    set.accept(masks);
    return masks;
  }

  /** Of the encoder's self-attention. */
  public TransformerMasks srcMask(Tensor value) {
    src.mask = Optional.of(value);
    return this;
  }

  public TransformerMasks srcKeyPaddingMask(Tensor value) {
    src.padding = Optional.of(value);
    return this;
  }

  /** Of the decoder's self-attention. */
  public TransformerMasks tgtMask(Tensor value) {
    tgt.mask = Optional.of(value);
    return this;
  }

  public TransformerMasks tgtKeyPaddingMask(Tensor value) {
    tgt.padding = Optional.of(value);
    return this;
  }

  /** Of the decoder's attention to the encoder's result. */
  public TransformerMasks memoryMask(Tensor value) {
    memory.mask = Optional.of(value);
    return this;
  }

  public TransformerMasks memoryKeyPaddingMask(Tensor value) {
    memory.padding = Optional.of(value);
    return this;
  }

  /** Whether self-attention of the encoder sees earlier places only. */
  public TransformerMasks srcCausal(boolean on) {
    src.causal = on;
    return this;
  }

  /** Whether self-attention of the decoder sees earlier places only. */
  public TransformerMasks tgtCausal(boolean on) {
    tgt.causal = on;
    return this;
  }

  void source(AttentionOptions o) {
    src.apply(o);
  }

  void target(AttentionOptions o) {
    tgt.apply(o);
  }

  void memory(AttentionOptions o) {
    memory.apply(o);
  }
}
