package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.init.Init;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A table of vectors looked up by index: (...) of I64 to (..., dim). The weight (count, dim) starts
 * normal. PyTorch: {@code torch.nn.Embedding}.
 */
public class Embedding extends Module {
  public final Tensor weight;
  private final OptionalLong paddingIndex;
  private final OptionalDouble maxNorm;
  private final double normType;
  private final boolean scaleByFrequency;

  /** Optional attributes. */
  public static final class Options {
    private OptionalLong paddingIndex = OptionalLong.empty();
    private OptionalDouble maxNorm = OptionalDouble.empty();
    private double normType = 2;
    private boolean scaleByFrequency;

    Options() {}

    /** The index whose vector starts at 0 and gets no gradient; negative counts from the end. */
    public Options paddingIndex(long index) {
      paddingIndex = OptionalLong.of(index);
      return this;
    }

    /** Vectors that are looked up are scaled down, in place, to this norm. */
    public Options maxNorm(double value) {
      maxNorm = OptionalDouble.of(value);
      return this;
    }

    /** Whether a vector's gradient is divided by how often its index is in the input. */
    public Options scaleGradByFrequency(boolean on) {
      scaleByFrequency = on;
      return this;
    }

    /** The p of the p-norm that {@link #maxNorm} bounds, 2 by default. */
    public Options normType(double p) {
      normType = p;
      return this;
    }
  }

  public Embedding(long count, long dim) {
    this(count, dim, _ -> {});
  }

  public Embedding(long count, long dim, Consumer<Options> options) {
    this(Init.normal_(Torch.empty(count, dim), 0, 1), true, options);
    paddingIndex.ifPresent(i -> Torch.noGrad(() -> weight.select(0, i).fill_(0)));
  }

  private Embedding(Tensor table, boolean trained, Consumer<Options> options) {
    if (table.dim() != 2) {
      throw TorchException.shape("Embedding", "embeddings", table.shape(), "(count, dim)");
    }
    long count = table.size(0);
    Options o = new Options();
    options.accept(o);
    paddingIndex = o.paddingIndex.stream().map(i -> checked(i, count)).findFirst();
    maxNorm = o.maxNorm;
    normType = o.normType;
    scaleByFrequency = o.scaleByFrequency;
    weight = trained ? parameter(table) : table;
  }

  /**
   * With given vectors, (count, dim).
   *
   * @param freeze whether they are not trained; PyTorch's default is true
   */
  public static Embedding fromPretrained(
      Tensor embeddings, boolean freeze, Consumer<Options> options) {
    return new Embedding(embeddings, !freeze, options);
  }

  static long checked(long index, long count) {
    if (index < -count || index >= count) {
      throw TorchException.argument(
          "Embedding", "padding_idx", index, "an index in [" + -count + ", " + (count - 1) + "]");
    }
    return index < 0 ? index + count : index;
  }

  @Override
  public Tensor forward(Tensor input) {
    maxNorm.ifPresent(most -> F.embeddingRenorm_(weight, input, most, normType));
    Tensor table = scaleByFrequency ? EmbeddingBag.byFrequency(weight, input) : weight;
    return F.embedding(input, table, paddingIndex);
  }

  @Override
  protected String describe() {
    String padding = paddingIndex.isPresent() ? ", padding_idx=" + paddingIndex.getAsLong() : "";
    String norm = maxNorm.isPresent() ? ", max_norm=" + maxNorm.getAsDouble() : "";
    String scaled = scaleByFrequency ? ", scale_grad_by_freq=True" : "";
    return weight.size(0) + ", " + weight.size(1) + padding + norm + scaled;
  }
}
