package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.function.Consumer;

/** {@link BatchNorm} of (N, C, D, H, W). PyTorch: {@code torch.nn.BatchNorm3d}. */
public class BatchNorm3d extends BatchNorm {
  public BatchNorm3d(long features) {
    this(features, _ -> {});
  }

  public BatchNorm3d(long features, Consumer<Options> options) {
    super(features, options);
  }

  @Override
  void check(Tensor input) {
    requireRank(input, 5, 5);
  }
}
