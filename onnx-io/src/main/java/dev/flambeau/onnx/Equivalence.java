package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** How far the outputs of two modules are apart on the same random inputs. */
final class Equivalence {
  /** For open sizes nothing is said of: the least, some that differ. */
  private static final int[][] SIZES = {{1}, {2, 3, 5, 7}, {64}, {512}};

  /** From here on, where the others are too small, for the last axes of pictures and sound. */
  private static final int LARGE = 2;

  private Equivalence() {}

  /** Difference relative to the largest magnitude, or why there is none. */
  record Result(OptionalDouble difference, String reason) {
    static Result none(String reason) {
      return new Result(OptionalDouble.empty(), reason);
    }
  }

  /** Inputs and what a module gives for them. */
  record Trial(List<OnnxValue> inputs, List<OnnxValue> outputs) {}

  /** What a module gives for random inputs, or why it does not run on such. */
  record Trials(List<Trial> all, String reason) {}

  /**
   * @param sizes of open axes, by name or input and axis
   */
  static Trials trials(OnnxModule module, Map<String, Long> sizes) {
    checkNames(module, sizes.keySet());
    String reason = "";
    List<Trial> found = new ArrayList<>();
    for (int k = 0; k < SIZES.length && (k < LARGE || found.isEmpty()); k++) {
      try {
        List<OnnxValue> inputs = inputs(module, sizes, SIZES[k], k >= LARGE);
        found.add(new Trial(inputs, Torch.noGrad(() -> module.run(inputs))));
      } catch (TorchException e) {
        reason = reason.isEmpty() ? "" + e.getMessage() : reason;
      }
      if (!hasOpenSizes(module)) {
        break;
      }
    }
    return new Trials(found, "it does not run on random inputs: " + reason);
  }

  /**
   * @param sizes of open axes, by name or input and axis
   * @throws TorchException if {@code changed} cannot be run where {@code original} can
   */
  static Result compare(OnnxModule original, OnnxModule changed, Map<String, Long> sizes) {
    Trials trials = trials(original, sizes);
    double most = 0;
    for (Trial trial : trials.all) {
      List<OnnxValue> got = Torch.noGrad(() -> changed.run(trial.inputs));
      for (int i = 0; i < got.size(); i++) {
        most = Math.max(most, gap(trial.outputs.get(i), got.get(i)));
      }
    }
    return trials.all.isEmpty()
        ? Result.none(trials.reason)
        : new Result(OptionalDouble.of(most), "");
  }

  private static void checkNames(OnnxModule module, Set<String> given) {
    Set<String> known = new TreeSet<>();
    for (int i = 0; i < module.inputs().size(); i++) {
      List<String> declared = module.inputSizes(i).orElse(List.of());
      for (int axis = 0; axis < declared.size(); axis++) {
        known.add(declared.get(axis));
        known.add(module.inputs().get(i) + ":" + axis);
      }
    }
    if (!known.containsAll(given)) {
      throw TorchException.argument("random inputs", "sizes", given, "some of " + known);
    }
  }

  private static boolean hasOpenSizes(OnnxModule module) {
    return IntStream.range(0, module.inputs().size())
        .mapToObj(i -> module.inputSizes(i).orElse(List.of()))
        .flatMap(List::stream)
        .anyMatch(size -> !Character.isDigit(size.charAt(0)));
  }

  private static List<OnnxValue> inputs(
      OnnxModule module, Map<String, Long> given, int[] choice, boolean large) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    int open = 0;
    for (int i = 0; i < module.inputs().size(); i++) {
      List<String> declared = module.inputSizes(i).orElse(List.of());
      for (int axis = 0; axis < declared.size(); axis++) {
        String name = declared.get(axis);
        String place = module.inputs().get(i) + ":" + axis;
        boolean fixed = Character.isDigit(name.charAt(0));
        String key = name.equals("?") || given.containsKey(place) ? place : name;
        if (given.containsKey(key)) {
          sizes.put(key, given.get(key));
        } else if (!fixed && !sizes.containsKey(key)) {
          boolean outer = axis < declared.size() - (declared.size() < 4 ? 1 : 2);
          sizes.put(key, large && outer ? 1L : choice[open++ % choice.length]);
        }
      }
    }
    List<Tensor> random = module.randomInputs(sizes, new Generator(0));
    List<OnnxValue> inputs = new ArrayList<>();
    random.forEach(t -> inputs.add(OnnxValue.of(t)));
    return inputs;
  }

  /** The largest difference, relative to the largest magnitude; infinite where kinds differ. */
  static double gap(OnnxValue expected, OnnxValue got) {
    if (expected instanceof OnnxValue.Numbers a && got instanceof OnnxValue.Numbers b) {
      boolean same = a.type() == b.type() && a.tensor().shape().equals(b.tensor().shape());
      return same ? gap(a.tensor(), b.tensor()) : Double.POSITIVE_INFINITY;
    }
    if (expected instanceof OnnxValue.Sequence a
        && got instanceof OnnxValue.Sequence b
        && a.items().size() == b.items().size()) {
      double most = 0;
      for (int i = 0; i < a.items().size(); i++) {
        most = Math.max(most, gap(a.items().get(i), b.items().get(i)));
      }
      return most;
    }
    if (expected instanceof OnnxValue.Dictionary(var a)
        && got instanceof OnnxValue.Dictionary(var b)
        && a.keySet().equals(b.keySet())) {
      return a.keySet().stream().mapToDouble(key -> gap(a.get(key), b.get(key))).max().orElse(0);
    }
    return expected.equals(got) ? 0 : Double.POSITIVE_INFINITY;
  }

  static double gap(Tensor expected, Tensor got) {
    double[] a = Call.doubles(expected.to(DType.F64));
    double[] b = Call.doubles(got.to(DType.F64));
    double most = 0;
    double scale = 0;
    for (int i = 0; i < a.length; i++) {
      if (Double.compare(a[i], b[i]) != 0 && a[i] != b[i]) {
        double gap = Math.abs(a[i] - b[i]);
        most = Math.max(most, Double.isNaN(gap) ? Double.POSITIVE_INFINITY : gap);
      }
      scale = Double.isFinite(a[i]) ? Math.max(scale, Math.abs(a[i])) : scale;
    }
    return most == 0 ? 0 : most / scale;
  }
}
