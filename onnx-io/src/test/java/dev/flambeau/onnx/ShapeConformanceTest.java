package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is inferred for ONNX's backend tests against the results they expect. The models are
 * stripped of every shape; only their inputs say what they are.
 */
class ShapeConformanceTest {
  /** How the inputs are declared, and the share of tests whose outputs must be known wholly. */
  enum Inputs {
    /**
     * As large as the test's; what may be sizes (short vectors) is a constant, as in most files.
     */
    CONSTANTS(0.98),
    /** As large as the test's, and nothing more: operators with sizes as inputs stay open. */
    SHAPES(0.83),
    /** With a name for each size, and short vectors as constants. */
    NAMES(0.96);

    private final double fully;

    Inputs(double fully) {
      this.fully = fully;
    }
  }

  private enum Verdict {
    FULLY,
    PARTLY,
    WRONG
  }

  /** Operators whose outputs' sizes depend on the data. */
  private static final Set<String> BY_DATA =
      Set.of("NonZero", "Unique", "NonMaxSuppression", "Compress", "StringSplit", "ImageDecoder");

  private static final int SHORT = 16;

  private final Map<String, Long> sizes = new HashMap<>();
  private final List<String> wrong = new ArrayList<>();

  @ParameterizedTest
  @EnumSource
  void backendTests(Inputs inputs) throws Exception {
    Path folder = ConformanceTest.unpacked(TestData.conformance());
    Map<Verdict, Integer> all = new TreeMap<>();
    Map<Verdict, Integer> free = new TreeMap<>();
    for (Path test : OnnxConformance.tests(folder)) {
      if (!Files.isDirectory(test)) {
        continue; // A light model, without data.
      }
      ModelProto model = Onnx.parse(OnnxConformance.model(test));
      Verdict verdict = judge(model, test, inputs);
      all.merge(verdict, 1, Integer::sum);
      if (model.getGraph().getNodeList().stream().noneMatch(n -> BY_DATA.contains(n.getOpType()))) {
        free.merge(verdict, 1, Integer::sum);
      }
    }
    System.out.println(inputs + ": " + all + ", without those that depend on data " + free);
    wrong.forEach(System.out::println);
    assertEquals(List.of(), wrong);
    double total = free.values().stream().mapToInt(Integer::intValue).sum();
    assertTrue(free.get(Verdict.FULLY) >= inputs.fully * total, free::toString);
  }

  private Verdict judge(ModelProto model, Path test, Inputs inputs) throws IOException {
    Path data = test.resolve("test_data_set_0");
    sizes.clear();
    ModelProto bare = stripped(model, data, inputs);
    TensorReader reader = new TensorReader(test + "", new ExternalData(Optional.empty()));
    ShapeInference found = ShapeInference.of(bare, reader);
    found.faults().forEach(fault -> wrong.add(test + ": " + fault));
    Verdict worst = Verdict.FULLY;
    for (int i = 0; i < model.getGraph().getOutputCount(); i++) {
      ValueInfoProto output = model.getGraph().getOutput(i);
      ValueType real = read(data.resolve("output_" + i + ".pb"), output);
      ValueType got = found.values().getOrDefault(output.getName(), Known.NOTHING).type();
      Verdict verdict = compare(evaluated(got), real);
      if (verdict == Verdict.WRONG) {
        wrong.add(test + ": " + got.describe() + " instead of " + real.describe());
      }
      worst = verdict.ordinal() > worst.ordinal() ? verdict : worst;
    }
    return worst;
  }

  private ModelProto stripped(ModelProto model, Path data, Inputs inputs) throws IOException {
    GraphProto graph = model.getGraph();
    Set<String> initializers = new HashSet<>();
    graph.getInitializerList().forEach(t -> initializers.add(t.getName()));
    GraphProto.Builder bare = graph.toBuilder().clearValueInfo().clearInput().clearOutput();
    int given = 0;
    for (ValueInfoProto input : graph.getInputList()) {
      if (initializers.contains(input.getName())) {
        bare.addInput(input);
        continue;
      }
      int at = given++;
      Path file = data.resolve("input_" + at + ".pb");
      ValueType type = read(file, input);
      if (inputs != Inputs.SHAPES && isShort(type, at)) {
        TensorProto value = TensorProto.parseFrom(Files.readAllBytes(file));
        bare.addInitializer(value.toBuilder().setName(input.getName()));
        continue;
      }
      ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(input.getName());
      ValueType declared = inputs == Inputs.NAMES ? named(type, at) : type;
      declared.proto().ifPresent(info::setType);
      bare.addInput(info);
    }
    graph.getOutputList().forEach(o -> bare.addOutputBuilder().setName(o.getName()));
    return model.toBuilder().setGraph(bare).build();
  }

  /** Vectors that may be sizes or scales; the first input is the data, unless it is of integers. */
  private static boolean isShort(ValueType type, int input) {
    return type
            instanceof ValueType.Dense(Optional<ElementType> element, Optional<List<Size>> shape)
        && (input > 0 || !element.orElseThrow().isFloat())
        && element.orElseThrow().stored().isPresent()
        && shape.orElseThrow().size() <= 1
        && Size.product(shape.orElseThrow().toArray(Size[]::new)).number() <= SHORT;
  }

  private ValueType named(ValueType type, int input) {
    if (!(type instanceof ValueType.Dense(Optional<ElementType> element, Optional<List<Size>> s))) {
      return type;
    }
    List<Size> open = new ArrayList<>();
    for (Size size : s.orElseThrow()) {
      // Names stand for sizes of 1 or more.
      String name = "d" + input + "_" + open.size();
      sizes.put(name, size.number());
      open.add(size.is(0) ? size : Size.named(name));
    }
    return ValueType.dense(element.orElseThrow(), open);
  }

  /** With the test's sizes in place of their names. */
  private ValueType evaluated(ValueType type) {
    return switch (type) {
      case ValueType.Dense(var element, Optional<List<Size>> shape) ->
          new ValueType.Dense(element, shape.map(s -> s.stream().map(this::evaluated).toList()));
      case ValueType.Sequence(ValueType of, boolean empty) ->
          new ValueType.Sequence(evaluated(of), empty);
      case ValueType.Maybe(ValueType of) -> new ValueType.Maybe(evaluated(of));
      default -> type;
    };
  }

  private Size evaluated(Size size) {
    Set<String> names = new TreeSet<>();
    size.names(names);
    return sizes.keySet().containsAll(names) && size.isKnown() ? Size.of(size.at(sizes)) : size;
  }

  private static Verdict compare(ValueType got, ValueType real) {
    if (!ShapeMerge.agree(got, real)) {
      return Verdict.WRONG;
    }
    return got.describe().equals(real.describe()) ? Verdict.FULLY : Verdict.PARTLY;
  }

  private static ValueType read(Path file, ValueInfoProto like) throws IOException {
    TensorReader tensors = new TensorReader(file.toString(), new ExternalData(Optional.empty()));
    OnnxValue value =
        new DataReader(tensors)
            .read(Files.readAllBytes(file), Declared.of(like.getType(), like.getName()));
    return typeOf(value, ValueType.of(like.getType(), _ -> Size.UNKNOWN));
  }

  /** The type of a value; what an empty one leaves open is the declared. */
  private static ValueType typeOf(OnnxValue value, ValueType declared) {
    return switch (value) {
      case OnnxValue.Numbers n -> ValueType.dense(n.type(), sizes(n.tensor().shape().sizes()));
      case OnnxValue.Texts t -> ValueType.dense(ElementType.STRING, sizes(t.shape().sizes()));
      case OnnxValue.Sequence s when declared instanceof ValueType.Maybe(ValueType of) ->
          new ValueType.Maybe(typeOf(s, of));
      case OnnxValue.Sequence s -> {
        ValueType item = ((ValueType.Sequence) declared).of();
        ShapeMerge merge = new ShapeMerge(() -> Size.UNKNOWN, _ -> false);
        yield new ValueType.Sequence(
            s.items().stream().map(v -> typeOf(v, item)).reduce(merge::join).orElse(item), false);
      }
      case OnnxValue.Dictionary _, OnnxValue.Nothing _ -> declared;
    };
  }

  private static List<Size> sizes(long[] sizes) {
    return Arrays.stream(sizes).mapToObj(Size::of).toList();
  }
}
