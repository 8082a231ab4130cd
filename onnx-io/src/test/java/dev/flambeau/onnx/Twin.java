package dev.flambeau.onnx;

import com.google.protobuf.ByteString;
import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.TensorShapeProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A model of one node, run by us and by ONNX Runtime without optimization: the same file, the same
 * inputs. Floats must agree within a relative tolerance, integers within one step.
 */
final class Twin {
  private static final double FLOATS = 1e-4;

  /** Half precision is computed in F32 here, and there rounded after each operation. */
  private static final double HALVES = 1e-2;

  private static final Map<String, Integer> VARIATIONS = new TreeMap<>();

  private final NodeProto.Builder node;
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("g");
  private final ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(10);
  private final Map<String, Tensor> feed = new LinkedHashMap<>();
  private final Map<String, Double> tolerances = new LinkedHashMap<>();
  private int count;

  private Twin(String domain, String type, long opset) {
    node = NodeProto.newBuilder().setDomain(domain).setOpType(type).setName("node");
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset));
    if (!domain.isEmpty()) {
      model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(1));
    }
  }

  /** An operator of com.microsoft. */
  static Twin of(String type) {
    return new Twin(Registry.MICROSOFT, type, 21);
  }

  static Twin standard(String type, long opset) {
    return new Twin("", type, opset);
  }

  Twin set(String name, long value) {
    return set(ExportGraph.attribute(name, value));
  }

  Twin set(String name, double value) {
    return set(ExportGraph.attribute(name, value));
  }

  Twin set(String name, String value) {
    return set(Graphs.text(name, value));
  }

  Twin set(String name, List<Integer> values) {
    return set(ExportGraph.attribute(name, values));
  }

  Twin set(String name, double... values) {
    AttributeProto.Builder a = AttributeProto.newBuilder().setName(name);
    a.setType(AttributeProto.AttributeType.FLOATS);
    for (double v : values) {
      a.addFloats((float) v);
    }
    return set(a.build());
  }

  private Twin set(AttributeProto attribute) {
    node.addAttribute(attribute);
    return this;
  }

  /** An input that is given at each run. */
  Twin in(Tensor... values) {
    for (Tensor value : values) {
      String name = "in" + count++;
      node.addInput(name);
      graph.addInput(info(name, ElementType.of(value.dtype()), value.shape().sizes()));
      feed.put(name, value);
    }
    return this;
  }

  /** An input that the file holds. */
  Twin held(Tensor... values) {
    for (Tensor value : values) {
      held(value, ElementType.of(value.dtype()));
    }
    return this;
  }

  Twin held(Tensor value, ElementType type) {
    String name = "in" + count++;
    node.addInput(name);
    graph.addInitializer(proto(name, value, type));
    return this;
  }

  static TensorProto proto(String name, Tensor value, ElementType type) {
    TensorProto.Builder t = TensorProto.newBuilder().setName(name).setDataType(type.code());
    for (long size : value.shape().sizes()) {
      t.addDims(size);
    }
    boolean half = value.dtype() == DType.F16;
    Tensor stored = half ? value.to(DType.F32) : value;
    byte[] bytes = new Casting.Bits(type).bytes(stored.detach().contiguous());
    return t.setRawData(ByteString.copyFrom(bytes)).build();
  }

  /** Inputs left out. */
  Twin skip(int inputs) {
    for (int i = 0; i < inputs; i++) {
      node.addInput("");
      count++;
    }
    return this;
  }

  /** Outputs of these types. */
  Twin out(ElementType... types) {
    for (ElementType type : types) {
      double tolerance = type == ElementType.FLOAT16 ? HALVES : type.isFloat() ? FLOATS : 1;
      out(type, tolerance);
    }
    return this;
  }

  /** An output of this type, within another tolerance. */
  Twin out(ElementType type, double tolerance) {
    String name = "out" + node.getOutputCount();
    node.addOutput(name);
    graph.addOutput(info(name, type));
    tolerances.put(name, tolerance);
    return this;
  }

  /** An output nobody asks for. */
  Twin skipOut() {
    node.addOutput("");
    return this;
  }

  private static ValueInfoProto info(String name, ElementType type, long... sizes) {
    TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(type.code());
    if (sizes.length > 0) {
      TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
      for (long size : sizes) {
        shape.addDimBuilder().setDimValue(size);
      }
      tensor.setShape(shape);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  byte[] bytes() {
    GraphProto.Builder whole = graph.clone().addNode(node);
    return model.clone().setGraph(whole).build().toByteArray();
  }

  OnnxModule load() {
    return Onnx.load(bytes(), node.getOpType());
  }

  Map<String, Tensor> feed() {
    return feed;
  }

  Map<String, Tensor> ours() {
    return load().forward(feed);
  }

  Map<String, Optional<Tensor>> theirs() {
    try {
      Path file = Files.createTempFile("twin", ".onnx");
      try {
        Files.write(file, bytes());
        return Reference.run(file, node.getOpType(), true, feed);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs both and compares all outputs. */
  void agree() {
    agree(this);
  }

  /** Compares with ONNX Runtime's outputs of a node that must give the same. */
  void agree(Twin other) {
    Map<String, Optional<Tensor>> theirs = other.theirs();
    Map<String, Tensor> ours = ours();
    tolerances.forEach(
        (name, tolerance) -> {
          Tensor wanted = theirs.get(name).orElseThrow();
          compare(name, wanted, ours.get(name), tolerance);
        });
    counted();
  }

  /** Compares our first output with a formula, where ONNX Runtime's CPU provider has no kernel. */
  void matches(Tensor... formula) {
    Map<String, Tensor> ours = ours();
    for (int i = 0; i < formula.length; i++) {
      String name = "out" + i;
      compare(name, formula[i], ours.get(name), tolerances.get(name));
    }
    counted();
  }

  private void counted() {
    VARIATIONS.merge(node.getDomain() + " " + node.getOpType(), 1, Integer::sum);
  }

  private void compare(String name, Tensor wanted, Tensor got, double tolerance) {
    String what = node.getOpType() + " " + name + " " + node.getAttributeList();
    if (!wanted.shape().equals(got.shape()) || wanted.dtype() != got.dtype()) {
      throw new AssertionError(
          "%s: wanted %s %s, got %s %s"
              .formatted(what, wanted.dtype(), wanted.shape(), got.dtype(), got.shape()));
    }
    double[] a = TestData.values(wanted);
    double[] b = TestData.values(got);
    boolean floats = wanted.dtype().isFloat();
    double most = 0;
    for (double v : a) {
      most = Math.max(most, Double.isFinite(v) ? Math.abs(v) : 0);
    }
    for (int i = 0; i < a.length; i++) {
      double allowed = floats ? tolerance * (Math.abs(a[i]) + 0.1 * most) : tolerance;
      boolean same = a[i] == b[i] || Double.isNaN(a[i]) && Double.isNaN(b[i]);
      if (!same && !(Math.abs(a[i] - b[i]) <= allowed)) {
        throw new AssertionError(
            "%s at %d of %s: wanted %s, got %s (allowed %s)"
                .formatted(what, i, wanted.shape(), a[i], b[i], allowed));
      }
    }
  }

  @Override
  public String toString() {
    return node.getOpType();
  }

  /** The table of what was compared so far; empties it. */
  static String table() {
    StringBuilder text = new StringBuilder();
    int sum = 0;
    for (var e : VARIATIONS.entrySet()) {
      text.append("%4d %s%n".formatted(e.getValue(), e.getKey().strip()));
      sum += e.getValue();
    }
    text.append("%d variations of %d operators agree".formatted(sum, VARIATIONS.size()));
    VARIATIONS.clear();
    return text.toString();
  }
}
