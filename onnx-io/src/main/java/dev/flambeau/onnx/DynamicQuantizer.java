package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts DynamicQuantizeLinear, MatMulInteger or ConvInteger, and a product with both scales in the
 * place of products with constant weights, the form that ONNX Runtime runs as one kernel.
 */
final class DynamicQuantizer extends Quantizer {
  private static final long SET = 11;

  /** The integers, scale and zero point of activations. */
  private record Quantized(String steps, String scale, String zero) {}

  private record Place(GraphEdit graph, String value) {}

  private final Map<Place, Quantized> activations = new HashMap<>();

  private DynamicQuantizer(ModelEdit model, QuantizeOptions options) {
    super(model, options);
  }

  static DynamicQuantizer of(ModelEdit model, QuantizeOptions options) {
    OpsetUpgrade.raise(model, SET, "dynamic quantization");
    return new DynamicQuantizer(model, options);
  }

  @Override
  void run() {
    for (NodeEdit node : model.graph().allNodes()) {
      boolean product = node.is("MatMul", "Gemm") || node.is("Conv") && options.doesConvolutions();
      boolean table = node.is("Gather") && options.doesEmbeddings();
      if (product && isWanted(node)) {
        String obstacle = obstacle(node);
        if (obstacle.isEmpty()) {
          product(node);
        } else {
          left(node, obstacle);
        }
      } else if (table && isWanted(node)) {
        table(node);
      } else if (node.is("LSTM", "GRU", "RNN", "Conv", "ConvTranspose")) {
        left(node, node.is("Conv") ? "convolutions were not asked for" : "no integer operator");
      }
    }
  }

  private Quantized activation(GraphEdit graph, String value) {
    return activations.computeIfAbsent(
        new Place(graph, value),
        _ -> {
          List<String> names =
              List.of(
                  model.fresh(value + "_quantized"),
                  model.fresh(value + "_scale"),
                  model.fresh(value + "_zero_point"));
          model.add(graph, "DynamicQuantizeLinear", List.of(value), names);
          return new Quantized(names.get(0), names.get(1), names.get(2));
        });
  }

  private void product(NodeEdit node) {
    GraphEdit graph = node.graph();
    boolean conv = node.is("Conv");
    String name = node.input(1);
    Tensor weight = columns(node, weight(name).orElseThrow());
    int axis = !options.isPerChannel() ? -1 : conv ? 0 : weight.dim() == 2 ? 1 : -1;
    IntegerWeights.Steps w = IntegerWeights.int8(weight, axis, options.reducesRange());
    String steps = constant(name, "_quantized", w.steps());
    long[] channel = new long[conv ? weight.dim() - 1 : 1];
    Arrays.fill(channel, 1);
    channel[0] = w.scales().numel();
    boolean whole = axis < 0;
    Tensor scales = whole ? w.scales() : w.scales().reshape(channel);
    Quantized x = activation(graph, node.input(0));
    String output = node.output();
    AttributeProto[] attributes =
        conv ? node.attributes().values().toArray(AttributeProto[]::new) : new AttributeProto[0];
    model.remove(node);
    String type = conv ? "ConvInteger" : "MatMulInteger";
    List<String> inputs = List.of(x.steps, steps, x.zero);
    String sums = model.value(graph, output + "_sums", type, inputs, attributes);
    String real = real(graph, output, sums);
    List<String> both = List.of(x.scale, constant(name, "_scale", scales));
    String scale = model.value(graph, output + "_scales", "Mul", both);
    if (node.hasInput(2)) {
      String product = model.value(graph, output + "_product", "Mul", List.of(real, scale));
      String bias = conv ? spread(graph, node.input(2), weight.dim()) : node.input(2);
      model.add(graph, "Add", List.of(product, bias), List.of(output));
    } else {
      model.add(graph, "Mul", List.of(real, scale), List.of(output));
    }
    layers.put(output, output);
    changed(node);
  }

  /** Integers as floats, on the way to an output. */
  private String real(GraphEdit graph, String output, String integers) {
    return model.value(
        graph,
        output + "_cast",
        "Cast",
        List.of(integers),
        ExportGraph.attribute("to", (long) ElementType.FLOAT.code()));
  }

  /** A convolution's bias along axis 1. */
  private String spread(GraphEdit graph, String bias, int rank) {
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    sizes[1] = -1;
    if (model.constants.has(bias)) {
      Tensor t = model.constants.numbers(bias).orElseThrow().tensor();
      return constant(bias, "_spread", t.reshape(sizes));
    }
    String shape = model.longs(graph, bias + "/shape", sizes);
    return model.value(graph, bias + "_spread", "Reshape", List.of(bias, shape));
  }

  /** Rows are taken as integers, each with its scale, which is taken the same way. */
  private void table(NodeEdit node) {
    if (weight(node.input(0)).isEmpty() || node.i("axis", 0) != 0) {
      left(node, "not rows of a constant table");
      return;
    }
    GraphEdit graph = node.graph();
    String name = node.input(0);
    Tensor table = weight(name).orElseThrow();
    IntegerWeights.Steps w = IntegerWeights.int8(table, 0, false);
    String steps = constant(name, "_quantized", w.steps());
    String scales = constant(name, "_scale", IntegerWeights.along(w.scales(), table, 0));
    String output = node.output();
    String indices = node.input(1);
    model.remove(node);
    String rows = model.value(graph, output + "_quantized", "Gather", List.of(steps, indices));
    String scale = model.value(graph, output + "_scale", "Gather", List.of(scales, indices));
    String real = real(graph, output, rows);
    model.add(graph, "Mul", List.of(real, scale), List.of(output));
    layers.put(output, output);
    changed(node);
  }
}
