package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Optional;
import java.util.function.BinaryOperator;

/** The losses of {@link F} that compare margins, distances and likelihoods. */
abstract class LossFunctions extends ActivationFunctions {
  LossFunctions() {}

  /** The p-norm of {@code a - b + eps} over the last axis. */
  public static Tensor pairwiseDistance(Tensor a, Tensor b, double p, double eps, boolean keepdim) {
    return a.sub(b).add(eps).norm(p, new int[] {-1}, keepdim);
  }

  /** max(0, margin - target (first - second)); the target is 1 or -1. */
  public static Tensor marginRankingLoss(
      Tensor first, Tensor second, Tensor target, double margin, LossReduction reduction) {
    if (first.dim() != second.dim() || first.dim() != target.dim()) {
      throw TorchException.shape(
          "margin_ranking_loss",
          "target",
          target.shape(),
          "as many dimensions as both inputs, " + first.shape() + " and " + second.shape());
    }
    return reduction.apply(target.neg().mul(first.sub(second)).add(margin).clampMin(0));
  }

  /** x where the target is 1, max(0, margin - x) where it is -1. */
  public static Tensor hingeEmbeddingLoss(
      Tensor input, Tensor target, double margin, LossReduction reduction) {
    return reduction.apply(MarginLosses.hinge(input, target, margin));
  }

  /** log(1 + exp(-target x)); the target is 1 or -1. */
  public static Tensor softMarginLoss(Tensor input, Tensor target, LossReduction reduction) {
    return reduction.apply(MarginLosses.soft(input, target));
  }

  /**
   * 1 - cos of the angle of two rows where the target is 1, max(0, cos - margin) where it is -1.
   */
  public static Tensor cosineEmbeddingLoss(
      Tensor first, Tensor second, Tensor target, double margin, LossReduction reduction) {
    return reduction.apply(MarginLosses.cosine(first, second, target, margin));
  }

  /**
   * max(0, margin + |anchor - positive| - |anchor - negative|) with p-norms (Balntas et al. 2016).
   *
   * @param swap whether the smaller of the negative's distances to the other two counts
   */
  public static Tensor tripletMarginLoss(
      Tensor anchor,
      Tensor positive,
      Tensor negative,
      double margin,
      double p,
      double eps,
      boolean swap,
      LossReduction reduction) {
    return tripletMarginWithDistanceLoss(
        anchor,
        positive,
        negative,
        (x, y) -> pairwiseDistance(x, y, p, eps, false),
        margin,
        swap,
        reduction);
  }

  /** {@link #tripletMarginLoss} with a distance of one's own. */
  public static Tensor tripletMarginWithDistanceLoss(
      Tensor anchor,
      Tensor positive,
      Tensor negative,
      BinaryOperator<Tensor> distance,
      double margin,
      boolean swap,
      LossReduction reduction) {
    Tensor near = distance.apply(anchor, positive);
    Tensor far = distance.apply(anchor, negative);
    if (swap) {
      far = far.minimum(distance.apply(positive, negative));
    }
    return reduction.apply(near.sub(far).add(margin).clampMin(0));
  }

  /**
   * The mean over classes of max(0, margin - x[target] + x[class])^p, the target excepted. Input
   * (N, C) or (C), target (N) or one class.
   *
   * @param p 1 or 2
   */
  public static Tensor multiMarginLoss(
      Tensor input,
      Tensor target,
      int p,
      double margin,
      Optional<Tensor> weight,
      LossReduction reduction) {
    return reduction.apply(MarginLosses.multi(input, target, p, margin, weight));
  }

  /**
   * The mean over classes of max(0, 1 - x[target] + x[class]), summed over the targets, for classes
   * that are none. Targets end at the first -1.
   */
  public static Tensor multilabelMarginLoss(Tensor input, Tensor target, LossReduction reduction) {
    return reduction.apply(MarginLosses.multilabel(input, target));
  }

  /** The mean over classes of the binary cross entropy of sigmoid(input). */
  public static Tensor multilabelSoftMarginLoss(
      Tensor input, Tensor target, Optional<Tensor> weight, LossReduction reduction) {
    Tensor no = target.rsub(1).mul(logsigmoid(input.neg()));
    Tensor losses = target.mul(logsigmoid(input)).add(no).neg();
    Tensor weighted = weight.map(losses::mul).orElse(losses);
    return reduction.apply(weighted.mean(new int[] {-1}, false));
  }

  /**
   * Minus the logarithm of the Poisson distribution with the expectation exp(input), or the input
   * itself, at the target.
   *
   * @param full whether Stirling's approximation of log(target!) is added for targets above 1
   * @param eps added to an expectation before its logarithm is taken
   */
  public static Tensor poissonNllLoss(
      Tensor input,
      Tensor target,
      boolean logInput,
      boolean full,
      double eps,
      LossReduction reduction) {
    return reduction.apply(MarginLosses.poisson(input, target, logInput, full, eps));
  }

  /**
   * Minus the logarithm of the normal distribution with expectation {@code input}.
   *
   * @param variance of the input's shape, or one for its last axis
   * @param full whether the constant log(2 pi) / 2 is added
   * @param eps the least variance
   */
  public static Tensor gaussianNllLoss(
      Tensor input,
      Tensor target,
      Tensor variance,
      boolean full,
      double eps,
      LossReduction reduction) {
    return reduction.apply(MarginLosses.gaussian(input, target, variance, full, eps));
  }

  /**
   * Connectionist temporal classification (Graves et al. 2006): minus the logarithm of the
   * probability of all ways to say the target with blanks and repetitions. As in PyTorch, the
   * gradient is that by the input of a log-softmax, and the mean divides each loss by its target's
   * length first.
   *
   * @param logProbabilities (T, N, C), or (T, C) for one
   * @param targets (N, S), or all one after another; classes other than {@code blank}
   * @param zeroInfinity whether losses of targets that do not fit become 0
   */
  public static Tensor ctcLoss(
      Tensor logProbabilities,
      Tensor targets,
      Tensor inputLengths,
      Tensor targetLengths,
      long blank,
      boolean zeroInfinity,
      LossReduction reduction) {
    return CtcLosses.loss(
        logProbabilities, targets, inputLengths, targetLengths, blank, zeroInfinity, reduction);
  }
}
