package dev.flambeau.torch.nn;

import java.util.function.Consumer;

/** {@link InstanceNorm} of (N, C, H, W). PyTorch: {@code torch.nn.InstanceNorm2d}. */
public class InstanceNorm2d extends InstanceNorm {
  public InstanceNorm2d(long features) {
    this(features, _ -> {});
  }

  public InstanceNorm2d(long features, Consumer<Options> options) {
    super(features, 2, false, options);
  }

  /** For the lazy one. */
  InstanceNorm2d(Consumer<Options> options) {
    super(0, 2, true, options);
  }
}
