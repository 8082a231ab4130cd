package dev.flambeau.torch.graph;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.ArrayList;
import java.util.List;

/** Runs now what depends on constants only. */
final class ConstantFolding implements Pass {
  @Override
  public void apply(Graph graph) {
    List<Call> left = new ArrayList<>();
    for (Call call : graph.calls()) {
      if (graph.constants().keySet().containsAll(call.inputs())) {
        Tensor[] inputs = call.inputs().stream().map(graph.constants()::get).toArray(Tensor[]::new);
        Tensor[] outputs = Dispatcher.callAll(call.op(), inputs);
        for (int k = 0; k < outputs.length; k++) {
          graph.constant(call.outputs().get(k), outputs[k]);
        }
      } else {
        left.add(call);
      }
    }
    graph.calls(left);
  }
}
