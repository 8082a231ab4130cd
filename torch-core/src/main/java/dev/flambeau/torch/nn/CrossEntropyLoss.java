package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.ClassLossOptions;
import dev.flambeau.torch.nn.functional.F;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Cross entropy of softmax(input) with classes or probabilities. PyTorch: {@code
 * torch.nn.CrossEntropyLoss}.
 */
public class CrossEntropyLoss extends Module {
  @Buffer final Optional<Tensor> weight;
  private final Consumer<ClassLossOptions> options;

  public CrossEntropyLoss() {
    this(_ -> {});
  }

  public CrossEntropyLoss(Consumer<ClassLossOptions> options) {
    this.options = options;
    this.weight = ClassLossOptions.of(options).weight().map(w -> w.detach().copy());
  }

  /** Input (N, C, ...) or (C); see {@link F#crossEntropy}. */
  public Tensor forward(Tensor input, Tensor target) {
    return F.crossEntropy(input, target, options.andThen(o -> weight.ifPresent(o::weight)));
  }
}
