package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.ClassLossOptions;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The losses of {@code nn.functional}; their options are keywords. */
final class LossEntries {
  static final List<Entry> ALL =
      Stream.of(elements(), classes(), margins()).flatMap(List::stream).toList();

  private LossEntries() {}

  private static Entry loss(String name, String java, Binding.Single call) {
    return entry("nn.functional." + name, "F." + java, call);
  }

  private static LossReduction reduction(Arguments a) {
    Object name = a.named("reduction");
    return switch ((String) name) {
      case "none" -> LossReduction.NONE;
      case "sum" -> LossReduction.SUM;
      case null -> LossReduction.MEAN;
      case "mean" -> LossReduction.MEAN;
      // Java's enum has no such word.
      default -> throw new Arguments.WrongType("reduction", name, "none, mean or sum");
    };
  }

  private static double real(Arguments a, String name, double otherwise) {
    return a.named(name) instanceof Number n ? n.doubleValue() : otherwise;
  }

  private static boolean flag(Arguments a, String name, boolean otherwise) {
    return a.named(name) instanceof Boolean b ? b : otherwise;
  }

  private static Optional<Tensor> tensor(Arguments a, String name) {
    return Optional.ofNullable((Tensor) a.named(name));
  }

  private static List<Entry> elements() {
    return List.of(
        loss("mse_loss", "mseLoss", a -> F.mseLoss(a.self(), a.tensor("target"), reduction(a))),
        loss("l1_loss", "l1Loss", a -> F.l1Loss(a.self(), a.tensor("target"), reduction(a))),
        loss(
            "smooth_l1_loss",
            "smoothL1Loss",
            a -> F.smoothL1Loss(a.self(), a.tensor("target"), real(a, "beta", 1), reduction(a))),
        loss(
            "huber_loss",
            "huberLoss",
            a -> F.huberLoss(a.self(), a.tensor("target"), real(a, "delta", 1), reduction(a))),
        loss(
            "binary_cross_entropy",
            "binaryCrossEntropy",
            a ->
                F.binaryCrossEntropy(
                    a.self(), a.tensor("target"), tensor(a, "weight"), reduction(a))),
        loss(
            "binary_cross_entropy_with_logits",
            "binaryCrossEntropyWithLogits",
            a ->
                F.binaryCrossEntropyWithLogits(
                    a.self(),
                    a.tensor("target"),
                    tensor(a, "weight"),
                    tensor(a, "pos_weight"),
                    reduction(a))),
        loss(
            "kl_div",
            "klDiv",
            a ->
                "batchmean".equals(a.named("reduction"))
                    ? F.klDivBatchMean(a.self(), a.tensor("target"), flag(a, "log_target", false))
                    : F.klDiv(
                        a.self(), a.tensor("target"), flag(a, "log_target", false), reduction(a))),
        loss(
            "poisson_nll_loss",
            "poissonNllLoss",
            a ->
                F.poissonNllLoss(
                    a.self(),
                    a.tensor("target"),
                    flag(a, "log_input", true),
                    flag(a, "full", false),
                    real(a, "eps", 1e-8),
                    reduction(a))),
        loss(
            "gaussian_nll_loss",
            "gaussianNllLoss",
            a ->
                F.gaussianNllLoss(
                    a.self(),
                    a.tensor("target"),
                    a.tensor("var"),
                    flag(a, "full", false),
                    real(a, "eps", 1e-6),
                    reduction(a))));
  }

  private static List<Entry> classes() {
    return List.of(
        loss(
                "cross_entropy",
                "crossEntropy",
                a -> F.crossEntropy(a.self(), a.tensor("target"), options(a)))
            .tolerance(2e-5, 5e-5, "oneDNN's logarithm in the log-softmax"),
        loss("nll_loss", "nllLoss", a -> F.nllLoss(a.self(), a.tensor("target"), options(a))),
        loss(
            "multi_margin_loss",
            "multiMarginLoss",
            a ->
                F.multiMarginLoss(
                    a.self(),
                    a.tensor("target"),
                    (int) real(a, "p", 1),
                    real(a, "margin", 1),
                    tensor(a, "weight"),
                    reduction(a))),
        loss(
            "multilabel_margin_loss",
            "multilabelMarginLoss",
            a -> F.multilabelMarginLoss(a.self(), a.tensor("target"), reduction(a))),
        loss(
            "multilabel_soft_margin_loss",
            "multilabelSoftMarginLoss",
            a ->
                F.multilabelSoftMarginLoss(
                    a.self(), a.tensor("target"), tensor(a, "weight"), reduction(a))),
        loss(
                "ctc_loss",
                "ctcLoss",
                a ->
                    F.ctcLoss(
                        a.self(),
                        a.tensor("targets"),
                        a.tensor("input_lengths"),
                        a.tensor("target_lengths"),
                        (long) real(a, "blank", 0),
                        flag(a, "zero_infinity", false),
                        reduction(a)))
            .tolerance(3e-4, 3e-4, "PyTorch adds logarithms over all steps in F32"));
  }

  private static Consumer<ClassLossOptions> options(Arguments a) {
    Optional<Tensor> weight = tensor(a, "weight");
    Object ignored = a.named("ignore_index");
    double smoothing = real(a, "label_smoothing", 0);
    LossReduction reduction = reduction(a);
    return o -> {
      weight.ifPresent(o::weight);
      o.labelSmoothing(smoothing).reduction(reduction);
      if (ignored instanceof Long index) {
        o.ignoreIndex(index);
      }
    };
  }

  private static List<Entry> margins() {
    return List.of(
        loss(
            "margin_ranking_loss",
            "marginRankingLoss",
            a ->
                F.marginRankingLoss(
                    a.self(),
                    a.tensor("input2"),
                    a.tensor("target"),
                    real(a, "margin", 0),
                    reduction(a))),
        loss(
            "hinge_embedding_loss",
            "hingeEmbeddingLoss",
            a ->
                F.hingeEmbeddingLoss(
                    a.self(), a.tensor("target"), real(a, "margin", 1), reduction(a))),
        loss(
            "soft_margin_loss",
            "softMarginLoss",
            a -> F.softMarginLoss(a.self(), a.tensor("target"), reduction(a))),
        loss(
            "cosine_embedding_loss",
            "cosineEmbeddingLoss",
            a ->
                F.cosineEmbeddingLoss(
                    a.self(),
                    a.tensor("input2"),
                    a.tensor("target"),
                    real(a, "margin", 0),
                    reduction(a))),
        loss(
            "triplet_margin_loss",
            "tripletMarginLoss",
            a ->
                F.tripletMarginLoss(
                    a.self(),
                    a.tensor("positive"),
                    a.tensor("negative"),
                    real(a, "margin", 1),
                    real(a, "p", 2),
                    real(a, "eps", 1e-6),
                    flag(a, "swap", false),
                    reduction(a))),
        loss(
            "pairwise_distance",
            "pairwiseDistance",
            a ->
                F.pairwiseDistance(
                    a.self(),
                    a.tensor("x2"),
                    real(a, "p", 2),
                    real(a, "eps", 1e-6),
                    flag(a, "keepdim", false))));
  }
}
