package dev.flambeau.torch.autograd;

import dev.flambeau.torch.History;
import dev.flambeau.torch.Tensor;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Leaves with hooks: these see the whole gradient, so its parts are counted. Counted is from the
 * calls that have not run when the first such leaf is met, so that graphs without hooks pay
 * nothing.
 */
final class HookedLeaves {
  private static final class Wait {
    final Tensor leaf;
    Tensor sum;
    int missing;

    Wait(Tensor leaf) {
      this.leaf = leaf;
    }
  }

  private final Backward backward;
  private final Map<History, Wait> waits = new LinkedHashMap<>();

  HookedLeaves(Backward backward, Collection<Node> queue, Node... running) {
    this.backward = backward;
    Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Node> stack = new ArrayDeque<>(queue);
    stack.addAll(List.of(running));
    seen.addAll(stack);
    while (!stack.isEmpty()) {
      for (Node.Edge edge : stack.pop().edges()) {
        if (edge != null && edge.node() != null && seen.add(edge.node())) {
          stack.push(edge.node());
        } else if (edge != null && edge.node() == null && edge.leaf().history().isHooked()) {
          of(edge.leaf()).missing++;
        }
      }
    }
  }

  private Wait of(Tensor leaf) {
    return waits.computeIfAbsent(leaf.history(), _ -> new Wait(leaf));
  }

  /** One of the parts, or null if that call had none to give. */
  void arrive(Tensor leaf, Tensor g) {
    Wait wait = of(leaf);
    add(wait, g);
    wait.missing--;
    finish(wait);
  }

  /** The part of a leaf that backward was called on. */
  void arriveAtRoot(Tensor leaf, Tensor g) {
    Wait wait = of(leaf);
    add(wait, g);
    finish(wait);
  }

  private void add(Wait wait, Tensor g) {
    if (g == null) {
      return;
    }
    if (wait.sum == null) {
      wait.sum = backward.shown(g);
    } else {
      wait.sum = backward.createsGraph() ? wait.sum.add(g) : wait.sum.add_(g);
    }
  }

  private void finish(Wait wait) {
    if (wait.missing <= 0 && wait.sum != null) {
      Tensor sum = wait.sum;
      wait.sum = null;
      backward.complete(wait.leaf, sum);
    }
  }

  /** Those who wait for calls that no gradient has reached. */
  void finish() {
    for (Wait wait : waits.values()) {
      wait.missing = 0;
      finish(wait);
    }
  }
}
