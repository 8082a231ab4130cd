package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;

/**
 * An operation with a gradient written by hand. What is no tensor goes into fields set by the
 * constructor. PyTorch: {@code torch.autograd.Function}.
 *
 * {@snippet :
 * final class Exp extends Function {
 *   protected Tensor[] forward(FunctionContext context, Tensor... inputs) {
 *     Tensor y = inputs[0].exp();
 *     context.saveForBackward(y);
 *     return new Tensor[] {y};
 *   }
 *
 *   protected Tensor[] backward(FunctionContext context, Tensor... gradients) {
 *     return new Tensor[] {gradients[0].mul(context.savedTensors()[0])};
 *   }
 * }
 * Tensor y = new Exp().apply(x);
 * }
 */
public abstract class Function {
  protected Function() {}

  /** The outputs, computed without recording. */
  protected abstract Tensor[] forward(FunctionContext context, Tensor... inputs);

  /**
   * The gradient by each input: of its shape or one that broadcasting made of it, null where there
   * is none. Written with tensors it can be differentiated again.
   *
   * @param gradients by each output; zeros for one that nothing depends on
   */
  protected abstract Tensor[] backward(FunctionContext context, Tensor... gradients);

  /** The name in error messages and of the recorded call: that of the class. */
  public String name() {
    String simple = getClass().getSimpleName();
    return simple.isEmpty() ? getClass().getName() : simple;
  }

  /** The first of {@link #applyAll}'s outputs. */
  public final Tensor apply(Tensor... inputs) {
    return applyAll(inputs)[0];
  }

  /**
   * Runs {@link #forward} and, where an input requires grad and gradients are recorded, records it.
   *
   * @throws TorchException if it changed an input in place that is not marked dirty
   */
  public final Tensor[] applyAll(Tensor... inputs) {
    Mode mode = Mode.current();
    boolean[] needed = new boolean[inputs.length];
    boolean record = false;
    int[] versions = new int[inputs.length];
    Tensor[] before = new Tensor[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      needed[i] = mode.grad() && inputs[i].requiresGrad();
      record |= needed[i];
      versions[i] = inputs[i].storage().version();
      before[i] = inputs[i].isLeaf() ? inputs[i] : inputs[i].alias();
    }
    FunctionContext context = new FunctionContext(name(), needed);
    Tensor[] outputs = mode.withGrad(false).call(() -> forward(context, inputs));
    if (outputs == null || outputs.length == 0) {
      throw TorchException.argument(name(), "forward", "no outputs", "one output or more");
    }
    if (!record) {
      return outputs;
    }
    checkDirty(context, inputs, outputs, versions);
    return recorded(context, inputs, before, outputs);
  }

  private Tensor[] recorded(
      FunctionContext context, Tensor[] inputs, Tensor[] before, Tensor[] outputs) {
    Tensor[] results = outputs.clone();
    for (int k = 0; k < results.length; k++) {
      if (context.isDirty(results[k])) {
        ViewHistory.checkWritable(name(), results[k]);
      } else if (results[k].requiresGrad() || contains(inputs, results[k])) {
        results[k] = results[k].detach();
      }
    }
    FunctionNode node = new FunctionNode(this, context, before, results);
    for (int k = 0; k < results.length; k++) {
      int output = k;
      if (!results[k].dtype().isFloat() || context.isConstant(outputs[k])) {
        continue;
      }
      if (context.isDirty(results[k])) {
        ViewHistory.written(results[k], t -> node.made(t, output));
      } else {
        node.made(results[k], k);
      }
    }
    context.save(outputs, results);
    return results;
  }

  private void checkDirty(
      FunctionContext context, Tensor[] inputs, Tensor[] outputs, int[] versions) {
    List<Storage> changed = new ArrayList<>();
    for (Tensor t : context.dirty()) {
      if (!contains(inputs, t) || !contains(outputs, t)) {
        throw TorchException.gradient(
            name() + ": a tensor marked dirty must be an input that is returned as an output");
      }
      changed.add(t.storage());
    }
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i].storage().version() != versions[i] && !changed.contains(inputs[i].storage())) {
        throw TorchException.gradient(
            name() + ": forward changed input " + i + " in place; mark it by markDirty");
      }
    }
  }

  private static boolean contains(Tensor[] tensors, Tensor t) {
    for (Tensor other : tensors) {
      if (other == t) {
        return true;
      }
    }
    return false;
  }
}
