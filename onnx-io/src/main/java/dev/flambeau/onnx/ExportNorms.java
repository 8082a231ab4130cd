package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.op.BatchNorm;
import dev.flambeau.torch.op.LayerNorm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Normalizations: see {@link Normalization}. */
final class ExportNorms {
  private ExportNorms() {}

  /** By given statistics. */
  static String batch(ExportCall c, BatchNorm.Eval op) {
    return c.graph()
        .node(
            "BatchNormalization",
            List.of(c.in(0).name(), c.in(3).name(), c.in(4).name(), c.in(1).name(), c.in(2).name()),
            attribute("epsilon", op.eps()),
            // ONNX's momentum is the share of the old statistics.
            attribute("momentum", 1 - c.graph().momentum(c.in(1).name())));
  }

  /** By the batch's own statistics, which are results, too. */
  static List<String> batch(ExportCall c, BatchNorm op) {
    List<Long> axes = new ArrayList<>();
    for (long i = 0; i < c.rank(); i++) {
      if (i != 1) {
        axes.add(i);
      }
    }
    DType type = c.result(1).dtype();
    ExportValue x = c.in(0).to(type);
    ExportValue mean = mean(x, axes);
    ExportValue centred = x.sub(mean);
    ExportValue scale = mean(centred.mul(centred), axes).add(op.eps()).sqrt().under(1);
    ExportValue y = centred.mul(scale);
    if (c.count() > 1) {
      y = y.mul(channels(c, 1)).add(channels(c, 2));
    }
    y = op.relu() ? y.node("Relu") : y;
    return List.of(
        y.to(c.result(0).dtype()).name(), mean.reshape(-1).name(), scale.reshape(-1).name());
  }

  /** One number a channel beside values with channels as axis 1. */
  private static ExportValue channels(ExportCall c, int input) {
    long[] shape = new long[c.rank()];
    Arrays.fill(shape, 1);
    shape[1] = -1;
    return c.in(input).reshape(shape);
  }

  static ExportValue mean(ExportValue x, List<Long> axes) {
    ExportGraph graph = x.graph();
    if (graph.opset >= 18) {
      long[] all = axes.stream().mapToLong(Long::longValue).toArray();
      return x.node(
          "ReduceMean", new ExportValue(graph, graph.longs(all)), attribute("keepdims", 1L));
    }
    return x.node("ReduceMean", attribute("axes", axes), attribute("keepdims", 1L));
  }

  /** The operator takes statistics in F32, which is too coarse for F64. */
  static List<String> layer(ExportCall c, LayerNorm op) {
    ExportGraph graph = c.graph();
    DType type = c.meta(0).dtype();
    if (graph.opset >= 17 && c.count() > 1 && type != DType.F64) {
      List<String> out =
          graph.nodes(
              "LayerNormalization",
              c.names(),
              c.wants(1) || c.wants(2) ? 3 : 1,
              attribute("axis", -(long) op.axes()),
              attribute("epsilon", op.eps()));
      List<String> names = new ArrayList<>(out.subList(0, 1));
      for (String statistic : out.subList(1, out.size())) {
        graph.type(statistic, DType.F32);
        names.add(graph.cast(statistic, type));
      }
      return names;
    }
    List<Long> axes = new ArrayList<>();
    for (long i = -op.axes(); i < 0; i++) {
      axes.add(i);
    }
    boolean half = type == DType.F16 || type == DType.BF16;
    ExportValue x = c.in(0).to(half ? DType.F32 : type);
    ExportValue mean = mean(x, axes);
    ExportValue centred = x.sub(mean);
    ExportValue scale = mean(centred.mul(centred), axes).add(op.eps()).sqrt().under(1);
    ExportValue y = centred.mul(scale);
    y = c.count() > 1 ? y.mul(c.in(1).to(y.type())) : y;
    y = c.count() > 2 ? y.add(c.in(2).to(y.type())) : y;
    return List.of(y.to(type).name(), mean.to(type).name(), scale.to(type).name());
  }
}
