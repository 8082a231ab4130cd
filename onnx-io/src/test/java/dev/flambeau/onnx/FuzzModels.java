package dev.flambeau.onnx;

import static dev.flambeau.onnx.Graphs.ints;

import com.google.protobuf.ByteString;
import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.AttributeProto.AttributeType;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Torch;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/** Small models of sequences, strings, classical models and training, to be damaged. */
final class FuzzModels {
  private static final String ML = Registry.ML;

  private FuzzModels() {}

  private static AttributeProto floats(String name, double... values) {
    AttributeProto.Builder a =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.FLOATS);
    Arrays.stream(values).forEach(v -> a.addFloats((float) v));
    return a.build();
  }

  private static AttributeProto texts(String name, String... values) {
    AttributeProto.Builder a =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.STRINGS);
    Arrays.stream(values).forEach(v -> a.addStrings(ByteString.copyFromUtf8(v)));
    return a.build();
  }

  private static AttributeProto number(String name, long value) {
    return ExportGraph.attribute(name, value);
  }

  static ModelProto sequences() {
    Graphs each = new Graphs().input("item").node("Relu", "r", "item", "o").output("o");
    each.graph.getInputBuilder(0).clearType();
    each.graph.getOutputBuilder(0).clearType();
    Graphs loop = new Graphs().input("i").input("go").input("s");
    for (int i = 0; i < 3; i++) {
      loop.graph.getInputBuilder(i).clearType();
    }
    loop.node("SequenceInsert", "put", "s x", "t")
        .node("Identity", "id", "go", "more")
        .output("more", ElementType.BOOL)
        .output("t");
    loop.graph.getOutputBuilder(1).clearType();
    return new Graphs()
        .opset(20)
        .input("x", 6, 2)
        .weight("parts", Torch.tensor(new long[] {2, 4}, 2))
        .weight("at", Torch.full(DType.I64, -1))
        .weight("trips", Torch.full(DType.I64, 3))
        .weight("yes", Torch.ones(DType.BOOL))
        .node("SplitToSequence", "split", "x parts", "s", number("axis", 0))
        .node("SequenceEmpty", "empty", "", "e", number("dtype", 1))
        .node("Loop", "loop", "trips yes e", "f", Graphs.body("body", loop))
        .node("SequenceMap", "map", "f", "g", Graphs.body("body", each))
        .node("SequenceErase", "erase", "g at", "h")
        .node("SequenceLength", "length", "h", "n")
        .node("SequenceAt", "take", "s at", "y")
        .node("ConcatFromSequence", "cat", "h", "z", number("axis", 1), number("new_axis", 1))
        .node("Optional", "some", "y", "p")
        .node("OptionalHasElement", "has", "p", "q")
        .node("OptionalGetElement", "get", "p", "w")
        .output("w", 4, 2)
        .output("z", 6, 2, 2)
        .output("n", ElementType.INT64)
        .output("q", ElementType.BOOL)
        .model();
  }

  static ModelProto texts() {
    return new Graphs()
        .opset(20)
        .input("x", 4)
        .weight("turn", Torch.tensor(new long[] {2, 2}, 2))
        .weight("rows", Torch.tensor(new long[] {1, 0, 1}, 3))
        .node("Cast", "cast", "x", "a", number("to", 8))
        .node("StringConcat", "join", "a a", "b")
        .node(
            "StringNormalizer",
            "normal",
            "b",
            "c",
            Graphs.text("case_change_action", "UPPER"),
            texts("stopwords", "0.0", "nan"))
        .node("Reshape", "shape", "b turn", "d")
        .node("Gather", "pick", "d rows", "e", number("axis", 1))
        .node("Unique", "once", "e", "f")
        .node("Equal", "same", "d d", "g")
        .node(
            "StringSplit",
            "split",
            "e",
            "h counts",
            Graphs.text("delimiter", "."),
            number("maxsplit", 2))
        .node("RegexFullMatch", "match", "h", "i", Graphs.text("pattern", "-?(\\d{1,9}|[a-f]+)*"))
        .node(
            "TfIdfVectorizer",
            "grams",
            "c",
            "j",
            Graphs.text("mode", "TFIDF"),
            number("min_gram_length", 1),
            number("max_gram_length", 2),
            number("max_skip_count", 1),
            ints("ngram_counts", 0, 2),
            ints("ngram_indexes", 0, 2, 1),
            texts("pool_strings", "A", "B", "A", "B"),
            floats("weights", 1, 2, 3))
        .node(
            "LabelEncoder",
            "code",
            "f",
            "k",
            texts("keys_strings", "1.01.0", "x"),
            ints("values_int64s", 4, 5))
        .in(ML, 5)
        .output("c", ElementType.STRING, "n")
        .output("g", ElementType.BOOL, 2, 2)
        .output("i", ElementType.BOOL, 2, 3, "n")
        .output("counts", ElementType.INT64, 2, 3)
        .output("j", 3)
        .output("k", ElementType.INT64, "n")
        .model();
  }

  static ModelProto trees() {
    OneNode node = new OneNode(ML, "TreeEnsembleClassifier", 5);
    RandomTrees trees = new RandomTrees(new Random(1), 2, 3, true);
    trees.nodes(node);
    trees.votes(node, "class", 3, false, -1, 1);
    node.with("classlabels_strings", new String[] {"a", "b", "c"});
    node.with("base_values", new float[] {0.1f, 0.2f, 0.3f}).with("post_transform", "SOFTMAX");
    AttributeProto[] old = attributes(node);
    AttributeProto[] young = attributes(trees.ensemble(1, 3));
    return new Graphs()
        .opset(20)
        .input("x", 5, 4)
        .node("TreeEnsembleClassifier", "old", "x", "label score", old)
        .in(ML, 5)
        .node("TreeEnsemble", "young", "x", "y", young)
        .in(ML, 5)
        .node("ZipMap", "zip", "score", "maps", texts("classlabels_strings", "a", "b", "c"))
        .in(ML, 5)
        .output("label", ElementType.STRING, 5)
        .output("y", 5, 3)
        .model();
  }

  private static AttributeProto[] attributes(OneNode node) {
    return node.model(1).getGraph().getNode(0).getAttributeList().toArray(AttributeProto[]::new);
  }

  static ModelProto vectors() {
    return new Graphs()
        .opset(20)
        .input("x", 3, 6)
        .weight("columns", Torch.tensor(new long[] {1, 0}, 2))
        .node("Scaler", "scale", "x", "a", floats("offset", 1, 2, 3, 4, 5, 6), floats("scale", 2))
        .in(ML, 5)
        .node("Normalizer", "norm", "a", "b", Graphs.text("norm", "L2"))
        .in(ML, 5)
        .node(
            "Imputer",
            "fill",
            "b",
            "c",
            floats("imputed_value_floats", 1),
            ExportGraph.attribute("replaced_value_float", 0.5))
        .in(ML, 5)
        .node(
            "SVMClassifier",
            "svm",
            "c",
            "label score",
            Graphs.text("kernel_type", "RBF"),
            floats("kernel_params", 0.5, 0, 2),
            ints("vectors_per_class", 1, 2),
            floats("support_vectors", IntStream.range(0, 18).asDoubleStream().toArray()),
            floats("coefficients", 1, -1, 2),
            floats("rho", 0.1),
            floats("prob_a", -1),
            floats("prob_b", 0.1),
            ints("classlabels_ints", 7, 8))
        .in(ML, 5)
        .node(
            "LinearClassifier",
            "linear",
            "c",
            "l s",
            floats("coefficients", IntStream.range(0, 18).asDoubleStream().toArray()),
            floats("intercepts", 1, 2, 3),
            Graphs.text("post_transform", "SOFTMAX_ZERO"),
            texts("classlabels_strings", "a", "b", "c"))
        .in(ML, 5)
        .node("OneHotEncoder", "hot", "label", "h", ints("cats_int64s", 7, 8))
        .in(ML, 5)
        .node("FeatureVectorizer", "join", "score s", "j", ints("inputdimensions", 2, 4))
        .in(ML, 5)
        .node("ArrayFeatureExtractor", "pick", "j columns", "k")
        .in(ML, 5)
        .node("Binarizer", "bin", "k", "y", ExportGraph.attribute("threshold", 0.5))
        .in(ML, 5)
        .output("y", 3, 2)
        .output("h", 3, 2)
        .model();
  }

  static ModelProto training() {
    return new Graphs()
        .opset(20)
        .input("x", 3)
        .weight("w", TestData.waves(3))
        .weight("rate", Torch.full(DType.F32, 0.1))
        .weight("time", Torch.full(DType.I64, 2))
        .weight("v", Torch.zeros(3))
        .weight("h", Torch.ones(3))
        .node("Mul", "mul", "w x", "m")
        .node("Mul", "square", "m m", "y")
        .node(
            "Gradient",
            "slope",
            "w x",
            "dw",
            texts("xs", "w"),
            texts("zs", "x"),
            Graphs.text("y", "y"))
        .in(Registry.TRAINING, 1)
        .node("Adam", "adam", "rate time w dw v h", "w2 v2 h2")
        .in(Registry.TRAINING, 1)
        .node("Adagrad", "ada", "rate time w2 dw h", "w3 h3")
        .in(Registry.TRAINING, 1)
        .node("Momentum", "momentum", "rate time w3 dw v", "w4 v4", Graphs.text("mode", "nesterov"))
        .in(Registry.TRAINING, 1)
        .output("w4", 3)
        .output("v4", 3)
        .model();
  }
}
