package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.op.AvgPool;
import dev.flambeau.torch.op.BatchNorm;
import dev.flambeau.torch.op.Cast;
import dev.flambeau.torch.op.Cat;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.ConvTranspose;
import dev.flambeau.torch.op.Copy;
import dev.flambeau.torch.op.Flip;
import dev.flambeau.torch.op.Full;
import dev.flambeau.torch.op.Gather;
import dev.flambeau.torch.op.IndexSelect;
import dev.flambeau.torch.op.IndexTensors;
import dev.flambeau.torch.op.IntConv;
import dev.flambeau.torch.op.IntMatMul;
import dev.flambeau.torch.op.LayerNorm;
import dev.flambeau.torch.op.MatMul;
import dev.flambeau.torch.op.MaxPool;
import dev.flambeau.torch.op.Pad;
import dev.flambeau.torch.op.Quantize;
import dev.flambeau.torch.op.QuantizeDynamic;
import dev.flambeau.torch.op.Recurrent;
import dev.flambeau.torch.op.Rescaled;
import dev.flambeau.torch.op.Scan;
import dev.flambeau.torch.op.Softmax;
import dev.flambeau.torch.op.Structured;
import dev.flambeau.torch.op.TopK;
import dev.flambeau.torch.op.Triangle;
import dev.flambeau.torch.op.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Operators that are neither expressions nor views as nodes. A result has fewer names than the
 * operator outputs where the rest has no form in ONNX; the export is refused if that is used.
 */
final class ExportStructured {
  private final ExportGraph graph;
  private final ExportTape.Step step;

  private ExportStructured(ExportGraph graph, ExportTape.Step step) {
    this.graph = graph;
    this.step = step;
  }

  static List<String> export(ExportGraph graph, ExportTape.Step step, List<String> in) {
    return new ExportStructured(graph, step).export(in);
  }

  private List<String> export(List<String> in) {
    return switch ((Structured) step.op()) {
      case Copy _ -> List.of(in.getFirst());
      case Cast c -> List.of(graph.cast(in.getFirst(), c.dtype()));
      case MatMul _ when in.size() > 2 ->
          List.of(graph.node("Add", List.of(graph.node("MatMul", in.subList(0, 2)), in.get(2))));
      case MatMul _ -> List.of(graph.node("MatMul", in));
      case Conv c -> List.of(conv(c, in));
      case ConvTranspose c -> List.of(transposed(c, in));
      case BatchNorm.Eval b -> List.of(batchNorm(b, in));
      case LayerNorm n -> layerNorm(n, in);
      case Softmax s ->
          List.of(
              graph.node(
                  s.log() ? "LogSoftmax" : "Softmax", in, attribute("axis", (long) s.axis())));
      case MaxPool p -> List.of(graph.node("MaxPool", in, pool(p.window(), p.kernel(), p.ceil())));
      case AvgPool p -> List.of(avgPool(p, in));
      case Cat c -> List.of(graph.node("Concat", in, attribute("axis", (long) c.axis())));
      case IndexSelect s -> List.of(graph.node("Gather", in, attribute("axis", (long) s.axis())));
      case IndexTensors t when t.axes().size() == 1 ->
          List.of(graph.node("Gather", in, attribute("axis", (long) t.axes().getFirst())));
      case Gather g ->
          List.of(graph.node("GatherElements", in, attribute("axis", (long) g.axis())));
      case Pad p -> List.of(pad(p, in.getFirst()));
      case Flip f -> List.of(flip(f, in.getFirst()));
      case Full f -> List.of(full(f));
      case Triangle t -> List.of(triangle(t, in.getFirst()));
      case TopK k -> topK(k, in.getFirst());
      case Scan s when s.kind() == Scan.Kind.SUM ->
          List.of(
              graph.node(
                  "CumSum",
                  List.of(in.getFirst(), graph.constant(Torch.full(DType.I64, s.axis()))),
                  attribute("reverse", s.reverse() ? 1L : 0L)));
      case Recurrent r -> ExportRecurrent.export(graph, step, r, in);
      case MaxPool.OfBytes(MaxPool p) ->
          List.of(graph.node("MaxPool", in, pool(p.window(), p.kernel(), p.ceil())));
      case IntMatMul _, IntConv _, Rescaled _, Quantize _, QuantizeDynamic _ ->
          ExportQuantized.export(graph, step, in);
      default -> throw new ExportGraph.Hole("no form in operator set " + graph.opset);
    };
  }

  private static AttributeProto pads(Window window) {
    List<Long> pads = new ArrayList<>(window.padding());
    pads.addAll(window.paddingEnd());
    return attribute("pads", pads);
  }

  private String conv(Conv c, List<String> in) {
    long[] shape = graph.meta(step.inputs().get(1)).shape().sizes();
    List<Long> kernel = new ArrayList<>();
    for (int i = 2; i < shape.length; i++) {
      kernel.add(shape[i]);
    }
    Window w = c.window();
    return graph.node(
        "Conv",
        in,
        attribute("dilations", w.dilation()),
        attribute("group", c.groups()),
        attribute("kernel_shape", kernel),
        pads(w),
        attribute("strides", w.stride()));
  }

  private String transposed(ConvTranspose c, List<String> in) {
    Window w = c.window();
    Meta x = graph.meta(step.inputs().get(0));
    Meta weight = graph.meta(step.inputs().get(1));
    List<Long> extra = new ArrayList<>();
    List<Long> kernel = new ArrayList<>();
    for (int i = 0; i < w.stride().size(); i++) {
      long k = weight.size(i + 2);
      kernel.add(k);
      long plain =
          (x.size(i + 2) - 1) * w.stride().get(i)
              + (k - 1) * w.dilation().get(i)
              + 1
              - w.padding().get(i)
              - w.paddingEnd().get(i);
      extra.add(c.output().size(i + 2) - plain);
    }
    return graph.node(
        "ConvTranspose",
        in,
        attribute("dilations", w.dilation()),
        attribute("group", c.groups()),
        attribute("kernel_shape", kernel),
        attribute("output_padding", extra),
        pads(w),
        attribute("strides", w.stride()));
  }

  private String batchNorm(BatchNorm.Eval b, List<String> in) {
    return graph.node(
        "BatchNormalization",
        List.of(in.get(0), in.get(3), in.get(4), in.get(1), in.get(2)),
        attribute("epsilon", b.eps()));
  }

  private List<String> layerNorm(LayerNorm n, List<String> in) {
    DType type = graph.meta(step.inputs().getFirst()).dtype();
    List<Long> axes = new ArrayList<>();
    for (long i = -n.axes(); i < 0; i++) {
      axes.add(i);
    }
    if (graph.opset >= 17 && in.size() > 1) {
      return graph.nodes(
          "LayerNormalization",
          in,
          3,
          attribute("axis", -(long) n.axes()),
          attribute("epsilon", n.eps()));
    }
    String mean = mean(in.getFirst(), axes);
    String centred = graph.node("Sub", List.of(in.getFirst(), mean));
    String variance = mean(graph.node("Mul", List.of(centred, centred)), axes);
    String eps = graph.number(n.eps(), type);
    String deviation = graph.node("Sqrt", List.of(graph.node("Add", List.of(variance, eps))));
    String out = graph.node("Div", List.of(centred, deviation));
    out = in.size() > 1 ? graph.node("Mul", List.of(out, in.get(1))) : out;
    out = in.size() > 2 ? graph.node("Add", List.of(out, in.get(2))) : out;
    return List.of(out, mean, graph.node("Reciprocal", List.of(deviation)));
  }

  private String mean(String x, List<Long> axes) {
    if (graph.opset >= 18) {
      long[] all = axes.stream().mapToLong(Long::longValue).toArray();
      return graph.node("ReduceMean", List.of(x, graph.longs(all)), attribute("keepdims", 1L));
    }
    return graph.node("ReduceMean", List.of(x), attribute("axes", axes), attribute("keepdims", 1L));
  }

  private static AttributeProto[] pool(Window w, List<Long> kernel, boolean ceil) {
    List<AttributeProto> out = new ArrayList<>();
    out.add(attribute("ceil_mode", ceil ? 1L : 0L));
    out.add(attribute("kernel_shape", kernel));
    out.add(pads(w));
    out.add(attribute("strides", w.stride()));
    if (!Collections.nCopies(w.dilation().size(), 1L).equals(w.dilation())) {
      out.add(attribute("dilations", w.dilation()));
    }
    return out.toArray(AttributeProto[]::new);
  }

  private String avgPool(AvgPool p, List<String> in) {
    AttributeProto[] shared = pool(p.window(), p.kernel(), p.ceil());
    if (p.divisor() != 0 || shared.length == 5 && graph.opset < 19) {
      throw new ExportGraph.Hole("a divisor, or dilations before operator set 19");
    }
    AttributeProto[] all = java.util.Arrays.copyOf(shared, shared.length + 1);
    all[shared.length] = attribute("count_include_pad", p.countPadding() ? 1L : 0L);
    return graph.node("AveragePool", in, all);
  }

  private String pad(Pad p, String in) {
    List<Long> pads = new ArrayList<>(p.before());
    pads.addAll(p.after());
    DType type = graph.meta(step.inputs().getFirst()).dtype();
    long[] all = pads.stream().mapToLong(Long::longValue).toArray();
    return graph.node("Pad", List.of(in, graph.longs(all), graph.number(p.value(), type)));
  }

  private String flip(Flip f, String in) {
    int n = f.axes().size();
    long[] last = new long[n];
    long[] first = new long[n];
    java.util.Arrays.fill(last, -1);
    java.util.Arrays.fill(first, Long.MIN_VALUE);
    long[] axes = f.axes().stream().mapToLong(Integer::longValue).toArray();
    return graph.node(
        "Slice",
        List.of(in, graph.longs(last), graph.longs(first), graph.longs(axes), graph.longs(last)));
  }

  private String full(Full f) {
    DType type = f.meta().dtype();
    String value =
        type.isFloat()
            ? graph.number(f.value(), type)
            : graph.cast(graph.constant(Torch.tensor(new long[] {f.bits()}, 1)), type);
    List<long[]> shape = ExportViews.shape(graph, step.outputs().getFirst());
    return graph.node("Expand", List.of(value, graph.shape(shape, false)));
  }

  private String triangle(Triangle t, String in) {
    if (graph.opset < 14) {
      throw new ExportGraph.Hole("Trilu is in operator set 14");
    }
    String k = graph.constant(Torch.full(DType.I64, t.diagonal()));
    return graph.node("Trilu", List.of(in, k), attribute("upper", t.upper() ? 1L : 0L));
  }

  private List<String> topK(TopK k, String in) {
    return graph.nodes(
        "TopK",
        List.of(in, graph.longs(k.k())),
        2,
        attribute("axis", (long) k.axis()),
        attribute("largest", k.largest() ? 1L : 0L));
  }
}
