package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How far a changed module's outputs are from the original's, over several inputs. */
final class Fidelity {
  private double signal;
  private double noise;
  private double most;
  private double scale;

  private Fidelity() {}

  /** The largest magnitude that FLOAT16 has. */
  static final double LARGEST_HALF = 65504;

  /**
   * A deviation for each output, or why there is none.
   *
   * @param overflows nodes with FLOAT16 results that do not fit, though they do here
   */
  record Result(List<QuantizeReport.Deviation> outputs, List<String> overflows, String reason) {
    static Result none(String reason) {
      return new Result(List.of(), List.of(), reason);
    }
  }

  /**
   * @param samples by the inputs' names; empty: random ones
   * @throws TorchException if {@code changed} cannot be run where {@code original} can
   */
  static Result measure(
      OnnxModule original, OnnxModule changed, Optional<Iterable<Map<String, Tensor>>> samples) {
    List<Fidelity> outputs = new ArrayList<>();
    original.outputs().forEach(_ -> outputs.add(new Fidelity()));
    Map<String, Double> large = new LinkedHashMap<>();
    if (samples.isPresent()) {
      for (Map<String, Tensor> sample : samples.get()) {
        List<OnnxValue> inputs = values(original, sample);
        add(outputs, Torch.noGrad(() -> original.run(inputs)), changed, inputs, large);
      }
    } else {
      Equivalence.Trials trials = Equivalence.trials(original, Map.of());
      if (trials.all().isEmpty()) {
        return Result.none(trials.reason());
      }
      trials.all().forEach(t -> add(outputs, t.outputs(), changed, t.inputs(), large));
    }
    List<QuantizeReport.Deviation> deviations = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      deviations.add(outputs.get(i).deviation(original.outputs().get(i)));
    }
    List<String> overflows = new ArrayList<>();
    large.forEach(
        (node, value) ->
            overflows.add("%s: results up to %.3g, beyond FLOAT16".formatted(node, value)));
    return new Result(deviations, overflows, "");
  }

  /**
   * The same for values inside, on the first few samples.
   *
   * @param names of the original's values and of those of {@code changed} that stand for them
   */
  static List<QuantizeReport.Deviation> layers(
      OnnxModule original,
      OnnxModule changed,
      Optional<Iterable<Map<String, Tensor>>> samples,
      Map<String, String> names) {
    List<List<OnnxValue>> inputs = new ArrayList<>();
    if (samples.isPresent()) {
      for (Map<String, Tensor> sample : samples.get()) {
        inputs.add(values(original, sample));
        if (inputs.size() == LAYER_SAMPLES) {
          break;
        }
      }
    } else {
      Equivalence.trials(original, Map.of()).all().forEach(t -> inputs.add(t.inputs()));
    }
    Map<String, Fidelity> all = new LinkedHashMap<>();
    for (List<OnnxValue> sample : inputs) {
      Map<String, OnnxValue> expected = inside(original, sample, names.keySet());
      Map<String, OnnxValue> got = inside(changed, sample, names.values());
      names.forEach(
          (before, after) -> {
            if (expected.containsKey(before) && got.containsKey(after)) {
              all.computeIfAbsent(before, _ -> new Fidelity())
                  .add(expected.get(before), got.get(after));
            }
          });
    }
    return all.entrySet().stream().map(e -> e.getValue().deviation(e.getKey())).toList();
  }

  private static final int LAYER_SAMPLES = 4;

  private static Map<String, OnnxValue> inside(
      OnnxModule module, List<OnnxValue> inputs, Collection<String> names) {
    Map<String, OnnxValue> seen = new HashMap<>();
    Run run =
        new Run(
            "the graph",
            false,
            (call, results) -> {
              List<String> outputs = call.node().outputs();
              for (int i = 0; i < Math.min(outputs.size(), results.length); i++) {
                if (names.contains(outputs.get(i))) {
                  seen.put(outputs.get(i), results[i]);
                }
              }
            });
    Torch.noGrad(() -> module.run(inputs, run));
    return seen;
  }

  private static void add(
      List<Fidelity> to,
      List<OnnxValue> expected,
      OnnxModule changed,
      List<OnnxValue> inputs,
      Map<String, Double> large) {
    Run run = new Run("the result", false, (call, results) -> watch(call, results, large));
    List<OnnxValue> got = Torch.noGrad(() -> changed.run(typed(changed, inputs), run));
    for (int i = 0; i < expected.size(); i++) {
      to.get(i).add(expected.get(i), got.get(i));
    }
  }

  /** Half precision is computed in F32 here, but not everywhere. */
  private static void watch(Call call, OnnxValue[] results, Map<String, Double> large) {
    for (OnnxValue result : results) {
      if (result instanceof OnnxValue.Numbers(Tensor t, ElementType type)
          && type == ElementType.FLOAT16
          && t.numel() > 0) {
        double most = Torch.where(t.isinf(), t.zerosLike(), t).abs().amax().item();
        if (most > LARGEST_HALF) {
          large.merge(call.node().describe(), most, Math::max);
        }
      }
    }
  }

  static List<OnnxValue> values(OnnxModule module, Map<String, Tensor> sample) {
    List<OnnxValue> values = new ArrayList<>();
    for (String name : module.inputs()) {
      if (!sample.containsKey(name)) {
        throw TorchException.argument(
            "calibration data", "sample", "inputs " + sample.keySet(), "all of " + module.inputs());
      }
      values.add(OnnxValue.of(sample.get(name)));
    }
    return values;
  }

  /** The inputs in the types that another module declares for them. */
  private static List<OnnxValue> typed(OnnxModule module, List<OnnxValue> inputs) {
    List<OnnxValue> out = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      OnnxValue value = inputs.get(i);
      if (module.inputType(i) instanceof Declared.Elements(ElementType type)
          && value instanceof OnnxValue.Numbers(Tensor t, ElementType from)
          && from.isFloat()
          && type.isFloat()
          && type != from) {
        value =
            OnnxValue.of(type == ElementType.FLOAT16 ? t.to(DType.F16) : t.to(type.require("")));
      }
      out.add(value);
    }
    return out;
  }

  void add(OnnxValue expected, OnnxValue got) {
    if (!(expected instanceof OnnxValue.Numbers a) || !(got instanceof OnnxValue.Numbers b)) {
      return;
    }
    if (!a.tensor().shape().equals(b.tensor().shape())) {
      most = Double.POSITIVE_INFINITY;
      return;
    }
    add(a.tensor(), b.tensor());
  }

  void add(Tensor expected, Tensor got) {
    double[] x = Call.doubles(expected.to(DType.F64));
    double[] y = Call.doubles(got.to(DType.F64));
    for (int i = 0; i < x.length; i++) {
      double gap = x[i] == y[i] || Double.isNaN(x[i]) && Double.isNaN(y[i]) ? 0 : x[i] - y[i];
      signal += Double.isFinite(x[i]) ? x[i] * x[i] : 0;
      scale = Double.isFinite(x[i]) ? Math.max(scale, Math.abs(x[i])) : scale;
      noise += gap * gap;
      most = Math.max(most, Double.isNaN(gap) ? Double.POSITIVE_INFINITY : Math.abs(gap));
    }
  }

  QuantizeReport.Deviation deviation(String name) {
    double sqnr = noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
    return new QuantizeReport.Deviation(name, most == 0 ? 0 : most / scale, sqnr);
  }

  static Fidelity empty() {
    return new Fidelity();
  }
}
