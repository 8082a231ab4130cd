package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.List;
import java.util.function.Consumer;

/**
 * Self-attention, attention to the encoder's result, and two linear layers, each with a residual
 * and a layer norm (Vaswani et al. 2017). PyTorch: {@code torch.nn.TransformerDecoderLayer}.
 */
public class TransformerDecoderLayer extends Module {
  public final MultiheadAttention selfAttn;
  public final MultiheadAttention multiheadAttn;
  public final Linear linear1;
  public final Dropout dropout;
  public final Linear linear2;
  public final LayerNorm norm1;
  public final LayerNorm norm2;
  public final LayerNorm norm3;
  public final Dropout dropout1;
  public final Dropout dropout2;
  public final Dropout dropout3;
  private final TransformerLayerOptions options;
  private final int heads;

  public TransformerDecoderLayer(long dModel, int heads) {
    this(dModel, heads, _ -> {});
  }

  public TransformerDecoderLayer(
      long dModel, int heads, Consumer<TransformerLayerOptions> options) {
    this(dModel, heads, TransformerLayerOptions.of(options));
  }

  private TransformerDecoderLayer(long dModel, int heads, TransformerLayerOptions o) {
    this.options = o;
    this.heads = heads;
    selfAttn = o.attention(dModel, heads);
    multiheadAttn = o.attention(dModel, heads);
    linear1 = new Linear(dModel, o.dimFeedforward, o.bias);
    dropout = new Dropout(o.dropout);
    linear2 = new Linear(o.dimFeedforward, dModel, o.bias);
    norm1 = o.norm(dModel);
    norm2 = o.norm(dModel);
    norm3 = o.norm(dModel);
    dropout1 = new Dropout(o.dropout);
    dropout2 = new Dropout(o.dropout);
    dropout3 = new Dropout(o.dropout);
  }

  /** A layer with the same numbers in weights of its own. */
  TransformerDecoderLayer copy() {
    return Clones.of(
        this, () -> new TransformerDecoderLayer(linear1.weight.size(1), heads, options));
  }

  /** The target's shape; {@code memory} is what the encoder gave. */
  public Tensor forward(Tensor tgt, Tensor memory, Consumer<TransformerMasks> masks) {
    return forward(tgt, memory, TransformerMasks.of(masks));
  }

  Tensor call(Tensor tgt, Tensor memory, TransformerMasks masks) {
    return call(List.of(tgt, memory), in -> List.of(forward(in.get(0), in.get(1), masks))).get(0);
  }

  Tensor forward(Tensor tgt, Tensor memory, TransformerMasks masks) {
    if (options.normFirst) {
      Tensor x = tgt.add(itself(norm1.call(tgt), masks));
      x = x.add(other(norm2.call(x), memory, masks));
      return x.add(feedForward(norm3.call(x)));
    }
    Tensor x = norm1.call(tgt.add(itself(tgt, masks)));
    x = norm2.call(x.add(other(x, memory, masks)));
    return norm3.call(x.add(feedForward(x)));
  }

  private Tensor itself(Tensor x, TransformerMasks masks) {
    return dropout1.call(selfAttn.call(x, x, x, masks::target));
  }

  private Tensor other(Tensor x, Tensor memory, TransformerMasks masks) {
    return dropout2.call(multiheadAttn.call(x, memory, memory, masks::memory));
  }

  private Tensor feedForward(Tensor x) {
    Tensor inner = options.activation.apply(linear1.call(x));
    return dropout3.call(linear2.call(dropout.call(inner)));
  }
}
