package dev.flambeau.torch.conformance;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.catalog.Arguments;
import dev.flambeau.torch.catalog.OptimizerEntries;
import dev.flambeau.torch.catalog.OptimizerEntry;
import dev.flambeau.torch.catalog.SchedulerEntries;
import dev.flambeau.torch.optim.GroupOptions;
import dev.flambeau.torch.optim.Optimizer;
import dev.flambeau.torch.optim.lr.CosineAnnealingWarmRestarts;
import dev.flambeau.torch.optim.lr.LRScheduler;
import dev.flambeau.torch.optim.lr.ReduceLROnPlateau;
import dev.flambeau.torch.optim.lr.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongToDoubleFunction;

/**
 * Schedulers of learning rates: rates and momentums, step by step. In the middle of each run the
 * states go into a new optimizer and scheduler, which go on.
 */
final class SchedulerSection implements Section {
  private static final double TOLERANCE = 1e-10;

  @Override
  public String subject(CaseFile file) {
    return file.text("scheduler");
  }

  @Override
  public Optional<String> reasonAgainst(CaseFile file, Case c) {
    return Optional.empty();
  }

  @Override
  public List<String> run(CaseFile file, Case c) {
    Differences differences = new Differences(TOLERANCE);
    List<?> rates = c.get("lrs", List.class);
    Optimizer<?> optimizer = optimizer(file, c);
    Scheduler scheduler = scheduler(file, c, optimizer, c.get("scheduler", Map.class));
    for (int row = 0; row < rates.size() && differences.found().isEmpty(); row++) {
      if (row == rates.size() / 2) {
        Optimizer<?> next = optimizer(file, c);
        Scheduler successor = scheduler(file, c, next, c.get("scheduler", Map.class));
        next.loadStateDict(optimizer.stateDict());
        successor.loadStateDict(scheduler.stateDict());
        optimizer = next;
        scheduler = successor;
      }
      if (row > 0) {
        optimizer.step();
        step(c, scheduler, row - 1);
      }
      compare(c, optimizer, row, differences);
      List<?> wanted = (List<?>) rates.get(row);
      for (int i = 0; i < wanted.size(); i++) {
        differences.close("last rate " + row, scheduler.lastLr().get(i), real(wanted.get(i)));
      }
    }
    return differences.found();
  }

  private static void step(Case c, Scheduler scheduler, int index) {
    if (scheduler instanceof ReduceLROnPlateau plateau) {
      plateau.step(real(c.get("metrics", List.class).get(index)));
    } else if (c.field("step_args") instanceof List<?> epochs) {
      ((CosineAnnealingWarmRestarts) scheduler).step(real(epochs.get(index)));
    } else {
      scheduler.step();
    }
  }

  private static void compare(Case c, Optimizer<?> optimizer, int row, Differences differences) {
    for (int i = 0; i < optimizer.groups().size(); i++) {
      GroupOptions<?> group = optimizer.groups().get(i).options();
      Object rate = ((List<?>) c.get("lrs", List.class).get(row)).get(i);
      differences.close("rate " + row + " of group " + i, group.lr(), real(rate));
      if (c.field("momentums") instanceof List<?> momentums) {
        double momentum =
            group.has("momentum") ? group.number("momentum") : group.number("betas", 0);
        Object wanted = ((List<?>) momentums.get(row)).get(i);
        differences.close("momentum " + row + " of group " + i, momentum, real(wanted));
      }
    }
  }

  private static double real(Object number) {
    return ((Number) number).doubleValue();
  }

  /** Two groups of one parameter each. */
  private static Optimizer<?> optimizer(CaseFile file, Case c) {
    Map<?, ?> fields = c.get("optimizer", Map.class);
    String name = file.get(fields, "class", String.class);
    OptimizerEntry entry =
        OptimizerEntries.find(name)
            .orElseThrow(() -> new Arguments.NotSupported("optimizer " + name));
    List<OptimizerEntry.Group> groups = new ArrayList<>();
    for (Object rate : file.get(fields, "group_lrs", List.class)) {
      Tensor parameter = Torch.zeros(2).requiresGrad(true);
      groups.add(
          new OptimizerEntry.Group(
              List.of(parameter), c.values().arguments(List.of(), Map.of("lr", rate))));
    }
    return entry.make(
        groups, c.values().arguments(List.of(), file.get(fields, "kwargs", Map.class)));
  }

  private static Scheduler scheduler(
      CaseFile file, Case c, Optimizer<?> optimizer, Map<?, ?> fields) {
    String name = file.get(fields, "class", String.class);
    Map<?, ?> kwargs = file.get(fields, "kwargs", Map.class);
    SchedulerEntries.Maker maker =
        SchedulerEntries.find(name)
            .orElseThrow(() -> new Arguments.NotSupported("scheduler " + name));
    return maker.make(
        optimizer,
        c.values().arguments(List.of(), kwargs),
        new SchedulerEntries.Parts() {
          @Override
          public List<LongToDoubleFunction> functions(String argument) {
            Object given = kwargs.get(argument);
            List<LongToDoubleFunction> all = new ArrayList<>();
            for (Object formula : given instanceof List<?> list ? list : List.of(given)) {
              List<?> values = (List<?>) c.get("lambda_values", Map.class).get(formula);
              all.add(epoch -> real(values.get((int) epoch)));
            }
            return all;
          }

          @Override
          public List<LRScheduler> schedulers(String argument) {
            List<LRScheduler> all = new ArrayList<>();
            for (Object inner : (List<?>) kwargs.get(argument)) {
              all.add((LRScheduler) scheduler(file, c, optimizer, (Map<?, ?>) inner));
            }
            return all;
          }
        });
  }
}
