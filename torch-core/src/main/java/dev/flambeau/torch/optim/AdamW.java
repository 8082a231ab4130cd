package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import java.util.List;
import java.util.function.Consumer;

/**
 * Adam whose weight decay, 0.01 by default, shrinks the parameters themselves (Loshchilov and
 * Hutter 2019). PyTorch: {@code torch.optim.AdamW}.
 */
public final class AdamW extends AdamFamily {
  public AdamW(List<Tensor> parameters, Consumer<Options> options) {
    super(0.01, true, options, parameters);
  }
}
