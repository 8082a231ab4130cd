package dev.flambeau.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Shapes of the classic learners of ai.onnx.ml, and of steps of training. */
final class ShapesOfLearning {
  /** Lists of an encoder's values, by the type they say for the output. */
  private static final Map<String, ElementType> VALUES =
      Map.of(
          "values_strings", ElementType.STRING,
          "values_int64s", ElementType.INT64,
          "values_floats", ElementType.FLOAT);

  private ShapesOfLearning() {}

  static void register(ShapeRules r) {
    r.put("Binarizer Imputer Normalizer Scaler", c -> c.like(0, 0));
    r.put("LabelEncoder", ShapesOfLearning::encode);
    r.put("CategoryMapper", ShapesOfLearning::category);
    r.put("ArrayFeatureExtractor", ShapesOfLearning::extract);
    r.put("OneHotEncoder", ShapesOfLearning::oneHot);
    r.put("FeatureVectorizer", ShapesOfLearning::features);
    r.put("LinearRegressor SVMRegressor TreeEnsembleRegressor", ShapesOfLearning::regress);
    r.put("TreeEnsemble", c -> c.out(0, c.in(0)[0], Size.of(c.i("n_targets", 1))));
    r.put("LinearClassifier SVMClassifier TreeEnsembleClassifier", ShapesOfLearning::classify);
    r.put("ZipMap", ShapesOfLearning::zip);
    r.put("DictVectorizer", ShapesOfLearning::dictionary);
    r.put("CastMap", ShapesOfLearning::castMap);
  }

  /** Optimizers give what they change: the parameters and their state. */
  static void registerTraining(ShapeRules r) {
    r.put("Adagrad Adam Momentum", ShapesOfLearning::optimize);
    r.put("Gradient", ShapesOfLearning::gradient);
  }

  private static void encode(ShapeCall c) {
    VALUES.forEach(
        (attribute, type) -> {
          if (c.hasAttribute(attribute)) {
            c.type(0, type);
          }
        });
    if (c.attribute("values_tensor").isPresent()) {
      ElementType.of(c.attribute("values_tensor").get().getT().getDataType())
          .ifPresent(type -> c.type(0, type));
    }
    if (c.opset() < 2) {
      boolean text = c.element(0) == ElementType.STRING;
      c.type(0, text ? ElementType.INT64 : ElementType.STRING);
    }
    c.like(0, 0);
  }

  private static void category(ShapeCall c) {
    c.type(0, c.element(0) == ElementType.STRING ? ElementType.INT64 : ElementType.STRING);
    c.like(0, 0);
  }

  private static void extract(ShapeCall c) {
    Size[] x = c.inAtLeast(0, 1);
    Size count = Size.product(c.in(1));
    if (x.length == 1) {
      c.out(0, Size.ONE, count);
    } else {
      c.out(0, ShapesOfProducts.with(x, x.length - 1, count));
    }
  }

  private static void oneHot(ShapeCall c) {
    Size[] x = c.in(0);
    int words = c.attribute("cats_strings").map(a -> a.getStringsCount()).orElse(0);
    int numbers = c.attribute("cats_int64s").map(a -> a.getIntsCount()).orElse(0);
    Size[] out = Arrays.copyOf(x, x.length + 1);
    out[x.length] = Size.of(Math.max(words, numbers));
    c.out(0, out);
  }

  private static void features(ShapeCall c) {
    long all = Arrays.stream(c.ints("inputdimensions", new long[0])).sum();
    c.type(0, ElementType.FLOAT);
    c.out(0, c.shaped(0) && c.rank(0) > 1 ? c.in(0)[0] : Size.UNKNOWN, Size.of(all));
  }

  private static Size rows(ShapeCall c) {
    Size[] x = c.in(0);
    return x.length < 2 ? Size.ONE : x[0];
  }

  private static void regress(ShapeCall c) {
    String targets = c.type().startsWith("Linear") ? "targets" : "n_targets";
    c.out(0, rows(c), Size.of(c.i(targets, 1)));
  }

  private static final List<String> LABELS =
      List.of("classlabels_strings", "classlabels_ints", "classlabels_int64s");

  private static void classify(ShapeCall c) {
    int count = 0;
    for (String name : LABELS) {
      if (c.attribute(name).isPresent()) {
        var labels = c.attribute(name).get();
        count = Math.max(count, Math.max(labels.getStringsCount(), labels.getIntsCount()));
        boolean text = labels.getStringsCount() > 0;
        c.type(0, text ? ElementType.STRING : ElementType.INT64);
      }
    }
    c.type(1, ElementType.FLOAT);
    c.out(0, rows(c));
    // Some files hold one weight for two classes, others one class alone.
    c.out(1, rows(c), count > 1 ? Size.of(count) : Size.UNKNOWN);
  }

  private static void zip(ShapeCall c) {
    boolean text = c.hasAttribute("classlabels_strings");
    c.set(
        0,
        new ValueType.Sequence(
            new ValueType.Dictionary(
                text ? ElementType.STRING : ElementType.INT64,
                ValueType.dense(ElementType.FLOAT, List.of())),
            false));
  }

  private static void dictionary(ShapeCall c) {
    if (c.type(0) instanceof ValueType.Dictionary(_, ValueType of)) {
      of.text().ifPresent(text -> c.set(0, ValueType.parse(text)));
    }
    int words = c.attribute("string_vocabulary").map(a -> a.getStringsCount()).orElse(0);
    int numbers = c.attribute("int64_vocabulary").map(a -> a.getIntsCount()).orElse(0);
    c.out(0, Size.ONE, Size.of(Math.max(words, numbers)));
  }

  private static void castMap(ShapeCall c) {
    String to = c.s("cast_to", "TO_FLOAT");
    c.type(
        0,
        switch (to) {
          case "TO_STRING" -> ElementType.STRING;
          case "TO_INT64" -> ElementType.INT64;
          default -> ElementType.FLOAT;
        });
    boolean dense = c.s("map_form", "DENSE").equals("DENSE");
    c.out(0, Size.ONE, dense ? Size.UNKNOWN : Size.of(c.i("max_map", 1)));
  }

  /** R, T, then the parameters, their gradients, and one or two states of each. */
  private static void optimize(ShapeCall c) {
    int groups = c.type().equals("Adam") ? 4 : 3;
    int count = (c.count() - 2) / groups;
    for (int o = 0; o < c.outputs(); o++) {
      int from = o < count ? 2 + o : 2 + count + o;
      c.set(o, new ValueType.Unknown());
      if (c.has(from)) {
        c.set(o, c.type(from));
      }
    }
  }

  private static void gradient(ShapeCall c) {
    for (int o = 0; o < c.outputs() && c.has(o); o++) {
      c.set(o, c.type(o));
    }
  }
}
