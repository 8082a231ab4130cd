package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.op.AvgPool;
import dev.flambeau.torch.op.MaxPool;
import dev.flambeau.torch.op.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Poolings: see {@link Pooling}. A last incomplete window, of which operator sets and runtimes have
 * different opinions, is written as padding at the end where the sizes are fixed.
 */
final class ExportPooling {
  private final ExportCall call;
  private final Window window;
  private final List<Long> kernel;
  private final boolean ceil;

  private ExportPooling(ExportCall call, Window window, List<Long> kernel, boolean ceil) {
    this.call = call;
    this.window = window;
    this.kernel = kernel;
    this.ceil = ceil;
  }

  /** The largest, and where they are, counted within the spatial axes. */
  static List<String> largest(ExportCall c, MaxPool op) {
    List<long[]> kernels = c.lists(MaxPool.class, MaxPool::kernel);
    if (kernels.stream().anyMatch(c.graph().sizes::varies)) {
      return List.of(whole(c, kernels, op.window(), "ReduceMax"));
    }
    ExportPooling self = new ExportPooling(c, op.window(), op.kernel(), op.ceil());
    List<AttributeProto> all = self.attributes();
    List<Long> dilation = op.window().dilation();
    if (dilation.stream().anyMatch(d -> d != 1)) {
      all.add(attribute("dilations", dilation));
    }
    AttributeProto[] attributes = all.toArray(AttributeProto[]::new);
    if (!c.wants(1)) {
      return List.of(c.in(0).node("MaxPool", attributes).name());
    }
    // The operator counts within the whole tensor.
    List<String> out = c.graph().nodes("MaxPool", c.names(), 2, attributes);
    c.graph().type(out.get(1), DType.I64);
    ExportValue spatial = c.whole(1);
    for (int i = 2; i < c.rank(); i++) {
      String size = c.graph().shapes.scalar(c.shape(0).get(i));
      spatial = spatial.mul(new ExportValue(c.graph(), size));
    }
    return List.of(out.get(0), c.values(out).get(1).mod(spatial).name());
  }

  /** A window as large as the axes. */
  private static String whole(ExportCall c, List<long[]> kernels, Window window, String operator) {
    boolean all = window.padding().stream().allMatch(p -> p == 0);
    long[] axes = new long[kernels.size()];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = i + 2;
      all &= Arrays.equals(kernels.get(i), c.shape(0).get(i + 2));
    }
    if (!all) {
      throw new ExportGraph.Hole("a window that follows an open size");
    }
    return ExportReductions.along(c.in(0), operator, axes, true).name();
  }

  private long positions(int axis) {
    return call.result(0).size(axis + 2);
  }

  /** What is needed beyond the padding at the end so that the last window is whole; or less. */
  private long extra(int axis) {
    long reach = window.dilation().get(axis) * (kernel.get(axis) - 1) + 1;
    return (positions(axis) - 1) * window.stride().get(axis)
        + reach
        - call.meta(0).size(axis + 2)
        - window.padding().get(axis)
        - window.paddingEnd().get(axis);
  }

  private boolean incomplete() {
    boolean any = false;
    for (int i = 0; i < window.axes(); i++) {
      any |= ceil && extra(i) > 0;
    }
    return any;
  }

  private boolean isOpen() {
    return call.shape(0).subList(2, call.rank()).stream().anyMatch(call.graph().sizes::varies);
  }

  private List<AttributeProto> attributes() {
    List<Long> pads = new ArrayList<>(window.padding());
    boolean fixed = ceil && !isOpen();
    for (int i = 0; i < window.axes(); i++) {
      pads.add(window.paddingEnd().get(i) + (fixed ? Math.max(extra(i), 0) : 0));
    }
    List<AttributeProto> out = new ArrayList<>();
    out.add(attribute("ceil_mode", ceil && !fixed ? 1L : 0L));
    out.add(attribute("kernel_shape", kernel));
    out.add(attribute("pads", pads));
    out.add(attribute("strides", window.stride()));
    return out;
  }

  static String mean(ExportCall c, AvgPool op) {
    List<long[]> kernels = c.lists(AvgPool.class, AvgPool::kernel);
    if (kernels.stream().anyMatch(c.graph().sizes::varies)) {
      return whole(c, kernels, op.window(), "ReduceMean");
    }
    return new ExportPooling(c, op.window(), op.kernel(), op.ceil()).mean(op);
  }

  private String mean(AvgPool op) {
    boolean padded =
        window.padding().stream().anyMatch(p -> p > 0)
            || window.paddingEnd().stream().anyMatch(p -> p > 0);
    // Elements behind the padding never count, which no attribute says.
    boolean counted = op.countPadding() && padded && incomplete() || op.divisor() != 0;
    List<AttributeProto> all = attributes();
    if (!counted) {
      all.add(attribute("count_include_pad", op.countPadding() && !incomplete() ? 1L : 0L));
      return call.in(0).node("AveragePool", all.toArray(AttributeProto[]::new)).name();
    }
    if (isOpen() && incomplete()) {
      throw new ExportGraph.Hole("an incomplete window over padding, of open size");
    }
    all.add(attribute("count_include_pad", 1L));
    ExportValue mean = call.in(0).node("AveragePool", all.toArray(AttributeProto[]::new));
    double size = kernel.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    if (op.divisor() != 0) {
      return mean.mul(size / op.divisor()).name();
    }
    ExportValue out = mean;
    for (int i = 0; i < window.axes(); i++) {
      out = out.mul(shares(i));
    }
    return out.name();
  }

  /** By which part of each window lies within the padded data, the inverse. */
  private ExportValue shares(int axis) {
    long end =
        call.meta(0).size(axis + 2) + window.padding().get(axis) + window.paddingEnd().get(axis);
    double[] shares = new double[(int) positions(axis)];
    for (int i = 0; i < shares.length; i++) {
      long start = i * window.stride().get(axis);
      shares[i] = kernel.get(axis) / (double) (Math.min(start + kernel.get(axis), end) - start);
    }
    long[] shape = new long[window.axes()];
    Arrays.fill(shape, 1);
    shape[axis] = shares.length;
    DType type = call.meta(0).dtype();
    return new ExportValue(
        call.graph(), call.graph().constant(Torch.tensor(shares, shape).to(type)));
  }
}
