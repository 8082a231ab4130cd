package dev.flambeau.torch.nn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.init.Init;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Encoder and decoder (Vaswani et al. 2017). Matrices start Glorot uniform. PyTorch: {@code
 * torch.nn.Transformer}.
 */
public class Transformer extends Module {
  public final TransformerEncoder encoder;
  public final TransformerDecoder decoder;
  private final long dModel;
  private final boolean batchFirst;

  /** Sizes 512, 8 heads, 6 layers each. */
  public Transformer() {
    this(512, 8, 6, 6, _ -> {});
  }

  public Transformer(
      long dModel,
      int heads,
      int encoderLayers,
      int decoderLayers,
      Consumer<TransformerLayerOptions> options) {
    TransformerLayerOptions o = TransformerLayerOptions.of(options);
    this.dModel = dModel;
    this.batchFirst = o.batchFirst;
    encoder =
        new TransformerEncoder(
            new TransformerEncoderLayer(dModel, heads, options),
            encoderLayers,
            Optional.of(o.norm(dModel)));
    decoder =
        new TransformerDecoder(
            new TransformerDecoderLayer(dModel, heads, options),
            decoderLayers,
            Optional.of(o.norm(dModel)));
    startGlorot(encoder);
    startGlorot(decoder);
  }

  private static void startGlorot(Module part) {
    for (Tensor p : part.parameters()) {
      if (p.dim() > 1) {
        Init.xavierUniform_(p, 1);
      }
    }
  }

  /**
   * From a source (source, batch, features) and a target (target, batch, features) to the latter.
   */
  public Tensor forward(Tensor src, Tensor tgt, Consumer<TransformerMasks> masks) {
    int batch = batchFirst ? 0 : 1;
    boolean batches = src.dim() == 2 || src.dim() == 3 && src.size(batch) == tgt.size(batch);
    if (src.dim() != tgt.dim() || !batches || src.size(-1) != dModel || tgt.size(-1) != dModel) {
      throw TorchException.shape(
          "Transformer",
          "src, tgt",
          src.shape() + ", " + tgt.shape(),
          "one batch size and " + dModel + " features in both");
    }
    TransformerMasks all = TransformerMasks.of(masks);
    return decoder.call(tgt, encoder.call(src, all::source), all);
  }

  /** A mask that lets place i see places 0 to i: (size, size), -inf where hidden, else 0. */
  public static Tensor squareSubsequentMask(long size) {
    Tensor later = Torch.arange(size).gt(Torch.arange(size).unsqueeze(1));
    Tensor zero = Torch.zeros(DType.F32);
    return Torch.where(later, zero.add(Double.NEGATIVE_INFINITY), zero);
  }
}
