package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.op.Scan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What elements up to each combine to. Where there is no operator for it, each element is combined
 * with the one 1, 2, 4, ... places before (Hillis and Steele 1986).
 */
final class ExportScans {
  private final ExportCall call;
  private final Scan op;
  private final int axis;

  private ExportScans(ExportCall call, Scan op) {
    this.call = call;
    this.op = op;
    this.axis = op.axis();
  }

  static List<String> export(ExportCall c, Scan op) {
    return new ExportScans(c, op).export();
  }

  private List<String> export() {
    ExportGraph graph = call.graph();
    ExportValue x = call.vector(0);
    boolean own = op.kind() == Scan.Kind.SUM || op.kind() == Scan.Kind.PROD && graph.opset >= 26;
    if (own) {
      String type = op.kind() == Scan.Kind.SUM ? "CumSum" : "CumProd";
      ExportValue out =
          x.node(type, call.whole(axis), attribute("reverse", op.reverse() ? 1L : 0L));
      return List.of(call.restored(out, 0));
    }
    if (op.reverse() && op.kind().indexed()) {
      throw new ExportGraph.Hole("places in a scan from the end");
    }
    ExportValue start = op.reverse() ? flipped(x) : x;
    List<ExportValue> states = new ArrayList<>(List.of(start));
    if (op.kind().indexed()) {
      long[] size = call.rank() == 0 ? new long[] {1} : call.shape(0).get(axis);
      long[] shape = new long[Math.max(call.rank(), 1)];
      Arrays.fill(shape, 1);
      shape[axis] = -1;
      states.add(call.range(size).reshape(shape).expand(x.shape().name()));
    }
    List<ExportValue> out = scanned(states);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < out.size(); i++) {
      names.add(call.restored(op.reverse() ? flipped(out.get(i)) : out.get(i), i));
    }
    return names;
  }

  private ExportValue flipped(ExportValue x) {
    return slice(x, call.longs(-1), call.longs(Long.MIN_VALUE), call.longs(-1));
  }

  private ExportValue slice(ExportValue x, ExportValue from, ExportValue to, ExportValue step) {
    String axes = call.graph().longs(axis);
    List<String> in = List.of(x.name(), from.name(), to.name(), axes, step.name());
    return new ExportValue(call.graph(), call.graph().node("Slice", in));
  }

  private List<ExportValue> scanned(List<ExportValue> states) {
    long[] sizes = call.rank() == 0 ? new long[] {1} : call.shape(0).get(axis);
    if (!call.graph().sizes.varies(sizes)) {
      List<ExportValue> now = states;
      for (long distance = 1; distance < sizes[0]; distance *= 2) {
        now = step(now, call.longs(distance));
      }
      return now;
    }
    ExportValue size = new ExportValue(call.graph(), call.graph().size(sizes));
    List<String> in = new ArrayList<>(List.of(call.longs(1).name()));
    states.forEach(s -> in.add(s.name()));
    List<String> out =
        ExportLoop.whileAny(
            call.graph(),
            in,
            (values, _) -> {
              ExportValue distance = values.getFirst();
              ExportValue next = distance.mul(2);
              List<ExportValue> all = new ArrayList<>(List.of(next));
              all.addAll(step(values.subList(1, values.size()), distance));
              return new ExportLoop.Next(Optional.of(next.lt(size)), all);
            },
            call.longs(1).lt(size));
    return call.values(out.subList(1, out.size()));
  }

  private List<ExportValue> step(List<ExportValue> states, ExportValue distance) {
    ExportValue x = states.getFirst();
    ExportValue before = shifted(x, distance);
    return switch (op.kind()) {
      case SUM -> List.of(before.add(x));
      case PROD -> List.of(before.mul(x));
      case LOGSUMEXP -> List.of(logAdd(before, x));
      case MAX, MIN -> {
        boolean max = op.kind() == Scan.Kind.MAX;
        ExportValue later = max ? before.le(x) : x.le(before);
        later = x.type().isFloat() ? later.or(x.node("IsNaN")) : later;
        ExportValue places = states.get(1);
        yield List.of(later.where(x, before), later.where(places, shifted(places, distance)));
      }
    };
  }

  /** Each element's neighbour so many places before; the first stay themselves. */
  private ExportValue shifted(ExportValue x, ExportValue distance) {
    ExportGraph graph = call.graph();
    ExportValue one = call.longs(1);
    ExportValue rest = slice(x, call.longs(0), distance.neg(), one);
    ExportValue first = slice(x, call.longs(0), distance, one);
    if (op.kind() != Scan.Kind.MAX && op.kind() != Scan.Kind.MIN) {
      double neutral =
          op.kind() == Scan.Kind.PROD
              ? 1
              : op.kind() == Scan.Kind.SUM ? 0 : Double.NEGATIVE_INFINITY;
      first = x.number(neutral).expand(first.shape().name());
    }
    String out =
        graph.node("Concat", List.of(first.name(), rest.name()), attribute("axis", (long) axis));
    return new ExportValue(graph, out);
  }

  /** log(exp a + exp b) without overflow. */
  private static ExportValue logAdd(ExportValue a, ExportValue b) {
    DType type = a.type();
    ExportValue large = a.max(b);
    ExportValue gap = a.min(b).sub(large);
    ExportValue sum = large.add(gap.exp().add(1).log());
    ExportValue infinite = large.abs().eq(Double.POSITIVE_INFINITY);
    return infinite.where(large, sum).to(type);
  }
}
