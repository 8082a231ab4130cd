package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.Composites;
import dev.flambeau.torch.nn.functional.Interpolation;
import dev.flambeau.torch.nn.functional.Padding;
import dev.flambeau.torch.op.Composite;
import java.util.ArrayList;
import java.util.List;

/** Functions of several operators that ONNX has one for. */
final class ExportComposites {
  private ExportComposites() {}

  /**
   * Whether a call is captured as one: where the operator exists and does the same; where it is
   * coarser than ours, only if the parts could not follow open sizes.
   */
  static boolean takes(Composite op, Tensor[] in, int opset, boolean open) {
    DType type = in[0].dtype();
    return switch (op) {
      case Composites.Resize r -> !r.antialias() && (open || type != DType.F64);
      case Composites.AdaptiveMean m -> m.sizes().stream().anyMatch(s -> s != 1);
      case Composites.AdaptiveMax _ -> open;
      case Composites.GridSample g ->
          opset >= (in[0].dim() == 4 ? 16 : 20) && g.mode() != Interpolation.NEAREST_EXACT;
      case Composites.GroupNorm _ -> true;
      case Composites.Pad p ->
          in[0].dim() > 0
              && (p.mode() != Padding.CIRCULAR || opset >= 19)
              && p.before().stream().allMatch(n -> n >= 0)
              && p.after().stream().allMatch(n -> n >= 0);
      default -> false;
    };
  }

  static String resize(ExportCall c, Composites.Resize op) {
    ExportGraph graph = c.graph();
    boolean nearest =
        op.mode() == Interpolation.NEAREST || op.mode() == Interpolation.NEAREST_EXACT;
    List<AttributeProto> all = new ArrayList<>();
    String how =
        op.mode() == Interpolation.NEAREST
            ? "asymmetric"
            : op.align() && !nearest ? "align_corners" : "half_pixel";
    all.add(attribute("coordinate_transformation_mode", how));
    all.add(
        attribute(
            "mode", nearest ? "nearest" : op.mode() == Interpolation.CUBIC ? "cubic" : "linear"));
    if (nearest) {
      boolean exact = op.mode() == Interpolation.NEAREST_EXACT;
      all.add(attribute("nearest_mode", exact ? "round_prefer_ceil" : "floor"));
    }
    for (ExportTape tape : graph.sizes.tapes) {
      if (!((Composites.Resize) tape.steps.get(c.at()).op()).scales().equals(op.scales())) {
        throw new ExportGraph.Hole("a scale that follows an open size");
      }
    }
    boolean scaled = op.scales().stream().allMatch(s -> s > 0);
    String scales = "";
    String sizes = "";
    if (scaled && !op.align()) {
      float[] factors = new float[c.rank()];
      for (int i = 0; i < factors.length; i++) {
        factors[i] = i < 2 ? 1 : op.scales().get(i - 2).floatValue();
      }
      scales = graph.constant(Torch.tensor(factors, factors.length));
    } else {
      sizes = graph.shape(c.resultShape(0), false);
    }
    List<String> in = new ArrayList<>(List.of(c.names().getFirst(), "", scales));
    if (!sizes.isEmpty()) {
      in.add(sizes);
    }
    return graph.node("Resize", in, all.toArray(AttributeProto[]::new));
  }

  /** A pooling where the parts are equal, else as {@link ExportAdaptive}. */
  static String mean(ExportCall c, Composites.AdaptiveMean op) {
    ExportGraph graph = c.graph();
    List<Long> kernel = new ArrayList<>();
    boolean even = true;
    for (int i = 0; i < op.sizes().size(); i++) {
      long[] size = c.shape(0).get(i + 2);
      long[] parts = c.resultShape(0).get(i + 2);
      if (graph.sizes.varies(parts)) {
        throw new ExportGraph.Hole("a number of means that follows an open size");
      }
      even &= !graph.sizes.varies(size) && size[0] % parts[0] == 0;
      kernel.add(size[0] / parts[0]);
    }
    if (even) {
      return c.in(0)
          .node("AveragePool", attribute("kernel_shape", kernel), attribute("strides", kernel))
          .name();
    }
    ExportValue x = c.in(0);
    for (int i = 0; i < op.sizes().size(); i++) {
      x = ExportAdaptive.mean(c, x, i + 2, c.shape(0).get(i + 2), op.sizes().get(i));
    }
    return x.name();
  }

  /** The places have no form here. */
  static List<String> largest(ExportCall c, Composites.AdaptiveMax op) {
    ExportValue x = c.in(0);
    for (int i = 0; i < op.sizes().size(); i++) {
      if (c.graph().sizes.varies(c.resultShape(0).get(i + 2))) {
        throw new ExportGraph.Hole("a number of maxima that follows an open size");
      }
      x = ExportAdaptive.largest(c, x, i + 2, c.shape(0).get(i + 2), op.sizes().get(i));
    }
    return List.of(x.name());
  }

  static String gridSample(ExportCall c, Composites.GridSample op) {
    boolean named = c.graph().opset >= 20;
    String mode =
        switch (op.mode()) {
          case LINEAR -> named ? "linear" : "bilinear";
          case CUBIC -> named ? "cubic" : "bicubic";
          case NEAREST, NEAREST_EXACT, AREA -> "nearest";
        };
    String padding =
        switch (op.padding()) {
          case REPLICATE -> "border";
          case REFLECT -> "reflection";
          case CONSTANT, CIRCULAR -> "zeros";
        };
    return c.graph()
        .node(
            "GridSample",
            c.names(),
            attribute("mode", mode),
            attribute("padding_mode", padding),
            attribute("align_corners", op.align() ? 1L : 0L));
  }

  /** InstanceNormalization of groups as channels. */
  static String groups(ExportCall c, Composites.GroupNorm op) {
    ExportGraph graph = c.graph();
    boolean own = op.groups() == c.meta(0).size(1) && c.rank() > 2;
    List<long[]> rows = List.of(c.shape(0).get(0), new long[] {op.groups()}, new long[] {-1});
    ExportValue x = own ? c.in(0) : c.in(0).reshape(rows);
    DType type = c.meta(0).dtype();
    String ones = graph.constant(Torch.full(type, 1, op.groups()));
    String zeros = graph.constant(Torch.full(type, 0, op.groups()));
    String out =
        graph.node(
            "InstanceNormalization",
            List.of(x.name(), ones, zeros),
            attribute("epsilon", op.eps()));
    return own ? out : new ExportValue(graph, out).reshape(c.resultShape(0)).name();
  }

  static String pad(ExportCall c, Composites.Pad op) {
    List<long[]> pads = c.lists(Composites.Pad.class, Composites.Pad::before);
    pads.addAll(c.lists(Composites.Pad.class, Composites.Pad::after));
    String mode =
        switch (op.mode()) {
          case REFLECT -> "reflect";
          case REPLICATE -> "edge";
          case CIRCULAR -> "wrap";
          case CONSTANT -> "constant";
        };
    return c.graph()
        .node(
            "Pad",
            List.of(c.names().getFirst(), c.graph().shape(pads, false)),
            attribute("mode", mode));
  }
}
