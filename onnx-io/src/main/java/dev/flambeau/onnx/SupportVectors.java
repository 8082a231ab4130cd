package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Support vector machines; without support vectors, linear ones. */
final class SupportVectors {
  /** Differences of features held at a time by the kernel of distances. */
  private static final long AT_ONCE = 1L << 22;

  private static final double LEAST = 1e-7;
  private static final int MOST_ROUNDS = 100;

  private SupportVectors() {}

  static void register(Registry r) {
    r.values("SVMRegressor", SupportVectors::regressor);
    r.values("SVMClassifier", SupportVectors::classifier);
  }

  /** The kernel of each row of x (N, F) with each vector: (N, vectors). */
  private static Tensor kernel(Call c, Tensor x, long vectors) {
    Tensor v = Scores.weights(c, "support_vectors", x, vectors, x.size(1));
    double[] given = c.node().floats("kernel_params", new double[0]);
    double[] p = Arrays.copyOf(given, 3);
    String kernel = c.node().s("kernel_type", "LINEAR");
    return switch (kernel) {
      case "LINEAR" -> x.matmul(v.t());
      case "POLY" -> x.matmul(v.t()).mul(p[0]).add(p[1]).pow(p[2]);
      case "SIGMOID" -> x.matmul(v.t()).mul(p[0]).add(p[1]).tanh();
      case "RBF" -> distances(x, v).mul(-p[0]).exp();
      default -> throw c.bad("kernel_type", kernel, "LINEAR, POLY, RBF, SIGMOID");
    };
  }

  /** Squared distances, from differences: products would lose the small ones. */
  private static Tensor distances(Tensor x, Tensor v) {
    long each = Math.max(1, AT_ONCE / Math.max(1, v.numel()));
    List<Tensor> parts = new ArrayList<>();
    for (long start = 0; start < x.size(0); start += each) {
      Tensor some = x.narrow(0, start, Math.min(each, x.size(0) - start));
      parts.add(some.unsqueeze(1).sub(v.unsqueeze(0)).square().sum(2));
    }
    return parts.isEmpty() ? x.matmul(v.t()) : Torch.cat(parts, 0);
  }

  private static double rho(Call c, int i) {
    double[] rho = c.node().floats("rho", new double[0]);
    if (i >= rho.length) {
      throw c.bad("rho", rho.length + " numbers", i + 1 + " or more");
    }
    return rho[i];
  }

  private static OnnxValue[] regressor(Call c) {
    Tensor x = Scores.rows(c);
    long vectors = c.node().i("n_supports", 0);
    Tensor features = vectors > 0 ? kernel(c, x, vectors) : x;
    Tensor weights = Scores.weights(c, "coefficients", x, features.size(1), 1);
    Tensor scores = features.matmul(weights).add(rho(c, 0));
    if (c.node().flag("one_class", false)) {
      scores = scores.gt(0).to(x.dtype()).mul(2).sub(1);
    }
    return Call.plain(Scores.apply(scores, Scores.transform(c)).to(DType.F32));
  }

  private static OnnxValue[] classifier(Call c) {
    Tensor x = Scores.rows(c);
    int classes = Math.max(1, Scores.classes(c, "classlabels_ints"));
    long[] counts = c.node().ints("vectors_per_class", new long[0]);
    Scores.Transform transform = Scores.transform(c);
    if (Arrays.stream(counts).sum() == 0) {
      Tensor weights = Scores.weights(c, "coefficients", x, classes, x.size(1));
      Tensor scores = x.matmul(weights.t()).add(rho(c, 0));
      OnnxValue labels = Scores.labels(c, "classlabels_ints", Scores.best(scores));
      return Scores.results(labels, Scores.apply(scores, transform));
    }
    if (counts.length != classes || classes < 2) {
      throw c.bad("vectors_per_class", counts.length + " numbers", classes + ", at least 2");
    }
    Tensor margins = margins(c, x, counts);
    OnnxValue labels = Scores.labels(c, "classlabels_ints", Scores.best(votes(margins, classes)));
    if (c.node().has("prob_a")) {
      Tensor shares = shares(c, Call.doubles(margins), classes);
      return Scores.results(labels, Scores.apply(shares, transform));
    }
    boolean share = transform != Scores.Transform.NONE;
    return Scores.results(
        labels,
        classes == 2 ? Scores.pair(margins, transform, share) : Scores.apply(margins, transform));
  }

  /**
   * How far each row is on the side of the first class of each pair: (N, pairs). The coefficients
   * are (classes - 1, vectors); a vector of class k has in row r its weight against class r, or r +
   * 1 from k on.
   */
  private static Tensor margins(Call c, Tensor x, long[] counts) {
    long[] starts = new long[counts.length + 1];
    for (int i = 0; i < counts.length; i++) {
      starts[i + 1] = starts[i] + Limits.checked(c.name(), counts[i]);
    }
    long vectors = Limits.checked(c.name(), starts[counts.length]);
    Tensor kernels = kernel(c, x, vectors);
    Tensor all = Scores.weights(c, "coefficients", x, counts.length - 1, vectors);
    c.takes(counts.length * (counts.length - 1L) / 2, 0);
    List<Tensor> pairs = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      for (int j = i + 1; j < counts.length; j++) {
        Tensor first = weighed(kernels, all, j - 1, starts[i], counts[i]);
        Tensor second = weighed(kernels, all, i, starts[j], counts[j]);
        pairs.add(first.add(second).add(rho(c, pairs.size())));
      }
    }
    return Torch.stack(pairs, 1);
  }

  private static Tensor weighed(Tensor kernels, Tensor all, int row, long start, long count) {
    return kernels.narrow(1, start, count).matmul(all.select(0, row).narrow(0, start, count));
  }

  /** How many pairs each class wins: (N, classes). */
  private static Tensor votes(Tensor margins, int classes) {
    double[] values = Call.doubles(margins);
    int pairs = Math.toIntExact(margins.size(1));
    float[] votes = new float[Math.toIntExact(margins.size(0)) * classes];
    for (int n = 0; n < margins.size(0); n++) {
      int pair = n * pairs;
      for (int i = 0; i < classes; i++) {
        for (int j = i + 1; j < classes; j++) {
          votes[n * classes + (values[pair++] > 0 ? i : j)]++;
        }
      }
    }
    return Torch.tensor(votes, margins.size(0), classes);
  }

  /** Probabilities of the classes from those of the pairs, as LIBSVM couples them; no gradient. */
  private static Tensor shares(Call c, double[] margins, int classes) {
    int pairs = classes * (classes - 1) / 2;
    double[] a = c.node().floats("prob_a", new double[0]);
    double[] b = c.node().floats("prob_b", new double[0]);
    if (a.length < pairs || b.length < pairs) {
      throw c.bad("prob_a, prob_b", a.length + ", " + b.length + " numbers", "" + pairs);
    }
    int rows = margins.length / pairs;
    double[] out = new double[rows * classes];
    for (int n = 0; n < rows; n++) {
      double[][] r = new double[classes][classes];
      int pair = 0;
      for (int i = 0; i < classes; i++) {
        for (int j = i + 1; j < classes; j++, pair++) {
          double p = 1 / (1 + Math.exp(margins[n * pairs + pair] * a[pair] + b[pair]));
          r[i][j] = Math.clamp(p, LEAST, 1 - LEAST);
          r[j][i] = 1 - r[i][j];
        }
      }
      System.arraycopy(coupled(r), 0, out, n * classes, classes);
    }
    return Torch.tensor(out, rows, classes);
  }

  /**
   * The second method of Wu, Lin and Weng (2004), with its stopping rule: minimizes the sum over
   * pairs of (r_ji p_i - r_ij p_j)^2.
   */
  private static double[] coupled(double[][] r) {
    int k = r.length;
    double[] p = new double[k];
    double[][] q = new double[k][k];
    for (int t = 0; t < k; t++) {
      p[t] = 1.0 / k;
      for (int j = 0; j < k; j++) {
        if (j != t) {
          q[t][t] += r[j][t] * r[j][t];
          q[t][j] = -r[j][t] * r[t][j];
        }
      }
    }
    for (int round = 0; round < MOST_ROUNDS; round++) {
      double[] qp = new double[k];
      double sum = 0;
      for (int t = 0; t < k; t++) {
        for (int j = 0; j < k; j++) {
          qp[t] += q[t][j] * p[j];
        }
        sum += p[t] * qp[t];
      }
      double error = 0;
      for (int t = 0; t < k; t++) {
        error = Math.max(error, Math.abs(qp[t] - sum));
      }
      if (error < 0.005 / k) {
        break;
      }
      for (int t = 0; t < k; t++) {
        double step = (sum - qp[t]) / q[t][t];
        p[t] += step;
        sum = (sum + step * (step * q[t][t] + 2 * qp[t])) / ((1 + step) * (1 + step));
        for (int j = 0; j < k; j++) {
          qp[j] = (qp[j] + step * q[t][j]) / (1 + step);
          p[j] /= 1 + step;
        }
      }
    }
    return p;
  }
}
