package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Writes a model in a newer operator set, up to 21: attributes that became inputs, operators that
 * were replaced, defaults and meanings that changed (ONNX Changelog.md). What only takes more types
 * than before stays as it is.
 */
final class OpsetUpgrade {
  static final long OLDEST = 7;

  /** With the set in which their axes became an input. */
  private static final Map<String, Integer> AXES =
      Map.ofEntries(
          Map.entry("Squeeze", 13),
          Map.entry("Unsqueeze", 13),
          Map.entry("ReduceSum", 13),
          Map.entry("ReduceMax", 18),
          Map.entry("ReduceMin", 18),
          Map.entry("ReduceMean", 18),
          Map.entry("ReduceProd", 18),
          Map.entry("ReduceL1", 18),
          Map.entry("ReduceL2", 18),
          Map.entry("ReduceLogSum", 18),
          Map.entry("ReduceLogSumExp", 18),
          Map.entry("ReduceSumSquare", 18));

  private static final Set<String> SOFTMAX = Set.of("Softmax", "LogSoftmax", "Hardmax");

  private final ModelEdit model;
  private final ShapeFacts facts;
  private final long from;
  private final long to;
  private final Set<String> refused = new TreeSet<>();

  private OpsetUpgrade(ModelEdit model, long to) {
    this.model = model;
    this.facts = ShapeFacts.of(model);
    this.from = model.opset("");
    this.to = to;
  }

  /**
   * Raises the version of ONNX's own operators to {@code to}, if it is lower.
   *
   * @throws TorchException naming the operators whose change has no equivalent
   */
  static void raise(ModelEdit model, long to, String reason) {
    long from = model.opset("");
    if (from >= to) {
      return;
    }
    OpsetUpgrade upgrade = new OpsetUpgrade(model, to);
    if (from < OLDEST) {
      upgrade.refused.add("those of sets below " + OLDEST);
    } else {
      model.graph().allNodes().stream().filter(n -> n.domain().isEmpty()).forEach(upgrade::node);
    }
    if (!upgrade.refused.isEmpty()) {
      throw TorchException.format(
          model.reader().file(),
          "%s needs operator set %d; the file has %d, and these operators cannot be raised: %s"
              .formatted(reason, to, from, String.join(", ", upgrade.refused)));
    }
    model.raise("", to);
  }

  /** Whether the change that came with a set is on the way. */
  private boolean crosses(int set) {
    return from < set && to >= set;
  }

  private void node(NodeEdit node) {
    switch (node.type()) {
      case "Upsample" -> upsample(node);
      case "Resize" -> resize(node);
      case "Slice" -> slice(node);
      case "Pad" -> pad(node);
      case "Clip" -> clip(node);
      case "TopK" -> topK(node);
      case "Dropout" -> dropout(node);
      case "Split" -> split(node);
      case "Scatter" -> replace(node, "ScatterElements", 11);
      case "GridSample" -> gridSample(node);
      case "RoiAlign" -> {
        if (crosses(16)) {
          node.set(ExportGraph.attribute("coordinate_transformation_mode", "output_half_pixel"));
        }
      }
      case "BatchNormalization" -> norm(node);
      case "Scan" -> refuse(node, crosses(9));
      case "DFT" -> refuse(node, crosses(20));
      case "GroupNormalization" -> refuse(node, crosses(21));
      default -> {
        if (AXES.containsKey(node.type()) && crosses(AXES.get(node.type()))) {
          input(node, "axes", 1);
        } else if (SOFTMAX.contains(node.type()) && crosses(13)) {
          softmax(node);
        }
      }
    }
  }

  private void refuse(NodeEdit node, boolean when) {
    if (when) {
      refused.add(node.type() + "-" + from);
    }
  }

  /** Makes an input of an attribute of integers. */
  private void input(NodeEdit node, String attribute, int input) {
    if (node.attribute(attribute).isPresent()) {
      long[] values = node.ints(attribute);
      node.attributes().remove(attribute);
      model.setInput(
          node, input, model.longs(node.graph(), node.output() + "/" + attribute, values));
    }
  }

  private String number(NodeEdit node, String what, double value) {
    // In the type of what it goes with.
    DType type = facts.type(node.input(0)).flatMap(ElementType::stored).orElse(DType.F32);
    Tensor t = Torch.full(type, value);
    ElementType element = facts.type(node.input(0)).orElse(ElementType.FLOAT);
    String name = model.fresh(node.output() + "/" + what);
    return model.number(node.graph(), name, new OnnxValue.Numbers(t, element));
  }

  private String floats(NodeEdit node, String what, List<Float> values) {
    float[] all = new float[values.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = values.get(i);
    }
    String name = model.fresh(node.output() + "/" + what);
    return model.number(node.graph(), name, OnnxValue.of(Torch.tensor(all, all.length)));
  }

  private NodeEdit renamed(NodeEdit node, String type) {
    AttributeProto[] attributes = node.attributes().values().toArray(AttributeProto[]::new);
    model.remove(node);
    return model.add(node.graph(), type, node.inputs(), node.outputs(), attributes);
  }

  private void replace(NodeEdit node, String type, int set) {
    if (crosses(set)) {
      renamed(node, type);
    }
  }

  private void upsample(NodeEdit node) {
    if (!crosses(10)) {
      return;
    }
    NodeEdit resize = renamed(node, "Resize");
    AttributeProto scales = resize.attributes().remove("scales");
    if (scales != null) {
      model.setInput(resize, 1, floats(resize, "scales", scales.getFloatsList()));
    }
    resize(resize);
  }

  /** Below 11 pixels are counted from the corner, and the nearest is the one before. */
  private void resize(NodeEdit node) {
    if (!crosses(11)) {
      return;
    }
    String scales = node.input(1);
    model.setInput(node, 1, "");
    model.setInput(node, 2, scales);
    if (to < 13) {
      // There roi and scales cannot be left out.
      model.setInput(node, 1, floats(node, "roi", List.of()));
    }
    String mode = node.s("mode", "nearest");
    node.set(ExportGraph.attribute("mode", mode.equals("bilinear") ? "linear" : mode));
    node.set(ExportGraph.attribute("coordinate_transformation_mode", "asymmetric"));
    node.set(ExportGraph.attribute("nearest_mode", "floor"));
  }

  private void slice(NodeEdit node) {
    if (crosses(10)) {
      input(node, "starts", 1);
      input(node, "ends", 2);
      input(node, "axes", 3);
    }
  }

  private void pad(NodeEdit node) {
    if (crosses(11)) {
      float value = node.f("value", 0);
      node.attributes().remove("value");
      input(node, "pads", 1);
      if (value != 0) {
        model.setInput(node, 2, number(node, "value", value));
      }
    }
  }

  private void clip(NodeEdit node) {
    if (!crosses(11)) {
      return;
    }
    List<String> bounds = List.of("min", "max");
    for (int i = 0; i < 2; i++) {
      AttributeProto bound = node.attributes().remove(bounds.get(i));
      if (bound != null) {
        model.setInput(node, i + 1, number(node, bounds.get(i), bound.getF()));
      }
    }
  }

  private void topK(NodeEdit node) {
    if (crosses(10)) {
      long k = node.i("k", 0);
      node.attributes().remove("k");
      model.setInput(node, 1, model.longs(node.graph(), node.output() + "/k", k));
    }
  }

  private void dropout(NodeEdit node) {
    if (crosses(12) && node.attribute("ratio").isPresent()) {
      float ratio = node.f("ratio", 0);
      node.attributes().remove("ratio");
      Tensor t = Torch.full(DType.F32, ratio);
      String name = model.fresh(node.output() + "/ratio");
      model.setInput(node, 1, model.number(node.graph(), name, OnnxValue.of(t)));
    }
  }

  private void split(NodeEdit node) {
    if (crosses(13)) {
      input(node, "split", 1);
    }
    if (crosses(18) && !node.hasInput(1)) {
      node.set(ExportGraph.attribute("num_outputs", (long) node.outputs().size()));
    }
  }

  private void gridSample(NodeEdit node) {
    if (crosses(20)) {
      String mode = node.s("mode", "bilinear");
      String now = mode.equals("bilinear") ? "linear" : mode.equals("bicubic") ? "cubic" : mode;
      node.set(ExportGraph.attribute("mode", now));
    }
  }

  private void norm(NodeEdit node) {
    refuse(node, crosses(9) && node.i("spatial", 1) == 0);
    refuse(node, crosses(14) && node.outputs().stream().skip(1).anyMatch(model::isUsed));
    node.attributes().remove("spatial");
    if (crosses(14) && node.outputs().size() > 1) {
      AttributeProto[] attributes = node.attributes().values().toArray(AttributeProto[]::new);
      model.remove(node);
      model.add(node.graph(), node.type(), node.inputs(), List.of(node.output()), attributes);
    }
  }

  /** Below 13 it is taken over all axes from the given one on, as if they were one. */
  private void softmax(NodeEdit node) {
    long axis = node.i("axis", 1);
    int rank = facts.rank(node.input(0)).orElse(0);
    node.set(ExportGraph.attribute("axis", -1L));
    if (rank > 0 && (axis == rank - 1 || axis == -1)) {
      return;
    }
    GraphEdit graph = node.graph();
    String x = node.input(0);
    String name = node.output();
    String shape = model.value(graph, name + "/shape", "Shape", List.of(x));
    String flat =
        model.value(
            graph, name + "/flat", "Flatten", List.of(x), ExportGraph.attribute("axis", axis));
    String result = model.fresh(name + "/rows");
    List<AttributeProto> attributes = new ArrayList<>(node.attributes().values());
    model.remove(node);
    model.add(
        graph,
        node.type(),
        List.of(flat),
        List.of(result),
        attributes.toArray(AttributeProto[]::new));
    model.add(graph, "Reshape", List.of(result, shape), List.of(name));
  }
}
