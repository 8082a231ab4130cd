package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.Watcher;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * One backward: runs recorded calls, newest first, so that a call's gradients are complete when its
 * turn comes. One engine runs one backward on one thread; several may run at once, also on graphs
 * that share calls, if these are retained.
 *
 * <p>Memory: unless a graph of the backward itself is wanted, everything it allocates is invisible
 * to users except gradients of leaves and what hooks see. A gradient's memory is freed when the
 * last pending use of its storage is done; what a single backward step allocates and does not
 * return is freed right after the step.
 */
final class Backward {
  private static final Tensor[] NONE = {};

  private final boolean retainGraph;
  private final boolean createGraph;
  private final Targets targets;
  private final PriorityQueue<Node> queue =
      new PriorityQueue<>(Comparator.comparingLong(Node::number).reversed());
  private final Map<Node, Tensor[]> pending = new HashMap<>();
  private final Map<Storage, Integer> uses = new IdentityHashMap<>();
  private HookedLeaves hookedLeaves;
  private Scope scope;

  Backward(boolean retainGraph, boolean createGraph, Targets targets) {
    this.retainGraph = retainGraph;
    this.createGraph = createGraph;
    this.targets = targets;
  }

  void run(Tensor[] roots, Tensor[] gradients) {
    Watcher watcher = Watcher.current();
    if (watcher == null) {
      whole(roots, gradients);
    } else {
      watcher.run(Watcher.Kind.BACKWARD, "backward", gradients, () -> whole(roots, gradients));
    }
  }

  private void whole(Tensor[] roots, Tensor[] gradients) {
    Mode.current()
        .withInference(false)
        .withCasting(null)
        .withGrad(createGraph)
        .call(
            () -> {
              scope = createGraph ? null : Scope.openHidden();
              try {
                start(roots, gradients);
                while (!queue.isEmpty()) {
                  next(queue.poll());
                }
                if (hookedLeaves != null) {
                  hookedLeaves.finish();
                }
              } finally {
                if (scope != null) {
                  scope.close();
                }
                if (!retainGraph) {
                  Storage.noteRelease();
                }
              }
              return null;
            });
  }

  /** Leaves last: those with hooks have to know which calls there are. */
  private void start(Tensor[] roots, Tensor[] gradients) {
    for (int i = 0; i < roots.length; i++) {
      Node.Edge edge = rootEdge(roots[i]);
      if (edge.node() != null) {
        enqueue(edge, gradients[i], gradients);
      }
    }
    for (int i = 0; i < roots.length; i++) {
      Node.Edge edge = Node.Edge.to(roots[i]);
      if (edge.node() == null && edge.leaf().history().isHooked()) {
        hookedLeaves().arriveAtRoot(edge.leaf(), gradients[i]);
      } else if (edge.node() == null) {
        accumulate(edge.leaf(), gradients[i], NONE, gradients);
      }
    }
  }

  private static Node.Edge rootEdge(Tensor t) {
    Node.Edge edge = Node.Edge.to(t);
    if (edge == null) {
      throw TorchException.gradient(
          "backward: the tensor of shape "
              + t.shape()
              + " does not require grad and was not computed from one that does");
    }
    return edge;
  }

  private void next(Node node) {
    Tensor[] arrived = pending.remove(node);
    Watcher watcher = Watcher.current();
    if (watcher == null) {
      step(node, arrived);
    } else {
      String name = node.name() + " backward";
      watcher.run(Watcher.Kind.BACKWARD, name, arrived, () -> step(node, arrived));
    }
  }

  private void step(Node node, Tensor[] arrived) {
    Scope inner = createGraph ? null : Scope.openHidden();
    try {
      Tensor[] gradients = Steps.before(node, arrived, targets, createGraph);
      boolean leads = targets == null || targets.leadsOn(node);
      if (leads && !addedToPart(node, gradients[0])) {
        Tensor[] results =
            Steps.backward(node, gradients, targets == null ? null : targets.wanted(node));
        deliver(node, arrived, results, inner);
      }
    } finally {
      if (inner != null) {
        inner.close();
      }
    }
    if (!retainGraph) {
      node.release();
    }
    for (Tensor g : arrived) {
      if (g != null) {
        use(g, -1);
      }
    }
  }

  /**
   * Adds the gradient of a part to the pending gradient of the whole where that lies: the gradients
   * of three thirds need no three tensors of zeros.
   */
  private boolean addedToPart(Node node, Tensor g) {
    Node.Edge edge = node.edges()[0];
    boolean simple =
        g != null
            && !createGraph
            && node instanceof OperatorNode operator
            && operator.part() != null
            && node.after() == null
            && edge != null
            && edge.node() != null
            && (targets == null || targets.leadsTo(edge));
    Tensor[] slots = simple ? pending.get(edge.node()) : null;
    Tensor whole = slots == null ? null : slots[edge.index()];
    if (whole == null || !exclusive(whole, g, new Tensor[] {g})) {
      return false;
    }
    whole.viewed(((OperatorNode) node).part().apply(whole.layout()), false).add_(g);
    return true;
  }

  private void deliver(Node node, Tensor[] arrived, Tensor[] results, Scope inner) {
    Node.Edge[] edges = node.edges();
    for (int i = 0; i < edges.length; i++) {
      Node.Edge edge = edges[i];
      if (edge == null) {
        continue;
      }
      Tensor g = results[i];
      if (g != null && inner != null) {
        inner.keep(g);
      }
      if (edge.node() != null) {
        if (g != null && (targets == null || targets.leadsTo(edge))) {
          enqueue(edge, g, results);
        }
      } else if (edge.leaf().history().isHooked()
          && (targets == null || targets.wants(edge.leaf()))) {
        hookedLeaves(node).arrive(edge.leaf(), g);
      } else if (g != null) {
        accumulate(edge.leaf(), g, arrived, results);
      }
    }
  }

  private HookedLeaves hookedLeaves(Node... running) {
    if (hookedLeaves == null) {
      hookedLeaves = new HookedLeaves(this, queue, running);
    }
    return hookedLeaves;
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

  /** Takes part of a leaf's gradient to where it is wanted. */
  private void accumulate(Tensor leaf, Tensor g, Tensor[] arrived, Tensor[] results) {
    if (targets == null || targets.wants(leaf)) {
      boolean ours = createGraph || isOurs(g, arrived) && times(g, results) == 1;
      Tensor own = ours ? g : g.copy();
      if (targets == null) {
        Accumulation.add(leaf, own, createGraph);
      } else {
        targets.add(leaf, own, createGraph);
      }
    }
  }

  private static int times(Tensor g, Tensor[] tensors) {
    int times = 0;
    for (Tensor t : tensors) {
      times += t != null && t.storage() == g.storage() ? 1 : 0;
    }
    return times;
  }

  /** A leaf's gradient in memory of its own, which hooks may see. */
  Tensor shown(Tensor g) {
    if (createGraph) {
      return g;
    }
    Tensor own = isOurs(g, NONE) ? g.detach() : g.copy();
    own.storage().show();
    return own;
  }

  /** A hooked leaf's complete gradient, in memory that only its hooks get to see. */
  void complete(Tensor leaf, Tensor g) {
    Tensor hooked = Steps.hooked("a leaf", leaf.history().hooks(), g);
    boolean unseen = leaf.history().hooks().isEmpty();
    Tensor own = createGraph || unseen ? hooked : hooked.copy();
    if (targets == null) {
      Accumulation.add(leaf, own, createGraph);
      Accumulation.tell(leaf);
    } else if (targets.wants(leaf)) {
      targets.add(leaf, own, createGraph);
    }
  }

  boolean createsGraph() {
    return createGraph;
  }

  /**
   * Whether {@code g} has dense memory of its own that nobody knows but the gradients that arrived,
   * which are done with: of a transposed weight, the gradient is theirs, seen the other way.
   */
  private boolean isOurs(Tensor g, Tensor[] arrived) {
    return scope != null
        && scope.owns(g.storage())
        && g.storage().bytes() <= g.numel() * g.dtype().bytes() + 64
        && g.layout().isDense()
        && uses.getOrDefault(g.storage(), 0) <= times(g, arrived);
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
