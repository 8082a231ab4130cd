package dev.flambeau.torch.train;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.amp.GradScaler;
import dev.flambeau.torch.optim.Optimizer;
import java.util.Map;
import java.util.function.Supplier;

/**
 * In which precision to compute: where autocast and the scaling of gradients come in. By default as
 * the tensors are, and nothing is scaled.
 */
public interface Precision extends Stateful {
  /** Everything as it is. */
  Precision FULL = new Precision() {};

  /**
   * Matrix products and convolutions in BF16 or F16, the parameters as they are; for F16 with a
   * {@link GradScaler}, whose state is kept with the training's.
   */
  static Precision mixed(DType type) {
    return new Mixed(type);
  }

  /** Runs forward and loss. */
  default Outcome forward(Supplier<Outcome> body) {
    return body.get();
  }

  /** Runs backward, perhaps of a multiple of the loss. */
  default void backward(Tensor loss) {
    loss.backward();
  }

  /** Divides the gradients again, before they are clipped. */
  default void unscale(Optimizer<?> optimizer) {}

  /** Changes the parameters, unless gradients have overflowed. */
  default void step(Optimizer<?> optimizer) {
    optimizer.step();
  }

  @Override
  default Map<String, Object> stateDict() {
    return Map.of();
  }

  @Override
  default void loadStateDict(Map<String, Object> state) {}
}
