package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.OptimizerEntry.absent;
import static dev.flambeau.torch.catalog.OptimizerEntry.optimizer;

import dev.flambeau.torch.optim.Adam;
import dev.flambeau.torch.optim.AdamFamily;
import dev.flambeau.torch.optim.AdamW;
import dev.flambeau.torch.optim.SGD;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;

/** How PyTorch's optimizers are made here. */
public final class OptimizerEntries {
  private static final List<OptimizerEntry> ALL =
      List.of(
          optimizer("SGD", SGD::new, OptimizerEntries::sgd),
          optimizer("Adam", Adam::new, OptimizerEntries::adam),
          optimizer("AdamW", AdamW::new, OptimizerEntries::adam),
          absent("ASGD", "not built"),
          absent("Adadelta", "not built"),
          absent("Adagrad", "not built"),
          absent("Adamax", "not built"),
          absent("LBFGS", "not built"),
          absent("NAdam", "not built"),
          absent("RAdam", "not built"),
          absent("RMSprop", "not built"),
          absent("Rprop", "not built"));

  private OptimizerEntries() {}

  /** The entry of PyTorch's class of this name. */
  public static Optional<OptimizerEntry> find(String name) {
    return ALL.stream().filter(e -> e.name().equals(name)).findFirst();
  }

  private static void number(Arguments a, String name, DoubleConsumer set) {
    a.maybeReal(name).ifPresent(set);
  }

  private static void flag(Arguments a, String name, Consumer<Boolean> set) {
    if (a.has(name)) {
      set.accept(a.flag(name, false));
    }
  }

  private static void sgd(SGD.Options o, Arguments a) {
    number(a, "lr", o::lr);
    number(a, "momentum", o::momentum);
    number(a, "dampening", o::dampening);
    number(a, "weight_decay", o::weightDecay);
    flag(a, "nesterov", o::nesterov);
    flag(a, "maximize", o::maximize);
  }

  private static void adam(AdamFamily.Options o, Arguments a) {
    number(a, "lr", o::lr);
    a.maybeReals("betas").ifPresent(b -> o.betas(b[0], b[1]));
    number(a, "eps", o::epsilon);
    number(a, "weight_decay", o::weightDecay);
    flag(a, "amsgrad", o::amsgrad);
    flag(a, "maximize", o::maximize);
  }
}
