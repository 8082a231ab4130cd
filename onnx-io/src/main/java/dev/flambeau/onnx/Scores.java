package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the models of ai.onnx.ml have in common: rows of features, scores (N, classes or targets)
 * and labels. Where the specification leaves open what happens to a single score, it is what ONNX
 * Runtime does.
 */
final class Scores {
  /** Applied to all scores of a row; the order is that of the numbers in TreeEnsemble. */
  enum Transform {
    NONE,
    SOFTMAX,
    LOGISTIC,
    /** As SOFTMAX, but zeros stay zeros. */
    SOFTMAX_ZERO,
    /** The inverse of the normal distribution function. */
    PROBIT
  }

  private Scores() {}

  static Transform transform(Call c) {
    String name = c.node().s("post_transform", "NONE");
    for (Transform t : Transform.values()) {
      if (t.name().equals(name)) {
        return t;
      }
    }
    throw c.bad("post_transform", name, Arrays.toString(Transform.values()));
  }

  /** The first input as rows of floats: (N, F); (F) is one row. */
  static Tensor rows(Call c) {
    Tensor x = c.in(0);
    if (x.dim() < 1 || x.dim() > 2) {
      throw c.bad("X", x.shape(), "[N, F] or [F]");
    }
    Tensor rows = x.dim() == 1 ? x.unsqueeze(0) : x;
    return x.dtype().isFloat() ? rows : rows.to(DType.F32);
  }

  /** Numbers of an attribute as a tensor of the type of {@code x}. */
  static Tensor weights(Call c, String name, Tensor x, long... sizes) {
    double[] values = c.node().floats(name, new double[0]);
    if (values.length != Limits.checked(c.name(), sizes)) {
      throw c.bad(name, values.length + " numbers", "as many as " + Shape.of(sizes));
    }
    return Torch.tensor(values, sizes).to(x.dtype());
  }

  /** Several scores a row, transformed; of a single one only PROBIT makes another. */
  static Tensor apply(Tensor scores, Transform transform) {
    if (scores.size(1) < 2 && transform != Transform.PROBIT) {
      return scores;
    }
    return switch (transform) {
      case NONE -> scores;
      case LOGISTIC -> scores.sigmoid();
      case SOFTMAX -> scores.softmax(1);
      case SOFTMAX_ZERO -> softmaxZero(scores);
      case PROBIT -> probit(scores);
    };
  }

  private static Tensor softmaxZero(Tensor scores) {
    Tensor most = scores.detach().amax(new int[] {1}, true);
    Tensor zero = scores.detach().abs().le(1e-7);
    Tensor powers = Torch.where(zero, scores.zerosLike(), scores.sub(most).exp());
    Tensor sum = powers.sum(new int[] {1}, true);
    return powers.div(Torch.where(sum.eq(0), sum.onesLike(), sum));
  }

  /**
   * By Winitzki's approximation of the inverse error function with a = 0.147, which ONNX's
   * reference and ONNX Runtime use: within 0.002.
   */
  private static Tensor probit(Tensor p) {
    Tensor x = p.mul(2).sub(1);
    Tensor log = x.square().neg().add(1).log();
    Tensor half = log.mul(0.5).add(2 / (Math.PI * 0.147));
    Tensor root = half.square().sub(log.div(0.147)).sqrt().sub(half);
    return x.sign().mul(root.sqrt()).mul(Math.sqrt(2));
  }

  /**
   * The scores of two classes from that of the second (N, 1).
   *
   * @param share whether it is the second's share of one; otherwise its margin
   */
  static Tensor pair(Tensor score, Transform transform, boolean share) {
    Tensor other = share && transform != Transform.LOGISTIC ? score.neg().add(1) : score.neg();
    Tensor both = Torch.cat(List.of(other, score), 1);
    boolean each = transform == Transform.LOGISTIC || transform == Transform.PROBIT;
    return each ? apply(both, transform) : both;
  }

  /** Labels by their places in the attribute that has some; places are labels where none has. */
  static OnnxValue labels(Call c, String integers, long[] places) {
    List<String> names = c.node().strings("classlabels_strings");
    long[] numbers = c.node().ints(integers, new long[0]);
    if (!names.isEmpty()) {
      c.takes(0, 8L * places.length);
      List<String> out = new ArrayList<>();
      for (long place : places) {
        out.add(place >= 0 && place < names.size() ? names.get((int) place) : "" + place);
      }
      return new OnnxValue.Texts(out, Shape.of(places.length));
    }
    long[] out = places.clone();
    for (int i = 0; i < out.length && numbers.length > 0; i++) {
      boolean there = places[i] >= 0 && places[i] < numbers.length;
      out[i] = there ? numbers[(int) places[i]] : places[i];
    }
    return OnnxValue.of(Torch.tensor(out));
  }

  /** How many labels there are. */
  static int classes(Call c, String integers) {
    return Math.max(
        c.node().strings("classlabels_strings").size(),
        c.node().ints(integers, new long[0]).length);
  }

  /** The place of the largest of each row, the first of equal ones. */
  static long[] best(Tensor scores) {
    return scores.detach().argmax(1).toLongArray();
  }

  /** Labels and scores as outputs. */
  static OnnxValue[] results(OnnxValue labels, Tensor scores) {
    return new OnnxValue[] {labels, OnnxValue.of(scores.to(DType.F32))};
  }
}
