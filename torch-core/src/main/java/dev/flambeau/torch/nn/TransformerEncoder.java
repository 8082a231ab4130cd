package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Copies of an encoder layer one after another. PyTorch: {@code torch.nn.TransformerEncoder}. */
public class TransformerEncoder extends Module {
  public final ModuleList<TransformerEncoderLayer> layers;
  public final Optional<LayerNorm> norm;

  public TransformerEncoder(TransformerEncoderLayer layer, int count) {
    this(layer, count, Optional.empty());
  }

  /**
   * The same.
   *
   * @param layer copied; all layers start with its numbers
   * @param norm of the result
   */
  public TransformerEncoder(TransformerEncoderLayer layer, int count, Optional<LayerNorm> norm) {
    if (count < 0) {
      throw TorchException.argument("TransformerEncoder", "num_layers", count, "0 or more");
    }
    layers = new ModuleList<>(IntStream.range(0, count).mapToObj(_ -> layer.copy()).toList());
    this.norm = norm;
  }

  @Override
  public Tensor forward(Tensor src) {
    return forward(src, _ -> {});
  }

  Tensor call(Tensor src, Consumer<AttentionOptions> masks) {
    return call(List.of(src), in -> List.of(forward(in.get(0), masks))).get(0);
  }

  /** The same shape; the options are those of self-attention in all layers. */
  public Tensor forward(Tensor src, Consumer<AttentionOptions> masks) {
    Tensor x = src;
    for (TransformerEncoderLayer layer : layers) {
      x = layer.call(x, masks);
    }
    return norm.isPresent() ? norm.get().call(x) : x;
  }
}
