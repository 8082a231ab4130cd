package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the ways to quantize have in common: choosing nodes, and telling of those left. */
abstract class Quantizer {
  final ModelEdit model;
  final QuantizeOptions options;
  final Map<String, ElementType> types;

  /** Results of quantized layers, by the names that they had before. */
  final Map<String, String> layers = new LinkedHashMap<>();

  private final Map<String, Integer> changed = new TreeMap<>();
  private final Map<String, List<String>> left = new TreeMap<>();

  Quantizer(ModelEdit model, QuantizeOptions options) {
    this.model = model;
    this.options = options;
    this.types = ElementTypes.of(model);
  }

  /** Changes a model as the options say. */
  static Rewriting.Change quantize(ModelEdit model, QuantizeOptions options) {
    NodePatterns.check("Onnx.quantize", model, options.kept());
    options.tell("simplifying");
    boolean calibrated = options.mode() == QuantizeOptions.Mode.STATIC;
    Simplifier.simplify(model, new SimplifyOptions().fuseBatchNorm(calibrated));
    Quantizer quantizer =
        switch (options.mode()) {
          case DYNAMIC -> DynamicQuantizer.of(model, options);
          case STATIC -> StaticQuantizer.of(model, options);
          case INT4 -> Int4Quantizer.of(model, options);
        };
    Optional<ModelProto> before =
        options.tellsLayers() ? Optional.of(model.build()) : Optional.empty();
    quantizer.run();
    DropUnused.run(model);
    QuantizeReport report = QuantizeReport.of(quantizer.changed, quantizer.left, List.of());
    return new Rewriting.Change(report, before, quantizer.layers);
  }

  abstract void run();

  void changed(NodeEdit node) {
    changed.merge(node.type(), 1, Integer::sum);
  }

  void left(NodeEdit node, String reason) {
    left.computeIfAbsent(reason, _ -> new ArrayList<>()).add(node.describe());
  }

  /** Whether the user lets a node be quantized; notes it if not. */
  boolean isWanted(NodeEdit node) {
    if (NodePatterns.match(node, options.kept())) {
      left(node, "asked for");
      return false;
    }
    return options.does(node.type());
  }

  boolean isFloat(String value) {
    return types.get(value) == ElementType.FLOAT;
  }

  /** A constant of finite FLOAT numbers with at least two axes. */
  Optional<Tensor> weight(String name) {
    return model
        .constants
        .numbers(name)
        .filter(
            n -> n.type() == ElementType.FLOAT && n.tensor().dim() >= 2 && n.tensor().numel() > 0)
        .map(OnnxValue.Numbers::tensor)
        .filter(t -> Double.isFinite(t.abs().amax().item()));
  }

  /** Why a node with a weight as second input cannot have it quantized; empty if it can. */
  String obstacle(NodeEdit node) {
    Optional<Tensor> weight = weight(node.input(1));
    if (!isFloat(node.input(0)) || model.constants.has(node.input(0))) {
      return "its input is not FLOAT";
    }
    if (weight.isEmpty()) {
      return "its weight is no constant of finite FLOAT numbers";
    }
    boolean plain =
        !node.is("Gemm")
            || node.i("transA", 0) == 0 && node.f("alpha", 1) == 1 && node.f("beta", 1) == 1;
    return plain ? "" : "Gemm with factors or transposed input";
  }

  /** A constant beside a weight, named after it. */
  String constant(String base, String what, Tensor value) {
    return model.constants.add(model.graph(), model.fresh(base + what), OnnxValue.of(value));
  }

  /** The weight of MatMul or Gemm with the inputs' axis first. */
  static Tensor columns(NodeEdit node, Tensor weight) {
    return node.is("Gemm") && node.i("transB", 0) != 0 ? weight.t().contiguous() : weight;
  }

  static Tensor float32(double value) {
    return Torch.full(DType.F32, value);
  }
}
