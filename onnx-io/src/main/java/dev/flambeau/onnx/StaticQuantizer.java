package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Torch;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts QuantizeLinear and DequantizeLinear around layers, with ranges from examples: activations
 * UINT8 over their range or INT8 around 0, weights INT8 around 0, biases INT32 in steps of both.
 * Layers with weights start it; sums, pools and movements between quantized values go on with it.
 * Movements keep their input's steps, so that they copy integers.
 */
final class StaticQuantizer extends Quantizer {
  private static final long PER_TENSOR_SET = 10;
  private static final long PER_CHANNEL_SET = 13;

  private static final String[] LAYERS = {"Conv", "ConvTranspose", "MatMul", "Gemm"};

  /** What combines quantized values to others in steps of their own. */
  private static final String[] COMBINING = {
    "Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool"
  };

  /** What moves numbers and makes none. */
  private static final String[] MOVING = {
    "MaxPool",
    "Reshape",
    "Flatten",
    "Transpose",
    "Squeeze",
    "Unsqueeze",
    "Slice",
    "Split",
    "DepthToSpace",
    "SpaceToDepth"
  };

  /**
   * @param zero the step of 0
   */
  private record Scale(double scale, long zero) {}

  private final Set<NodeEdit> chosen = new LinkedHashSet<>();

  /** Results to quantize behind the node that only takes off what the steps cannot hold anyway. */
  private final Map<String, NodeEdit> bounded = new HashMap<>();

  private final Set<String> quantized = new HashSet<>();
  private final Map<String, Scale> scales = new HashMap<>();

  private StaticQuantizer(ModelEdit model, QuantizeOptions options) {
    super(model, options);
  }

  static StaticQuantizer of(ModelEdit model, QuantizeOptions options) {
    boolean channels = options.isPerChannel();
    OpsetUpgrade.raise(
        model,
        channels ? PER_CHANNEL_SET : PER_TENSOR_SET,
        channels ? "quantization per channel" : "quantization");
    return new StaticQuantizer(model, options);
  }

  @Override
  void run() {
    List<NodeEdit> order = model.graph().sorted();
    order.forEach(this::choose);
    for (NodeEdit node : model.graph().allNodes()) {
      if (node.graph() != model.graph() && node.is(LAYERS)) {
        left(node, "in a body of control flow");
      }
    }
    Set<String> values = values(order);
    OnnxModule module =
        Onnx.module(model.build(), model.reader().file(), new ExternalData(Optional.empty()));
    Map<String, double[]> ranges =
        Calibration.run(
            module, values, options.samples().orElseThrow(), options.calibration(), options::tell);
    model.inputs().forEach(i -> scales.put(i.getName(), scale(ranges.get(i.getName()))));
    for (NodeEdit node : order) {
      node.outputs().forEach(output -> scale(output, node, ranges));
    }
    LayerWeights integers = new LayerWeights(this);
    for (NodeEdit node : chosen) {
      if (node.is(LAYERS)) {
        integers.quantize(node, scales.get(node.input(0)).scale);
      }
    }
    Map<String, String> renamed = takeOffBounds();
    for (String value : values) {
      insert(renamed.getOrDefault(value, value), scales.get(value), value);
    }
    chosen.forEach(this::changed);
  }

  private void choose(NodeEdit node) {
    if (node.is(LAYERS)) {
      layer(node);
      return;
    }
    boolean known =
        !node.inputs().isEmpty() && quantized.contains(node.input(0)) && isFloat(node.output());
    if (!known) {
      return;
    }
    if (node.is("Relu", "Clip")) {
      NodeEdit maker = model.maker(node.input(0)).orElseThrow();
      boolean onlyHere = model.isOnlyFor(node.input(0), node) && !maker.is(MOVING);
      if (onlyHere && !NodePatterns.match(node, options.kept())) {
        bounded.put(node.input(0), node);
        quantized.remove(node.input(0));
        quantized.add(node.output());
      }
      return;
    }
    boolean combines = node.is(COMBINING) && node.inputs().stream().allMatch(quantized::contains);
    if ((combines || node.is(MOVING)) && isWanted(node)) {
      chosen.add(node);
      node.outputs().stream().filter(this::isFloat).forEach(quantized::add);
    }
  }

  private void layer(NodeEdit node) {
    if (!isWanted(node)) {
      return;
    }
    String obstacle = obstacle(node);
    boolean activations =
        node.is("MatMul") && isFloat(node.input(1)) && !model.constants.has(node.input(1));
    if (activations && isFloat(node.input(0)) && !model.constants.has(node.input(0))) {
      obstacle = "";
    }
    if (obstacle.isEmpty() && node.hasInput(2) && !isBias(node)) {
      obstacle = "its bias is no constant vector";
    }
    if (obstacle.isEmpty()) {
      chosen.add(node);
      quantized.add(node.output());
    } else {
      left(node, obstacle);
    }
  }

  private boolean isBias(NodeEdit node) {
    return model.constants.numbers(node.input(2)).filter(n -> n.tensor().dim() == 1).isPresent();
  }

  /** What is to be quantized, in the order of the graph. */
  private Set<String> values(List<NodeEdit> order) {
    Set<String> wanted = new HashSet<>();
    for (NodeEdit node : chosen) {
      node.inputs().stream()
          .filter(i -> isFloat(i) && !model.constants.has(i))
          .forEach(wanted::add);
      for (String output : node.outputs()) {
        if (isFloat(output) && model.isUsed(output)) {
          wanted.add(bounded.containsKey(output) ? bounded.get(output).output() : output);
        }
      }
    }
    Set<String> values = new LinkedHashSet<>();
    model.inputs().stream()
        .map(ValueInfoProto::getName)
        .filter(wanted::contains)
        .forEach(values::add);
    order.forEach(n -> n.outputs().stream().filter(wanted::contains).forEach(values::add));
    return values;
  }

  private void scale(String output, NodeEdit node, Map<String, double[]> ranges) {
    boolean moved = chosen.contains(node) && node.is(MOVING);
    scales.put(output, moved ? scales.get(node.input(0)) : scale(ranges.get(output)));
  }

  /** Steps over a range; without one, steps of 1. */
  private Scale scale(double[] range) {
    double low = range == null ? 0 : range[0];
    double high = range == null ? 0 : range[1];
    if (options.isSigned()) {
      double most = Math.max(-low, high);
      return new Scale(step(most / 127), 0);
    }
    double scale = step((high - low) / 255);
    return new Scale(scale, Math.clamp(Math.round(-low / scale), 0, 255));
  }

  /** As the file holds it; a range of nothing has steps of 1. */
  private static double step(double exact) {
    return (float) exact > 0 ? (float) exact : 1;
  }

  private ElementType activationType() {
    return options.isSigned() ? ElementType.INT8 : ElementType.UINT8;
  }

  /** Takes out Relu and Clip where the steps end before what they cut off. */
  private Map<String, String> takeOffBounds() {
    Map<String, String> renamed = new LinkedHashMap<>();
    bounded.forEach(
        (input, node) -> {
          Scale s = scales.get(node.output());
          long[] range = Quantizing.range(activationType());
          // Whatever is cut off has the first or last step by itself.
          double first = Math.rint(bound(node, 1, Double.NEGATIVE_INFINITY) / s.scale) + s.zero;
          double last = Math.rint(bound(node, 2, Double.POSITIVE_INFINITY) / s.scale) + s.zero;
          boolean exact = first <= range[0] && last >= range[1];
          String output = node.output();
          if (exact && model.bypass(node, input)) {
            renamed.put(output, model.maker(output).isPresent() ? output : input);
          }
        });
    return renamed;
  }

  private double bound(NodeEdit node, int input, double none) {
    if (node.is("Relu")) {
      return input == 1 ? 0 : none;
    }
    if (!node.hasInput(input)) {
      return node.f(input == 1 ? "min" : "max", (float) none);
    }
    // A bound that is computed may be anything.
    return model.constants.numbers(node.input(input)).map(n -> n.tensor().item()).orElse(-none);
  }

  /**
   * Puts a value through integers for all that use it.
   *
   * @param original what it was called before bounds were taken off
   */
  private void insert(String value, Scale s, String original) {
    GraphEdit graph = model.graph();
    ElementType type = activationType();
    String scale = constant(value, "_scale", float32(s.scale));
    DType stored = type.require(value);
    String zero = constant(value, "_zero_point", Torch.full(stored, s.zero));
    String from = value;
    String to = model.fresh(value + "_dequantized");
    Optional<NodeEdit> maker = model.maker(value);
    if (maker.isPresent() && graph.results().contains(value)) {
      from = model.fresh(value + "_raw");
      model.setOutput(maker.get(), maker.get().outputs().indexOf(value), from);
      to = value;
    } else {
      model.rewire(value, to);
    }
    String integers =
        model.value(graph, value + "_quantized", "QuantizeLinear", List.of(from, scale, zero));
    model.add(graph, "DequantizeLinear", List.of(integers, scale, zero), List.of(to));
    layers.put(original, to);
  }
}
