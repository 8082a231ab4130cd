package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.function.Consumer;

/** {@link BatchNorm} of (N, C, H, W). PyTorch: {@code torch.nn.BatchNorm2d}. */
public class BatchNorm2d extends BatchNorm {
  public BatchNorm2d(long features) {
    this(features, _ -> {});
  }

  public BatchNorm2d(long features, Consumer<Options> options) {
    super(features, options);
  }

  @Override
  void check(Tensor input) {
    requireRank(input, 4, 4);
  }
}
