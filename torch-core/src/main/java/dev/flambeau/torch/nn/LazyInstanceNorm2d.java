package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * {@link InstanceNorm2d} that takes the number of features from its first input; with weight, bias
 * and running statistics unless the options say otherwise. PyTorch: {@code
 * torch.nn.LazyInstanceNorm2d}.
 */
public class LazyInstanceNorm2d extends InstanceNorm2d implements LazyModule {
  public LazyInstanceNorm2d() {
    this(_ -> {});
  }

  public LazyInstanceNorm2d(Consumer<Options> options) {
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
