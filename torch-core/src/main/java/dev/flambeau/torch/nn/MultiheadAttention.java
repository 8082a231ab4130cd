package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.init.Init;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Attention of several heads (Vaswani et al. 2017). Queries (queries, batch, embed), keys (keys,
 * batch, kdim) and values (keys, batch, vdim), with {@code batchFirst} the batch first, or without
 * a batch, to (queries, batch, embed). PyTorch: {@code torch.nn.MultiheadAttention}.
 */
public class MultiheadAttention extends Module {
  public final Optional<Tensor> inProjWeight;
  public final Optional<Tensor> qProjWeight;
  public final Optional<Tensor> kProjWeight;
  public final Optional<Tensor> vProjWeight;
  public final Optional<Tensor> inProjBias;
  public final Optional<Tensor> biasK;
  public final Optional<Tensor> biasV;
  public final Linear outProj;
  private final long embed;
  private final int heads;
  private final double dropout;
  private final boolean zeroAttention;
  private final boolean batchFirst;

  /** Optional attributes: by default with biases and without dropout. */
  public static final class Options {
    private double dropout;
    private boolean bias = true;
    private boolean biasKv;
    private boolean zeroAttention;
    private OptionalLong kdim = OptionalLong.empty();
    private OptionalLong vdim = OptionalLong.empty();
    private boolean batchFirst;

    Options() {}

    /** Part of the weights of the values that becomes 0 in training. */
    public Options dropout(double p) {
      dropout = p;
      return this;
    }

    /** Whether the projections have biases. */
    public Options bias(boolean on) {
      bias = on;
      return this;
    }

    /** Whether a trained key and value are appended. */
    public Options addBiasKv(boolean on) {
      biasKv = on;
      return this;
    }

    /** Whether a key and value of zeros are appended. */
    public Options addZeroAttention(boolean on) {
      zeroAttention = on;
      return this;
    }

    /** Size of the keys; that of the queries by default. */
    public Options kdim(long size) {
      kdim = OptionalLong.of(size);
      return this;
    }

    /** Size of the values; that of the queries by default. */
    public Options vdim(long size) {
      vdim = OptionalLong.of(size);
      return this;
    }

    /** Whether tensors are (batch, length, features). */
    public Options batchFirst(boolean on) {
      batchFirst = on;
      return this;
    }
  }

  /**
   * What attention gives.
   *
   * @param weights of the values, if wanted: (batch, queries, keys), for each head (batch, heads,
   *     queries, keys); without the batch if the input had none
   */
  public record Attended(Tensor output, Optional<Tensor> weights) {}

  public MultiheadAttention(long embedDim, int numHeads) {
    this(embedDim, numHeads, _ -> {});
  }

  public MultiheadAttention(long embedDim, int numHeads, Consumer<Options> options) {
    Options o = new Options();
    options.accept(o);
    if (embedDim < 1 || numHeads < 1 || embedDim % numHeads != 0) {
      throw TorchException.argument(
          "MultiheadAttention",
          "embed_dim, num_heads",
          embedDim + ", " + numHeads,
          "positive numbers, the first divisible by the second");
    }
    embed = embedDim;
    heads = numHeads;
    dropout = F.checkProbability("MultiheadAttention", o.dropout);
    zeroAttention = o.zeroAttention;
    batchFirst = o.batchFirst;
    outProj = new Linear(embedDim, embedDim, o.bias);
    outProj.bias.ifPresent(Init::zeros_);
    boolean same = o.kdim.orElse(embed) == embed && o.vdim.orElse(embed) == embed;
    inProjWeight = weight(same, 3 * embed, embed);
    qProjWeight = weight(!same, embed, embed);
    kProjWeight = weight(!same, embed, o.kdim.orElse(embed));
    vProjWeight = weight(!same, embed, o.vdim.orElse(embed));
    inProjBias = o.bias ? Optional.of(parameter(Torch.zeros(3 * embed))) : Optional.empty();
    biasK = appended(o.biasKv);
    biasV = appended(o.biasKv);
  }

  private static Optional<Tensor> weight(boolean there, long rows, long columns) {
    return there
        ? Optional.of(parameter(Init.xavierUniform_(Torch.empty(rows, columns), 1)))
        : Optional.empty();
  }

  private Optional<Tensor> appended(boolean there) {
    return there
        ? Optional.of(parameter(Init.xavierNormal_(Torch.empty(1, 1, embed), 1)))
        : Optional.empty();
  }

  /** Attention of the input to itself. */
  @Override
  public Tensor forward(Tensor input) {
    return forward(input, input, input, _ -> {}).output();
  }

  /** The output alone, with hooks around. */
  Tensor call(Tensor query, Tensor key, Tensor value, Consumer<AttentionOptions> options) {
    return call(
            List.of(query, key, value),
            in -> List.of(forward(in.get(0), in.get(1), in.get(2), options).output()))
        .get(0);
  }

  /** The value that each query finds by the keys. */
  public Attended forward(
      Tensor query, Tensor key, Tensor value, Consumer<AttentionOptions> options) {
    AttentionOptions o = AttentionOptions.of(options);
    boolean single = query.dim() == 2;
    check(query, key, value);
    int at = batchFirst ? 0 : 1;
    Tensor[] qkv =
        single
            ? projected(
                query.unsqueeze(at),
                key == query ? null : key.unsqueeze(at),
                value == key ? null : value.unsqueeze(at))
            : projected(query, key == query ? null : key, value == key ? null : value);
    int axis = 1 - at;
    Tensor q = split(qkv[0]);
    Tensor k = withZeros(split(biasK.map(b -> extended(qkv[1], b, axis)).orElse(qkv[1])));
    Tensor v = withZeros(split(biasV.map(b -> extended(qkv[2], b, axis)).orElse(qkv[2])));
    Optional<Tensor> mask = new Masks(q, k, heads, appendedKeys()).of(o, single);
    F.Attention found = F.scaledDotProductAttention(q, k, v, mask, dropout, isTraining(), false);
    int[] order = batchFirst ? new int[] {0, 2, 1, 3} : new int[] {2, 0, 1, 3};
    Tensor y = outProj.call(found.output().permute(order).flatten(2));
    Optional<Tensor> weights =
        o.needWeights
            ? Optional.of(
                o.averageWeights ? found.weights().mean(new int[] {1}, false) : found.weights())
            : Optional.empty();
    return single
        ? new Attended(y.squeeze(at), weights.map(w -> w.squeeze(0)))
        : new Attended(y, weights);
  }

  private int appendedKeys() {
    return (biasK.isPresent() ? 1 : 0) + (zeroAttention ? 1 : 0);
  }

  private void check(Tensor query, Tensor key, Tensor value) {
    int rank = query.dim();
    long[] sizes = {embed, width(kProjWeight), width(vProjWeight)};
    Tensor[] all = {query, key, value};
    for (int i = 0; i < all.length; i++) {
      boolean fits = rank >= 2 && rank <= 3 && all[i].dim() == rank;
      if (!fits || all[i].size(-1) != sizes[i]) {
        throw TorchException.shape(
            "MultiheadAttention",
            List.of("query", "key", "value").get(i),
            all[i].shape(),
            "(length, batch, " + sizes[i] + "), or (length, " + sizes[i] + ") in all three");
      }
    }
    int batch = batchFirst ? 0 : 1;
    boolean lengths = rank == 2 || key.size(1 - batch) == value.size(1 - batch);
    boolean batches =
        rank == 2 || query.size(batch) == key.size(batch) && key.size(batch) == value.size(batch);
    if (!lengths || !batches || rank == 2 && key.size(0) != value.size(0)) {
      throw TorchException.shape(
          "MultiheadAttention",
          "query, key, value",
          query.shape() + ", " + key.shape() + ", " + value.shape(),
          "one batch size, and as many values as keys");
    }
  }

  private long width(Optional<Tensor> weight) {
    return weight.map(w -> w.size(1)).orElse(embed);
  }

  /** Queries, keys and values; a null key is the query, a null value the key. */
  private Tensor[] projected(Tensor query, Tensor key, Tensor value) {
    if (inProjWeight.isPresent() && key == null && value == null) {
      Tensor all = F.linear(query, inProjWeight.get(), inProjBias);
      return all.chunk(3, -1).toArray(Tensor[]::new);
    }
    Tensor k = key == null ? query : key;
    Tensor v = value == null ? k : value;
    return new Tensor[] {
      F.linear(query, part(qProjWeight, 0), bias(0)),
      F.linear(k, part(kProjWeight, 1), bias(1)),
      F.linear(v, part(vProjWeight, 2), bias(2))
    };
  }

  private Tensor part(Optional<Tensor> own, int i) {
    return own.orElseGet(() -> inProjWeight.orElseThrow().narrow(0, i * embed, embed));
  }

  private Optional<Tensor> bias(int i) {
    return inProjBias.map(b -> b.narrow(0, i * embed, embed));
  }

  /** One more element along the axis of lengths. */
  private static Tensor extended(Tensor t, Tensor last, int axis) {
    long[] sizes = t.shape().sizes();
    sizes[axis] = 1;
    return Torch.cat(List.of(t, last.expand(sizes)), axis);
  }

  /** (batch, heads, length, size of a head). */
  private Tensor split(Tensor t) {
    Tensor parts = t.unflatten(-1, heads, embed / heads);
    return batchFirst ? parts.permute(0, 2, 1, 3) : parts.permute(1, 2, 0, 3);
  }

  private Tensor withZeros(Tensor t) {
    if (!zeroAttention) {
      return t;
    }
    return Torch.cat(List.of(t, t.newZeros(t.size(0), t.size(1), 1, t.size(3))), 2);
  }
}
