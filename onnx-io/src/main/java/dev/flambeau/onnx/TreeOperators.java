package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;
import java.util.List;

/** Ensembles of trees: their leaves' votes added up, averaged, or the least or largest of them. */
final class TreeOperators {
  private enum Aggregate {
    AVERAGE,
    SUM,
    MIN,
    MAX
  }

  private TreeOperators() {}

  static void register(Registry r) {
    r.values("TreeEnsemble", since(5), TreeOperators::ensemble);
    r.values("TreeEnsembleRegressor", TreeOperators::regressor);
    r.values("TreeEnsembleClassifier", TreeOperators::classifier);
  }

  /** The votes for each target (N, targets), and which targets got some. */
  private record Sums(double[] values, boolean[] voted, int rows, int targets) {
    Tensor tensor(DType type) {
      return Torch.tensor(values, rows, targets).to(type);
    }
  }

  private static Sums sums(Call c, Trees trees, Tensor rows, long targets, Aggregate aggregate) {
    long count = Limits.checked(c.name(), rows.size(0), targets);
    int width = Math.toIntExact(targets);
    double[] sums = new double[Math.toIntExact(count)];
    boolean[] voted = new boolean[sums.length];
    trees.fall(
        c,
        rows,
        (row, target, weight) -> {
          if (target < 0 || target >= width) {
            throw c.bad("target ids", target, "0 to " + (width - 1));
          }
          int at = row * width + target;
          sums[at] =
              switch (aggregate) {
                case SUM, AVERAGE -> sums[at] + weight;
                case MIN -> voted[at] ? Math.min(sums[at], weight) : weight;
                case MAX -> voted[at] ? Math.max(sums[at], weight) : weight;
              };
          voted[at] = true;
        });
    if (aggregate == Aggregate.AVERAGE) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] /= trees.count();
      }
    }
    return new Sums(sums, voted, Math.toIntExact(rows.size(0)), width);
  }

  private static OnnxValue[] ensemble(Call c) {
    Tensor rows = Scores.rows(c);
    Trees trees = c.node().prepared("trees", Trees.class, () -> TreeReader.ensemble(c));
    Aggregate aggregate = pick(c, "aggregate_function", Aggregate.values(), 1);
    Scores.Transform transform = pick(c, "post_transform", Scores.Transform.values(), 0);
    Sums sums = sums(c, trees, rows, c.node().i("n_targets", 1), aggregate);
    return c.like(0, Scores.apply(sums.tensor(c.in(0).dtype()), transform));
  }

  private static <T> T pick(Call c, String attribute, T[] all, long fallback) {
    long i = c.node().i(attribute, fallback);
    if (i < 0 || i >= all.length) {
      throw c.bad(attribute, i, "0 to " + (all.length - 1) + ": " + Arrays.toString(all));
    }
    return all[(int) i];
  }

  private static double[] base(Call c) {
    return TreeReader.numbers(c, "base_values");
  }

  private static OnnxValue[] regressor(Call c) {
    Tensor rows = Scores.rows(c);
    Trees trees = c.node().prepared("trees", Trees.class, () -> TreeReader.trees(c, "target"));
    String name = c.node().s("aggregate_function", "SUM");
    Aggregate aggregate =
        Arrays.stream(Aggregate.values())
            .filter(a -> a.name().equals(name))
            .findFirst()
            .orElseThrow(() -> c.bad("aggregate_function", name, "AVERAGE, SUM, MIN, MAX"));
    Sums sums = sums(c, trees, rows, c.node().i("n_targets", 1), aggregate);
    addBase(c, sums);
    Scores.Transform transform = Scores.transform(c);
    return Call.plain(Scores.apply(sums.tensor(DType.F64), transform).to(DType.F32));
  }

  private static void addBase(Call c, Sums sums) {
    double[] base = base(c);
    if (base.length != 0 && base.length != sums.targets) {
      throw c.bad("base_values", base.length + " numbers", sums.targets + ", one a score, or none");
    }
    for (int i = 0; i < sums.values.length && base.length > 0; i++) {
      sums.values[i] += base[i % base.length];
      sums.voted[i] = true;
    }
  }

  /** Two classes may have votes for one only. */
  private static OnnxValue[] classifier(Call c) {
    Tensor rows = Scores.rows(c);
    Trees trees = c.node().prepared("trees", Trees.class, () -> TreeReader.trees(c, "class"));
    int classes = Math.max(1, Scores.classes(c, "classlabels_int64s"));
    Sums sums = sums(c, trees, rows, classes, Aggregate.SUM);
    Scores.Transform transform = Scores.transform(c);
    long[] ids = Arrays.stream(c.node().ints("class_ids", new long[0])).distinct().toArray();
    if (classes == 2 && ids.length == 1) {
      return oneSided(c, sums, (int) ids[0], transform);
    }
    addBase(c, sums);
    long[] best = new long[sums.rows];
    for (int row = 0; row < best.length; row++) {
      best[row] = classes == 1 ? sums.values[row] > 0 ? 1 : 0 : best(sums, row);
    }
    return Scores.results(
        Scores.labels(c, "classlabels_int64s", best),
        Scores.apply(sums.tensor(DType.F64), transform));
  }

  /** The class of the largest score among those that got votes, the first of equal ones. */
  private static int best(Sums sums, int row) {
    int best = -1;
    for (int k = 0; k < sums.targets; k++) {
      int at = row * sums.targets + k;
      boolean more = best < 0 || sums.values[at] > sums.values[row * sums.targets + best];
      best = sums.voted[at] && more ? k : best;
    }
    return Math.max(0, best);
  }

  /**
   * All votes are for one of two classes. Positive ones only are taken for the share of the second
   * class, others for its margin.
   */
  private static OnnxValue[] oneSided(Call c, Sums sums, int voted, Scores.Transform transform) {
    double[] base = base(c);
    if (base.length > 2) {
      throw c.bad("base_values", base.length + " numbers", "2 or fewer");
    }
    double added = base.length == 0 ? 0 : base[base.length == 2 ? voted : 0];
    boolean share =
        Arrays.stream(TreeReader.numbers(c, "class_weights")).allMatch(weight -> weight >= 0);
    double[] scores = new double[sums.rows];
    long[] labels = new long[sums.rows];
    for (int row = 0; row < scores.length; row++) {
      scores[row] = sums.values[row * 2 + voted] + added;
      labels[row] = scores[row] > (share ? 0.5 : 0) ? 1 : 0;
    }
    Tensor score = Torch.tensor(scores, sums.rows, 1);
    Tensor both =
        voted == 0
            ? Scores.pair(score, transform, share)
            : Scores.apply(Torch.cat(List.of(score.zerosLike(), score), 1), transform);
    return Scores.results(Scores.labels(c, "classlabels_int64s", labels), both);
  }
}
