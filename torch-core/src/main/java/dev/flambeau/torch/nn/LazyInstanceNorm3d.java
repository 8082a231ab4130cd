package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * {@link InstanceNorm3d} that takes the number of features from its first input; with weight, bias
 * and running statistics unless the options say otherwise. PyTorch: {@code
 * torch.nn.LazyInstanceNorm3d}.
 */
public class LazyInstanceNorm3d extends InstanceNorm3d implements LazyModule {
  public LazyInstanceNorm3d() {
    this(_ -> {});
  }

  public LazyInstanceNorm3d(Consumer<Options> options) {
    super(options);
  }

  @Override
  public boolean isInitialized() {
    return hasFeatures();
  }

  @Override
  public void initialize(long features) {
    super.initialize(features);
  }

  @Override
  public OptionalLong featuresOf(Map<String, Tensor> state) {
    return featuresIn(state);
  }
}
