package dev.flambeau.torch.graph;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.Fused;
import dev.flambeau.torch.op.MatMul;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Structured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Convolutions and products with constant weights take in the bias, the residual and the activation
 * that follow them. The fused call stands where the last of them stood, since the residual may be
 * computed later than the convolution.
 */
final class Fusion implements Pass {
  @Override
  public void apply(Graph graph) {
    for (Call call : List.copyOf(graph.calls())) {
      boolean product = call.op() instanceof MatMul && graph.meta(call.inputs().get(1)).rank() == 2;
      if ((call.op() instanceof Conv || product)
          && graph.meta(call.inputs().getFirst()).rank() >= 2
          && graph.constants().containsKey(call.inputs().get(1))) {
        new Candidate(graph, call).fuse();
      }
    }
  }

  /** One convolution or product, and what it has taken in so far. */
  private static final class Candidate {
    private final Graph graph;
    private final Call base;
    private final Map<Integer, List<Call>> readers;
    private final List<Call> taken = new ArrayList<>();
    private int bias = -1;
    private int residual = -1;
    private Optional<Pointwise> activation = Optional.empty();

    Candidate(Graph graph, Call base) {
      this.graph = graph;
      this.base = base;
      this.readers = graph.readers();
      taken.add(base);
      if (base.inputs().size() > 2) {
        bias = base.inputs().get(2);
      }
    }

    private Call last() {
      return taken.getLast();
    }

    void fuse() {
      Optional<Call> next = next();
      while (next.isPresent() && takes(next.get())) {
        taken.add(next.get());
        next = activation.isPresent() ? Optional.empty() : next();
      }
      if (taken.size() == 1) {
        return;
      }
      Meta result = graph.meta(base.outputs().getFirst());
      if (bias < 0) {
        bias =
            graph.constant(
                Torch.zeros(result.dtype(), result.size(base.op() instanceof Conv ? 1 : -1)));
      }
      List<Integer> inputs = new ArrayList<>(base.inputs().subList(0, 2));
      inputs.add(bias);
      if (residual >= 0) {
        inputs.add(residual);
      }
      Fused op = new Fused((Structured) base.op(), residual >= 0, activation);
      Call fused = new Call(op, inputs, last().outputs());
      List<Call> calls = new ArrayList<>(graph.calls());
      calls.set(calls.indexOf(last()), fused);
      calls.removeAll(taken);
      graph.calls(calls);
    }

    private Optional<Call> next() {
      return graph.onlyReader(last().outputs().getFirst(), readers);
    }

    private boolean takes(Call call) {
      int from = last().outputs().getFirst();
      if (call.op() instanceof Pointwise op && Fused.ACTIVATIONS.contains(op)) {
        activation = Optional.of(op);
        return true;
      }
      if (!Pointwise.ADD.equals(call.op())) {
        return false;
      }
      int other = call.inputs().get(call.inputs().getFirst() == from ? 1 : 0);
      if (other == from) {
        return false;
      }
      if (bias < 0 && base.op() instanceof MatMul && graph.constants().containsKey(other)) {
        boolean fits = graph.meta(other).shape().equals(Shape.of(graph.meta(from).size(-1)));
        bias = fits ? other : bias;
        return fits;
      }
      boolean fits = residual < 0 && graph.meta(other).equals(graph.meta(from));
      residual = fits ? other : residual;
      return fits;
    }
  }
}
