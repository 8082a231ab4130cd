package dev.flambeau.torch.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Drops calls whose results nobody reads. */
final class DeadCode implements Pass {
  @Override
  public void apply(Graph graph) {
    Set<Integer> read = new HashSet<>(Set.of(graph.output()));
    List<Call> left = new ArrayList<>();
    for (Call call : graph.calls().reversed()) {
      if (call.outputs().stream().anyMatch(read::contains)) {
        read.addAll(call.inputs());
        left.add(call);
      }
    }
    graph.calls(left.reversed());
  }
}
