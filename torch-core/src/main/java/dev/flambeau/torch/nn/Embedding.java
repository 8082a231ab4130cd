package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.init.Init;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A table of vectors looked up by index: (...) of I64 to (..., dim). The weight (count, dim) starts
 * normal. PyTorch: {@code torch.nn.Embedding}.
 */
public class Embedding extends Module {
  public final Tensor weight;
  private final OptionalLong paddingIndex;

  /** Optional attributes. */
  public static final class Options {
    private OptionalLong paddingIndex = OptionalLong.empty();

    Options() {}

    /** The index whose vector starts at 0 and gets no gradient; negative counts from the end. */
    public Options paddingIndex(long index) {
      paddingIndex = OptionalLong.of(index);
      return this;
    }
  }

  public Embedding(long count, long dim) {
    this(count, dim, _ -> {});
  }

  public Embedding(long count, long dim, Consumer<Options> options) {
    Options o = new Options();
    options.accept(o);
    paddingIndex = o.paddingIndex.stream().map(i -> checked(i, count)).findFirst();
    Tensor table = Init.normal_(Torch.empty(count, dim), 0, 1);
    paddingIndex.ifPresent(i -> Init.zeros_(table.select(0, i)));
    weight = parameter(table);
  }

  private static long checked(long index, long count) {
    if (index < -count || index >= count) {
      throw TorchException.argument(
          "Embedding", "padding_idx", index, "an index in [" + -count + ", " + (count - 1) + "]");
    }
    return index < 0 ? index + count : index;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.embedding(input, weight, paddingIndex);
  }

  @Override
  protected String describe() {
    String padding = paddingIndex.isPresent() ? ", padding_idx=" + paddingIndex.getAsLong() : "";
    return weight.size(0) + ", " + weight.size(1) + padding;
  }
}
