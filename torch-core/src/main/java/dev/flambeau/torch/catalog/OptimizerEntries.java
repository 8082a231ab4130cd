package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.OptimizerEntry.optimizer;

import dev.flambeau.torch.optim.ASGD;
import dev.flambeau.torch.optim.Adadelta;
import dev.flambeau.torch.optim.Adagrad;
import dev.flambeau.torch.optim.Adam;
import dev.flambeau.torch.optim.AdamW;
import dev.flambeau.torch.optim.Adamax;
import dev.flambeau.torch.optim.LBFGS;
import dev.flambeau.torch.optim.NAdam;
import dev.flambeau.torch.optim.RAdam;
import dev.flambeau.torch.optim.RMSprop;
import dev.flambeau.torch.optim.Rprop;
import dev.flambeau.torch.optim.SGD;
import java.util.List;
import java.util.Optional;

/** How PyTorch's optimizers are made here; options have PyTorch's names. */
public final class OptimizerEntries {
  private static final List<OptimizerEntry> ALL =
      List.of(
          optimizer("SGD", SGD::new),
          optimizer("Adam", Adam::new),
          optimizer("AdamW", AdamW::new),
          optimizer("ASGD", ASGD::new),
          optimizer("Adadelta", Adadelta::new),
          optimizer("Adagrad", Adagrad::new),
          optimizer("Adamax", Adamax::new),
          optimizer("LBFGS", LBFGS::new)
              .tolerance(
                  "c1-linear-f64",
                  1e-7,
                  "with a history of two, rounding grows a million times between steps 14 and 20"),
          // The samples are PyTorch 1.13's, which counted the momentum twice.
          OptimizerEntry.<NAdam.Options>optimizer(
              "NAdam", (p, o) -> new NAdam(p, o.andThen(n -> n.muTwice(true)))),
          optimizer("RAdam", RAdam::new),
          optimizer("RMSprop", RMSprop::new),
          optimizer("Rprop", Rprop::new));

  private OptimizerEntries() {}

  /** The entry of PyTorch's class of this name. */
  public static Optional<OptimizerEntry> find(String name) {
    return ALL.stream().filter(e -> e.name().equals(name)).findFirst();
  }
}
