package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import java.util.Arrays;

/** Linear models: scores are products with the coefficients, a row of them a class or target. */
final class LinearModels {
  private LinearModels() {}

  static void register(Registry r) {
    r.values("LinearRegressor", LinearModels::regressor);
    r.values("LinearClassifier", LinearModels::classifier);
  }

  private static Tensor scores(Call c, Tensor x, long rows) {
    Tensor scores = x.matmul(Scores.weights(c, "coefficients", x, rows, x.size(1)).t());
    return c.node().has("intercepts")
        ? scores.add(Scores.weights(c, "intercepts", x, rows))
        : scores;
  }

  private static OnnxValue[] regressor(Call c) {
    Tensor scores = scores(c, Scores.rows(c), c.node().i("targets", 1));
    return Call.plain(Scores.apply(scores, Scores.transform(c)).to(DType.F32));
  }

  /** Two classes may have one score, which is that of the second. */
  private static OnnxValue[] classifier(Call c) {
    Tensor x = Scores.rows(c);
    int coefficients = c.node().floats("coefficients", new double[0]).length;
    if (x.size(1) == 0 || coefficients == 0 || coefficients % x.size(1) != 0) {
      throw c.bad("coefficients", coefficients + " numbers", x.size(1) + " a class");
    }
    Tensor scores = scores(c, x, coefficients / x.size(1));
    Scores.Transform transform = Scores.transform(c);
    if (scores.size(1) > 1) {
      OnnxValue labels = Scores.labels(c, "classlabels_ints", Scores.best(scores));
      return Scores.results(labels, Scores.apply(scores, transform));
    }
    long[] second = Arrays.stream(Call.doubles(scores)).mapToLong(s -> s > 0 ? 1 : 0).toArray();
    boolean two = Scores.classes(c, "classlabels_ints") == 2;
    return Scores.results(
        Scores.labels(c, "classlabels_ints", second),
        two ? Scores.pair(scores, transform, true) : Scores.apply(scores, transform));
  }
}
