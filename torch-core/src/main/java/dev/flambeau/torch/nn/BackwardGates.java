package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.autograd.Function;
import dev.flambeau.torch.autograd.FunctionContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The gates through which the gradients of one call of a module come in, by its outputs, and go
 * out, by its inputs: identities recorded for their backward alone.
 */
final class BackwardGates {
  private final Module module;
  private final Hooks hooks;
  private int inputCount;
  private boolean inputGate;
  private List<Optional<Tensor>> byOutputs = List.of();

  BackwardGates(Module module, Hooks hooks) {
    this.module = module;
    this.hooks = hooks;
  }

  /** The inputs behind a gate; hooks run when the gradients by all of them are there. */
  List<Tensor> inputs(List<Tensor> inputs) {
    inputCount = inputs.size();
    inputGate = inputs.stream().anyMatch(Tensor::requiresGrad);
    return gate(inputs, all -> hooks.afterBackward(module, all, byOutputs));
  }

  /** The outputs before a gate; without inputs that require a gradient hooks run here. */
  List<Tensor> outputs(List<Tensor> outputs) {
    return gate(
        outputs,
        all -> {
          byOutputs = hooks.beforeBackward(module, all);
          if (!inputGate) {
            hooks.afterBackward(
                module, Collections.nCopies(inputCount, Optional.empty()), byOutputs);
          }
          return byOutputs;
        });
  }

  private List<Tensor> gate(List<Tensor> tensors, UnaryOperator<List<Optional<Tensor>>> gradients) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      if (tensors.get(i).requiresGrad()) {
        places.add(i);
      }
    }
    if (places.isEmpty()) {
      return tensors;
    }
    Tensor[] through = places.stream().map(tensors::get).toArray(Tensor[]::new);
    Tensor[] passed = new Gate(places, tensors.size(), gradients).applyAll(through);
    List<Tensor> all = new ArrayList<>(tensors);
    for (int k = 0; k < passed.length; k++) {
      all.set(places.get(k), passed[k]);
    }
    return all;
  }

  /** Identity of the tensors at some places of a list. */
  private static final class Gate extends Function {
    private final List<Integer> places;
    private final int count;
    private final UnaryOperator<List<Optional<Tensor>>> gradients;

    Gate(List<Integer> places, int count, UnaryOperator<List<Optional<Tensor>>> gradients) {
      this.places = places;
      this.count = count;
      this.gradients = gradients;
    }

    @Override
    protected Tensor[] forward(FunctionContext context, Tensor... inputs) {
      return inputs.clone();
    }

    @Override
    protected Tensor[] backward(FunctionContext context, Tensor... given) {
      List<Optional<Tensor>> all = new ArrayList<>(Collections.nCopies(count, Optional.empty()));
      for (int k = 0; k < given.length; k++) {
        all.set(places.get(k), Optional.of(given[k]));
      }
      List<Optional<Tensor>> results = gradients.apply(all);
      Tensor[] passed = new Tensor[given.length];
      for (int k = 0; k < given.length; k++) {
        int place = places.get(k);
        passed[k] =
            results
                .get(place)
                .orElseThrow(
                    () ->
                        TorchException.gradient(
                            "a backward hook returned no gradient for tensor " + place));
      }
      return passed;
    }
  }
}
