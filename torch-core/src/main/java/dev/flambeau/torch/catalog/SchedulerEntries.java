package dev.flambeau.torch.catalog;

import dev.flambeau.torch.optim.Optimizer;
import dev.flambeau.torch.optim.lr.Annealing;
import dev.flambeau.torch.optim.lr.ChainedScheduler;
import dev.flambeau.torch.optim.lr.ConstantLR;
import dev.flambeau.torch.optim.lr.CosineAnnealingLR;
import dev.flambeau.torch.optim.lr.CosineAnnealingWarmRestarts;
import dev.flambeau.torch.optim.lr.CyclicLR;
import dev.flambeau.torch.optim.lr.ExponentialLR;
import dev.flambeau.torch.optim.lr.LRScheduler;
import dev.flambeau.torch.optim.lr.LambdaLR;
import dev.flambeau.torch.optim.lr.LinearLR;
import dev.flambeau.torch.optim.lr.MultiStepLR;
import dev.flambeau.torch.optim.lr.MultiplicativeLR;
import dev.flambeau.torch.optim.lr.OneCycleLR;
import dev.flambeau.torch.optim.lr.PolynomialLR;
import dev.flambeau.torch.optim.lr.ReduceLROnPlateau;
import dev.flambeau.torch.optim.lr.Scheduler;
import dev.flambeau.torch.optim.lr.SequentialLR;
import dev.flambeau.torch.optim.lr.StepLR;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongToDoubleFunction;

/** How PyTorch's schedulers of learning rates are made here; arguments have PyTorch's names. */
public final class SchedulerEntries {
  /** What is not a number or text: functions, and other schedulers. */
  public interface Parts {
    /** The functions of an argument, one or one for each group. */
    List<LongToDoubleFunction> functions(String argument);

    /** The schedulers of an argument. */
    List<LRScheduler> schedulers(String argument);
  }

  /** Makes a scheduler. */
  @FunctionalInterface
  public interface Maker {
    Scheduler make(Optimizer<?> optimizer, Arguments arguments, Parts parts);
  }

  private static final Map<String, Maker> ALL =
      Map.ofEntries(
          Map.entry(
              "ChainedScheduler", (_, _, p) -> new ChainedScheduler(p.schedulers("schedulers"))),
          Map.entry(
              "SequentialLR",
              (_, a, p) -> new SequentialLR(p.schedulers("schedulers"), longs(a, "milestones"))),
          Map.entry("LambdaLR", (o, _, p) -> new LambdaLR(o, p.functions("lr_lambda"))),
          Map.entry(
              "MultiplicativeLR", (o, _, p) -> new MultiplicativeLR(o, p.functions("lr_lambda"))),
          Map.entry(
              "StepLR", (o, a, _) -> new StepLR(o, a.whole("step_size"), a.real("gamma", 0.1))),
          Map.entry(
              "MultiStepLR",
              (o, a, _) -> new MultiStepLR(o, longs(a, "milestones"), a.real("gamma", 0.1))),
          Map.entry(
              "ConstantLR",
              (o, a, _) -> new ConstantLR(o, a.real("factor", 1.0 / 3), a.whole("total_iters", 5))),
          Map.entry(
              "LinearLR",
              (o, a, _) ->
                  new LinearLR(
                      o,
                      a.real("start_factor", 1.0 / 3),
                      a.real("end_factor", 1),
                      a.whole("total_iters", 5))),
          Map.entry("ExponentialLR", (o, a, _) -> new ExponentialLR(o, a.real("gamma"))),
          Map.entry(
              "PolynomialLR",
              (o, a, _) -> new PolynomialLR(o, a.whole("total_iters", 5), a.real("power", 1))),
          Map.entry(
              "CosineAnnealingLR",
              (o, a, _) -> new CosineAnnealingLR(o, a.whole("T_max"), a.real("eta_min", 0))),
          Map.entry(
              "CosineAnnealingWarmRestarts",
              (o, a, _) ->
                  new CosineAnnealingWarmRestarts(
                      o, a.whole("T_0"), a.whole("T_mult", 1), a.real("eta_min", 0))),
          Map.entry("CyclicLR", (o, a, _) -> cyclic(o, a)),
          Map.entry("OneCycleLR", (o, a, _) -> oneCycle(o, a)),
          Map.entry("ReduceLROnPlateau", (o, a, _) -> plateau(o, a)));

  private SchedulerEntries() {}

  /** How PyTorch's class of this name is made. */
  public static Optional<Maker> find(String name) {
    return Optional.ofNullable(ALL.get(name));
  }

  private static List<Long> longs(Arguments a, String name) {
    return Arrays.stream(a.longs(name)).boxed().toList();
  }

  private static double[] reals(Arguments a, String name) {
    return a.peek(name) instanceof Number
        ? new double[] {a.real(name)}
        : a.maybeReals(name).orElseThrow();
  }

  private static Scheduler cyclic(Optimizer<?> o, Arguments a) {
    return new CyclicLR(
        o,
        reals(a, "base_lr"),
        reals(a, "max_lr"),
        c ->
            c.stepSizeUp(a.whole("step_size_up", 2000))
                .stepSizeDown(a.whole("step_size_down", 0))
                .mode(CyclicLR.Mode.valueOf(a.text("mode", "triangular").toUpperCase(Locale.ROOT)))
                .gamma(a.real("gamma", 1))
                .cycleMomentum(a.flag("cycle_momentum", true))
                .baseMomentum(a.real("base_momentum", 0.8))
                .maxMomentum(a.real("max_momentum", 0.9)));
  }

  private static Scheduler oneCycle(Optimizer<?> o, Arguments a) {
    long steps =
        a.given("total_steps")
            ? a.whole("total_steps")
            : a.whole("epochs") * a.whole("steps_per_epoch");
    return new OneCycleLR(
        o,
        reals(a, "max_lr"),
        steps,
        c ->
            c.pctStart(a.real("pct_start", 0.3))
                .annealStrategy(
                    Annealing.valueOf(a.text("anneal_strategy", "cos").toUpperCase(Locale.ROOT)))
                .cycleMomentum(a.flag("cycle_momentum", true))
                .baseMomentum(a.real("base_momentum", 0.85))
                .maxMomentum(a.real("max_momentum", 0.95))
                .divFactor(a.real("div_factor", 25))
                .finalDivFactor(a.real("final_div_factor", 1e4))
                .threePhase(a.flag("three_phase", false)));
  }

  private static Scheduler plateau(Optimizer<?> o, Arguments a) {
    return new ReduceLROnPlateau(
        o,
        c -> {
          if (a.text("mode", "min").equals("max")) {
            c.max();
          }
          if (a.text("threshold_mode", "rel").equals("abs")) {
            c.absoluteThreshold();
          }
          if (a.given("min_lr")) {
            c.minLr(reals(a, "min_lr"));
          }
          c.factor(a.real("factor", 0.1))
              .patience(a.whole("patience", 10))
              .threshold(a.real("threshold", 1e-4))
              .cooldown(a.whole("cooldown", 0))
              .eps(a.real("eps", 1e-8));
        });
  }
}
