package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Copies of a decoder layer one after another. PyTorch: {@code torch.nn.TransformerDecoder}. */
public class TransformerDecoder extends Module {
  public final ModuleList<TransformerDecoderLayer> layers;
  public final Optional<LayerNorm> norm;

  public TransformerDecoder(TransformerDecoderLayer layer, int count) {
    this(layer, count, Optional.empty());
  }

  /**
   * The same.
   *
   * @param layer copied; all layers start with its numbers
   * @param norm of the result
   */
  public TransformerDecoder(TransformerDecoderLayer layer, int count, Optional<LayerNorm> norm) {
    if (count < 0) {
      throw TorchException.argument("TransformerDecoder", "num_layers", count, "0 or more");
    }
    layers = new ModuleList<>(IntStream.range(0, count).mapToObj(_ -> layer.copy()).toList());
    this.norm = norm;
  }

  /** The target's shape; {@code memory} is what the encoder gave. */
  public Tensor forward(Tensor tgt, Tensor memory, Consumer<TransformerMasks> masks) {
    return forward(tgt, memory, TransformerMasks.of(masks));
  }

  Tensor call(Tensor tgt, Tensor memory, TransformerMasks masks) {
    return call(List.of(tgt, memory), in -> List.of(forward(in.get(0), in.get(1), masks))).get(0);
  }

  Tensor forward(Tensor tgt, Tensor memory, TransformerMasks masks) {
    Tensor x = tgt;
    for (TransformerDecoderLayer layer : layers) {
      x = layer.call(x, memory, masks);
    }
    return norm.isPresent() ? norm.get().call(x) : x;
  }
}
