package dev.flambeau.torch.train;

import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.utils.Clipping;
import dev.flambeau.torch.optim.Optimizer;
import java.util.List;
import java.util.function.Supplier;

/**
 * Forward, backward and optimizer step.
 *
 * @param <B> a batch
 */
final class Steps<B> {
  private final Trainer<B> trainer;
  private final TrainerOptions options;
  private final Optimizer<?> optimizer;

  Steps(Trainer<B> trainer) {
    this.trainer = trainer;
    this.options = trainer.options();
    this.optimizer = trainer.optimizer();
  }

  static <T> T scoped(boolean on, Supplier<T> body) {
    if (!on) {
      return body.get();
    }
    try (Scope _ = Scope.open()) {
      return body.get();
    }
  }

  /** Adds the batch's gradients, of its loss divided by {@code parts}; returns the loss. */
  double accumulate(B batch, int parts, Means means) {
    return scoped(
        options.scoped,
        () -> {
          Outcome outcome = options.precision.forward(() -> trainer.objective().of(batch));
          Tensor loss = outcome.loss();
          if (loss.numel() != 1) {
            throw TorchException.shape("Trainer", "loss", loss.shape(), "one element");
          }
          options.precision.backward(parts == 1 ? loss : loss.div(parts));
          Outcome seen =
              new Outcome(
                  loss.detach(), outcome.output().detach(), outcome.target(), outcome.samples());
          means.add(seen);
          return seen.loss().item();
        });
  }

  /** Changes the parameters and forgets the gradients. */
  void step() {
    scoped(
        options.scoped,
        () -> {
          options.precision.unscale(optimizer);
          clip();
          options.precision.step(optimizer);
          optimizer.zeroGrad();
          return null;
        });
    options.afterStep.forEach(Runnable::run);
  }

  private void clip() {
    List<Tensor> parameters =
        optimizer.groups().stream().flatMap(g -> g.parameters().stream()).toList();
    if (options.clipNorm < Double.POSITIVE_INFINITY) {
      Clipping.clipGradNorm_(parameters, options.clipNorm);
    }
    if (options.clipValue < Double.POSITIVE_INFINITY) {
      Clipping.clipGradValue_(parameters, options.clipValue);
    }
  }
}
