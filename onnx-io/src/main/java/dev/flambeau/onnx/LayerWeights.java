package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Weights and biases of layers as integers before DequantizeLinear; each weight once. */
final class LayerWeights {
  private final Quantizer quantizer;
  private final ModelEdit model;
  private final Map<String, String> weights = new HashMap<>();
  private final Map<String, Tensor> weightScales = new HashMap<>();

  LayerWeights(Quantizer quantizer) {
    this.quantizer = quantizer;
    this.model = quantizer.model;
  }

  /**
   * Puts integers into the place of a layer's weight and bias, if they are constants.
   *
   * @param input the size of the steps of its input
   */
  void quantize(NodeEdit node, double input) {
    if (!model.constants.has(node.input(1))) {
      return;
    }
    String name = node.input(1);
    Tensor weight = quantizer.weight(name).orElseThrow();
    boolean columns = node.is("MatMul", "Gemm");
    int axis = columns ? node.i("transB", 0) != 0 ? 0 : weight.dim() - 1 : FuseNorms.axis(node);
    if (!quantizer.options.isPerChannel() || columns && weight.dim() > 2) {
      axis = -1;
    }
    String key = name + "\0" + axis;
    if (!weights.containsKey(key)) {
      IntegerWeights.Steps w = IntegerWeights.int8(weight, axis, quantizer.options.reducesRange());
      weights.put(key, dequantized(name, w.steps(), w.scales(), axis));
      weightScales.put(key, w.scales());
    }
    model.setInput(node, 1, weights.get(key));
    if (node.hasInput(2)) {
      bias(node, weightScales.get(key), input);
    }
  }

  private String dequantized(String name, Tensor steps, Tensor scale, int axis) {
    String integers = quantizer.constant(name, "_quantized", steps);
    String scales = quantizer.constant(name, "_scale", scale);
    Tensor zero = Torch.zeros(steps.dtype(), scale.shape().sizes());
    List<String> inputs = new ArrayList<>(List.of(integers, scales));
    inputs.add(quantizer.constant(name, "_zero_point", zero));
    String result = model.fresh(name + "_dequantized");
    NodeEdit node = model.add(model.graph(), "DequantizeLinear", inputs, List.of(result));
    if (axis >= 0) {
      node.set(ExportGraph.attribute("axis", (long) axis));
    }
    return result;
  }

  /** In steps of the input's scale times the weight's, as the sums of products are. */
  private void bias(NodeEdit node, Tensor weightScale, double input) {
    String name = node.input(2);
    Tensor bias = model.constants.numbers(name).orElseThrow().tensor().to(DType.F64);
    Tensor channels = weightScale.to(DType.F64);
    if (channels.dim() == 1 && channels.numel() != bias.numel()) {
      // The groups of a transposed convolution share the scales.
      channels = channels.repeat(bias.numel() / channels.numel());
    }
    Tensor scale = channels.mul(input).to(DType.F32);
    double limit = Integer.MAX_VALUE;
    Tensor steps = bias.div(scale.to(DType.F64)).round().clamp(-limit, limit).to(DType.I32);
    model.setInput(node, 2, dequantized(name, steps, scale, scale.dim() == 0 ? -1 : 0));
  }
}
