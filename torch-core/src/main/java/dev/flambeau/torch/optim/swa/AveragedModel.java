package dev.flambeau.torch.optim.swa;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Buffer;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.RunningNorm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * A model whose parameters are averages of another's over its training; it computes as that one
 * does. PyTorch: {@code torch.optim.swa_utils.AveragedModel}.
 *
 * <pre>{@code
 * var averaged = new AveragedModel<>(net, new Net(), Average.ema(0.999));
 * ... // after each step
 * averaged.updateParameters(net);
 * }</pre>
 */
public final class AveragedModel<M extends Module> extends Module {
  /** The averages. */
  public final M module;

  /** How many states are in the averages, 0-d I64. */
  @Buffer public final Tensor nAveraged;

  private final Average average;
  private final boolean useBuffers;

  /** The average of one parameter. */
  @FunctionalInterface
  public interface Average {
    /**
     * What takes the place of {@code averaged}, which holds {@code count} states, 1 or more, when
     * {@code current} comes in.
     */
    Tensor of(Tensor averaged, Tensor current, long count);

    /** All states count the same. */
    static Average equal() {
      return (averaged, current, count) -> averaged.lerp(current, 1.0 / (count + 1));
    }

    /** Each step keeps the part {@code decay} of the average, 0 to 1. */
    static Average ema(double decay) {
      if (!(decay >= 0 && decay <= 1)) {
        throw TorchException.argument("Average.ema", "decay", decay, "0 to 1");
      }
      return (averaged, current, _) -> averaged.lerp(current, 1 - decay);
    }
  }

  /** Equal averages of the parameters; buffers as in the model. */
  public AveragedModel(M model, M same) {
    this(model, same, Average.equal(), false);
  }

  /** Parameters averaged in this way; buffers as in the model. */
  public AveragedModel(M model, M same, Average average) {
    this(model, same, average, false);
  }

  /**
   * @param same a second model like {@code model}, whose numbers are replaced
   * @param useBuffers whether floating point buffers, as running statistics, are averaged, too
   */
  public AveragedModel(M model, M same, Average average, boolean useBuffers) {
    if (model == same) {
      throw TorchException.argument("AveragedModel", "same", "the model itself", "a second one");
    }
    this.module = same;
    this.average = average;
    this.useBuffers = useBuffers;
    this.nAveraged = Torch.zeros(DType.I64);
    same.train(model.isTraining());
    eachPair(model, (own, current) -> current.detach());
  }

  @Override
  public Tensor forward(Tensor input) {
    return module.call(input);
  }

  /** Takes the model's present state into the averages. PyTorch: {@code update_parameters}. */
  public void updateParameters(M model) {
    long count = nAveraged.itemLong();
    eachPair(
        model,
        (own, current) ->
            count == 0 || !own.dtype().isFloat()
                ? current.detach()
                : average.of(own.detach(), current.detach(), count));
    Torch.noGrad(() -> nAveraged.add_(1));
  }

  @FunctionalInterface
  private interface Update {
    Tensor of(Tensor own, Tensor current);
  }

  private void eachPair(M model, Update update) {
    Map<String, Tensor> averages = tensors(module, useBuffers);
    Map<String, Tensor> currents = tensors(model, useBuffers);
    Map<String, Tensor> buffers = useBuffers ? Map.of() : module.namedBuffers();
    check(averages, currents);
    check(buffers, useBuffers ? Map.of() : model.namedBuffers());
    Torch.noGrad(
        () -> {
          averages.forEach((name, own) -> own.copy_(update.of(own, currents.get(name))));
          buffers.forEach((name, own) -> own.copy_(model.namedBuffers().get(name)));
        });
  }

  private static Map<String, Tensor> tensors(Module model, boolean withBuffers) {
    Map<String, Tensor> all = new LinkedHashMap<>(model.namedParameters());
    if (withBuffers) {
      all.putAll(model.namedBuffers());
    }
    return all;
  }

  private static void check(Map<String, Tensor> own, Map<String, Tensor> other) {
    boolean fits = own.keySet().equals(other.keySet());
    for (String name : fits ? own.keySet() : List.<String>of()) {
      fits &= own.get(name).shape().equals(other.get(name).shape());
    }
    if (!fits) {
      throw TorchException.argument(
          "AveragedModel", "model", other.keySet(), "the same names and shapes as " + own.keySet());
    }
  }

  /**
   * Computes the running statistics of a model's batch norms anew, as means over all batches: those
   * of averaged weights are nobody's yet. PyTorch: {@code update_bn}.
   *
   * @param input what the model gets of a batch
   */
  public static <B> void updateBn(Iterable<B> batches, Function<B, Tensor> input, Module model) {
    List<RunningNorm> norms = new ArrayList<>();
    List<OptionalDouble> momenta = new ArrayList<>();
    for (Module m : model.modules()) {
      if (m instanceof RunningNorm norm) {
        norms.add(norm);
        momenta.add(norm.momentum());
      }
    }
    if (norms.isEmpty()) {
      return;
    }
    boolean training = model.isTraining();
    model.train(true);
    try {
      for (RunningNorm norm : norms) {
        norm.resetRunningStats();
        norm.momentum(OptionalDouble.empty());
      }
      for (B batch : batches) {
        Torch.noGrad(() -> model.call(input.apply(batch)));
      }
    } finally {
      for (int i = 0; i < norms.size(); i++) {
        norms.get(i).momentum(momenta.get(i));
      }
      model.train(training);
    }
  }
}
