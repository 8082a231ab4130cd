package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.CriterionEntries.reduction;
import static dev.flambeau.torch.catalog.ModuleEntry.module;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.CTCLoss;
import dev.flambeau.torch.nn.CosineEmbeddingLoss;
import dev.flambeau.torch.nn.CosineSimilarity;
import dev.flambeau.torch.nn.GaussianNLLLoss;
import dev.flambeau.torch.nn.HingeEmbeddingLoss;
import dev.flambeau.torch.nn.MarginRankingLoss;
import dev.flambeau.torch.nn.MultiLabelMarginLoss;
import dev.flambeau.torch.nn.MultiLabelSoftMarginLoss;
import dev.flambeau.torch.nn.MultiMarginLoss;
import dev.flambeau.torch.nn.PairwiseDistance;
import dev.flambeau.torch.nn.PoissonNLLLoss;
import dev.flambeau.torch.nn.SoftMarginLoss;
import dev.flambeau.torch.nn.TripletMarginLoss;
import dev.flambeau.torch.nn.TripletMarginWithDistanceLoss;
import dev.flambeau.torch.nn.functional.F;
import java.util.List;
import java.util.function.BinaryOperator;

/** Losses by margins, distances and likelihoods. */
final class MarginCriterionEntries {
  static final List<ModuleEntry<?>> ALL =
      List.of(
          module(
              CosineSimilarity.class,
              a -> new CosineSimilarity(a.axis("dim", 1), a.real("eps", 1e-8)),
              (m, a) -> m.forward(a.tensor("x1"), a.tensor("x2"))),
          module(
              PairwiseDistance.class,
              a ->
                  new PairwiseDistance(
                      a.real("p", 2), a.real("eps", 1e-6), a.flag("keepdim", false)),
              (m, a) -> m.forward(a.tensor("x1"), a.tensor("x2"))),
          module(
              CosineEmbeddingLoss.class,
              a -> new CosineEmbeddingLoss(a.real("margin", 0), reduction(a)),
              (m, a) -> m.forward(a.tensor("input1"), a.tensor("input2"), a.tensor("target"))),
          module(
              MarginRankingLoss.class,
              a -> new MarginRankingLoss(a.real("margin", 0), reduction(a)),
              (m, a) -> m.forward(a.tensor("input1"), a.tensor("input2"), a.tensor("target"))),
          module(
              HingeEmbeddingLoss.class,
              a -> new HingeEmbeddingLoss(a.real("margin", 1), reduction(a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              SoftMarginLoss.class,
              a -> new SoftMarginLoss(reduction(a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              MultiLabelMarginLoss.class,
              a -> new MultiLabelMarginLoss(reduction(a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              MultiLabelSoftMarginLoss.class,
              a -> new MultiLabelSoftMarginLoss(a.maybeTensor("weight"), reduction(a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              MultiMarginLoss.class,
              a ->
                  new MultiMarginLoss(
                      a.axis("p", 1), a.real("margin", 1), a.maybeTensor("weight"), reduction(a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              PoissonNLLLoss.class,
              a ->
                  new PoissonNLLLoss(
                      a.flag("log_input", true),
                      a.flag("full", false),
                      a.real("eps", 1e-8),
                      reduction(a)),
              (m, a) -> m.forward(a.tensor("log_input"), a.tensor("target"))),
          module(
              GaussianNLLLoss.class,
              a -> new GaussianNLLLoss(a.flag("full", false), a.real("eps", 1e-6), reduction(a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"), a.tensor("var"))),
          module(
              TripletMarginLoss.class,
              a ->
                  new TripletMarginLoss(
                      o ->
                          o.margin(a.real("margin", 1))
                              .p(a.real("p", 2))
                              .eps(a.real("eps", 1e-6))
                              .swap(a.flag("swap", false))
                              .reduction(reduction(a))),
              (m, a) -> m.forward(a.tensor("anchor"), a.tensor("positive"), a.tensor("negative"))),
          module(
              TripletMarginWithDistanceLoss.class,
              a ->
                  new TripletMarginWithDistanceLoss(
                      distance(a), a.real("margin", 1), a.flag("swap", false), reduction(a)),
              (m, a) -> m.forward(a.tensor("anchor"), a.tensor("positive"), a.tensor("negative"))),
          module(
              CTCLoss.class,
              a -> {
                long blank = a.whole("blank", 0);
                var reduction = reduction(a);
                return new CTCLoss(blank, a.flag("zero_infinity", false), reduction);
              },
              (m, a) ->
                  m.forward(
                      a.tensor("log_probs"),
                      a.tensor("targets"),
                      lengths(a, "input_lengths"),
                      lengths(a, "target_lengths"))));

  private MarginCriterionEntries() {}

  /** Lengths as a tensor, or as a tuple. */
  private static Tensor lengths(Arguments a, String name) {
    return a.peek(name) instanceof Tensor ? a.tensor(name) : Torch.tensor(a.longs(name));
  }

  /** A module, a function's name, or by default the function. */
  private static BinaryOperator<Tensor> distance(Arguments a) {
    return switch (a.value("distance_function")) {
      case null -> (x, y) -> F.pairwiseDistance(x, y, 2, 1e-6, false);
      case PairwiseDistance m -> m::forward;
      case String s when s.equals("pairwise_distance") ->
          (x, y) -> F.pairwiseDistance(x, y, 2, 1e-6, false);
      case Object other -> throw new Arguments.NotSupported("distance_function " + other);
    };
  }
}
