package dev.flambeau.onnx;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which nodes stay as they are when a model's floating point type is changed, and why. */
final class KeptNodes {
  private static final Set<String> COORDINATES =
      Set.of("RoiAlign", "MaxRoiPool", "GridSample", "AffineGrid", "DeformConv");

  private final ModelEdit model;
  private final ElementType to;
  private final List<String> patterns;
  private final Set<String> products = new HashSet<>();
  private final Set<String> scales = new HashSet<>();

  KeptNodes(ModelEdit model, ElementType to, List<String> patterns) {
    this.model = model;
    this.to = to;
    this.patterns = patterns;
  }

  /** Why a node stays, empty if it does not; to be asked in the graph's order. */
  String reason(NodeEdit node) {
    if (NodePatterns.match(node, patterns)) {
      return "asked for";
    }
    // ONNX Runtime's operators take FLOAT wherever they take FLOAT16.
    boolean wider = to == ElementType.FLOAT && node.domain().equals(Registry.MICROSOFT);
    if (!node.domain().isEmpty() && !wider || model.isFunction(node)) {
      return "not of ONNX's own operators";
    }
    if (to == ElementType.FLOAT) {
      return "";
    }
    if (isQuantization(node)) {
      return "sums and scales of integers";
    }
    if (COORDINATES.contains(node.type())) {
      return "coordinates need the digits";
    }
    if (node.is("BatchNormalization") && model.opset("") < HalfTypes.FREE_STATISTICS) {
      return "statistics need the digits";
    }
    return HalfTypes.takes(node.type(), model.opset(""), to)
        ? ""
        : node.type() + "-" + model.opset("") + " is not defined for " + to;
  }

  /** Sums of integer products, and what they are multiplied by, are out of the range of halves. */
  private boolean isQuantization(NodeEdit node) {
    boolean sums =
        node.is("Cast") && model.maker(node.input(0), "MatMulInteger", "ConvInteger").isPresent();
    boolean scale =
        node.is("DynamicQuantizeLinear")
            || node.is("Mul") && node.inputs().stream().anyMatch(scales::contains);
    boolean product = node.is("Mul") && node.inputs().stream().anyMatch(products::contains);
    if (sums) {
      products.add(node.output());
    } else if (scale && !product) {
      scales.addAll(node.outputs());
    }
    return sums || scale || product;
  }
}
