package dev.flambeau.torch.graph;

/** Changes a graph to one that computes the same, in fewer or cheaper calls. */
@FunctionalInterface
interface Pass {
  void apply(Graph graph);
}
