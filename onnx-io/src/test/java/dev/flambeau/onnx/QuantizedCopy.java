package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Writes a network of F32 in 8 bits as quantization tools do: activations as UINT8 over the range
 * they have on an example, weights as INT8 with a scale a channel, biases as INT32. Either all
 * operators stay and QuantizeLinear and DequantizeLinear stand between them, or convolutions become
 * QLinearConv.
 */
final class QuantizedCopy {
  private static final Set<String> MOVES = Set.of("MaxPool", "Flatten", "Reshape", "Transpose");
  private static final Set<String> QUANTIZED =
      Set.of("Conv", "Gemm", "MatMul", "Add", "Concat", "Relu", "GlobalAveragePool");

  private record Range(double low, double high) {}

  private final ModelProto model;
  private final boolean operators;
  private final Map<String, Range> ranges = new HashMap<>();
  private final Map<String, Tensor> weights = new HashMap<>();
  private final Map<String, List<NodeProto>> users = new HashMap<>();
  private final GraphProto.Builder out = GraphProto.newBuilder().setName("quantized");
  private final Set<String> done = new HashSet<>();

  private QuantizedCopy(ModelProto model, boolean operators) {
    this.model = model;
    this.operators = operators;
  }

  /**
   * @param operators whether convolutions become QLinearConv
   */
  static ModelProto of(ModelProto model, Tensor example, boolean operators) {
    QuantizedCopy q = new QuantizedCopy(model, operators);
    q.observe(example);
    return q.write();
  }

  private void observe(Tensor example) {
    OnnxModule module = Onnx.load(model.toByteArray(), "model");
    Run run = new Run("model", false, (call, results) -> note(call.node(), results));
    Torch.noGrad(() -> module.run(List.of(OnnxValue.of(example)), run));
    note(module.inputs().getFirst(), example);
    TensorReader reader = new TensorReader("model", new ExternalData(Optional.empty()));
    for (TensorProto t : model.getGraph().getInitializerList()) {
      weights.put(t.getName(), ((OnnxValue.Numbers) reader.read(t)).tensor());
    }
    for (NodeProto node : model.getGraph().getNodeList()) {
      node.getInputList().forEach(i -> users.computeIfAbsent(i, _ -> new ArrayList<>()).add(node));
    }
  }

  private void note(Node node, OnnxValue[] results) {
    if (results[0] instanceof OnnxValue.Numbers n && n.tensor().dtype() == DType.F32) {
      note(node.outputs().getFirst(), n.tensor());
    }
  }

  private void note(String name, Tensor t) {
    ranges.put(name, new Range(Math.min(0, t.amin().item()), Math.max(0, t.amax().item())));
  }

  private void constant(String name, Tensor value) {
    if (done.add(name)) {
      out.addInitializer(ExportGraph.tensor(name, value));
    }
  }

  private static NodeProto node(String type, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(type)
        .setName(type + " " + output)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .build();
  }

  /** What is moved keeps its scale. */
  private String scaleOf(String value) {
    for (NodeProto node : model.getGraph().getNodeList()) {
      if (node.getOutput(0).equals(value) && MOVES.contains(node.getOpType())) {
        return scaleOf(node.getInput(0));
      }
    }
    return value;
  }

  private double step(String value) {
    Range range = ranges.get(scaleOf(value));
    return (float) (Math.max(range.high - range.low, 1e-6) / 255);
  }

  private String parameters(String value) {
    String owner = scaleOf(value);
    double step = step(value);
    constant(owner + "_scale", Torch.full(DType.F32, step));
    constant(owner + "_zero", Torch.full(DType.U8, Math.rint(-ranges.get(owner).low / step)));
    return owner;
  }

  /** The value as integers, made once. */
  private String integers(String value) {
    String owner = parameters(value);
    if (done.add(value + "_q")) {
      out.addNode(node("QuantizeLinear", value + "_q", value, owner + "_scale", owner + "_zero"));
    }
    return value + "_q";
  }

  private String floats(String value) {
    String q = integers(value);
    if (done.add(value + "_dq")) {
      String owner = scaleOf(value);
      out.addNode(node("DequantizeLinear", value + "_dq", q, owner + "_scale", owner + "_zero"));
    }
    return value + "_dq";
  }

  private void weight(String name, int axis) {
    Tensor w = weights.get(name);
    int[] others = IntStream.range(0, w.dim()).filter(i -> i != axis).toArray();
    Tensor scale = w.abs().amax(others, false).clampMin(1e-6).div(127);
    long[] sizes = new long[w.dim()];
    Arrays.fill(sizes, 1);
    sizes[axis] = scale.numel();
    constant(name + "_q", w.div(scale.reshape(sizes)).round().to(DType.I8));
    constant(name + "_scale", scale);
    constant(name + "_zero", Torch.zeros(DType.I8, scale.numel()));
    if (!operators && done.add(name + "_dq")) {
      NodeProto.Builder dq =
          node("DequantizeLinear", name + "_dq", name + "_q", name + "_scale", name + "_zero")
              .toBuilder();
      out.addNode(dq.addAttribute(ExportGraph.attribute("axis", (long) axis)));
    }
  }

  /** In steps of both scales. */
  private void bias(String name, String x, String w) {
    Tensor scale = weights.get(w).abs().amax(axesAfterFirst(w), false).clampMin(1e-6).div(127);
    Tensor step = scale.mul(step(x));
    constant(name + "_q", weights.get(name).div(step).round().to(DType.I32));
    constant(name + "_scale", step);
    constant(name + "_zero", Torch.zeros(DType.I32, step.numel()));
    if (!operators && done.add(name + "_dq")) {
      NodeProto.Builder dq =
          node("DequantizeLinear", name + "_dq", name + "_q", name + "_scale", name + "_zero")
              .toBuilder();
      out.addNode(dq.addAttribute(ExportGraph.attribute("axis", 0L)));
    }
  }

  private int[] axesAfterFirst(String w) {
    return IntStream.range(1, weights.get(w).dim()).toArray();
  }

  private static boolean transposed(NodeProto node) {
    return node.getAttributeList().stream()
        .anyMatch(a -> a.getName().equals("transB") && a.getI() == 1);
  }

  private ModelProto write() {
    GraphProto graph = model.getGraph();
    out.addAllInput(graph.getInputList()).addAllOutput(graph.getOutputList());
    for (NodeProto node : graph.getNodeList()) {
      boolean quantized = QUANTIZED.contains(node.getOpType()) || MOVES.contains(node.getOpType());
      if (done.contains(node.getOutput(0) + "_q")) {
        continue; // a Relu that the convolution before it took in
      }
      if (!quantized || !ranges.containsKey(node.getOutput(0))) {
        out.addNode(node);
      } else if (operators && node.getOpType().equals("Conv")) {
        convolution(node);
      } else {
        out.addNode(between(node));
      }
    }
    graph.getInitializerList().stream()
        .filter(
            t -> out.getNodeList().stream().anyMatch(n -> n.getInputList().contains(t.getName())))
        .forEach(out::addInitializer);
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(out)
        .build();
  }

  /** The node with inputs that have been integers. */
  private NodeProto between(NodeProto node) {
    NodeProto.Builder copy = node.toBuilder();
    for (int i = 0; i < node.getInputCount(); i++) {
      String name = node.getInput(i);
      boolean layer = Set.of("Conv", "Gemm", "MatMul").contains(node.getOpType());
      boolean fused = node.getOpType().equals("Relu") && follows(name);
      if (weights.containsKey(name) && layer) {
        boolean first =
            !node.getOpType().equals("MatMul")
                && (i == 2 || transposed(node) || node.getOpType().equals("Conv"));
        if (i == 2) {
          bias(name, node.getInput(0), node.getInput(1));
        } else {
          weight(name, first ? 0 : 1);
        }
        copy.setInput(i, name + "_dq");
      } else if (ranges.containsKey(name) && !fused) {
        copy.setInput(i, floats(name));
      }
    }
    return copy.build();
  }

  /** Whether the value is a convolution's that goes through this Relu alone. */
  private boolean follows(String value) {
    boolean conv =
        model.getGraph().getNodeList().stream()
            .anyMatch(n -> n.getOutput(0).equals(value) && n.getOpType().equals("Conv"));
    return conv && !operators && users.get(value).size() == 1;
  }

  private void convolution(NodeProto node) {
    String x = node.getInput(0);
    String w = node.getInput(1);
    weight(w, 0);
    List<NodeProto> after = users.getOrDefault(node.getOutput(0), List.of());
    boolean relu = after.size() == 1 && after.getFirst().getOpType().equals("Relu");
    // Values below 0 are cut off by the result's range, which begins there.
    String y = relu ? after.getFirst().getOutput(0) : node.getOutput(0);
    String xs = scaleOf(x);
    List<String> in = new ArrayList<>();
    in.addAll(List.of(integers(x), xs + "_scale", xs + "_zero"));
    in.addAll(List.of(w + "_q", w + "_scale", w + "_zero"));
    String ys = parameters(y);
    in.addAll(List.of(ys + "_scale", ys + "_zero"));
    if (node.getInputCount() > 2) {
      bias(node.getInput(2), x, w);
      in.add(node.getInput(2) + "_q");
    }
    out.addNode(
        NodeProto.newBuilder()
            .setOpType("QLinearConv")
            .setName(node.getName())
            .addAllInput(in)
            .addOutput(y + "_q")
            .addAllAttribute(node.getAttributeList()));
    done.add(y + "_q");
    String owner = scaleOf(y);
    out.addNode(node("DequantizeLinear", y, y + "_q", owner + "_scale", owner + "_zero"));
  }
}
