package dev.flambeau.torch.catalog;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How PyTorch's schedulers of learning rates are made here. */
public final class SchedulerEntries {
  /** PyTorch's schedulers that are not offered, with the reason. */
  private static final Map<String, String> ABSENT = new TreeMap<>();

  static {
    for (String name :
        new String[] {
          "ChainedScheduler",
          "ConstantLR",
          "CosineAnnealingLR",
          "CosineAnnealingWarmRestarts",
          "CyclicLR",
          "ExponentialLR",
          "LambdaLR",
          "LinearLR",
          "MultiStepLR",
          "MultiplicativeLR",
          "OneCycleLR",
          "PolynomialLR",
          "ReduceLROnPlateau",
          "SequentialLR",
          "StepLR"
        }) {
      ABSENT.put(name, "not built");
    }
  }

  private SchedulerEntries() {}

  /** Why a scheduler is not offered, if so. */
  public static Optional<String> reasonAgainst(String name) {
    return Optional.ofNullable(ABSENT.get(name));
  }
}
