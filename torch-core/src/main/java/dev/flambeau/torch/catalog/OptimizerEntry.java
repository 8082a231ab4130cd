package dev.flambeau.torch.catalog;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.optim.GroupOptions;
import dev.flambeau.torch.optim.Optimizer;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * One optimizer: how PyTorch's constructor is called here.
 *
 * @param name PyTorch's
 * @param tolerances of cases whose rounding errors grow beyond the usual, by the beginning of their
 *     ids
 */
public record OptimizerEntry(String name, Maker maker, Map<String, Double> tolerances) {
  /** Parameters and the options that are theirs alone. */
  public record Group(List<Tensor> parameters, Arguments overrides) {}

  /** Makes an optimizer. */
  @FunctionalInterface
  public interface Maker {
    /** {@code groups} has at least one; {@code defaults} count where a group says nothing. */
    Optimizer<?> make(List<Group> groups, Arguments defaults);
  }

  static <O extends GroupOptions<O>> OptimizerEntry optimizer(
      String name, BiFunction<List<Tensor>, Consumer<O>, Optimizer<O>> constructor) {
    return new OptimizerEntry(
        name,
        (groups, defaults) -> {
          Optimizer<O> made = constructor.apply(groups.get(0).parameters(), o -> set(o, defaults));
          set(made.groups().get(0).options(), groups.get(0).overrides());
          for (Group group : groups.subList(1, groups.size())) {
            made.addParamGroup(group.parameters(), o -> set(o, group.overrides()));
          }
          return made;
        },
        Map.of());
  }

  private static void set(GroupOptions<?> options, Arguments arguments) {
    for (String name : options.names()) {
      if (arguments.given(name)) {
        options.set(name, arguments.value(name));
      }
    }
  }

  /** Accepts larger differences in the cases whose ids begin so; say why. */
  OptimizerEntry tolerance(String cases, double wider, String reason) {
    if (reason.isBlank()) {
      throw new IllegalArgumentException(name + ": no reason for the tolerance");
    }
    return new OptimizerEntry(name, maker, Map.of(cases, wider));
  }

  /** What a case may differ by, if that is not the usual. */
  public OptionalDouble tolerance(String id) {
    return tolerances.entrySet().stream()
        .filter(e -> id.startsWith(e.getKey()))
        .mapToDouble(Map.Entry::getValue)
        .findFirst();
  }

  /** A new optimizer; every argument must have been of use. */
  public Optimizer<?> make(List<Group> groups, Arguments defaults) {
    Optimizer<?> made = maker.make(groups, defaults);
    defaults.finish();
    groups.forEach(g -> g.overrides().finish());
    return made;
  }
}
