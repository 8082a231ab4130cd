package dev.flambeau.torch.autograd;

import dev.flambeau.torch.History;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.UnaryOperator;

/**
 * Runs recorded calls backward, newest first, so that a call's gradients are complete when its turn
 * comes.
 *
 * <p>Memory: unless a graph of the backward itself is wanted, everything it allocates is invisible
 * to users except gradients of leaves and what hooks see. A gradient's memory is freed when the
 * last pending use of its storage is done; what a single backward step allocates and does not
 * return is freed right after the step.
 */
public final class Engine {
  private final boolean retainGraph;
  private final boolean createGraph;
  private final Map<Tensor, Tensor> wanted;
  private final PriorityQueue<Node> queue =
      new PriorityQueue<>(Comparator.comparingLong(Node::number).reversed());
  private final Map<Node, Tensor[]> pending = new HashMap<>();
  private final Map<Storage, Integer> uses = new IdentityHashMap<>();
  private Scope scope;

  private Engine(boolean retainGraph, boolean createGraph, Map<Tensor, Tensor> wanted) {
    this.retainGraph = retainGraph || createGraph;
    this.createGraph = createGraph;
    this.wanted = wanted;
  }

  /** Accumulates into the leaves' gradients; PyTorch: {@code torch.autograd.backward}. */
  public static void backward(
      Tensor[] roots, Tensor[] gradients, boolean retainGraph, boolean createGraph) {
    new Engine(retainGraph, createGraph, null).run(roots, gradients);
  }

  /**
   * The gradients by {@code inputs}, leaving their {@code grad} alone; an input the roots do not
   * depend on gets zeros. PyTorch: {@code torch.autograd.grad}.
   */
  public static Tensor[] grad(
      Tensor[] roots,
      Tensor[] gradients,
      Tensor[] inputs,
      boolean retainGraph,
      boolean createGraph) {
    Map<Tensor, Tensor> wanted = new IdentityHashMap<>();
    for (Tensor input : inputs) {
      if (!input.requiresGrad()) {
        throw TorchException.gradient(
            "grad: an input of shape " + input.shape() + " does not require grad");
      }
      wanted.put(input, null);
    }
    new Engine(retainGraph, createGraph, wanted).run(roots, gradients);
    Tensor[] out = new Tensor[inputs.length];
    for (int i = 0; i < out.length; i++) {
      Tensor g = wanted.get(inputs[i]);
      out[i] = g == null ? inputs[i].detach().zerosLike() : g;
    }
    return out;
  }

  private void run(Tensor[] roots, Tensor[] gradients) {
    Mode.current()
        .withGrad(createGraph)
        .call(
            () -> {
              scope = createGraph ? null : Scope.open();
              try {
                for (int i = 0; i < roots.length; i++) {
                  arrive(edgeOf(roots[i]), gradients[i], gradients);
                }
                while (!queue.isEmpty()) {
                  step(queue.poll());
                }
              } finally {
                if (scope != null) {
                  scope.close();
                }
              }
              return null;
            });
  }

  private static Node.Edge edgeOf(Tensor t) {
    if (!t.requiresGrad()) {
      throw TorchException.gradient(
          "backward: the tensor of shape "
              + t.shape()
              + " does not require grad and was not computed from one that does");
    }
    return t.history().gradFn() instanceof Node n
        ? new Node.Edge(n, t.history().outputIndex(), t)
        : new Node.Edge(null, 0, t);
  }

  private void step(Node node) {
    Tensor[] gradients = pending.remove(node);
    Scope inner = createGraph ? null : Scope.open();
    try {
      Tensor[] results = node.backward(gradients);
      Node.Edge[] edges = node.edges();
      for (int i = 0; i < edges.length; i++) {
        if (edges[i] != null && results[i] != null) {
          if (inner != null) {
            inner.keep(results[i]);
          }
          arrive(edges[i], results[i], results);
        }
      }
    } finally {
      if (inner != null) {
        inner.close();
      }
    }
    if (!retainGraph) {
      node.release();
    }
    for (Tensor g : gradients) {
      if (g != null) {
        use(g, -1);
      }
    }
  }

  private void arrive(Node.Edge edge, Tensor gradient, Tensor[] siblings) {
    Tensor g = gradient;
    Tensor target = edge.leaf();
    for (UnaryOperator<Tensor> hook : target.history().hooks()) {
      g = escape(hook.apply(escape(g, target)), target);
    }
    boolean leaf = edge.node() == null;
    if (wanted != null && wanted.containsKey(target)) {
      wanted.put(target, sum(wanted.get(target), g, target));
    } else if (wanted == null && (leaf || target.history().retainsGrad())) {
      History history = target.history();
      history.grad(sum(history.grad(), g, target));
    }
    if (!leaf) {
      enqueue(edge, g, siblings);
    }
  }

  private void enqueue(Node.Edge edge, Tensor g, Tensor[] siblings) {
    Tensor[] slots = pending.get(edge.node());
    if (slots == null) {
      slots = new Tensor[edge.node().outputs()];
      pending.put(edge.node(), slots);
      queue.add(edge.node());
    }
    Tensor before = slots[edge.index()];
    if (before != null && exclusive(before, g, siblings)) {
      before.add_(g);
      return;
    }
    Tensor now = before == null ? g : before.add(g);
    slots[edge.index()] = now;
    use(now, 1);
    if (before != null) {
      if (scope != null) {
        scope.adopt(now);
      }
      use(before, -1);
    }
  }

  /** Whether nobody else can see {@code sum}, so that {@code g} may be added where it lies. */
  private boolean exclusive(Tensor sum, Tensor g, Tensor[] siblings) {
    for (Tensor t : siblings) {
      if (t != null && t.storage() == sum.storage()) {
        return false;
      }
    }
    return scope != null
        && scope.owns(sum.storage())
        && uses.getOrDefault(sum.storage(), 0) == 1
        && sum.layout().isDense()
        && sum.dtype() == g.dtype();
  }

  private Tensor sum(Tensor before, Tensor g, Tensor owner) {
    if (createGraph) {
      return before == null ? g : before.add(g);
    }
    Tensor own = before == null ? own(g) : before.add(g);
    own.storage().liveAsLongAs(owner.storage());
    return own;
  }

  /** The gradient in memory of its own: not shared with other gradients or saved tensors. */
  private Tensor own(Tensor g) {
    boolean exclusive =
        g.storage().bytes() <= g.numel() * g.dtype().bytes() + 64
            && g.layout().isDense()
            && !uses.containsKey(g.storage());
    return exclusive ? g.detach() : g.copy();
  }

  private Tensor escape(Tensor g, Tensor owner) {
    if (scope != null) {
      g.storage().liveAsLongAs(owner.storage());
    }
    return g;
  }

  private void use(Tensor t, int change) {
    if (scope == null) {
      return;
    }
    int now = uses.merge(t.storage(), change, Integer::sum);
    if (now == 0) {
      uses.remove(t.storage());
      if (scope.owns(t.storage())) {
        t.storage().free();
      }
    }
  }
}
