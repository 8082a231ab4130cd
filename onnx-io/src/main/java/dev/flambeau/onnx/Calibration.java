package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The ranges of a graph's values, from running it on examples. */
final class Calibration {
  private static final double MOMENTUM = 0.1;
  private static final double REST = 1e-4;

  private final CalibrationMethod method;
  private final Map<String, double[]> ranges = new HashMap<>();
  private final Map<String, Histogram> histograms = new HashMap<>();

  private Calibration(CalibrationMethod method) {
    this.method = method;
  }

  /**
   * Least and largest number of each value that was seen; 0 lies in every range.
   *
   * @param samples inputs by name
   * @throws TorchException if there are none, or the graph does not run on one
   */
  static Map<String, double[]> run(
      OnnxModule module,
      Set<String> values,
      Iterable<Map<String, Tensor>> samples,
      CalibrationMethod method,
      Consumer<String> progress) {
    Calibration calibration = new Calibration(method);
    int count = 0;
    for (Map<String, Tensor> sample : samples) {
      progress.accept("calibrating, example " + ++count);
      List<OnnxValue> inputs = Fidelity.values(module, sample);
      for (int i = 0; i < inputs.size(); i++) {
        calibration.see(module.inputs().get(i), inputs.get(i), values);
      }
      Run run =
          new Run(
              "the graph",
              false,
              (call, results) -> {
                List<String> names = call.node().outputs();
                for (int i = 0; i < Math.min(names.size(), results.length); i++) {
                  calibration.see(names.get(i), results[i], values);
                }
              });
      Torch.noGrad(() -> module.run(inputs, run));
    }
    if (count == 0) {
      throw TorchException.argument("Onnx.quantize", "samples", "none", "at least one");
    }
    return calibration.ranges();
  }

  private void see(String name, OnnxValue value, Set<String> values) {
    if (!values.contains(name)
        || !(value instanceof OnnxValue.Numbers(Tensor t, _))
        || !t.dtype().isFloat()
        || t.numel() == 0) {
      return;
    }
    switch (method) {
      case MIN_MAX, MOVING_AVERAGE -> {
        double low = Math.min(0, t.amin().to(DType.F64).item());
        double high = Math.max(0, t.amax().to(DType.F64).item());
        if (Double.isFinite(low) && Double.isFinite(high)) {
          ranges.merge(name, new double[] {low, high}, this::combined);
        }
      }
      case PERCENTILE, ENTROPY ->
          histograms.computeIfAbsent(name, _ -> new Histogram()).add(Call.doubles(t));
    }
  }

  private double[] combined(double[] before, double[] now) {
    boolean all = method == CalibrationMethod.MIN_MAX;
    return new double[] {
      all ? Math.min(before[0], now[0]) : before[0] + MOMENTUM * (now[0] - before[0]),
      all ? Math.max(before[1], now[1]) : before[1] + MOMENTUM * (now[1] - before[1])
    };
  }

  private Map<String, double[]> ranges() {
    histograms.forEach(
        (name, histogram) ->
            ranges.put(
                name,
                method == CalibrationMethod.ENTROPY
                    ? histogram.entropy()
                    : histogram.percentile(REST)));
    return ranges;
  }
}
