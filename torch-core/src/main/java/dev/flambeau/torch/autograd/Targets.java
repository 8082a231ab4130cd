package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors by which a backward wants gradients, the calls that lead to them (the others are not
 * run), and what was found.
 */
final class Targets {
  private record Output(Node node, int index) {}

  private final String operator;
  private final Map<Object, Tensor> inputs = new LinkedHashMap<>();
  private final Map<Object, Tensor> found = new HashMap<>();
  private final Set<Object> reached = new HashSet<>();
  private final Set<Node> leading = Collections.newSetFromMap(new IdentityHashMap<>());

  Targets(String operator, Tensor[] roots, Tensor[] inputs) {
    this.operator = operator;
    for (int i = 0; i < inputs.length; i++) {
      if (!inputs[i].requiresGrad()) {
        throw TorchException.gradient(
            operator
                + ": input "
                + i
                + ", of shape "
                + inputs[i].shape()
                + ", does not require grad");
      }
      this.inputs.put(key(Node.Edge.to(inputs[i])), inputs[i]);
    }
    walk(roots);
  }

  private static Object key(Node.Edge edge) {
    return edge.node() == null ? edge.leaf().history() : new Output(edge.node(), edge.index());
  }

  /** Which calls lead to a target: those it feeds are older, so they are known first. */
  private void walk(Tensor[] roots) {
    Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Node> stack = new ArrayDeque<>();
    for (Tensor root : roots) {
      if (root.requiresGrad()) {
        reach(Node.Edge.to(root), seen, stack);
      }
    }
    while (!stack.isEmpty()) {
      for (Node.Edge edge : stack.pop().edges()) {
        if (edge != null) {
          reach(edge, seen, stack);
        }
      }
    }
    List<Node> oldestFirst = new ArrayList<>(seen);
    oldestFirst.sort(Comparator.comparingLong(Node::number));
    for (Node node : oldestFirst) {
      for (Node.Edge edge : node.edges()) {
        if (edge != null && leadsTo(edge)) {
          leading.add(node);
          break;
        }
      }
    }
  }

  private void reach(Node.Edge edge, Set<Node> seen, Deque<Node> stack) {
    Object key = key(edge);
    if (inputs.containsKey(key)) {
      reached.add(key);
    }
    if (edge.node() != null && seen.add(edge.node())) {
      stack.push(edge.node());
    }
  }

  /** Refuses inputs that the roots do not depend on. */
  void checkReached() {
    int i = 0;
    for (Map.Entry<Object, Tensor> e : inputs.entrySet()) {
      if (!reached.contains(e.getKey())) {
        throw TorchException.gradient(
            operator
                + ": input "
                + i
                + ", of shape "
                + e.getValue().shape()
                + ", was not used to compute the outputs; allowUnused gives zeros for it");
      }
      i++;
    }
  }

  Collection<Tensor> distinctInputs() {
    return inputs.values();
  }

  /** Whether a target is behind this edge. */
  boolean leadsTo(Node.Edge edge) {
    return edge.node() != null && leading.contains(edge.node()) || inputs.containsKey(key(edge));
  }

  /** Whether a target is behind this call. */
  boolean leadsOn(Node node) {
    return leading.contains(node);
  }

  /** Which of a call's inputs lead to a target; null if all do that need a gradient. */
  boolean[] wanted(Node node) {
    Node.Edge[] edges = node.edges();
    boolean[] wanted = new boolean[edges.length];
    boolean all = true;
    for (int i = 0; i < edges.length; i++) {
      wanted[i] = edges[i] != null && leadsTo(edges[i]);
      all &= edges[i] == null || wanted[i];
    }
    return all ? null : wanted;
  }

  boolean wants(Tensor leaf) {
    return inputs.containsKey(leaf.history());
  }

  boolean wants(Node node, int output) {
    return inputs.containsKey(new Output(node, output));
  }

  /** Adds to a leaf's gradient; the first part may be kept and changed unless graphs are made. */
  void add(Tensor leaf, Tensor g, boolean createGraph) {
    Tensor before = found.get(leaf.history());
    if (before == null) {
      found.put(leaf.history(), createGraph ? g : visible(g.detach()));
    } else {
      found.put(leaf.history(), createGraph ? before.add(g) : before.add_(g));
    }
  }

  /** Notes the complete gradient by an output of a call. */
  void found(Node node, int output, Tensor g) {
    found.put(new Output(node, output), visible(g));
  }

  private static Tensor visible(Tensor g) {
    g.storage().show();
    return g;
  }

  /** The gradient found, or null. */
  Tensor gradient(Tensor input) {
    return found.get(key(Node.Edge.to(input)));
  }
}
