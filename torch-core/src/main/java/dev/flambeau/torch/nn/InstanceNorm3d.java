package dev.flambeau.torch.nn;

import java.util.function.Consumer;

/** {@link InstanceNorm} of (N, C, D, H, W). PyTorch: {@code torch.nn.InstanceNorm3d}. */
public class InstanceNorm3d extends InstanceNorm {
  public InstanceNorm3d(long features) {
    this(features, _ -> {});
  }

  public InstanceNorm3d(long features, Consumer<Options> options) {
    super(features, 3, false, options);
  }

  /** For the lazy one. */
  InstanceNorm3d(Consumer<Options> options) {
    super(0, 3, true, options);
  }
}
