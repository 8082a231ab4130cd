package dev.flambeau.bench;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.amp.Autocast;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.optim.AdamW;
import dev.flambeau.torch.optim.Optimizer;
import dev.flambeau.torch.optim.SGD;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Flambeau's models as a user would run them. */
abstract class FlambeauContender implements Contender {
  final Module model;
  final Tensor input;

  private FlambeauContender(Module model, Task task) {
    this.model = model;
    input = input(task);
    model.loadStateDict(weights(model));
  }

  /** Forward in training mode, cross entropy, backward, the task's optimizer. */
  static Contender training(Module model, Task task) {
    model.train();
    return new FlambeauContender(model, task) {
      private final Tensor targets = Torch.tensor(Fixture.targets(task), task.batch);
      private final Optimizer<?> optimizer = optimizer(model, task);

      @Override
      public double step() {
        return optimizer.step(() -> F.crossEntropy(logits(), targets)).item();
      }

      private Tensor logits() {
        return task.autocast()
            ? Autocast.autocast(DType.BF16).run(() -> model.forward(input)).to(DType.F32)
            : model.forward(input);
      }
    };
  }

  /** Forward, as {@code way} does it, in evaluation mode without gradients. */
  static Contender inference(Module model, Function<Module, UnaryOperator<Tensor>> way, Task task) {
    model.eval();
    var forward = way.apply(model);
    return new FlambeauContender(model, task) {
      @Override
      public double step() {
        try (var _ = Scope.open()) {
          return Torch.noGrad(() -> forward.apply(input).abs().mean().item());
        }
      }
    };
  }

  @Override
  public long parameters() {
    return model.parameters().stream().mapToLong(Tensor::numel).sum();
  }

  @Override
  public String description() {
    return "Flambeau, " + Worker.threads() + " threads";
  }

  private static Map<String, Tensor> weights(Module model) {
    var weights = new LinkedHashMap<String, Tensor>();
    model
        .stateDict()
        .forEach(
            (name, tensor) -> {
              var sizes = tensor.shape().sizes();
              boolean counter = name.endsWith("num_batches_tracked");
              weights.put(
                  name, counter ? tensor : Torch.tensor(Fixture.weights(name, sizes), sizes));
            });
    return weights;
  }

  private static Optimizer<?> optimizer(Module model, Task task) {
    return task.convolutional()
        ? new SGD(model.parameters(), o -> o.lr(task.learningRate()).momentum(Task.MOMENTUM))
        : new AdamW(model.parameters(), o -> o.lr(task.learningRate()));
  }

  private static Tensor input(Task task) {
    var shape = task.input.shape(task.batch);
    if (task.input == Input.TOKENS) {
      return Torch.tensor(Fixture.tokens(shape), shape);
    }
    var values = Torch.tensor(Fixture.normal("input", shape), shape);
    return task.convolutional() ? channelsLast(values) : values;
  }

  /** The same values with channels next to each other in memory, as the peer's input has them. */
  private static Tensor channelsLast(Tensor x) {
    return x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
  }
}
