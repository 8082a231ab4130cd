package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.List;
import java.util.function.Consumer;

/**
 * Self-attention and two linear layers, each with a residual and a layer norm (Vaswani et al.
 * 2017). PyTorch: {@code torch.nn.TransformerEncoderLayer}.
 */
public class TransformerEncoderLayer extends Module {
  public final MultiheadAttention selfAttn;
  public final Linear linear1;
  public final Dropout dropout;
  public final Linear linear2;
  public final LayerNorm norm1;
  public final LayerNorm norm2;
  public final Dropout dropout1;
  public final Dropout dropout2;
  private final TransformerLayerOptions options;
  private final int heads;

  public TransformerEncoderLayer(long dModel, int heads) {
    this(dModel, heads, _ -> {});
  }

  public TransformerEncoderLayer(
      long dModel, int heads, Consumer<TransformerLayerOptions> options) {
    this(dModel, heads, TransformerLayerOptions.of(options));
  }

  private TransformerEncoderLayer(long dModel, int heads, TransformerLayerOptions o) {
    this.options = o;
    this.heads = heads;
    selfAttn = o.attention(dModel, heads);
    linear1 = new Linear(dModel, o.dimFeedforward, o.bias);
    dropout = new Dropout(o.dropout);
    linear2 = new Linear(o.dimFeedforward, dModel, o.bias);
    norm1 = o.norm(dModel);
    norm2 = o.norm(dModel);
    dropout1 = new Dropout(o.dropout);
    dropout2 = new Dropout(o.dropout);
  }

  /** A layer with the same numbers in weights of its own. */
  TransformerEncoderLayer copy() {
    return Clones.of(
        this, () -> new TransformerEncoderLayer(linear1.weight.size(1), heads, options));
  }

  @Override
  public Tensor forward(Tensor src) {
    return forward(src, _ -> {});
  }

  Tensor call(Tensor src, Consumer<AttentionOptions> masks) {
    return call(List.of(src), in -> List.of(forward(in.get(0), masks))).get(0);
  }

  /** The same shape; the options are those of self-attention. */
  public Tensor forward(Tensor src, Consumer<AttentionOptions> masks) {
    if (options.normFirst) {
      Tensor x = src.add(attention(norm1.call(src), masks));
      return x.add(feedForward(norm2.call(x)));
    }
    Tensor x = norm1.call(src.add(attention(src, masks)));
    return norm2.call(x.add(feedForward(x)));
  }

  private Tensor attention(Tensor x, Consumer<AttentionOptions> masks) {
    Consumer<AttentionOptions> all = masks.andThen(o -> o.needWeights(false));
    return dropout1.call(selfAttn.call(x, x, x, all));
  }

  private Tensor feedForward(Tensor x) {
    Tensor inner = options.activation.apply(linear1.call(x));
    return dropout2.call(linear2.call(dropout.call(inner)));
  }
}
