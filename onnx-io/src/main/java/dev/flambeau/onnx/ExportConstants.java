package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.Full;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Constants that follow an open size: a few numbers that are sizes, and numbers in even steps as
 * {@code arange} gives them. What follows a size in another way cannot be exported.
 */
final class ExportConstants {
  /** Constants of up to so many elements may be sizes in a row. */
  private static final int FEW = 16;

  private ExportConstants() {}

  /** The name of such a value; empty if it is the same in all captures. */
  static Optional<String> name(ExportGraph graph, int value) {
    List<Tensor> all = new ArrayList<>();
    for (ExportTape tape : graph.sizes.tapes) {
      Tensor constant = tape.constants.get(value);
      if (constant == null) {
        throw new ExportGraph.Hole("a constant that an open size makes depend on the input");
      }
      all.add(constant);
    }
    Tensor first = all.getFirst();
    if (all.stream().allMatch(t -> same(first, t))) {
      return Optional.empty();
    }
    if (first.numel() <= FEW && all.stream().allMatch(t -> t.shape().equals(first.shape()))) {
      List<long[]> sizes = new ArrayList<>();
      for (int i = 0; i < first.numel(); i++) {
        int at = i;
        sizes.add(all.stream().mapToLong(t -> whole(t, at)).toArray());
      }
      String row = graph.cast(graph.shape(sizes, false), first.dtype());
      return Optional.of(graph.shapes.reshape(row, first.shape().sizes()));
    }
    if (all.stream().allMatch(t -> t.dim() == 1 && t.numel() > 1)) {
      return Optional.of(range(graph, all));
    }
    throw new ExportGraph.Hole(
        "a constant " + first.shape() + " that follows an open size, but is no arange");
  }

  /** The number of a tensor of one repeated number, where that follows an open size. */
  static Optional<String> full(ExportCall c) {
    ExportGraph graph = c.graph();
    double[] values =
        graph.sizes.tapes.stream()
            .map(tape -> (Full) tape.steps.get(c.at()).op())
            .mapToDouble(f -> f.meta().dtype().isFloat() ? f.value() : f.bits())
            .toArray();
    if (Arrays.stream(values).allMatch(v -> Double.compare(v, values[0]) == 0)) {
      return Optional.empty();
    }
    DType type = ((Full) c.op()).meta().dtype();
    boolean inverse = Arrays.stream(values).allMatch(v -> Math.abs(v) < 1 && v != 0);
    // Halves are written as such.
    double parts = Arrays.stream(values).allMatch(v -> v == Math.rint(v)) || inverse ? 1 : 2;
    long[] sizes =
        Arrays.stream(values).mapToLong(v -> whole(inverse ? near(1 / v) : v * parts)).toArray();
    ExportValue size = new ExportValue(graph, graph.shapes.scalar(sizes)).to(type);
    ExportValue out = inverse ? size.under(1) : parts == 1 ? size : size.div(parts);
    return Optional.of(out.name());
  }

  /** The whole number that this is but for rounding. */
  private static double near(double number) {
    return Math.abs(number - Math.rint(number)) < 1e-9 * Math.abs(number)
        ? Math.rint(number)
        : number;
  }

  private static boolean same(Tensor a, Tensor b) {
    return a == b
        || a.dtype() == b.dtype()
            && a.shape().equals(b.shape())
            && (a.storage() == b.storage() && a.layout().equals(b.layout())
                || bytes(a.contiguous()).mismatch(bytes(b.contiguous())) < 0);
  }

  private static MemorySegment bytes(Tensor t) {
    return Memory.part(t.address(), t.numel() * t.dtype().bytes());
  }

  private static double[] numbers(Tensor t) {
    return t.to(DType.F64).toDoubleArray();
  }

  private static long whole(Tensor t, int at) {
    return whole(numbers(t)[at]);
  }

  private static long whole(double number) {
    if (number != Math.rint(number)) {
      throw new ExportGraph.Hole("the number " + number + ", which follows an open size");
    }
    return (long) number;
  }

  private static String range(ExportGraph graph, List<Tensor> all) {
    Tensor first = all.getFirst();
    double step = numbers(first)[1] - numbers(first)[0];
    for (Tensor t : all) {
      double[] n = numbers(t);
      for (int i = 0; i < n.length; i++) {
        if (Math.abs(n[0] + i * step - n[i]) > 1e-6 * Math.abs(n[i])) {
          throw new ExportGraph.Hole(
              "a constant " + first.shape() + " that follows an open size, but is no arange");
        }
      }
    }
    DType type = first.dtype();
    long[] starts = all.stream().mapToLong(t -> whole(t, 0)).toArray();
    String count = graph.shapes.scalar(all.stream().mapToLong(Tensor::numel).toArray());
    String places = graph.node("Range", List.of(graph.whole(0), count, graph.whole(1)));
    String steps =
        graph.node(
            "Mul", List.of(graph.cast(places, type), graph.constant(Torch.full(type, step))));
    return graph.node("Add", List.of(steps, graph.cast(graph.shapes.scalar(starts), type)));
  }
}
