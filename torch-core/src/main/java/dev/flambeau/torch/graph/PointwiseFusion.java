package dev.flambeau.torch.graph;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Types;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Simplify;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Chains of operators on elements become one expression, computed in one pass over memory. Only
 * where all is of one floating point type, and what is fused in is not broadcast: that would
 * compute it more than once.
 */
final class PointwiseFusion implements Pass {
  /** Each input is read for every block: more than this evict each other from the cache. */
  private static final int INPUTS = 8;

  @Override
  public void apply(Graph graph) {
    List<Call> calls = new ArrayList<>(graph.calls());
    for (int i = 0; i < calls.size(); i++) {
      Optional<Call> producer = taken(graph, calls.get(i));
      while (producer.isPresent()) {
        calls.set(i, fused(graph, producer.get(), calls.get(i)));
        calls.remove(producer.get());
        i--;
        graph.calls(calls);
        producer = taken(graph, calls.get(i));
      }
    }
  }

  /** A call whose result only {@code call} reads and that can be computed within it. */
  private static Optional<Call> taken(Graph graph, Call call) {
    if (!fuses(graph, call)) {
      return Optional.empty();
    }
    Map<Integer, List<Call>> readers = graph.readers();
    Meta result = graph.meta(call.outputs().getFirst());
    for (Call other : graph.calls()) {
      int value = other.outputs().getFirst();
      if (call.inputs().contains(value)
          && value != graph.output()
          && readers.get(value).stream().allMatch(call::equals)
          && fuses(graph, other)
          && graph.meta(value).shape().equals(result.shape())
          && graph.meta(value).dtype() == result.dtype()
          && inputs(graph, other, call).size() <= INPUTS) {
        return Optional.of(other);
      }
    }
    return Optional.empty();
  }

  private static boolean fuses(Graph graph, Call call) {
    DType type = graph.meta(call.outputs().getFirst()).dtype();
    return call.op() instanceof Pointwise op
        && op.outputs().size() == 1
        && type.isFloat()
        && call.inputs().stream().anyMatch(v -> !number(graph, v))
        && call.inputs().stream().allMatch(v -> number(graph, v) || graph.meta(v).dtype() == type);
  }

  /** Whether the value is a constant that an expression can name. */
  private static boolean number(Graph graph, int value) {
    return graph.meta(value).rank() == 0 && graph.constants().containsKey(value);
  }

  private static List<Integer> inputs(Graph graph, Call producer, Call call) {
    return Stream.concat(call.inputs().stream(), producer.inputs().stream())
        .filter(value -> !value.equals(producer.outputs().getFirst()) && !number(graph, value))
        .distinct()
        .toList();
  }

  private static Call fused(Graph graph, Call producer, Call call) {
    List<Integer> inputs = inputs(graph, producer, call);
    Expr inner = over(graph, producer, inputs, Optional.empty());
    Expr whole = over(graph, call, inputs, Optional.of(inner));
    Pointwise op = new Pointwise("fused", inputs.size(), List.of(whole), Types.FLOAT, null);
    return new Call(op, inputs, call.outputs());
  }

  /** The call's expression in terms of {@code inputs}; what is none of them is {@code inner}. */
  private static Expr over(Graph graph, Call call, List<Integer> inputs, Optional<Expr> inner) {
    Expr[] leaves = new Expr[call.inputs().size()];
    for (int i = 0; i < leaves.length; i++) {
      int value = call.inputs().get(i);
      int at = inputs.indexOf(value);
      leaves[i] =
          number(graph, value)
              ? Expr.of(graph.constants().get(value).item())
              : at >= 0 ? Expr.in(at) : inner.orElseThrow();
    }
    return Simplify.substitute(((Pointwise) call.op()).outputs().getFirst(), leaves);
  }
}
