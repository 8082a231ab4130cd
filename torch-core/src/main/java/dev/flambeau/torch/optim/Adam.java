package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import java.util.List;
import java.util.function.Consumer;

/**
 * Adam with weight decay, 0 by default, added to the gradient (Kingma and Ba 2015). PyTorch: {@code
 * torch.optim.Adam}.
 */
public final class Adam extends AdamFamily {
  public Adam(List<Tensor> parameters, Consumer<Options> options) {
    super(0, false, options, parameters);
  }
}
