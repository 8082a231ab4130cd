package dev.flambeau.torch.nn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.BagMode;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.init.Init;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Sums, means or maxima of looked-up vectors: (bags, size) of I64 to (bags, dim), or bags one after
 * another with their offsets. The weight (count, dim) starts normal. PyTorch: {@code
 * torch.nn.EmbeddingBag}.
 */
public class EmbeddingBag extends Module {
  public final Tensor weight;
  private final Options options;

  /** Optional attributes: by default means of all. */
  public static final class Options {
    private BagMode mode = BagMode.MEAN;
    private OptionalDouble maxNorm = OptionalDouble.empty();
    private double normType = 2;
    private boolean scaleByFrequency;
    private boolean lastIncluded;
    private OptionalLong paddingIndex = OptionalLong.empty();

    Options() {}

    /** What becomes of a bag. */
    public Options mode(BagMode how) {
      mode = how;
      return this;
    }

    /** Vectors that are looked up are scaled down, in place, to this norm. */
    public Options maxNorm(double value) {
      maxNorm = OptionalDouble.of(value);
      return this;
    }

    /** The p of the p-norm that {@link #maxNorm} bounds, 2 by default. */
    public Options normType(double p) {
      normType = p;
      return this;
    }

    /** Whether a vector's gradient is divided by how often it was looked up; not for maxima. */
    public Options scaleGradByFrequency(boolean on) {
      scaleByFrequency = on;
      return this;
    }

    /** Whether the last offset is the end of the last bag. */
    public Options includeLastOffset(boolean on) {
      lastIncluded = on;
      return this;
    }

    /** The index that does not count, whose vector starts at 0. */
    public Options paddingIndex(long index) {
      paddingIndex = OptionalLong.of(index);
      return this;
    }
  }

  public EmbeddingBag(long count, long dim) {
    this(count, dim, _ -> {});
  }

  public EmbeddingBag(long count, long dim, Consumer<Options> options) {
    Options o = new Options();
    options.accept(o);
    if (o.scaleByFrequency && o.mode == BagMode.MAX) {
      throw TorchException.argument(
          "EmbeddingBag", "scale_grad_by_freq", "true", "false for maxima");
    }
    o.paddingIndex = o.paddingIndex.stream().map(i -> Embedding.checked(i, count)).findFirst();
    this.options = o;
    Tensor table = Init.normal_(Torch.empty(count, dim), 0, 1);
    o.paddingIndex.ifPresent(i -> Init.zeros_(table.select(0, i)));
    weight = parameter(table);
  }

  /** Bags of one size: (bags, size) to (bags, dim). */
  @Override
  public Tensor forward(Tensor input) {
    return forward(input, Optional.empty(), Optional.empty());
  }

  /**
   * (bags, dim).
   *
   * @param offsets where each bag starts in an {@code input} of one axis
   * @param perSampleWeights a factor for each vector; sums only
   */
  public Tensor forward(Tensor input, Optional<Tensor> offsets, Optional<Tensor> perSampleWeights) {
    options.maxNorm.ifPresent(most -> F.embeddingRenorm_(weight, input, most, options.normType));
    Tensor table = options.scaleByFrequency ? byFrequency(weight, input) : weight;
    return F.embeddingBag(
        input,
        table,
        offsets,
        options.mode,
        perSampleWeights,
        options.lastIncluded,
        options.paddingIndex);
  }

  /** The table itself, whose rows' gradients are divided by how often they are in the input. */
  static Tensor byFrequency(Tensor table, Tensor input) {
    Tensor rows = input.to(DType.I64).reshape(-1);
    Tensor counts = rows.bincount(Optional.empty(), table.size(0)).clamp(1, Double.MAX_VALUE);
    Tensor fixed = table.detach();
    return table.sub(fixed).div(counts.to(table.dtype()).unsqueeze(1)).add(fixed);
  }

  @Override
  protected String describe() {
    return weight.size(0)
        + ", "
        + weight.size(1)
        + (options.maxNorm.isPresent() ? ", max_norm=" + options.maxNorm.getAsDouble() : "")
        + (options.scaleByFrequency ? ", scale_grad_by_freq=True" : "")
        + ", mode='"
        + options.mode.name().toLowerCase(Locale.ROOT)
        + "'"
        + (options.paddingIndex.isPresent()
            ? ", padding_idx=" + options.paddingIndex.getAsLong()
            : "");
  }
}
