package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.ConvOptions;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * {@link Conv2d} that takes the number of input channels from its first input. PyTorch: {@code
 * torch.nn.LazyConv2d}.
 */
public class LazyConv2d extends Conv2d implements LazyModule {
  public LazyConv2d(long out, long kernel) {
    this(out, kernel, _ -> {});
  }

  public LazyConv2d(long out, long kernel, Consumer<ConvOptions> options) {
    super(0, out, kernel, options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public LazyConv2d(long out, long[] kernel, Consumer<ConvOptions> options) {
    super(0, out, kernel, options);
  }

  @Override
  public boolean isInitialized() {
    return hasChannels();
  }

  @Override
  public void initialize(long features) {
    super.initialize(features);
  }

  @Override
  public OptionalLong featuresOf(Map<String, Tensor> state) {
    return channelsOf(state);
  }
}
