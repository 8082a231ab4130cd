package dev.flambeau.torch.autograd;

import dev.flambeau.torch.History;
import dev.flambeau.torch.HookHandle;
import dev.flambeau.torch.Hooks;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * One recorded call, and where the gradients by its inputs go. Numbers rise in the order of
 * recording, so a node is always newer than those it depends on. PyTorch: {@code
 * torch.autograd.graph.Node}.
 */
public abstract sealed class Node implements History.GradFn permits OperatorNode, FunctionNode {
  private static final AtomicLong COUNT = new AtomicLong();

  /** Where a gradient goes: output {@code index} of {@code node}, or into {@code leaf}. */
  record Edge(Node node, int index, Tensor leaf) {
    /** Where the gradient by {@code t} goes, or null. */
    static Edge to(Tensor t) {
      if (!t.requiresGrad()) {
        return null;
      }
      return t.history().gradFn() instanceof Node n
          ? new Edge(n, t.history().outputIndex(), null)
          : new Edge(null, 0, t);
    }
  }

  private final long number;
  private final Edge[] edges;
  private final CallSite site;
  private volatile OutputHooks[] outputHooks;
  private volatile Hooks<UnaryOperator<Tensor[]>> before;
  private volatile Hooks<BinaryOperator<Tensor[]>> after;

  Node(Tensor[] inputs) {
    edges = new Edge[inputs.length];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = Edge.to(inputs[i]);
    }
    // Counted last: asking for the history of a view may have recorded a node.
    number = COUNT.getAndIncrement();
    site = Mode.current().anomaly() ? CallSite.here() : null;
  }

  /** Records a call whose inputs need gradients on its floating point outputs. */
  public static void record(Op op, Tensor[] in, Tensor[] out) {
    OperatorNode.recordCall(op, in, out);
  }

  final long number() {
    return number;
  }

  final Edge[] edges() {
    return edges;
  }

  /** Where this call was made, or null if nobody looked for anomalies then. */
  final CallSite site() {
    return site;
  }

  abstract int outputs();

  /**
   * The gradients by the inputs, null where there is none.
   *
   * @param wanted which are asked for; or null: all that have an edge
   */
  abstract Tensor[] apply(Tensor[] gradients, boolean[] wanted);

  /** Drops what was saved. */
  abstract void release();

  static Meta[] metas(Tensor[] tensors) {
    Meta[] metas = new Meta[tensors.length];
    for (int i = 0; i < metas.length; i++) {
      metas[i] = tensors[i].meta();
    }
    return metas;
  }

  /** Makes output {@code index} of this call {@code t}'s history. */
  final void made(Tensor t, int index) {
    History history = t.history();
    if (history.retainsGrad() && history.gradFn() instanceof Node old) {
      old.hooksOf(history.outputIndex()).retain(null);
      hooksOf(index).retain(t);
    }
    history.from(this, index);
  }

  /** The calls whose outputs were this one's inputs; empty for a leaf or no gradient. */
  public List<Optional<Node>> nextFunctions() {
    List<Optional<Node>> next = new ArrayList<>();
    for (Edge e : edges) {
      next.add(e == null ? Optional.empty() : Optional.ofNullable(e.node()));
    }
    return next;
  }

  /**
   * Calls {@code hook} after this call's backward with the gradients by its inputs and by its
   * outputs, null where there is none; the array it returns takes the place of the first. PyTorch:
   * {@code Node.register_hook}.
   */
  public synchronized HookHandle registerHook(BinaryOperator<Tensor[]> hook) {
    if (after == null) {
      after = new Hooks<>();
    }
    return after.add(hook);
  }

  /**
   * Calls {@code hook} before this call's backward with the gradients by its outputs, null where
   * there is none; the array it returns takes their place. PyTorch: {@code Node.register_prehook}.
   */
  public synchronized HookHandle registerPrehook(UnaryOperator<Tensor[]> hook) {
    if (before == null) {
      before = new Hooks<>();
    }
    return before.add(hook);
  }

  final Hooks<UnaryOperator<Tensor[]>> before() {
    return before;
  }

  final Hooks<BinaryOperator<Tensor[]>> after() {
    return after;
  }

  /** The hooks on an output, or null. */
  final OutputHooks hooksIfAny(int output) {
    OutputHooks[] all = outputHooks;
    return all == null ? null : all[output];
  }

  /** The hooks on an output, made on first use. */
  public final synchronized OutputHooks hooksOf(int output) {
    if (outputHooks == null) {
      outputHooks = new OutputHooks[outputs()];
    }
    if (outputHooks[output] == null) {
      outputHooks[output] = new OutputHooks();
    }
    return outputHooks[output];
  }
}
