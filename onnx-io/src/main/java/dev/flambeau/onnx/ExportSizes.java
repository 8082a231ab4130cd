package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * How sizes follow from the open ones. The function is captured once for the example and once more
 * for each open name with that size doubled: what differs depends on it, and is linear or
 * proportional, else the export is refused. Sizes of 1 are doubled before, since broadcasting makes
 * them special.
 */
final class ExportSizes {
  /** An open size: where it is found and how large it is in the example. */
  record Open(String name, int input, int axis, long size) {}

  final List<Tensor> examples;
  final List<Open> open = new ArrayList<>();
  final List<ExportTape> tapes = new ArrayList<>();

  ExportSizes(UnaryOperator<List<Tensor>> f, List<Tensor> given, ExportOptions options) {
    Map<String, List<int[]>> places = places(given, options);
    List<Tensor> base = given;
    for (List<int[]> where : places.values()) {
      int[] first = where.getFirst();
      if (given.get(first[0]).size(first[1]) == 1) {
        base = doubled(base, where);
      }
    }
    examples = base;
    tapes.add(ExportTape.of(f, base, options.opset()));
    for (var e : places.entrySet()) {
      int[] first = e.getValue().getFirst();
      long size = base.get(first[0]).size(first[1]);
      for (int[] place : e.getValue()) {
        if (base.get(place[0]).size(place[1]) != size) {
          throw TorchException.argument(
              "Onnx.export",
              "dynamicAxis",
              "'"
                  + e.getKey()
                  + "' for sizes "
                  + size
                  + " and "
                  + base.get(place[0]).size(place[1]),
              "equal sizes for one name");
        }
      }
      open.add(new Open(e.getKey(), first[0], first[1], size));
      ExportTape tape = ExportTape.of(f, doubled(base, e.getValue()), options.opset());
      compare(tapes.getFirst(), tape, e.getKey());
      tapes.add(tape);
    }
  }

  private ExportSizes() {
    examples = List.of();
  }

  /** For a graph that is not captured. */
  static ExportSizes none() {
    return new ExportSizes();
  }

  private static Map<String, List<int[]>> places(List<Tensor> given, ExportOptions options) {
    Map<String, List<int[]>> places = new LinkedHashMap<>();
    for (ExportOptions.DynamicAxis d : options.dynamic()) {
      for (int i = 0; i < given.size(); i++) {
        int rank = given.get(i).dim();
        int axis = d.axis() < 0 ? d.axis() + rank : d.axis();
        boolean fits = axis >= 0 && axis < rank && given.get(i).size(axis) > 0;
        if (d.input() == i && !fits || d.input() >= given.size()) {
          throw TorchException.argument(
              "Onnx.export", "dynamicAxis", "" + d, "an axis of one of the inputs, not empty");
        }
        if (fits && (d.input() == i || d.input() < 0)) {
          places.computeIfAbsent(d.name(), _ -> new ArrayList<>()).add(new int[] {i, axis});
        }
      }
    }
    return places;
  }

  private static List<Tensor> doubled(List<Tensor> tensors, List<int[]> places) {
    List<Tensor> out = new ArrayList<>(tensors);
    for (int[] place : places) {
      Tensor t = out.get(place[0]);
      out.set(place[0], Torch.cat(List.of(t, t), place[1]));
    }
    return out;
  }

  private static void compare(ExportTape base, ExportTape other, String name) {
    for (int i = 0; i < Math.max(base.steps.size(), other.steps.size()); i++) {
      ExportTape.Step a = i < base.steps.size() ? base.steps.get(i) : base.steps.getLast();
      boolean same =
          i < base.steps.size()
              && i < other.steps.size()
              && a.op().getClass() == other.steps.get(i).op().getClass()
              && a.op().name().equals(other.steps.get(i).op().name())
              && a.inputs().equals(other.steps.get(i).inputs())
              && a.outputs().equals(other.steps.get(i).outputs());
      if (!same) {
        throw TorchException.argument(
            "Onnx.export",
            "dynamicAxis",
            "'" + name + "', on whose size depends which operators are called, from " + a.site(),
            "a size that does not decide about calls");
      }
    }
  }

  /** The sizes that {@code of} gives in the captures: the example's, then one an open name. */
  boolean varies(long[] sizes) {
    for (long size : sizes) {
      if (size != sizes[0]) {
        return true;
      }
    }
    return false;
  }

  /** The name under which a varying size is declared, empty if it is none of the open ones. */
  String name(long[] sizes) {
    String name = "";
    for (int i = 0; i < open.size(); i++) {
      if (sizes[i + 1] != sizes[0]) {
        boolean itself = sizes[0] == open.get(i).size() && sizes[i + 1] == 2 * sizes[0];
        if (!name.isEmpty() || !itself) {
          return "";
        }
        name = open.get(i).name();
      }
    }
    return name;
  }
}
