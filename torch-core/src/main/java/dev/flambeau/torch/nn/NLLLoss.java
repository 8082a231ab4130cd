package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.ClassLossOptions;
import dev.flambeau.torch.nn.functional.F;
import java.util.Optional;
import java.util.function.Consumer;

/** Minus the log-probability of the target's class. PyTorch: {@code torch.nn.NLLLoss}. */
public class NLLLoss extends Module {
  @Buffer final Optional<Tensor> weight;
  private final Consumer<ClassLossOptions> options;

  public NLLLoss() {
    this(_ -> {});
  }

  public NLLLoss(Consumer<ClassLossOptions> options) {
    this.options = options;
    this.weight = ClassLossOptions.of(options).weight().map(w -> w.detach().copy());
  }

  /** Input (N, C, ...) or (C); see {@link F#nllLoss}. */
  public Tensor forward(Tensor input, Tensor target) {
    return F.nllLoss(input, target, options.andThen(o -> weight.ifPresent(o::weight)));
  }
}
