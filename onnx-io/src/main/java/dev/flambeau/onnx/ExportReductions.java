package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.op.Reduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reductions as nodes: the other direction of {@link Reducing}. */
final class ExportReductions {
  private final ExportCall call;
  private final Reduction op;
  private final long[] axes;

  private ExportReductions(ExportCall call, Reduction op) {
    this.call = call;
    this.op = op;
    this.axes = op.axes().stream().mapToLong(Integer::longValue).toArray();
  }

  static List<String> export(ExportCall c, Reduction op) {
    return new ExportReductions(c, op).export();
  }

  /** Along some axes, which are an input or, before some operator set, an attribute. */
  static ExportValue along(ExportValue x, String type, long[] axes, boolean keepdims) {
    ExportGraph graph = x.graph();
    if (graph.opset >= (type.equals("ReduceSum") ? 13 : 18)) {
      return x.node(
          type,
          new ExportValue(graph, graph.longs(axes)),
          attribute("keepdims", keepdims ? 1L : 0L));
    }
    List<Long> list = Arrays.stream(axes).boxed().toList();
    return x.node(type, attribute("axes", list), attribute("keepdims", keepdims ? 1L : 0L));
  }

  private List<String> export() {
    DType type = call.result(0).dtype();
    String name = op.name();
    if (name.equals("any") || name.equals("all")) {
      return List.of(truth(name.equals("all")).to(type).name());
    }
    ExportValue x = call.in(0).to(type);
    if (name.equals("var")) {
      return List.of(variance(type).name());
    }
    if (axes.length == 0) {
      return call.step().outputs().size() == 1
          ? List.of(x.name())
          : List.of(x.name(), call.graph().whole(0));
    }
    if (op.count(call.meta(0).shape()) == 0 && !counts().stream().anyMatch(this::varies)) {
      double value = name.equals("sum") ? 0 : name.equals("prod") ? 1 : Double.NaN;
      return List.of(call.full(value, type, call.resultShape(0)).name());
    }
    return switch (name) {
      case "sum" -> List.of(reduce(x, "ReduceSum"));
      case "mean" -> List.of(reduce(x, "ReduceMean"));
      case "prod" -> List.of(reduce(x, "ReduceProd"));
      case "amax" -> List.of(reduce(x, "ReduceMax"));
      case "amin" -> List.of(reduce(x, "ReduceMin"));
      case "max" -> List.of(reduce(x, "ReduceMax"), place(x, true));
      case "min" -> List.of(reduce(x, "ReduceMin"), place(x, false));
      default -> throw new ExportGraph.Hole("the reduction " + name);
    };
  }

  private boolean varies(long[] sizes) {
    return call.graph().sizes.varies(sizes);
  }

  /** The sizes of the reduced axes. */
  private List<long[]> counts() {
    List<long[]> all = new ArrayList<>();
    for (long axis : axes) {
      all.add(call.shape(0).get((int) axis));
    }
    return all;
  }

  private String reduce(ExportValue x, String type) {
    return along(x, type, axes, op.keepdim()).name();
  }

  /** By TopK for I64, which ONNX Runtime's ArgMax lacks. */
  private String place(ExportValue x, boolean largest) {
    ExportGraph graph = call.graph();
    if (axes.length != 1) {
      return placeOfAll(x, largest);
    }
    if (x.type() != DType.I64) {
      return x.node(
              largest ? "ArgMax" : "ArgMin",
              attribute("axis", axes[0]),
              attribute("keepdims", op.keepdim() ? 1L : 0L))
          .name();
    }
    ExportValue at = ExportOrdering.topK(x, call.longs(1), (int) axes[0], largest).get(1);
    return op.keepdim() ? at.name() : at.squeeze(axes[0]).name();
  }

  /** The place within the axes taken as one, which must be all there are. */
  private String placeOfAll(ExportValue x, boolean largest) {
    if (axes.length != call.rank()) {
      throw new ExportGraph.Hole("the place of an extreme over some of several axes");
    }
    ExportValue at = ExportOrdering.topK(x.reshape(-1), call.longs(1), 0, largest).get(1);
    return at.reshape(call.resultShape(0)).name();
  }

  private ExportValue truth(boolean all) {
    ExportValue in = call.in(0).to(DType.BOOL);
    if (axes.length == 0) {
      return in;
    }
    // A sum, since nothing has no maximum.
    ExportValue counted = (all ? in.not() : in).to(DType.I32);
    ExportValue any = along(counted, "ReduceSum", axes, op.keepdim()).to(DType.BOOL);
    return all ? any.not() : any;
  }

  private ExportValue variance(DType type) {
    ExportValue x = call.in(0).to(type == DType.F16 || type == DType.BF16 ? DType.F32 : type);
    ExportValue count = x.number(1);
    for (long[] size : counts()) {
      count =
          count.mul(new ExportValue(call.graph(), call.graph().shapes.scalar(size)).to(x.type()));
    }
    ExportValue rest = count.sub(op.fold().correction()).max(x.number(0));
    if (counts().stream().noneMatch(this::varies)) {
      double size = op.count(call.meta(0).shape());
      rest = x.number(Math.max(size - op.fold().correction(), 0));
    }
    if (axes.length == 0) {
      return x.sub(x).div(rest).to(type);
    }
    ExportValue centred = x.sub(along(x, "ReduceMean", axes, true));
    ExportValue squares = along(centred.mul(centred), "ReduceSum", axes, op.keepdim());
    return squares.div(rest).to(type);
  }
}
