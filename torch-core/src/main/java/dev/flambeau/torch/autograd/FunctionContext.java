package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.List;

/**
 * What one call of a {@link Function} passes from its forward to its backward. PyTorch: {@code
 * FunctionCtx}.
 */
public final class FunctionContext {
  private final String name;
  private final boolean[] needed;
  private Tensor[] toSave = {};
  private volatile SavedTensor[] saved;
  private boolean released;
  private List<Tensor> dirty = List.of();
  private List<Tensor> constants = List.of();
  private boolean materialize = true;

  FunctionContext(String name, boolean[] needed) {
    this.name = name;
    this.needed = needed;
  }

  /**
   * Keeps inputs, outputs or others for backward; to be called once. A later change in place is
   * noticed.
   */
  public void saveForBackward(Tensor... tensors) {
    toSave = tensors.clone();
  }

  /**
   * What {@link #saveForBackward} kept.
   *
   * @throws TorchException if one was changed in place since, or all were released by a backward
   *     without retainGraph
   */
  public Tensor[] savedTensors() {
    SavedTensor[] all = saved;
    if (all == null) {
      throw TorchException.gradient(
          released
              ? "backward through "
                  + name
                  + " a second time, but what it had saved is released;"
                  + " pass retainGraph the first time"
              : name + ": savedTensors is for backward, after forward has returned");
    }
    Tensor[] tensors = new Tensor[all.length];
    for (int i = 0; i < tensors.length; i++) {
      tensors[i] = all[i].get(name, "saved tensor " + i);
    }
    return tensors;
  }

  /** Whether a gradient by this input is wanted. */
  public boolean needsInputGrad(int input) {
    return needed[input];
  }

  /** Says that forward changed these inputs in place; they must be among the outputs. */
  public void markDirty(Tensor... inputs) {
    dirty = List.of(inputs);
  }

  /** Says that these outputs have no gradient. */
  public void markNonDifferentiable(Tensor... outputs) {
    constants = List.of(outputs);
  }

  /** Whether backward gets zeros, not null, for outputs nothing depends on; true by default. */
  public void setMaterializeGrads(boolean on) {
    materialize = on;
  }

  boolean materializes() {
    return materialize;
  }

  List<Tensor> dirty() {
    return dirty;
  }

  boolean isDirty(Tensor t) {
    return isAmong(dirty, t);
  }

  boolean isConstant(Tensor t) {
    return isAmong(constants, t);
  }

  private static boolean isAmong(List<Tensor> tensors, Tensor t) {
    return tensors.stream().anyMatch(other -> other == t);
  }

  /** Keeps what forward asked for; its outputs as they were handed out. */
  void save(Tensor[] outputs, Tensor[] results) {
    SavedTensor[] all = new SavedTensor[toSave.length];
    for (int i = 0; i < all.length; i++) {
      Tensor t = toSave[i];
      for (int k = 0; k < outputs.length; k++) {
        t = t == outputs[k] ? results[k] : t;
      }
      all[i] = SavedTensor.of(t);
    }
    toSave = null;
    saved = all;
  }

  void release() {
    released = true;
    saved = null;
  }
}
