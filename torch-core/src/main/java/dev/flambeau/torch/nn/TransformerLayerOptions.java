package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Optional attributes of the layers of {@link Transformer}. */
public final class TransformerLayerOptions {
  long dimFeedforward = 2048;
  double dropout = 0.1;
  UnaryOperator<Tensor> activation = Tensor::relu;
  double layerNormEps = 1e-5;
  boolean batchFirst;
  boolean normFirst;
  boolean bias = true;

  private TransformerLayerOptions() {}

  static TransformerLayerOptions of(Consumer<TransformerLayerOptions> set) {
    TransformerLayerOptions options = new TransformerLayerOptions();
    set.accept(options);
    return options;
  }

  /** Size between the two linear layers. Default 2048. */
  public TransformerLayerOptions dimFeedforward(long size) {
    dimFeedforward = size;
    return this;
  }

  /** Part of all sublayers' results and attention weights dropped in training. Default 0.1. */
  public TransformerLayerOptions dropout(double p) {
    dropout = p;
    return this;
  }

  /** Between the two linear layers. Default ReLU. */
  public TransformerLayerOptions activation(UnaryOperator<Tensor> function) {
    activation = function;
    return this;
  }

  /** "relu" or "gelu". */
  public TransformerLayerOptions activation(String name) {
    return activation(
        switch (name) {
          case "relu" -> Tensor::relu;
          case "gelu" -> Tensor::gelu;
          default ->
              throw TorchException.argument("Transformer", "activation", name, "relu or gelu");
        });
  }

  /** Added to the variance in layer norms. Default 1e-5. */
  public TransformerLayerOptions layerNormEps(double eps) {
    layerNormEps = eps;
    return this;
  }

  /** Whether tensors are (batch, length, features). Default false: (length, batch, features). */
  public TransformerLayerOptions batchFirst(boolean on) {
    batchFirst = on;
    return this;
  }

  /** Whether layer norms stand before the sublayers instead of after them. Default false. */
  public TransformerLayerOptions normFirst(boolean on) {
    normFirst = on;
    return this;
  }

  /** Whether linear layers and attention have biases. Default true. */
  public TransformerLayerOptions bias(boolean on) {
    bias = on;
    return this;
  }

  MultiheadAttention attention(long dModel, int heads) {
    return new MultiheadAttention(
        dModel, heads, o -> o.dropout(dropout).bias(bias).batchFirst(batchFirst));
  }

  LayerNorm norm(long dModel) {
    return new LayerNorm(dModel, o -> o.eps(layerNormEps));
  }
}
