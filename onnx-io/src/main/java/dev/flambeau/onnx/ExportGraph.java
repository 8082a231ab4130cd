package dev.flambeau.onnx;

import com.google.protobuf.ByteString;
import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/** The nodes and initializers written so far, and the names of the captured values. */
final class ExportGraph {
  /** What has no form in this operator set. */
  static final class Hole extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Hole(String what) {
      super(what);
    }
  }

  final int opset;
  final ExportSizes sizes;
  final Map<String, Double> momenta = new HashMap<>();
  final List<NodeProto> nodes = new ArrayList<>();
  final Map<String, TensorProto> initializers = new java.util.LinkedHashMap<>();
  private final List<NodeProto> constants = new ArrayList<>();
  private final Map<Integer, String> names = new HashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final Map<String, String> dimensions = new HashMap<>();
  private final List<String> inputs;

  ExportGraph(int opset, ExportSizes sizes, List<String> inputs) {
    this.opset = opset;
    this.sizes = sizes;
    this.inputs = inputs;
    taken.addAll(inputs);
  }

  ExportTape tape() {
    return sizes.tapes.getFirst();
  }

  Meta meta(int value) {
    return tape().metas.get(value);
  }

  void reserve(String name) {
    taken.add(name);
  }

  /** The momentum of the batch norm with this running mean; PyTorch's default if none is known. */
  double momentum(String runningMean) {
    return momenta.getOrDefault(runningMean, 0.1);
  }

  String fresh(String base) {
    String name = base;
    for (int i = 1; !taken.add(name); i++) {
      name = base + "_" + i;
    }
    return name;
  }

  void name(int value, String name) {
    names.put(value, name);
  }

  boolean isNamed(int value) {
    return names.containsKey(value);
  }

  String name(int value) {
    return names.get(value);
  }

  /** All nodes, the numbers of formulas first: bodies may read them, too. */
  List<NodeProto> all() {
    List<NodeProto> all = new ArrayList<>(constants);
    all.addAll(nodes);
    return all;
  }

  /** The nodes that {@code body} writes, which are not among {@link #nodes}. */
  List<NodeProto> within(Runnable body) {
    int before = nodes.size();
    body.run();
    List<NodeProto> inside = nodes.subList(before, nodes.size());
    List<NodeProto> out = List.copyOf(inside);
    inside.clear();
    return out;
  }

  /** A node with one output, whose name is returned. */
  String node(String type, List<String> in, AttributeProto... attributes) {
    return nodes(type, in, 1, attributes).getFirst();
  }

  List<String> nodes(String type, List<String> in, int outputs, AttributeProto... attributes) {
    List<String> out = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      out.add(fresh("/" + type + "_" + nodes.size() + (i == 0 ? "" : "_" + i)));
    }
    nodes.add(
        NodeProto.newBuilder()
            .setOpType(type)
            .setName(fresh(type + "_" + nodes.size()))
            .addAllInput(in)
            .addAllOutput(out)
            .addAllAttribute(Arrays.asList(attributes))
            .build());
    return out;
  }

  static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  static AttributeProto attribute(String name, GraphProto value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(value)
        .build();
  }

  static AttributeProto attribute(String name, double value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF((float) value)
        .build();
  }

  static AttributeProto attribute(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  static AttributeProto attribute(String name, List<? extends Number> values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INTS)
        .addAllInts(values.stream().map(Number::longValue).toList())
        .build();
  }

  static TensorProto tensor(String name, Tensor tensor) {
    return TensorWriter.write(name, tensor, ElementType.of(tensor.dtype()));
  }

  void initializer(TensorProto tensor) {
    initializers.put(tensor.getName(), tensor);
  }

  /** A number of the formulas, in a Constant node, which is no weight. */
  String constant(Tensor tensor) {
    return constant("/Constant_" + constants.size(), tensor("", tensor));
  }

  /** A Constant node whose output has this name, or one like it. */
  String constant(String name, TensorProto tensor) {
    AttributeProto value =
        AttributeProto.newBuilder()
            .setName("value")
            .setType(AttributeProto.AttributeType.TENSOR)
            .setT(tensor)
            .build();
    String out = fresh(name);
    constants.add(
        NodeProto.newBuilder()
            .setOpType("Constant")
            .setName(fresh("Constant_" + constants.size()))
            .addOutput(out)
            .addAttribute(value)
            .build());
    return out;
  }

  String number(double value, DType type) {
    return constant(Torch.full(type, value));
  }

  String longs(long... values) {
    return constant(Torch.tensor(values, values.length));
  }

  String cast(String value, DType to) {
    return node("Cast", List.of(value), attribute("to", (long) ElementType.of(to).code()));
  }

  /** A size in each capture, read from operator or value by {@code of}. */
  long[] each(ToLongFunction<ExportTape> of) {
    return sizes.tapes.stream().mapToLong(of).toArray();
  }

  /** Sizes as a 1-d tensor; {@code infer}: one varying size may be left to the operator as -1. */
  String shape(List<long[]> all, boolean infer) {
    long varying = all.stream().filter(sizes::varies).count();
    if (varying == 0 || varying == 1 && infer) {
      long[] fixed = all.stream().mapToLong(s -> sizes.varies(s) ? -1 : s[0]).toArray();
      return longs(fixed);
    }
    return node("Concat", all.stream().map(this::size).toList(), attribute("axis", 0L));
  }

  /** One size as a 1-d tensor of one element, computed from the inputs' shapes where it varies. */
  String size(long[] captured) {
    if (!sizes.varies(captured)) {
      return longs(captured[0]);
    }
    String out = null;
    long base = captured[0];
    long denominator = 1;
    boolean proportional = true;
    int count = 0;
    for (int i = 0; i < sizes.open.size(); i++) {
      if (captured[i + 1] != base) {
        count++;
        proportional &= captured[i + 1] == 2 * base;
      }
    }
    for (int i = 0; i < sizes.open.size(); i++) {
      ExportSizes.Open open = sizes.open.get(i);
      long delta = captured[i + 1] - base;
      if (delta == 0) {
        continue;
      }
      if (!proportional) {
        return affine(open, base, delta, count);
      }
      String d = dimension(open);
      out = out == null ? d : node("Mul", List.of(out, d));
      denominator *= open.size();
    }
    return scaled(out, base, denominator);
  }

  private String affine(ExportSizes.Open open, long base, long delta, int count) {
    if (count > 1) {
      throw new Hole("a size that depends on several open sizes, not proportionally");
    }
    String scaled = scaled(dimension(open), delta, open.size());
    return base == delta ? scaled : node("Add", List.of(scaled, longs(base - delta)));
  }

  /** value * numerator / denominator. */
  private String scaled(String value, long numerator, long denominator) {
    long common =
        java.math.BigInteger.valueOf(numerator)
            .gcd(java.math.BigInteger.valueOf(denominator))
            .longValue();
    String out = value;
    if (numerator != common) {
      out = node("Mul", List.of(out, longs(numerator / common)));
    }
    return denominator == common ? out : node("Div", List.of(out, longs(denominator / common)));
  }

  private String dimension(ExportSizes.Open open) {
    String known = dimensions.get(open.name());
    if (known == null) {
      String shape = node("Shape", List.of(inputs.get(open.input())));
      known = node("Gather", List.of(shape, longs(open.axis())), attribute("axis", 0L));
      dimensions.put(open.name(), known);
    }
    return known;
  }
}
