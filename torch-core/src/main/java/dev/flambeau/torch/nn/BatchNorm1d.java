package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.function.Consumer;

/** {@link BatchNorm} of (N, C) or (N, C, L). PyTorch: {@code torch.nn.BatchNorm1d}. */
public class BatchNorm1d extends BatchNorm {
  public BatchNorm1d(long features) {
    this(features, _ -> {});
  }

  public BatchNorm1d(long features, Consumer<Options> options) {
    super(features, options);
  }

  @Override
  void check(Tensor input) {
    requireRank(input, 2, 3);
  }
}
