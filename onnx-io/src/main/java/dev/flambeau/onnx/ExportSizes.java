package dev.flambeau.onnx;

import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * How sizes follow from the open ones, which are those named and those that elements decide about,
 * as the number of elements that are not 0. The function is captured once for the example and once
 * more for each open size with that doubled: what differs depends on it. Sizes of 1 are doubled
 * before, since broadcasting makes them special. Where a formula must be found for a size, a
 * capture with all open sizes tripled is its witness.
 */
final class ExportSizes {
  /**
   * An open size: that of an axis of an input, or a number that was counted.
   *
   * @param value the input, or the number of what was counted
   * @param axis of an input; -1: a number
   */
  record Open(String name, int value, int axis) {
    long size(ExportTape tape) {
      return axis < 0 ? tape.counts.get(value).size() : tape.metas.get(value).size(axis);
    }
  }

  final List<Open> open = new ArrayList<>();
  final List<ExportTape> tapes = new ArrayList<>();
  private final UnaryOperator<List<Tensor>> function;
  private final List<Tensor> examples;
  private final Map<String, List<int[]>> places;
  private final ExportTape.Settings settings;
  private boolean witness;

  /**
   * @param state the memory of parameters and buffers
   */
  ExportSizes(
      UnaryOperator<List<Tensor>> f,
      List<Tensor> given,
      ExportOptions options,
      Set<Storage> state) {
    function = f;
    places = places(given, options);
    settings = new ExportTape.Settings(options.opset(), !places.isEmpty(), state);
    List<Tensor> base = given;
    for (List<int[]> where : places.values()) {
      int[] first = where.getFirst();
      if (given.get(first[0]).size(first[1]) == 1) {
        base = repeated(base, where, 2);
      }
    }
    examples = base;
    ExportTape first = ExportTape.of(f, base, settings, Map.of());
    tapes.add(first);
    for (var e : places.entrySet()) {
      int[] place = e.getValue().getFirst();
      requireEqual(e.getKey(), e.getValue());
      open.add(new Open(e.getKey(), place[0], place[1]));
      add(repeated(base, e.getValue(), 2), Map.of(), e.getKey());
    }
    for (int i = 0; i < first.counts.size(); i++) {
      open.add(new Open("count_" + i, i, -1));
      add(base, Map.of(i, 2), "count_" + i);
    }
  }

  private ExportSizes() {
    function = in -> in;
    examples = List.of();
    places = Map.of();
    settings = new ExportTape.Settings(0, false, Set.of());
  }

  /** For a graph that is not captured. */
  static ExportSizes none() {
    return new ExportSizes();
  }

  private void add(List<Tensor> inputs, Map<Integer, Integer> counts, String name) {
    ExportTape tape;
    try {
      tape = ExportTape.of(function, inputs, settings, counts);
    } catch (TorchException e) {
      throw TorchException.argument(
          "Onnx.export",
          "dynamicAxis",
          "'" + name + "', which is refused at a multiple of the example's: " + e.getMessage(),
          "a size that may be any");
    }
    compare(tapes.getFirst(), tape, name);
    tapes.add(tape);
  }

  private void requireEqual(String name, List<int[]> where) {
    int[] first = where.getFirst();
    long size = examples.get(first[0]).size(first[1]);
    for (int[] place : where) {
      long other = examples.get(place[0]).size(place[1]);
      if (other != size) {
        throw TorchException.argument(
            "Onnx.export",
            "dynamicAxis",
            "'" + name + "' for sizes " + size + " and " + other,
            "equal sizes for one name");
      }
    }
  }

  boolean hasWitness() {
    return witness;
  }

  /** Adds a capture with all open sizes tripled. */
  void addWitness() {
    witness = true;
    List<Tensor> inputs = examples;
    for (List<int[]> where : places.values()) {
      inputs = repeated(inputs, where, 3);
    }
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < tapes.getFirst().counts.size(); i++) {
      counts.put(i, 3);
    }
    add(inputs, counts, "all open sizes");
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

  private static List<Tensor> repeated(List<Tensor> tensors, List<int[]> places, int times) {
    List<Tensor> out = new ArrayList<>(tensors);
    for (int[] place : places) {
      List<Tensor> copies = Collections.nCopies(times, out.get(place[0]));
      out.set(place[0], Torch.cat(copies, place[1]));
    }
    return out;
  }

  private static void compare(ExportTape base, ExportTape other, String name) {
    for (int i = 0; i < Math.max(base.steps.size(), other.steps.size()); i++) {
      ExportEntry.Step a = i < base.steps.size() ? base.steps.get(i) : base.steps.getLast();
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

  /** Whether these sizes, one a capture, differ. */
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
    for (Open o : open) {
      long[] own = tapes.stream().mapToLong(o::size).toArray();
      if (o.axis >= 0 && Arrays.equals(own, sizes)) {
        return o.name();
      }
    }
    return "";
  }
}
