package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What is inferred for ONNX's backend tests against the results they expect. The models are
 * stripped of every shape; their inputs are declared as large as the tests' are.
 */
class ShapeConformanceTest {
  private enum Verdict {
    FULLY,
    PARTLY,
    WRONG
  }

  /** Operators whose outputs' sizes depend on the data. */
  private static final Set<String> BY_DATA =
      Set.of("NonZero", "Unique", "NonMaxSuppression", "Compress", "StringSplit", "ImageDecoder");

  private final List<String> notes = new ArrayList<>();

  /** Sizes that are inputs are known as in most files: as constants. */
  @Test
  void withSmallIntegersAsConstants() throws Exception {
    run(true);
  }

  @Test
  void withShapesAlone() throws Exception {
    run(false);
  }

  private void run(boolean constants) throws Exception {
    Path folder = ConformanceTest.unpacked(TestData.conformance());
    TreeMap<Verdict, Integer> all = new TreeMap<>();
    TreeMap<Verdict, Integer> fixed = new TreeMap<>();
    int unread = 0;
    for (Path test : OnnxConformance.tests(folder)) {
      ModelProto model = Onnx.parse(test.resolve("model.onnx"));
      Path data = test.resolve("test_data_set_0");
      try {
        Verdict verdict = judge(model, data, constants, folder.relativize(test).toString());
        all.merge(verdict, 1, Integer::sum);
        boolean free = model.getGraph().getNodeList().stream().noneMatch(n -> BY_DATA.contains(n.getOpType()));
        if (free) {
          fixed.merge(verdict, 1, Integer::sum);
        }
      } catch (TorchException e) {
        unread++;
        notes.add("unread " + test + ": " + e.getMessage());
      }
    }
    notes.forEach(System.out::println);
    System.out.println("constants " + constants + ": " + all + ", without data-dependent ones " + fixed + ", unread " + unread);
    assertEquals(0, all.getOrDefault(Verdict.WRONG, 0));
  }

  private Verdict judge(ModelProto model, Path data, boolean constants, String name) throws IOException {
    GraphProto graph = model.getGraph();
    Set<String> initializers = new HashSet<>();
    graph.getInitializerList().forEach(t -> initializers.add(t.getName()));
    GraphProto.Builder stripped = graph.toBuilder().clearValueInfo().clearInput().clearOutput();
    int given = 0;
    for (ValueInfoProto input : graph.getInputList()) {
      if (initializers.contains(input.getName())) {
        stripped.addInput(input);
        continue;
      }
      Path file = data.resolve("input_" + given++ + ".pb");
      OnnxValue value = read(file, Declared.of(input.getType(), name));
      ValueType type = typeOf(value, ValueType.of(input.getType(), d -> Size.UNKNOWN));
      if (constants && small(value, given - 1)) {
        stripped.addInitializer(TensorProto.parseFrom(Files.readAllBytes(file)).toBuilder().setName(input.getName()));
      } else {
        ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(input.getName());
        type.proto().ifPresent(info::setType);
        stripped.addInput(info);
      }
    }
    graph.getOutputList().forEach(o -> stripped.addOutput(ValueInfoProto.newBuilder().setName(o.getName())));
    ModelProto bare = model.toBuilder().setGraph(stripped).build();
    ShapeInference found = ShapeInference.of(bare, new TensorReader(name, new ExternalData(Optional.empty())));
    found.faults().forEach(f -> notes.add(name + ": FAULT " + f));
    Verdict worst = Verdict.FULLY;
    for (int i = 0; i < graph.getOutputCount(); i++) {
      ValueInfoProto output = graph.getOutput(i);
      OnnxValue value = read(data.resolve("output_" + i + ".pb"), Declared.of(output.getType(), name));
      ValueType real = typeOf(value, ValueType.of(output.getType(), d -> Size.UNKNOWN));
      ValueType got = found.values().getOrDefault(output.getName(), Known.NOTHING).type();
      Verdict verdict = compare(got, real);
      if (verdict != Verdict.FULLY) {
        String nodes = String.join(" ", graph.getNodeList().stream().map(n -> n.getOpType()).limit(4).toList());
        notes.add("%s %s (%s) %s: %s, real %s".formatted(verdict, name, nodes, output.getName(), got.describe(), real.describe()));
      }
      worst = verdict.ordinal() > worst.ordinal() ? verdict : worst;
    }
    return worst;
  }

  private static boolean small(OnnxValue value, int input) {
    return value instanceof OnnxValue.Numbers n && (input > 0 || !n.type().isFloat()) && n.tensor().numel() <= 16 && n.tensor().dim() <= 1;
  }

  static Verdict compare(ValueType got, ValueType real) {
    if (!ShapeMerge.agree(got, real)) {
      return Verdict.WRONG;
    }
    return got.describe().equals(real.describe()) ? Verdict.FULLY : Verdict.PARTLY;
  }

  private static OnnxValue read(Path file, Declared type) throws IOException {
    TensorReader tensors = new TensorReader(file.toString(), new ExternalData(Optional.empty()));
    return new DataReader(tensors).read(Files.readAllBytes(file), type);
  }

  /** The type of a value; what an empty one leaves open is the declared. */
  private static ValueType typeOf(OnnxValue value, ValueType declared) {
    return switch (value) {
      case OnnxValue.Numbers n -> ValueType.dense(n.type(), sizes(n.tensor().shape().sizes()));
      case OnnxValue.Texts t -> ValueType.dense(ElementType.STRING, sizes(t.shape().sizes()));
      case OnnxValue.Sequence s -> {
        ValueType item = declared instanceof ValueType.Sequence(ValueType of, _) ? of : declared instanceof ValueType.Maybe(ValueType.Sequence(ValueType of, _)) ? of : new ValueType.Unknown();
        ShapeMerge merge = new ShapeMerge(() -> Size.UNKNOWN, _ -> false);
        ValueType all = s.items().isEmpty() ? item : s.items().stream().map(v -> typeOf(v, item)).reduce(merge::join).get();
        ValueType sequence = new ValueType.Sequence(all, false);
        yield declared instanceof ValueType.Maybe ? new ValueType.Maybe(sequence) : sequence;
      }
      case OnnxValue.Dictionary d -> declared;
      case OnnxValue.Nothing _ -> declared;
    };
  }

  private static List<Size> sizes(long[] sizes) {
    return Arrays.stream(sizes).mapToObj(Size::of).toList();
  }
}
