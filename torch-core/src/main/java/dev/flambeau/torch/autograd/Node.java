package dev.flambeau.torch.autograd;

import dev.flambeau.torch.History;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.Saved;
import dev.flambeau.torch.op.Saves;
import dev.flambeau.torch.op.View;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One recorded call: its operator, what its backward reads, and where the gradients by its inputs
 * go. Numbers rise in the order of recording, so a node is always newer than those it depends on.
 */
public final class Node implements History.GradFn, Saved {
  private static final AtomicLong COUNT = new AtomicLong();

  /** Where a gradient goes: output {@code index} of {@code node}, or into {@code leaf}. */
  record Edge(Node node, int index, Tensor leaf) {}

  private final Op op;
  private final long number = COUNT.getAndIncrement();
  private final Meta[] inputMetas;
  private final Meta[] outputMetas;
  private final Edge[] edges;
  private Tensor[] inputs;
  private Tensor[] outputs;
  private int[] versions;

  private Node(Op op, Tensor[] in, Tensor[] out) {
    this.op = op;
    this.inputMetas = metas(in);
    this.outputMetas = metas(out);
    this.edges = new Edge[in.length];
    this.inputs = new Tensor[in.length];
    this.outputs = new Tensor[out.length];
    this.versions = new int[in.length + out.length];
    Saves saves = op.saves();
    for (int i = 0; i < in.length; i++) {
      edges[i] = edge(in[i]);
      if (saves.input(i)) {
        inputs[i] = in[i];
        versions[i] = in[i].storage().version() - (overwritten(in[i], out[0]) ? 1 : 0);
      }
    }
    for (int k = 0; k < out.length; k++) {
      if (saves.output(k)) {
        outputs[k] = out[k];
        versions[in.length + k] = out[k].storage().version();
      }
    }
  }

  /** After an in-place call the input is stale at once. */
  private boolean overwritten(Tensor in, Tensor out) {
    return !(op instanceof View) && in.storage() == out.storage();
  }

  private static Meta[] metas(Tensor[] tensors) {
    Meta[] metas = new Meta[tensors.length];
    for (int i = 0; i < metas.length; i++) {
      metas[i] = tensors[i].meta();
    }
    return metas;
  }

  private static Edge edge(Tensor t) {
    if (!t.requiresGrad()) {
      return null;
    }
    return t.history().gradFn() instanceof Node n
        ? new Edge(n, t.history().outputIndex(), t)
        : new Edge(null, 0, t);
  }

  /** Records a call whose inputs need gradients on its floating point outputs. */
  public static void record(Op op, Tensor[] in, Tensor[] out) {
    Node node = new Node(op, in, out);
    for (int k = 0; k < out.length; k++) {
      if (out[k].dtype().isFloat()) {
        out[k].history().from(node, k);
      }
    }
  }

  @Override
  public String name() {
    return op.name();
  }

  long number() {
    return number;
  }

  Edge[] edges() {
    return edges;
  }

  int outputs() {
    return outputMetas.length;
  }

  Tensor[] backward(Tensor[] gradients) {
    if (inputs == null) {
      throw TorchException.gradient(
          "backward through "
              + name()
              + " a second time, but what it had saved is released;"
              + " pass retainGraph the first time");
    }
    return op.backward(this, gradients);
  }

  void release() {
    inputs = null;
    outputs = null;
  }

  @Override
  public Tensor input(int index) {
    return current(inputs[index], versions[index], "input " + index);
  }

  @Override
  public Tensor output(int index) {
    return current(outputs[index], versions[edges.length + index], "output " + index);
  }

  private Tensor current(Tensor saved, int version, String which) {
    if (saved.storage().version() != version) {
      throw TorchException.gradient(
          name()
              + ": its "
              + which
              + ", of shape "
              + saved.shape()
              + ", is needed for the gradient but was changed in place since (version "
              + saved.storage().version()
              + ", expected "
              + version
              + ")");
    }
    return saved;
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
    return edges[input] != null;
  }

  @Override
  public int inputs() {
    return edges.length;
  }
}
