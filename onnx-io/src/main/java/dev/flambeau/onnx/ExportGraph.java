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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  final ExportShapes shapes;
  final Map<String, Double> momenta = new HashMap<>();
  final List<NodeProto> nodes = new ArrayList<>();
  final Map<String, TensorProto> initializers = new LinkedHashMap<>();
  private final List<NodeProto> constants = new ArrayList<>();
  private final Map<String, String> knownConstants = new HashMap<>();
  private final Map<Integer, String> names = new HashMap<>();
  private final Map<String, DType> types = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  ExportGraph(int opset, ExportSizes sizes, List<String> inputs) {
    this.opset = opset;
    this.sizes = sizes;
    this.shapes = new ExportShapes(this, inputs);
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

  /** Says what a captured value is called. */
  void name(int value, String name) {
    names.put(value, name);
    if (meta(value) != null) {
      types.put(name, meta(value).dtype());
      shapes.known(value);
    }
  }

  boolean isNamed(int value) {
    return names.containsKey(value);
  }

  String name(int value) {
    return names.get(value);
  }

  /** The element type of what is called so. */
  DType type(String name) {
    return types.getOrDefault(name, DType.F32);
  }

  void type(String name, DType type) {
    types.put(name, type);
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
    shapes.within(body);
    List<NodeProto> inside = nodes.subList(before, nodes.size());
    List<NodeProto> out = List.copyOf(inside);
    inside.clear();
    return out;
  }

  /** The matrix that a matrix is the transpose of, if a node here makes it so. */
  Optional<String> transposed(String value) {
    AttributeProto swapped = attribute("perm", List.of(1L, 0L));
    return nodes.reversed().stream()
        .filter(n -> n.getOutputList().contains(value))
        .findFirst()
        .filter(n -> n.getOpType().equals("Transpose") && n.getDomain().isEmpty())
        // Without the attribute all axes are reversed.
        .filter(n -> n.getAttributeList().stream().allMatch(swapped::equals))
        .map(n -> n.getInput(0));
  }

  /** A node with one output, whose name is returned. */
  String node(String type, List<String> in, AttributeProto... attributes) {
    return nodes(type, in, 1, attributes).getFirst();
  }

  /** A node; operands of types it does not take are widened, and its first output brought back. */
  List<String> nodes(String type, List<String> in, int outputs, AttributeProto... attributes) {
    ExportTypes.Rule rule = ExportTypes.of(type).orElse(null);
    if (rule == null || rule.first() >= in.size()) {
      List<String> out = plain(type, in, outputs, attributes);
      DType same = in.isEmpty() ? DType.F32 : type(in.getFirst());
      out.forEach(name -> types.put(name, same));
      return out;
    }
    DType given = type(in.get(rule.first()));
    DType run = rule.fit(given);
    List<String> cast = new ArrayList<>(in);
    for (int i = rule.first(); i < in.size() && run != given; i++) {
      if (!in.get(i).isEmpty() && type(in.get(i)) == given) {
        cast.set(i, cast(in.get(i), run));
      }
    }
    List<String> out = plain(type, cast, outputs, attributes);
    boolean topK = type.equals("TopK");
    for (int i = 0; i < outputs; i++) {
      DType result =
          switch (topK && i > 0 ? ExportTypes.Result.INDEX : rule.result()) {
            case SAME -> run;
            case TRUTH -> DType.BOOL;
            case INDEX -> DType.I64;
          };
      types.put(out.get(i), result);
      if (result == run && run != given && rule.result() == ExportTypes.Result.SAME) {
        out.set(i, cast(out.get(i), given));
      }
    }
    return out;
  }

  private List<String> plain(
      String type, List<String> in, int outputs, AttributeProto... attributes) {
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

  static AttributeProto attribute(String name, TensorProto value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.TENSOR)
        .setT(value)
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

  /** Numbers of the formulas, in a Constant node, which is no weight. */
  String constant(Tensor tensor) {
    TensorProto proto = tensor("", tensor);
    // Few numbers are written once.
    String key =
        tensor.numel() > 16
            ? ""
            : proto.getDataType()
                + " "
                + proto.getDimsList()
                + Arrays.toString(proto.getRawData().toByteArray());
    String known = knownConstants.get(key);
    if (known != null) {
      return known;
    }
    String name = constant("/Constant_" + constants.size(), proto);
    types.put(name, tensor.dtype());
    if (!key.isEmpty()) {
      knownConstants.put(key, name);
    }
    return name;
  }

  /** A Constant node whose output has this name, or one like it. */
  String constant(String base, TensorProto proto) {
    String name = fresh(base);
    constants.add(
        NodeProto.newBuilder()
            .setOpType("Constant")
            .setName(fresh("Constant_" + constants.size()))
            .addOutput(name)
            .addAttribute(attribute("value", proto))
            .build());
    return name;
  }

  String number(double value, DType type) {
    return constant(Torch.full(type, value));
  }

  String longs(long... values) {
    return constant(Torch.tensor(values, values.length));
  }

  /** A whole number without dimensions. */
  String whole(long value) {
    return constant(Torch.full(DType.I64, value));
  }

  String cast(String value, DType to) {
    if (types.get(value) == to) {
      return value;
    }
    String out =
        plain("Cast", List.of(value), 1, attribute("to", (long) ElementType.of(to).code()))
            .getFirst();
    types.put(out, to);
    return out;
  }

  /** A size in each capture, read from operator or value by {@code of}. */
  long[] each(ToLongFunction<ExportTape> of) {
    return sizes.tapes.stream().mapToLong(of).toArray();
  }

  /** Sizes as a 1-d tensor; {@code infer}: one varying size may be left to the operator as -1. */
  String shape(List<long[]> all, boolean infer) {
    return shapes.shape(all, infer);
  }

  /** One size as a 1-d tensor of one element, computed from the inputs' shapes where it varies. */
  String size(long[] captured) {
    return shapes.size(captured);
  }
}
