package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.Saved;
import dev.flambeau.torch.op.Saves;
import dev.flambeau.torch.op.View;
import dev.flambeau.torch.op.Views;

/** A recorded call of an operator, and what its backward reads. */
final class OperatorNode extends Node implements Saved {
  private static final SavedTensor[] NOTHING = {};

  private final Op op;
  private final Meta[] inputMetas;
  private final Meta[] outputMetas;

  /** Inputs, then outputs; null where not saved, and all once released. */
  private volatile SavedTensor[] saved;

  private final Mode.SavedHooks keeper = Mode.current().savedHooks();

  private OperatorNode(Op op, Tensor[] in, Tensor[] out) {
    super(in);
    this.op = op;
    this.inputMetas = metas(in);
    this.outputMetas = metas(out);
  }

  static void recordCall(Op op, Tensor[] in, Tensor[] out) {
    Saves saves = op.saves();
    OperatorNode node = new OperatorNode(op, in, out);
    boolean nothing = saves.inputs() == 0 && saves.outputs() == 0;
    node.saved = nothing ? NOTHING : new SavedTensor[in.length + out.length];
    node.saveInputs(saves, in, out[0]);
    for (int k = 0; k < out.length; k++) {
      if (out[k].dtype().isFloat()) {
        node.made(out[k], k);
      }
    }
    // Saved last, so that they know they are this call's outputs.
    node.saveOutputs(saves, in.length, out);
  }

  private void saveInputs(Saves saves, Tensor[] in, Tensor out) {
    if (saves.inputs() == 0) {
      return;
    }
    for (int i = 0; i < in.length; i++) {
      if (saves.input(i)) {
        int version = in[i].storage().version() - (overwritten(in[i], out) ? 1 : 0);
        saved[i] = new SavedTensor(in[i], version, keeper);
      }
    }
  }

  private void saveOutputs(Saves saves, int inputs, Tensor[] out) {
    if (saves.outputs() == 0) {
      return;
    }
    for (int k = 0; k < out.length; k++) {
      if (saves.output(k)) {
        saved[inputs + k] = new SavedTensor(out[k], out[k].storage().version(), keeper);
      }
    }
  }

  /** After an in-place call the input is stale at once. */
  private boolean overwritten(Tensor in, Tensor out) {
    return !(op instanceof View) && in.storage() == out.storage();
  }

  @Override
  public String name() {
    return op.name();
  }

  @Override
  int outputs() {
    return outputMetas.length;
  }

  @Override
  Tensor[] apply(Tensor[] gradients, boolean[] wanted) {
    return op.backward(keeper != null || wanted != null ? new Once(this, wanted) : this, gradients);
  }

  @Override
  void release() {
    if (saved != NOTHING) {
      saved = null;
    }
  }

  /** The call itself if it shows a part of its input, every element once; else null. */
  Views.Slice part() {
    return op instanceof Views.Slice slice ? slice : null;
  }

  private Tensor saved(int index, String kind, int number) {
    SavedTensor[] all = saved;
    if (all == null) {
      throw TorchException.gradient(
          "backward through "
              + name()
              + " a second time, but what it had saved is released;"
              + " pass retainGraph the first time");
    }
    return all[index].get(name(), kind + number);
  }

  @Override
  public Tensor input(int index) {
    return saved(index, "input ", index);
  }

  @Override
  public Tensor output(int index) {
    return saved(inputMetas.length + index, "output ", index);
  }

  @Override
  public Meta inputMeta(int index) {
    return inputMetas[index];
  }

  @Override
  public Meta outputMeta(int index) {
    return outputMetas[index];
  }

  @Override
  public boolean needs(int input) {
    return edges()[input] != null;
  }

  @Override
  public int inputs() {
    return inputMetas.length;
  }

  /** One backward's look at what was saved: unpacks each tensor once, may want fewer gradients. */
  private static final class Once implements Saved {
    private final OperatorNode node;
    private final boolean[] wanted;
    private final Tensor[] unpacked;

    Once(OperatorNode node, boolean[] wanted) {
      this.node = node;
      this.wanted = wanted;
      this.unpacked = new Tensor[node.inputs() + node.outputs()];
    }

    @Override
    public Tensor input(int index) {
      if (unpacked[index] == null) {
        unpacked[index] = node.input(index);
      }
      return unpacked[index];
    }

    @Override
    public Tensor output(int index) {
      int at = node.inputs() + index;
      if (unpacked[at] == null) {
        unpacked[at] = node.output(index);
      }
      return unpacked[at];
    }

    @Override
    public Meta inputMeta(int index) {
      return node.inputMeta(index);
    }

    @Override
    public Meta outputMeta(int index) {
      return node.outputMeta(index);
    }

    @Override
    public boolean needs(int input) {
      return wanted == null ? node.needs(input) : wanted[input];
    }

    @Override
    public int inputs() {
      return node.inputs();
    }
  }
}
