package dev.flambeau.torch.nn;

import java.util.function.Consumer;

/** {@link InstanceNorm} of (N, C, L). PyTorch: {@code torch.nn.InstanceNorm1d}. */
public class InstanceNorm1d extends InstanceNorm {
  public InstanceNorm1d(long features) {
    this(features, _ -> {});
  }

  public InstanceNorm1d(long features, Consumer<Options> options) {
    super(features, 1, false, options);
  }

  /** For the lazy one. */
  InstanceNorm1d(Consumer<Options> options) {
    super(0, 1, true, options);
  }
}
