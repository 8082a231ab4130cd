package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pointwise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * An optimizer whose update is a {@link Rule}: one pointwise operator over a parameter, its
 * gradient and all that is remembered of it. Parameters whose numbers are equal are updated in one
 * call.
 */
abstract class FusedOptimizer<O extends GroupOptions<O>> extends Optimizer<O> {
  private final Map<String, Known<O>> rules = new HashMap<>();

  private record Known<O extends GroupOptions<O>>(Rule<O> rule, Pointwise operator) {}

  FusedOptimizer(Supplier<O> options, Consumer<O> set, List<Tensor> parameters) {
    super(options, set, parameters);
  }

  /** The update; its form may depend on which options are on or not 0, and on nothing else. */
  abstract Rule<O> rule(O options);

  /** Sets up or changes the numbers remembered of a parameter, before an update. */
  void advance(O options, ParameterState state) {}

  /** Changes the numbers remembered of a parameter after an update. */
  void advanced(O options, ParameterState state) {}

  /** What a remembered tensor is filled with at first. */
  double initial(String buffer, O options) {
    return 0;
  }

  @Override
  final void update(Group<O> group) {
    List<Tensor> parameters = group.parameters();
    // Their memory must stay even if another thread forgets them meanwhile.
    Map<Tensor, Tensor> gradients = new LinkedHashMap<>();
    for (Tensor p : parameters) {
      gradients.put(p, p.history().borrowGrad());
    }
    try {
      update(group, gradients);
    } finally {
      parameters.forEach(p -> p.history().returnGrad());
    }
  }

  private void update(Group<O> group, Map<Tensor, Tensor> gradients) {
    O options = group.options();
    Known<O> known =
        rules.computeIfAbsent(
            options.switches(),
            on -> {
              Rule<O> rule = rule(options);
              return new Known<>(rule, rule.operator());
            });
    Batch batch = null;
    List<ParameterState> changed = new ArrayList<>();
    for (Tensor p : group.parameters()) {
      Tensor g = gradients.get(p);
      if (g != null && p.requiresGrad()) {
        ParameterState state = prepared(known.rule, options, p);
        if (batch == null || !state.alike(changed.getLast())) {
          run(known, batch);
          batch = new Batch(known.rule.numbers(options, state));
        }
        batch.add(known.rule.buffers(), p, g, state);
        changed.add(state);
      }
    }
    run(known, batch);
    changed.forEach(state -> advanced(options, state));
  }

  private ParameterState prepared(Rule<O> rule, O options, Tensor p) {
    ParameterState state = state(p);
    state.steps++;
    state.fresh = false;
    for (String buffer : rule.buffers()) {
      if (!state.tensors.containsKey(buffer)) {
        state.tensors.put(buffer, owned(p, p.detach().fullLike(initial(buffer, options))));
        state.fresh = true;
      }
    }
    advance(options, state);
    return state;
  }

  private void run(Known<O> known, Batch batch) {
    if (batch != null) {
      Dispatcher.updateEach(
          known.operator,
          batch.inputs.toArray(Tensor[][]::new),
          batch.numbers,
          batch.targets.toArray(Tensor[][]::new));
    }
  }

  private static final class Batch {
    final double[] numbers;
    final List<Tensor[]> inputs = new ArrayList<>();
    final List<Tensor[]> targets = new ArrayList<>();

    Batch(double[] numbers) {
      this.numbers = numbers;
    }

    void add(List<String> buffers, Tensor p, Tensor g, ParameterState state) {
      Tensor[] input = new Tensor[2 + buffers.size()];
      Tensor[] target = new Tensor[1 + buffers.size()];
      input[0] = p;
      input[1] = g;
      target[0] = p;
      for (int i = 0; i < buffers.size(); i++) {
        Tensor t = state.tensors.get(buffers.get(i));
        input[2 + i] = t;
        target[1 + i] = t;
      }
      inputs.add(input);
      targets.add(target);
    }
  }
}
