package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;

/** A recorded call of a {@link Function}. */
final class FunctionNode extends Node {
  private final Function function;
  private final FunctionContext context;
  private final Meta[] inputMetas;
  private final Meta[] outputMetas;

  /**
   * A call that is not yet the outputs' history.
   *
   * @param before the inputs with their histories from before the call
   */
  FunctionNode(Function function, FunctionContext context, Tensor[] before, Tensor[] outputs) {
    super(before);
    this.function = function;
    this.context = context;
    this.inputMetas = metas(before);
    this.outputMetas = metas(outputs);
  }

  @Override
  public String name() {
    return function.name();
  }

  @Override
  int outputs() {
    return outputMetas.length;
  }

  @Override
  Tensor[] apply(Tensor[] gradients, boolean[] wanted) {
    Tensor[] given = gradients.clone();
    for (int k = 0; k < given.length; k++) {
      if (given[k] != null) {
        given[k].storage().show();
      } else if (context.materializes()) {
        given[k] = Torch.zeros(outputMetas[k].dtype(), outputMetas[k].shape().sizes());
      }
    }
    Tensor[] results = Scope.visibly(() -> function.backward(context, given));
    int count = results == null ? 0 : results.length;
    if (count != inputMetas.length) {
      throw TorchException.gradient(
          "%s: backward returned %d gradients; allowed: one for each input, %d"
              .formatted(name(), count, inputMetas.length));
    }
    Tensor[] fitting = new Tensor[count];
    for (int i = 0; i < count; i++) {
      boolean asked = wanted == null ? edges()[i] != null : wanted[i];
      fitting[i] = asked && results[i] != null ? fitted(i, results[i]) : null;
    }
    return fitting;
  }

  /** Summed over axes that broadcasting added or stretched, in the input's type. */
  private Tensor fitted(int input, Tensor gradient) {
    Meta meta = inputMetas[input];
    Tensor g = gradient;
    if (!g.dtype().isFloat()) {
      throw TorchException.type(
          name(), "gradient " + input, g.dtype(), meta.dtype() + ", the input's type");
    }
    if (!g.shape().equals(meta.shape())) {
      if (!stretches(meta.shape().sizes(), g.shape().sizes())) {
        throw TorchException.shape(
            name(), "gradient " + input, g.shape(), "the input's shape, " + meta.shape());
      }
      g = g.sumToSize(meta.shape());
    }
    return g.to(meta.dtype());
  }

  private static boolean stretches(long[] from, long[] to) {
    int more = to.length - from.length;
    if (more < 0) {
      return false;
    }
    for (int i = 0; i < from.length; i++) {
      if (from[i] != 1 && from[i] != to[more + i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  void release() {
    context.release();
  }
}
