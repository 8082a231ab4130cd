package dev.flambeau.torch.dispatch;

import dev.flambeau.torch.Device;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.Watcher;
import dev.flambeau.torch.autograd.Node;
import dev.flambeau.torch.autograd.ViewHistory;
import dev.flambeau.torch.backend.Backend;
import dev.flambeau.torch.op.Composite;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Reduction;
import dev.flambeau.torch.op.Structured;
import dev.flambeau.torch.op.View;
import java.lang.ref.Reference;
import java.util.function.Supplier;

/** The one road from an operator and its inputs to a result. */
public final class Dispatcher {
  private Dispatcher() {}

  /** The first output of {@link #callAll}. */
  public static Tensor call(Op op, Tensor... inputs) {
    return callAll(op, inputs)[0];
  }

  /** Checks, allocates, computes and, where a gradient may be wanted, records. */
  public static Tensor[] callAll(Op op, Tensor... inputs) {
    Mode.Casting casting = Mode.current().casting();
    return casting == null ? watched(op, inputs) : casting.call(op, inputs, in -> watched(op, in));
  }

  private static Tensor[] watched(Op op, Tensor[] inputs) {
    Watcher watcher = Watcher.current();
    return watcher == null
        ? run(op, inputs)
        : watcher.watch(Watcher.Kind.OPERATOR, op.name(), inputs, () -> run(op, inputs));
  }

  private static Tensor[] run(Op op, Tensor[] inputs) {
    Meta[] metas = new Meta[inputs.length];
    for (int i = 0; i < metas.length; i++) {
      metas[i] = inputs[i].meta();
      if (metas[i].device() != metas[0].device()) {
        throw TorchException.argument(
            op.name(), "input " + i, "on " + metas[i].device(), "on " + metas[0].device());
      }
    }
    Meta[] results = op.infer(metas);
    Tensor[] outputs = new Tensor[results.length];
    Mode mode = Mode.current();
    if (op instanceof View) {
      outputs[0] = inputs[0].viewed(results[0].layout(), mode.grad());
    } else {
      for (int k = 0; k < outputs.length; k++) {
        outputs[k] = Backends.allocate(results[k]);
      }
      if (results[0].device() != Device.META) {
        Tensor[] computed = compute(op, inputs, outputs, Backends.of(results[0].device()));
        if (computed != outputs) {
          for (Tensor unused : outputs) {
            unused.storage().free();
          }
          outputs = computed;
        }
        Reference.reachabilityFence(inputs);
      }
    }
    if (mode.capture() instanceof Recorder recorder) {
      recorder.made(op, inputs, outputs);
    }
    if (mode.grad() && anyRequiresGrad(inputs)) {
      Node.record(op, inputs, outputs);
    }
    return outputs;
  }

  /** Outputs that {@code body} computes by other operators; a capture may take them as one call. */
  public static Tensor[] composite(Composite op, Tensor[] inputs, Supplier<Tensor[]> body) {
    if (!(Mode.current().capture() instanceof Recorder recorder) || !recorder.takes(op, inputs)) {
      return body.get();
    }
    Tensor[] outputs = Mode.current().withCapture(null).call(body);
    recorder.made(op, inputs, outputs);
    return outputs;
  }

  /** The same with one output. */
  public static Tensor composite(Composite op, Supplier<Tensor> body, Tensor... inputs) {
    return composite(op, inputs, () -> new Tensor[] {body.get()})[0];
  }

  /** Computes into outputs that {@code op.infer} fits; nothing is checked or recorded. */
  public static void compute(Op op, Tensor[] inputs, Tensor[] outputs) {
    Watcher watcher = Watcher.current();
    Backend backend = Backends.of(outputs[0].device());
    Tensor[] computed =
        watcher == null
            ? compute(op, inputs, outputs, backend)
            : watcher.watch(
                Watcher.Kind.OPERATOR,
                op.name(),
                inputs,
                () -> compute(op, inputs, outputs, backend));
    for (int k = 0; k < outputs.length; k++) {
      if (computed[k] != outputs[k]) {
        callInto(Pointwise.SECOND, outputs[k], outputs[k], computed[k]);
      }
    }
    Reference.reachabilityFence(inputs);
  }

  private static Tensor[] compute(Op op, Tensor[] inputs, Tensor[] outputs, Backend backend) {
    switch (op) {
      case Pointwise p -> backend.pointwise(p, inputs, outputs);
      case Reduction r -> backend.reduce(r, inputs[0], outputs);
      case View _ -> throw new IllegalStateException("views are not computed");
      case Structured s -> {
        if (!backend.structured(s, inputs, outputs)) {
          return decomposed(s, inputs);
        }
      }
    }
    return outputs;
  }

  private static Tensor[] decomposed(Structured op, Tensor[] inputs) {
    return Mode.current()
        .withGrad(false)
        .withCapture(null)
        .call(() -> op.decompose(inputs))
        .orElseThrow(
            () ->
                TorchException.device(
                    op.name()
                        + " has no kernel for "
                        + inputs[0].dtype()
                        + " on "
                        + inputs[0].device(),
                    null));
  }

  /**
   * Writes a pointwise result into {@code target}, which is one of the inputs or is overwritten.
   *
   * @throws TorchException if the result's shape or type category does not fit the target, or the
   *     target is a leaf that requires grad
   */
  public static Tensor callInto(Pointwise op, Tensor target, Tensor... inputs) {
    Watcher watcher = Watcher.current();
    return watcher == null
        ? write(op, target, inputs)
        : watcher.watch(
            Watcher.Kind.OPERATOR, op.name() + "_", inputs, () -> write(op, target, inputs));
  }

  private static Tensor write(Pointwise op, Tensor target, Tensor[] inputs) {
    Meta[] metas = new Meta[inputs.length];
    for (int i = 0; i < metas.length; i++) {
      metas[i] = inputs[i].meta();
    }
    checkFits(op, op.infer(metas)[0], target);
    if (Mode.current().capture() instanceof Recorder recorder) {
      recorder.overwrites(op, inputs, new Tensor[] {target});
    }
    boolean record = Mode.current().grad() && (target.requiresGrad() || anyRequiresGrad(inputs));
    if (record) {
      ViewHistory.checkWritable(op.name(), target);
    }
    Tensor[] before = inputs;
    if (record) {
      // The node must keep the graph of the old value: inputs that are the target become aliases,
      // with data of their own if the gradient needs what is overwritten.
      before = inputs.clone();
      for (int i = 0; i < before.length; i++) {
        boolean overwritten = before[i].storage() == target.storage();
        before[i] = before[i] == target ? target.alias() : before[i];
        if (overwritten && op.saves().input(i)) {
          Tensor kept = inputs[i].alias();
          before[i] = kept.setData(inputs[i].detach().copy());
        }
      }
    }
    if (target.device() != Device.META) {
      Backends.of(target.device()).pointwise(op, inputs, new Tensor[] {target});
      Reference.reachabilityFence(inputs);
    }
    target.storage().bumpVersion();
    if (record) {
      ViewHistory.written(op, before, target);
    }
    return target;
  }

  /**
   * Writes {@code op} of {@code inputs[i]} and {@code numbers} into {@code targets[i]}, some of
   * which may be inputs, for every i; all tensors of a set have one shape. Nothing is recorded. For
   * the updates of optimizers.
   */
  public static void updateEach(
      Pointwise op, Tensor[][] inputs, double[] numbers, Tensor[][] targets) {
    Mode.changing(op.name());
    for (int i = 0; i < targets.length; i++) {
      for (Tensor t : inputs[i]) {
        if (!t.shape().equals(inputs[i][0].shape())) {
          throw TorchException.shape(op.name(), "input", t.shape(), inputs[i][0].shape() + "");
        }
      }
      for (Tensor t : targets[i]) {
        checkWhole(op, t);
      }
    }
    if (targets.length > 0 && targets[0][0].device() != Device.META) {
      Backend backend = Backends.of(targets[0][0].device());
      Watcher watcher = Watcher.current();
      if (watcher == null) {
        backend.pointwiseEach(op, inputs, numbers, targets);
      } else {
        watcher.run(
            Watcher.Kind.OPERATOR,
            op.name(),
            inputs[0],
            () -> backend.pointwiseEach(op, inputs, numbers, targets));
      }
      Reference.reachabilityFence(inputs);
      Reference.reachabilityFence(targets);
    }
    for (Tensor[] set : targets) {
      for (Tensor t : set) {
        t.storage().bumpVersion();
      }
    }
  }

  private static void checkFits(Pointwise op, Meta result, Tensor target) {
    if (target.storage().isInference() && !Mode.current().inference()) {
      throw TorchException.gradient(
          op.name()
              + "_: the target was made in inference mode and is changed outside; use a copy()");
    }
    if (!result.shape().equals(target.shape())) {
      throw TorchException.shape(
          op.name() + "_", "result", result.shape(), "the target's shape, " + target.shape());
    }
    checkWhole(op, target);
    if (result.dtype().category().compareTo(target.dtype().category()) > 0) {
      throw TorchException.type(
          op.name() + "_",
          "result",
          result.dtype(),
          "types that can be stored in " + target.dtype());
    }
  }

  private static void checkWhole(Pointwise op, Tensor target) {
    if (repeats(target.layout())) {
      throw TorchException.shape(
          op.name() + "_",
          "target",
          target.layout(),
          "each element once in memory (not stretched by expand)");
    }
  }

  private static boolean repeats(Layout layout) {
    if (layout.isContiguous()) {
      return false;
    }
    for (int i = 0; i < layout.rank(); i++) {
      if (layout.stride(i) == 0 && layout.size(i) > 1) {
        return layout.numel() > 0;
      }
    }
    return false;
  }

  private static boolean anyRequiresGrad(Tensor[] tensors) {
    for (Tensor t : tensors) {
      if (t.requiresGrad()) {
        return true;
      }
    }
    return false;
  }
}
