package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.op.Gather;
import dev.flambeau.torch.op.IndexPut;
import dev.flambeau.torch.op.IndexSelect;
import dev.flambeau.torch.op.IndexTensors;
import dev.flambeau.torch.op.MaxPool;
import dev.flambeau.torch.op.Scatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Elements at places that tensors name, read and written: see {@link Indexing}. */
final class ExportIndexing {
  private ExportIndexing() {}

  private static ExportValue places(ExportValue index) {
    return index.to(DType.I64);
  }

  static String select(ExportCall c, IndexSelect op) {
    return c.in(0).gather(places(c.in(1)), op.axis()).name();
  }

  /** Numbers without dimensions count as vectors of one element. */
  static String gather(ExportCall c, Gather op) {
    ExportValue index = places(c.vector(1));
    ExportValue out =
        c.vector(0).node("GatherElements", index, attribute("axis", (long) op.axis()));
    return c.restored(out, 0);
  }

  /** The axes that are indexed, then the others. */
  private static List<Integer> front(List<Integer> axes, int rank) {
    List<Integer> order = new ArrayList<>(axes);
    for (int i = 0; i < rank; i++) {
      if (!axes.contains(i)) {
        order.add(i);
      }
    }
    return order;
  }

  /** One index of as many numbers as there are indexed axes. */
  private static ExportValue joined(ExportCall c, int from) {
    List<String> parts = new ArrayList<>();
    for (int i = from; i < c.count(); i++) {
      parts.add(c.in(i).unsqueeze(-1).name());
    }
    ExportGraph graph = c.graph();
    return parts.size() == 1
        ? new ExportValue(graph, parts.getFirst())
        : new ExportValue(graph, graph.node("Concat", parts, attribute("axis", -1L)));
  }

  static String index(ExportCall c, IndexTensors op) {
    if (op.axes().size() == 1) {
      return c.in(0).gather(c.in(1), op.axes().getFirst()).name();
    }
    List<Integer> order = front(op.axes(), c.rank());
    ExportValue x = moved(c.in(0), order);
    return moved(x.node("GatherND", joined(c, 1)), back(op, c, 1)).name();
  }

  private static ExportValue moved(ExportValue x, List<Integer> order) {
    boolean same = true;
    for (int i = 0; i < order.size(); i++) {
      same &= order.get(i) == i;
    }
    return same ? x : x.transpose(order);
  }

  /** From the index's axes first to where they come in the result. */
  private static List<Integer> back(IndexTensors op, ExportCall c, int index) {
    int many = c.meta(index).rank();
    int rest = c.rank() - op.axes().size();
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < rest; i++) {
      if (i == op.place()) {
        addRange(order, 0, many);
      }
      order.add(many + i);
    }
    if (op.place() >= rest) {
      addRange(order, 0, many);
    }
    return order;
  }

  private static void addRange(List<Integer> order, int from, int count) {
    for (int i = 0; i < count; i++) {
      order.add(from + i);
    }
  }

  private static List<Integer> inverse(List<Integer> order) {
    Integer[] inverse = new Integer[order.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[order.get(i)] = i;
    }
    return Arrays.asList(inverse);
  }

  static String put(ExportCall c, IndexPut op) {
    IndexTensors read = new IndexTensors(op.axes());
    List<Integer> order = front(op.axes(), c.rank());
    ExportValue x = moved(c.in(0), order);
    ExportValue values = moved(c.in(1), inverse(back(read, c, 2)));
    ExportValue out = scatterNd(x, joined(c, 2), values, op.accumulate());
    return moved(out, inverse(order)).name();
  }

  private static ExportValue scatterNd(
      ExportValue x, ExportValue index, ExportValue values, boolean add) {
    ExportGraph graph = x.graph();
    if (!add) {
      return new ExportValue(
          graph, graph.node("ScatterND", List.of(x.name(), index.name(), values.name())));
    }
    DType type = summed(x.type());
    if (graph.opset < 16) {
      return ExportPlaces.add(x.to(type), index, values.to(type)).to(x.type());
    }
    String out =
        graph.node(
            "ScatterND",
            List.of(x.to(type).name(), index.name(), values.to(type).name()),
            attribute("reduction", "add"));
    return new ExportValue(graph, out).to(x.type());
  }

  /** Zeros and the slices added at the index. */
  static String add(ExportCall c, IndexSelect.IndexAdd op) {
    List<Integer> order = front(List.of(op.axis()), c.meta(1).rank());
    List<long[]> shape = order.stream().map(c.resultShape(0)::get).toList();
    ExportValue zeros = c.full(0, c.meta(1).dtype(), shape);
    ExportValue index = places(c.in(0)).unsqueeze(-1);
    ExportValue out = scatterNd(zeros, index, moved(c.in(1), order), true);
    return moved(out, inverse(order)).name();
  }

  /** Each gradient added at the place of its maximum. */
  static String unpooled(ExportCall c, MaxPool.Backward op) {
    List<long[]> shape = c.resultShape(0);
    ExportValue zeros = flat(c.full(0, c.meta(0).dtype(), shape));
    ExportValue sum = scatter(zeros, flat(c.in(1)), flat(c.in(0)), 1, "add");
    return sum.reshape(shape).name();
  }

  private static ExportValue flat(ExportValue x) {
    return x.node("Flatten", attribute("axis", 2L));
  }

  /** The type in which ONNX Runtime sums up at places. */
  private static DType summed(DType type) {
    return ExportTypes.of("Add").orElseThrow().fit(type == DType.F16 ? DType.F32 : type);
  }

  /** Elements written or combined at places along an axis. */
  static ExportValue scatter(
      ExportValue x, ExportValue index, ExportValue source, int axis, String reduction) {
    ExportGraph graph = x.graph();
    boolean set = reduction.equals("none");
    DType type = set ? x.type() : summed(x.type());
    int since = set ? 13 : reduction.equals("add") || reduction.equals("mul") ? 16 : 18;
    if (graph.opset < since) {
      return ExportPlaces.combine(x.to(type), index, source.to(type), axis, reduction).to(x.type());
    }
    List<String> in = List.of(x.to(type).name(), index.name(), source.to(type).name());
    String out =
        set
            ? graph.node("ScatterElements", in, attribute("axis", (long) axis))
            : graph.node(
                "ScatterElements",
                in,
                attribute("axis", (long) axis),
                attribute("reduction", reduction));
    return new ExportValue(graph, out).to(x.type());
  }

  static String scatter(ExportCall c, Scatter op) {
    ExportValue x = c.vector(0);
    ExportValue index = places(c.vector(1));
    ExportValue source = c.vector(2);
    if (!c.meta(1).shape().equals(c.meta(2).shape())) {
      source = cut(c, source);
    }
    int axis = op.axis();
    ExportValue out =
        switch (op.reduce()) {
          case SET -> scatter(x, index, source, axis, "none");
          case SUM -> sum(c, op, x, index, source);
          case PROD -> combined(c, op, x, index, source, "mul", 1);
          case AMAX -> combined(c, op, x, index, source, "max", least(x.type()));
          case AMIN -> combined(c, op, x, index, source, "min", most(x.type()));
          case MEAN -> mean(c, op, x, index, source);
        };
    return c.restored(out, 0);
  }

  private static double most(DType type) {
    return switch (type) {
      case BOOL -> 1;
      case U8 -> 255;
      case I8 -> Byte.MAX_VALUE;
      case I16 -> Short.MAX_VALUE;
      case I32 -> Integer.MAX_VALUE;
      case I64 -> Long.MAX_VALUE;
      case F16, BF16, F32, F64 -> Double.POSITIVE_INFINITY;
    };
  }

  private static double least(DType type) {
    return switch (type) {
      case BOOL, U8 -> 0;
      case I8 -> Byte.MIN_VALUE;
      case I16 -> Short.MIN_VALUE;
      case I32 -> Integer.MIN_VALUE;
      case I64 -> Long.MIN_VALUE;
      case F16, BF16, F32, F64 -> Double.NEGATIVE_INFINITY;
    };
  }

  /** The part of the source that the index covers. */
  private static ExportValue cut(ExportCall c, ExportValue source) {
    int rank = Math.max(c.meta(1).rank(), 1);
    ExportValue ends = c.meta(1).rank() == 0 ? c.longs(1) : c.in(1).shape();
    long[] axes = new long[rank];
    Arrays.setAll(axes, i -> i);
    ExportGraph graph = c.graph();
    String out =
        graph.node(
            "Slice",
            List.of(source.name(), graph.longs(new long[rank]), ends.name(), graph.longs(axes)));
    return new ExportValue(graph, out);
  }

  private static ExportValue sum(
      ExportCall c, Scatter op, ExportValue x, ExportValue index, ExportValue source) {
    return combined(c, op, x, index, source, "add", 0);
  }

  /** What is written to counts as {@code neutral} if it is not to take part. */
  private static ExportValue combined(
      ExportCall c,
      Scatter op,
      ExportValue x,
      ExportValue index,
      ExportValue source,
      String reduction,
      double neutral) {
    ExportValue from = x;
    if (!op.includeSelf()) {
      from = scatter(x, index, filled(source, neutral), op.axis(), "none");
    }
    return scatter(from, index, source, op.axis(), reduction);
  }

  private static ExportValue filled(ExportValue like, double value) {
    return like.number(value).expand(like.shape().name());
  }

  private static ExportValue mean(
      ExportCall c, Scatter op, ExportValue x, ExportValue index, ExportValue source) {
    ExportValue sum = sum(c, op, x, index, source);
    ExportValue start = filled(x, op.includeSelf() ? 1 : 0);
    ExportValue counts = scatter(start, index, filled(source, 1), op.axis(), "add");
    ExportValue divisor = counts.max(counts.number(1));
    if (x.type().isFloat()) {
      return sum.div(divisor);
    }
    return sum.sub(sum.mod(divisor)).div(divisor);
  }

  static String nonzero(ExportCall c) {
    if (c.rank() == 0) {
      List<long[]> shape = c.resultShape(0);
      ExportValue nothing =
          new ExportValue(c.graph(), c.graph().constant(Torch.empty(DType.I64, 1, 0)));
      return nothing.expand(c.graph().shape(shape, false)).name();
    }
    return c.in(0).to(DType.BOOL).node("NonZero").transpose(List.of(1, 0)).name();
  }

  static String count(ExportCall c) {
    ExportValue ones = c.in(0).to(DType.BOOL).to(DType.I64);
    return ones.node("ReduceSum", attribute("keepdims", 0L)).name();
  }
}
