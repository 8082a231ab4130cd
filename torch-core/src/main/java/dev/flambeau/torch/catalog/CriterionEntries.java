package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.ModuleEntry.module;

import dev.flambeau.torch.nn.BCELoss;
import dev.flambeau.torch.nn.BCEWithLogitsLoss;
import dev.flambeau.torch.nn.CrossEntropyLoss;
import dev.flambeau.torch.nn.HuberLoss;
import dev.flambeau.torch.nn.KLDivLoss;
import dev.flambeau.torch.nn.L1Loss;
import dev.flambeau.torch.nn.MSELoss;
import dev.flambeau.torch.nn.NLLLoss;
import dev.flambeau.torch.nn.SmoothL1Loss;
import dev.flambeau.torch.nn.functional.ClassLossOptions;
import dev.flambeau.torch.nn.functional.LossReduction;
import java.util.List;

/** Losses. */
final class CriterionEntries {
  static final List<ModuleEntry<?>> ALL =
      List.of(
          module(
              CrossEntropyLoss.class,
              a -> new CrossEntropyLoss(o -> set(o, a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              NLLLoss.class,
              a -> new NLLLoss(o -> set(o, a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              MSELoss.class,
              a -> new MSELoss(reduction(a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              L1Loss.class,
              a -> new L1Loss(reduction(a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              SmoothL1Loss.class,
              a -> new SmoothL1Loss(a.real("beta", 1), reduction(a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              HuberLoss.class,
              a -> new HuberLoss(a.real("delta", 1), reduction(a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              BCELoss.class,
              a -> new BCELoss(a.maybeTensor("weight"), reduction(a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              BCEWithLogitsLoss.class,
              a ->
                  new BCEWithLogitsLoss(
                      a.maybeTensor("weight"), a.maybeTensor("pos_weight"), reduction(a)),
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))),
          module(
              KLDivLoss.class,
              CriterionEntries::divergence,
              (m, a) -> m.forward(a.tensor("input"), a.tensor("target"))));

  private CriterionEntries() {}

  static LossReduction reduction(Arguments a) {
    return switch (a.text("reduction", "mean")) {
      case "mean" -> LossReduction.MEAN;
      case "sum" -> LossReduction.SUM;
      case "none" -> LossReduction.NONE;
      // Java's enum has no such word.
      case String other -> throw new Arguments.NotSupported("reduction " + other);
    };
  }

  private static KLDivLoss divergence(Arguments a) {
    boolean log = a.flag("log_target", false);
    return "batchmean".equals(a.peek("reduction")) && a.value("reduction") != null
        ? KLDivLoss.batchMean(log)
        : new KLDivLoss(log, reduction(a));
  }

  private static void set(ClassLossOptions o, Arguments a) {
    a.maybeTensor("weight").ifPresent(o::weight);
    o.ignoreIndex(a.whole("ignore_index", -100))
        .labelSmoothing(a.real("label_smoothing", 0))
        .reduction(reduction(a));
  }
}
