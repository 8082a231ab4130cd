package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * {@link BatchNorm2d} that takes the number of features from its first input. PyTorch: {@code
 * torch.nn.LazyBatchNorm2d}.
 */
public class LazyBatchNorm2d extends BatchNorm2d implements LazyModule {
  public LazyBatchNorm2d() {
    this(_ -> {});
  }

  public LazyBatchNorm2d(Consumer<Options> options) {
    super(0, options);
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
