package dev.flambeau.torch.nn;

import dev.flambeau.torch.HookHandle;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** The hooks of one module, each kind in the order of registration. */
final class Hooks {
  /** So that the same function registered twice is two hooks. */
  private record Entry<T>(T hook, Object identity) {}

  private final List<Entry<ForwardPreHook>> before = new CopyOnWriteArrayList<>();
  private final List<Entry<ForwardHook>> after = new CopyOnWriteArrayList<>();
  private final List<Entry<BackwardPreHook>> backwardBefore = new CopyOnWriteArrayList<>();
  private final List<Entry<BackwardHook>> backwardAfter = new CopyOnWriteArrayList<>();

  private static <T> HookHandle add(List<Entry<T>> all, T hook) {
    Entry<T> entry = new Entry<>(hook, new Object());
    all.add(entry);
    return () -> all.remove(entry);
  }

  HookHandle beforeForward(ForwardPreHook hook) {
    return add(before, hook);
  }

  HookHandle afterForward(ForwardHook hook) {
    return add(after, hook);
  }

  HookHandle beforeBackward(BackwardPreHook hook) {
    return add(backwardBefore, hook);
  }

  HookHandle afterBackward(BackwardHook hook) {
    return add(backwardAfter, hook);
  }

  boolean isEmpty() {
    return before.isEmpty() && after.isEmpty() && !watchesGradients();
  }

  private boolean watchesGradients() {
    return !backwardBefore.isEmpty() || !backwardAfter.isEmpty();
  }

  /** Runs {@code forward} with all that is hooked around it. */
  List<Tensor> around(Module module, List<Tensor> given, UnaryOperator<List<Tensor>> forward) {
    List<Tensor> inputs = given;
    for (Entry<ForwardPreHook> e : before) {
      inputs = checked(module, "forward pre-hook", e.hook.before(module, inputs), inputs.size());
    }
    Optional<BackwardGates> gates =
        watchesGradients() && Mode.current().grad()
            ? Optional.of(new BackwardGates(module, this))
            : Optional.empty();
    if (gates.isPresent()) {
      inputs = gates.get().inputs(inputs);
    }
    List<Tensor> outputs = forward.apply(inputs);
    for (Entry<ForwardHook> e : after) {
      outputs =
          checked(module, "forward hook", e.hook.after(module, inputs, outputs), outputs.size());
    }
    return gates.isPresent() ? gates.get().outputs(outputs) : outputs;
  }

  private static <T> List<T> checked(Module module, String kind, List<T> results, int count) {
    if (results == null || results.size() != count) {
      throw TorchException.argument(
          module.getClass().getSimpleName(),
          kind + "'s result",
          results == null ? "null" : results.size() + " tensors",
          "as many as it was given, " + count);
    }
    return results;
  }

  /** The gradients by the outputs to go on with. */
  List<Optional<Tensor>> beforeBackward(Module module, List<Optional<Tensor>> byOutputs) {
    List<Optional<Tensor>> now = byOutputs;
    for (Entry<BackwardPreHook> e : backwardBefore) {
      now = checked(module, "backward pre-hook", e.hook.before(module, now), now.size());
    }
    return now;
  }

  /** The gradients by the inputs to pass on. */
  List<Optional<Tensor>> afterBackward(
      Module module, List<Optional<Tensor>> byInputs, List<Optional<Tensor>> byOutputs) {
    List<Optional<Tensor>> now = byInputs;
    for (Entry<BackwardHook> e : backwardAfter) {
      now = checked(module, "backward hook", e.hook.after(module, now, byOutputs), now.size());
    }
    return new ArrayList<>(now);
  }
}
