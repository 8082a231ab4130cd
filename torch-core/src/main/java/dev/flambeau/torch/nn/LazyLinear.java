package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.Map;
import java.util.OptionalLong;

/**
 * {@link Linear} that takes the number of input features from its first input. PyTorch: {@code
 * torch.nn.LazyLinear}.
 */
public class LazyLinear extends Linear implements LazyModule {
  public LazyLinear(long outFeatures) {
    this(outFeatures, true);
  }

  public LazyLinear(long outFeatures, boolean bias) {
    super(bias, outFeatures);
  }

  @Override
  public boolean isInitialized() {
    return weight.size(1) > 0;
  }

  @Override
  public void initialize(long features) {
    super.initialize(features);
  }

  @Override
  public OptionalLong featuresOf(Map<String, Tensor> state) {
    return Lazy.size(state, "weight", 1, 1);
  }
}
