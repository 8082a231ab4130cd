package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.op.IntConv;
import dev.flambeau.torch.op.IntMatMul;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Quantize;
import dev.flambeau.torch.op.QuantizeDynamic;
import dev.flambeau.torch.op.Rescaled;
import dev.flambeau.torch.op.Structured;
import dev.flambeau.torch.op.Types;
import dev.flambeau.torch.op.Window;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Products of 8-bit integers and what makes such integers, as nodes. */
final class ExportQuantized {
  private final ExportGraph graph;
  private final ExportEntry.Step step;
  private final List<String> in;

  private ExportQuantized(ExportCall call) {
    this.graph = call.graph();
    this.step = call.step();
    this.in = call.names();
  }

  static List<String> export(ExportCall call) {
    ExportQuantized self = new ExportQuantized(call);
    return switch ((Structured) call.op()) {
      case QuantizeDynamic _ -> self.graph.nodes("DynamicQuantizeLinear", self.in, 3);
      case Quantize q -> self.quantize(q);
      case Rescaled r -> List.of(self.rescaled(r));
      case Structured s -> List.of(self.product(s));
    };
  }

  private Meta meta(int input) {
    return graph.meta(step.inputs().get(input));
  }

  /** Zero points have the types of the factors; the first is one number. */
  private String product(Structured op) {
    List<String> all = new ArrayList<>(in.subList(0, 2));
    for (int i = 2; i < Rescaled.FACTORS; i++) {
      all.add(graph.cast(in.get(i), meta(i - 2).dtype()));
    }
    if (op instanceof IntMatMul) {
      return graph.node("MatMulInteger", all);
    }
    IntConv conv = (IntConv) op;
    Window w = conv.window();
    List<Long> pads = new ArrayList<>(w.padding());
    pads.addAll(w.paddingEnd());
    AttributeProto[] attributes = {
      attribute("dilations", w.dilation()),
      attribute("group", conv.groups()),
      attribute("pads", pads),
      attribute("strides", w.stride())
    };
    return graph.node("ConvInteger", all, attributes);
  }

  private static Pointwise formula(int inputs, Expr e) {
    return new Pointwise("formula", inputs, List.of(e), Types.FLOAT, null);
  }

  private String compute(Pointwise formula, List<String> values, List<Meta> metas, Meta result) {
    return ExportPointwise.export(graph, formula, values, metas, List.of(result)).getFirst();
  }

  private String rescaled(Rescaled r) {
    List<String> values = new ArrayList<>();
    values.add(graph.cast(product(r.base()), DType.F32));
    Expr e = Expr.in(0);
    int next = Rescaled.FACTORS;
    e = e.mul(Expr.in(values.size()));
    values.add(channels(r, next++));
    if (r.bias()) {
      e = e.add(Expr.in(values.size()));
      values.add(channels(r, next++));
    }
    e = r.low() > Double.NEGATIVE_INFINITY ? e.max(Expr.of(r.low())) : e;
    e = r.high() < Double.POSITIVE_INFINITY ? e.min(Expr.of(r.high())) : e;
    if (r.rounds()) {
      boolean signed = r.result() == DType.I8;
      e = e.apply(Prim.ROUND).add(Expr.in(values.size()));
      e = e.max(Expr.of(signed ? -128 : 0)).min(Expr.of(signed ? 127 : 255));
      values.add(graph.cast(in.get(next), DType.F32));
    }
    Meta result = graph.meta(step.outputs().getFirst());
    List<Meta> metas = values.stream().map(_ -> result.withDType(DType.F32)).toList();
    return compute(formula(values.size(), e), values, metas, result);
  }

  /** A vector of channels beside a convolution's result. */
  private String channels(Rescaled r, int input) {
    if (!(r.base() instanceof IntConv conv) || meta(input).rank() == 0) {
      return in.get(input);
    }
    long[] sizes = new long[conv.window().axes() + 1];
    Arrays.fill(sizes, 1);
    sizes[0] = -1;
    return graph.node("Reshape", List.of(in.get(input), graph.longs(sizes)));
  }

  /** QuantizeLinear for one scale and a whole range, else the formula. */
  private List<String> quantize(Quantize q) {
    boolean whole =
        q.result() == DType.U8 && q.low() == 0 && q.high() == 255
            || q.result() == DType.I8 && q.low() == -128 && q.high() == 127;
    boolean plain = q.body().equals(Expr.in(0)) && meta(0).dtype() == DType.F32;
    if (whole && plain && meta(1).rank() == 0 && meta(2).rank() == 0) {
      String zero = graph.cast(in.get(2), q.result());
      return List.of(graph.node("QuantizeLinear", List.of(in.get(0), in.get(1), zero)));
    }
    List<String> values = new ArrayList<>();
    List<Meta> metas = new ArrayList<>();
    DType type = Quantize.compute(step.inputs().stream().map(graph::meta).toArray(Meta[]::new));
    for (int i = 0; i < in.size(); i++) {
      boolean fits = meta(i).dtype() == type;
      values.add(fits ? in.get(i) : graph.cast(in.get(i), type));
      metas.add(meta(i).withDType(type));
    }
    Meta result = graph.meta(step.outputs().getFirst());
    return List.of(compute(formula(in.size(), q.steps()), values, metas, result));
  }
}
