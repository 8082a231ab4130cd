package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Random models of the ai.onnx.ml operators against ONNX Runtime. */
class MlTest {
  private static final double NEAR = 2e-5;

  private static OneNode node(String type, int version) {
    return new OneNode("ai.onnx.ml", type, version);
  }

  private static OneNode node(String type) {
    return node(type, 1);
  }

  private static Tensor random(Random random, long... sizes) {
    double[] values = random.doubles(Shape.of(sizes).numel(), -1, 1).toArray();
    return Torch.tensor(values, sizes).to(DType.F32);
  }

  private static float[] floats(Random random, int count, double low, double high) {
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = (float) (low + (high - low) * random.nextDouble());
    }
    return out;
  }

  private static String[] names(int count) {
    return Stream.iterate(0, i -> i + 1).limit(count).map(i -> "class " + i).toArray(String[]::new);
  }

  private static long[] numbers(int count) {
    long[] out = new long[count];
    Arrays.setAll(out, i -> 10 + 3 * i);
    return out;
  }

  private static OneNode labelled(OneNode node, Random random, int classes, String integers) {
    return random.nextBoolean()
        ? node.with("classlabels_strings", names(classes))
        : node.with(integers, numbers(classes));
  }

  /** Probabilities are what PROBIT is for; it is taken of nothing else here. */
  private static boolean fits(Scores.Transform transform) {
    return transform != Scores.Transform.PROBIT;
  }

  @ParameterizedTest
  @EnumSource(Scores.Transform.class)
  void linear(Scores.Transform transform) throws OrtException {
    Random random = new Random(transform.ordinal());
    for (int classes = 1; classes < 5; classes++) {
      Tensor x = random(random, 7, 3);
      double low = fits(transform) ? -1 : 0.1;
      float[] weights =
          floats(random, classes * 3, fits(transform) ? -1 : 0, fits(transform) ? 1 : 0.1);
      OneNode regressor =
          node("LinearRegressor")
              .with("coefficients", weights)
              .with("intercepts", floats(random, classes, low, 0.6))
              .with("targets", classes)
              .with("post_transform", transform.name());
      PeerValues.assertSame(regressor.on(fits(transform) ? x : x.abs()), 1, NEAR);
      if (fits(transform) || classes > 2) {
        OneNode classifier =
            node("LinearClassifier")
                .with("coefficients", weights)
                .with("intercepts", floats(random, classes, low, 0.6))
                .with("post_transform", transform.name());
        labelled(classifier, random, Math.max(2, classes), "classlabels_ints");
        PeerValues.assertSame(classifier.on(fits(transform) ? x : x.abs()), 2, NEAR);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LINEAR", "POLY", "RBF", "SIGMOID"})
  void supportVectors(String kernel) throws OrtException {
    Random random = new Random(kernel.hashCode());
    for (Scores.Transform transform : Scores.Transform.values()) {
      for (int classes = 2; classes < 5; classes++) {
        for (boolean shares : new boolean[] {false, true}) {
          if (!fits(transform) && !shares) {
            continue;
          }
          long[] counts = random.longs(classes, 1, 4).toArray();
          int vectors = (int) Arrays.stream(counts).sum();
          int pairs = classes * (classes - 1) / 2;
          OneNode classifier =
              node("SVMClassifier")
                  .with("kernel_type", kernel)
                  .with("kernel_params", new float[] {0.7f, 0.3f, 2})
                  .with("vectors_per_class", counts)
                  .with("support_vectors", floats(random, vectors * 4, -1, 1))
                  .with("coefficients", floats(random, vectors * (classes - 1), -1, 1))
                  .with("rho", floats(random, pairs, -0.5, 0.5))
                  .with("post_transform", transform.name());
          if (shares) {
            classifier
                .with("prob_a", floats(random, pairs, -2, -1))
                .with("prob_b", floats(random, pairs, -0.2, 0.2));
          }
          labelled(classifier, random, classes, "classlabels_ints");
          // The iteration that couples probabilities stops at 0.005.
          PeerValues.assertSame(classifier.on(random(random, 6, 4)), 2, shares ? 1e-4 : NEAR);
        }
      }
    }
    for (int oneClass = 0; oneClass < 2; oneClass++) {
      OneNode regressor =
          node("SVMRegressor")
              .with("kernel_type", kernel)
              .with("kernel_params", new float[] {0.7f, 0.3f, 3})
              .with("n_supports", 5)
              .with("one_class", oneClass)
              .with("support_vectors", floats(random, 20, -1, 1))
              .with("coefficients", floats(random, 5, -1, 1))
              .with("rho", new float[] {0.1f});
      PeerValues.assertSame(regressor.on(random(random, 6, 4)), 1, NEAR);
    }
  }

  @Test
  void linearSupportVectors() throws OrtException {
    Random random = new Random(5);
    OneNode classifier =
        node("SVMClassifier")
            .with("coefficients", floats(random, 12, -1, 1))
            .with("kernel_params", new float[] {0, 0, 0})
            .with("rho", new float[] {0.2f})
            .with("post_transform", "SOFTMAX");
    labelled(classifier, random, 3, "classlabels_ints");
    PeerValues.assertSame(classifier.on(random(random, 6, 4)), 2, NEAR);
  }

  /** Distances in many parts are those in one. */
  @Test
  void manySupportVectors() throws OrtException {
    Random random = new Random(6);
    OneNode regressor =
        node("SVMRegressor")
            .with("kernel_type", "RBF")
            .with("kernel_params", new float[] {0.05f, 0, 0})
            .with("n_supports", 3000)
            .with("support_vectors", floats(random, 3000 * 40, -1, 1))
            .with("coefficients", floats(random, 3000, -0.1, 0.1))
            .with("rho", new float[] {0.1f});
    PeerValues.assertSame(regressor.on(random(random, 100, 40)), 1, 1e-4);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void treeRegressors(int seed) throws OrtException {
    Random random = new Random(seed);
    for (String aggregate : List.of("SUM", "AVERAGE", "MIN", "MAX")) {
      int targets = 1 + random.nextInt(3);
      RandomTrees trees = new RandomTrees(random, 3, 4, seed % 2 == 0);
      OneNode node =
          trees
              .nodes(node("TreeEnsembleRegressor", 3))
              .with("aggregate_function", aggregate)
              .with("n_targets", targets)
              .with("post_transform", seed % 3 == 0 ? "SOFTMAX" : "NONE");
      // ONNX Runtime forgets the base value of a target without votes.
      boolean base = random.nextBoolean();
      trees.votes(node, "target", targets, base, -1, 1);
      if (base) {
        node.with("base_values", floats(random, targets, -1, 1));
      }
      PeerValues.assertSame(node.on(trees.rows(9)), 1, NEAR);
    }
  }

  @ParameterizedTest
  @EnumSource(Scores.Transform.class)
  void treeClassifiers(Scores.Transform transform) throws OrtException {
    Random random = new Random(transform.ordinal());
    for (int classes = 3; classes < 6; classes++) {
      RandomTrees trees = new RandomTrees(random, 5, 4, true);
      OneNode node =
          trees.nodes(node("TreeEnsembleClassifier", 3)).with("post_transform", transform.name());
      trees.votes(
          node, "class", classes, false, fits(transform) ? -1 : 0.01, fits(transform) ? 1 : 0.03);
      labelled(node, random, classes, "classlabels_int64s");
      if (fits(transform)) {
        node.with("base_values", floats(random, classes, -1, 1));
      }
      PeerValues.assertSame(node.on(trees.rows(9)), 2, NEAR);
    }
  }

  /** As boosted trees are written: votes for one of two classes. */
  @ParameterizedTest
  @ValueSource(strings = {"NONE", "LOGISTIC", "SOFTMAX"})
  void oneSidedTreeClassifiers(String transform) throws OrtException {
    Random random = new Random(transform.hashCode());
    for (int i = 0; i < 8; i++) {
      RandomTrees trees = new RandomTrees(random, 3, 4, true);
      OneNode node =
          trees.nodes(node("TreeEnsembleClassifier", 3)).with("post_transform", transform);
      // Base values for the second class are left to the next test.
      trees.votesFor(node, i / 4, i % 2 == 0 ? -1 : 0, 1);
      labelled(node, random, 2, "classlabels_int64s");
      if (i % 4 > 1 && i < 4) {
        node.with("base_values", new float[] {0.25f});
      }
      PeerValues.assertSame(node.on(trees.rows(9)), 2, NEAR);
    }
  }

  /**
   * A forest of two classes with votes for both: ONNX Runtime's label there is whether the second's
   * score is positive; ONNX's reference takes the larger one.
   */
  @Test
  void forestOfTwoClasses() {
    Random random = new Random(4);
    RandomTrees trees = new RandomTrees(random, 5, 3, false);
    OneNode node = trees.nodes(node("TreeEnsembleClassifier", 3));
    trees.votes(node, "class", 2, false, 0, 1);
    node.with("classlabels_int64s", new long[] {7, 8}).on(trees.rows(20));
    List<OnnxValue> results = node.run(2);
    double[] scores = TestData.values(((OnnxValue.Numbers) results.get(1)).tensor());
    double[] labels = TestData.values(((OnnxValue.Numbers) results.get(0)).tensor());
    for (int i = 0; i < labels.length; i++) {
      assertEquals(scores[2 * i] >= scores[2 * i + 1] ? 7 : 8, labels[i]);
    }
  }

  /** The newer way of writing trees, against the older one. */
  @ParameterizedTest
  @ValueSource(strings = {"AVERAGE", "SUM", "MIN", "MAX"})
  void treeEnsembles(String aggregate) {
    Random random = new Random(aggregate.hashCode());
    RandomTrees trees = new RandomTrees(random, 4, 4, true);
    OneNode old =
        trees
            .nodes(node("TreeEnsembleRegressor", 3))
            .with("aggregate_function", aggregate)
            .with("n_targets", 3)
            .with("post_transform", "LOGISTIC");
    trees.votes(old, "target", 3, false, -1, 1);
    int number = List.of("AVERAGE", "SUM", "MIN", "MAX").indexOf(aggregate);
    OneNode young = trees.ensemble(number, 3).with("post_transform", 2);
    Tensor x = trees.rows(30);
    Tensor wanted = ((OnnxValue.Numbers) old.on(x).run(1).getFirst()).tensor();
    Tensor got = ((OnnxValue.Numbers) young.on(x).run(1).getFirst()).tensor();
    assertTrue(TestData.largestDifference(wanted, got) < 1e-6);
  }

  @Test
  void treesInACircleAreRefused() {
    OneNode node =
        node("TreeEnsembleRegressor", 3)
            .with("nodes_treeids", new long[] {0, 0, 0})
            .with("nodes_nodeids", new long[] {0, 1, 2})
            .with("nodes_featureids", new long[] {0, 0, 0})
            .with("nodes_modes", new String[] {"BRANCH_LT", "BRANCH_LT", "LEAF"})
            .with("nodes_values", new float[] {0, 1, 2})
            .with("nodes_truenodeids", new long[] {1, 0, 0})
            .with("nodes_falsenodeids", new long[] {2, 2, 0})
            .with("n_targets", 1)
            .on(Torch.zeros(2, 1));
    TorchException e = assertThrows(TorchException.class, () -> node.run(1));
    assertTrue(e.getMessage().contains("circle"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"MAX", "L1", "L2"})
  void normalizers(String norm) throws OrtException {
    Tensor x = random(new Random(2), 5, 4);
    x.select(0, 1).zero_();
    PeerValues.assertSame(node("Normalizer").with("norm", norm).on(x), 1, NEAR);
    PeerValues.assertSame(node("Normalizer").with("norm", norm).on(x.select(0, 0)), 1, NEAR);
  }

  @Test
  void features() throws OrtException {
    Random random = new Random(3);
    Tensor x = random(random, 4, 3);
    Tensor longs = Torch.tensor(random.longs(12, -2, 3).toArray(), 4, 3);
    PeerValues.assertSame(node("Binarizer").with("threshold", 0.1f).on(x), 1, 0);
    float[] each = {0.5f, -1, 2};
    PeerValues.assertSame(
        node("Scaler").with("offset", each).with("scale", floats(random, 3, 1, 2)).on(x), 1, NEAR);
    PeerValues.assertSame(
        node("Scaler").with("offset", new float[] {1}).with("scale", new float[] {3}).on(longs),
        1,
        NEAR);
    x.select(0, 0).fill_(Float.NaN);
    OneNode nan = node("Imputer").with("imputed_value_floats", each);
    PeerValues.assertSame(nan.with("replaced_value_float", Float.NaN).on(x), 1, 0);
    OneNode zero = node("Imputer").with("imputed_value_int64s", new long[] {9});
    PeerValues.assertSame(zero.with("replaced_value_int64", 1).on(longs), 1, 0);
    PeerValues.assertSame(
        node("FeatureVectorizer")
            .with("inputdimensions", new long[] {3, 2})
            .on(longs)
            .on(longs.narrow(1, 0, 2)),
        1,
        0);
    PeerValues.assertSame(
        node("ArrayFeatureExtractor").on(longs).on(Torch.tensor(new long[] {2, 0}, 2)), 1, 0);
    PeerValues.assertSame(
        node("ArrayFeatureExtractor")
            .on(names(6), 2, 3)
            .on(Torch.tensor(new long[] {2, 0, 2}, 1, 3)),
        1,
        0);
    PeerValues.assertSame(
        node("OneHotEncoder").with("cats_int64s", new long[] {-1, 2, 0}).on(longs), 1, 0);
    PeerValues.assertSame(
        node("OneHotEncoder").with("cats_strings", names(4)).on(names(6), 2, 3), 1, 0);
    OneNode strict = node("OneHotEncoder").with("cats_strings", names(4)).with("zeros", 0);
    assertThrows(TorchException.class, () -> strict.on(names(6), 2, 3).run(1));
  }

  @Test
  void labels() throws OrtException {
    Tensor longs = Torch.tensor(new long[] {2, 0, 5, -3}, 2, 2);
    String[] words = {"class 1", "class 7", "class 0", "class 2"};
    OneNode mapper =
        node("CategoryMapper").with("cats_strings", names(3)).with("cats_int64s", numbers(3));
    PeerValues.assertSame(new OneNode(mapper).on(words, 2, 2), 1, 0);
    PeerValues.assertSame(new OneNode(mapper).on(Torch.tensor(numbers(4), 4)), 1, 0);
    OneNode first = node("LabelEncoder").with("classes_strings", names(3));
    PeerValues.assertSame(new OneNode(first).on(words, 4), 1, 0);
    PeerValues.assertSame(new OneNode(first).on(longs), 1, 0);
    for (int version : new int[] {2, 4}) {
      PeerValues.assertSame(
          node("LabelEncoder", version)
              .with("keys_strings", names(3))
              .with("values_floats", new float[] {0.5f, 1.5f, 2.5f})
              .on(words, 4),
          1,
          0);
      PeerValues.assertSame(
          node("LabelEncoder", version)
              .with("keys_int64s", new long[] {2, 5, 9})
              .with("values_strings", names(3))
              .with("default_string", "none")
              .on(longs),
          1,
          0);
      PeerValues.assertSame(
          node("LabelEncoder", version)
              .with("keys_floats", new float[] {Float.NaN, 0, 1.5f})
              .with("values_int64s", new long[] {4, 5, 6})
              // Version 2 finds NaN by the specification, but not in ONNX Runtime.
              .on(Torch.tensor(new float[] {1.5f, version == 4 ? Float.NaN : 0, -0f, 3}, 4)),
          1,
          0);
    }
    OneNode tensors =
        node("LabelEncoder", 4)
            .with("keys_tensor", Torch.tensor(new long[] {2, 5}, 2).to(DType.I32))
            .with("values_tensor", Torch.tensor(new double[] {0.25, 0.75}, 2))
            .with("default_tensor", Torch.tensor(new double[] {-7}, 1))
            .on(longs.to(DType.I32));
    assertEquals(List.of(0.25, -7.0, 0.75, -7.0), numbers(tensors));
  }

  /** In version 4 the last of equal keys counts. */
  @Test
  void repeatedKeys() {
    OneNode node =
        node("LabelEncoder", 4)
            .with("keys_int64s", new long[] {1, 2, 1})
            .with("values_int64s", new long[] {10, 20, 30});
    OnnxValue.Numbers out =
        (OnnxValue.Numbers) node.on(Torch.tensor(new long[] {1, 2}, 2)).run(1).getFirst();
    assertEquals(
        List.of(30.0, 20.0), Arrays.stream(TestData.values(out.tensor())).boxed().toList());
  }

  @Test
  void maps() throws OrtException {
    Tensor x = random(new Random(1), 4, 3);
    PeerValues.assertSame(node("ZipMap").with("classlabels_strings", names(3)).on(x), 1, 0);
    PeerValues.assertSame(node("ZipMap").with("classlabels_int64s", numbers(3)).on(x), 1, 0);
    Map<Object, OnnxValue> map = new LinkedHashMap<>();
    map.put(4L, OnnxValue.of(Torch.full(DType.F32, 2.5)));
    map.put(1L, OnnxValue.of(Torch.full(DType.F32, -1)));
    OnnxValue dictionary = new OnnxValue.Dictionary(map);
    OneNode dense = node("CastMap").with("cast_to", "TO_STRING").on(dictionary);
    assertEquals(OnnxValue.of(List.of("-1.000000", "2.500000"), 1, 2), dense.run(1).getFirst());
    OneNode sparse = node("CastMap").with("map_form", "SPARSE").with("max_map", 6).on(dictionary);
    assertEquals(List.of(0.0, -1.0, 0.0, 0.0, 2.5, 0.0), numbers(sparse));
    OneNode narrow = node("CastMap").with("map_form", "SPARSE").with("max_map", 3).on(dictionary);
    assertThrows(TorchException.class, () -> narrow.run(1));
    OneNode whole = node("CastMap").with("cast_to", "TO_INT64").on(dictionary);
    assertEquals(List.of(-1.0, 2.0), numbers(whole));
    OneNode vector =
        node("DictVectorizer").with("int64_vocabulary", new long[] {7, 4, 1}).on(dictionary);
    assertEquals(List.of(0.0, 2.5, -1.0), numbers(vector));
    OneNode rows =
        node("DictVectorizer")
            .with("int64_vocabulary", new long[] {4, 7})
            .on(new OnnxValue.Sequence(List.of(dictionary, dictionary)));
    assertEquals(List.of(2.5, 0.0, 2.5, 0.0), numbers(rows));
  }

  private static List<Double> numbers(OneNode node) {
    OnnxValue.Numbers out = (OnnxValue.Numbers) node.run(1).getFirst();
    return Arrays.stream(TestData.values(out.tensor())).boxed().toList();
  }

  /** What has derivatives is differentiated: linear models, kernels, norms. */
  @Test
  void gradients() {
    Random random = new Random(8);
    Map<String, OneNode> nodes = new LinkedHashMap<>();
    nodes.put(
        "linear",
        node("LinearRegressor")
            .with("coefficients", floats(random, 6, -1, 1))
            .with("targets", 2)
            .with("post_transform", "SOFTMAX_ZERO"));
    nodes.put(
        "svm",
        node("SVMRegressor")
            .with("kernel_type", "RBF")
            .with("kernel_params", new float[] {0.7f, 0, 0})
            .with("n_supports", 2)
            .with("support_vectors", floats(random, 6, -1, 1))
            .with("coefficients", new float[] {1, -2})
            .with("rho", new float[] {0.1f}));
    nodes.put("norm", node("Normalizer").with("norm", "L2"));
    nodes.forEach(
        (name, node) -> {
          OnnxModule module = node.on(Torch.zeros(4, 3)).load(1);
          Tensor x = random(random, 4, 3).requiresGrad(true);
          Tensor weights = random(random, 1);
          Tensor y = module.forward(x);
          y.mul(y.cos()).sum().backward();
          double[] gradient = TestData.values(x.grad().orElseThrow());
          for (int i = 0; i < 12; i++) {
            double slope = (at(module, x, i, 1e-2) - at(module, x, i, -1e-2)) / 2e-2;
            assertEquals(slope, gradient[i], 2e-3 * (1 + Math.abs(slope)), name + " at " + i);
          }
        });
  }

  private static double at(OnnxModule module, Tensor x, int place, double step) {
    Tensor moved = x.detach().copy();
    Tensor y =
        module.forward(
            moved
                .reshape(-1)
                .indexAdd(0, Torch.tensor(new long[] {place}, 1), Torch.full(DType.F32, step, 1))
                .reshape(4, 3));
    return y.mul(y.cos()).sum().item();
  }
}
