package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.op.HalfFft;
import dev.flambeau.torch.op.PairFft;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Fourier transforms by DFT, or before operator set 17 by matrices of sines and cosines. */
final class ExportFourier {
  /** The longest transform by a matrix, which has twice as many numbers squared. */
  private static final long MATRIX = 2048;

  private ExportFourier() {}

  static String pairs(ExportCall c, PairFft op) {
    long[] length = c.shape(0).get(op.axis());
    return transform(c, c.in(0), c.rank(), op.axis(), length, op.inverse()).name();
  }

  /** Without a factor, over pairs along the last axis. */
  private static ExportValue transform(
      ExportCall c, ExportValue x, int rank, int axis, long[] length, boolean inverse) {
    ExportGraph graph = c.graph();
    if (graph.opset < 17) {
      return product(c, x, rank, axis, length, inverse);
    }
    // ONNX Runtime is coarse in F32 where the length is no power of 2.
    ExportValue wide = x.to(DType.F64);
    ExportValue out =
        graph.opset < 20
            ? wide.node(
                "DFT", attribute("axis", (long) axis), attribute("inverse", inverse ? 1L : 0L))
            : new ExportValue(
                graph,
                graph.node(
                    "DFT",
                    List.of(wide.name(), "", graph.whole(axis)),
                    attribute("inverse", inverse ? 1L : 0L)));
    // The operator's inverse has the factor 1/N.
    ExportValue factor = new ExportValue(graph, graph.shapes.scalar(length)).to(DType.F64);
    return (inverse ? out.mul(factor) : out).to(x.type());
  }

  private static ExportValue product(
      ExportCall c, ExportValue x, int rank, int axis, long[] length, boolean inverse) {
    if (c.graph().sizes.varies(length) || length[0] > MATRIX) {
      throw new ExportGraph.Hole("a Fourier transform of open or large size before set 17");
    }
    int n = (int) length[0];
    double[] cosines = new double[n * n];
    double[] sines = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < n; k++) {
        double angle = 2 * Math.PI * ((long) i * k % n) / n;
        cosines[i * n + k] = Math.cos(angle);
        sines[i * n + k] = inverse ? Math.sin(angle) : -Math.sin(angle);
      }
    }
    List<Integer> order = swap(rank, axis);
    ExportValue turned = x.to(DType.F64).transpose(order);
    ExportValue real = turned.gather(c.whole(0), 0);
    ExportValue imaginary = turned.gather(c.whole(1), 0);
    ExportValue cosine = matrix(c, cosines, n);
    ExportValue sine = matrix(c, sines, n);
    ExportValue first = real.matmul(cosine).sub(imaginary.matmul(sine)).unsqueeze(0);
    ExportValue second = real.matmul(sine).add(imaginary.matmul(cosine)).unsqueeze(0);
    String both =
        c.graph().node("Concat", List.of(first.name(), second.name()), attribute("axis", 0L));
    return new ExportValue(c.graph(), both).transpose(back(order)).to(x.type());
  }

  private static ExportValue matrix(ExportCall c, double[] values, int n) {
    return new ExportValue(c.graph(), c.graph().constant(Torch.tensor(values, n, n)));
  }

  /** The pairs' axis first, {@code axis} last. */
  private static List<Integer> swap(int rank, int axis) {
    List<Integer> order = new ArrayList<>(List.of(rank - 1));
    for (int i = 0; i < rank - 1; i++) {
      if (i != axis) {
        order.add(i);
      }
    }
    order.add(axis);
    return order;
  }

  private static List<Integer> back(List<Integer> order) {
    Integer[] inverse = new Integer[order.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[order.get(i)] = i;
    }
    return List.of(inverse);
  }

  /** The real part of the transforms of w x, cut or filled up along the halved axis. */
  static String half(ExportCall c, HalfFft op) {
    ExportGraph graph = c.graph();
    long[] lengths = c.each(HalfFft.class, HalfFft::length);
    if (graph.sizes.varies(lengths)) {
      throw new ExportGraph.Hole("a Fourier transform of open size from half a spectrum");
    }
    long n = op.length();
    int rank = c.rank();
    long[] along = new long[rank];
    Arrays.fill(along, 1);
    along[op.last()] = n / 2 + 1;
    double[] weights = new double[(int) (n / 2 + 1)];
    Arrays.fill(weights, 2);
    weights[0] = 1;
    weights[weights.length - 1] = n % 2 == 0 ? 1 : weights[weights.length - 1];
    DType type = c.meta(0).dtype();
    ExportValue w =
        new ExportValue(graph, graph.constant(Torch.tensor(weights, along).to(type)))
            .mul(op.scale());
    ExportValue x = op.adjoint() ? c.in(0) : padded(c.in(0).mul(w), rank, op.last(), n);
    ExportValue zeros = x.mul(0).unsqueeze(-1);
    String pairs =
        graph.node("Concat", List.of(x.unsqueeze(-1).name(), zeros.name()), attribute("axis", -1L));
    ExportValue out = new ExportValue(graph, pairs);
    for (int axis : op.axes()) {
      long[] length = axis == op.last() ? new long[] {n} : c.shape(0).get(axis);
      out = transform(c, out, rank + 1, axis, length, false);
    }
    out = out.gather(c.whole(0), -1);
    if (!op.adjoint()) {
      return out.name();
    }
    String cut =
        graph.node(
            "Slice",
            List.of(out.name(), graph.longs(0), graph.longs(n / 2 + 1), graph.longs(op.last())));
    return new ExportValue(graph, cut).mul(w).name();
  }

  private static ExportValue padded(ExportValue x, int rank, int axis, long n) {
    long[] pads = new long[2 * rank];
    pads[rank + axis] = n - (n / 2 + 1);
    ExportGraph graph = x.graph();
    String zero = graph.number(0, x.type());
    return new ExportValue(graph, graph.node("Pad", List.of(x.name(), graph.longs(pads), zero)));
  }
}
