package dev.flambeau.torch.graph;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.BatchNorm;
import dev.flambeau.torch.op.Conv;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Batch normalization by fixed statistics after a convolution becomes part of the convolution's
 * weight and bias: w' = w s, b' = (b - mean) s + beta with s = gamma / sqrt(variance + eps).
 */
final class BatchNormFolding implements Pass {
  @Override
  public void apply(Graph graph) {
    Map<Integer, Call> convolutions = new HashMap<>();
    Map<Integer, List<Call>> readers = graph.readers();
    List<Call> calls = new ArrayList<>();
    for (Call call : graph.calls()) {
      Call conv = convolutions.get(call.inputs().isEmpty() ? -1 : call.inputs().getFirst());
      boolean folds =
          conv != null
              && call.op() instanceof BatchNorm.Eval
              && graph.onlyReader(call.inputs().getFirst(), readers).isPresent()
              && graph.constants().keySet().containsAll(call.inputs().subList(1, 5))
              && graph
                  .constants()
                  .keySet()
                  .containsAll(conv.inputs().subList(1, conv.inputs().size()));
      if (folds) {
        calls.remove(conv);
        call = folded(graph, conv, call);
      }
      if (call.op() instanceof Conv) {
        convolutions.put(call.outputs().getFirst(), call);
      }
      calls.add(call);
    }
    graph.calls(calls);
  }

  private static Call folded(Graph graph, Call conv, Call norm) {
    Tensor mean = parameter(graph, norm, 1);
    double eps = ((BatchNorm.Eval) norm.op()).eps();
    Tensor scale = parameter(graph, norm, 3).mul(parameter(graph, norm, 2).add(eps).rsqrt());
    Tensor weight = graph.constants().get(conv.inputs().get(1)).detach();
    long[] sizes = new long[weight.dim()];
    Arrays.fill(sizes, 1);
    sizes[0] = weight.size(0);
    boolean biased = conv.inputs().size() > 2;
    Tensor shift =
        biased ? graph.constants().get(conv.inputs().get(2)).detach().sub(mean) : mean.neg();
    int w = graph.constant(weight.mul(scale.reshape(sizes)));
    int b = graph.constant(shift.mul(scale).add(parameter(graph, norm, 4)));
    return new Call(conv.op(), List.of(conv.inputs().getFirst(), w, b), norm.outputs());
  }

  private static Tensor parameter(Graph graph, Call norm, int input) {
    return graph.constants().get(norm.inputs().get(input)).detach();
  }
}
