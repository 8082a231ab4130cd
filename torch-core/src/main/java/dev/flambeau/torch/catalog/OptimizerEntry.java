package dev.flambeau.torch.catalog;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.optim.Optimizer;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * One optimizer: how PyTorch's constructor is called here.
 *
 * @param name PyTorch's
 * @param absent why it is not offered, if so
 */
public record OptimizerEntry(String name, Maker maker, Optional<String> absent) {
  /** Parameters and the options that are theirs alone. */
  public record Group(List<Tensor> parameters, Arguments overrides) {}

  /** Makes an optimizer. */
  @FunctionalInterface
  public interface Maker {
    /** {@code groups} has at least one; {@code defaults} count where a group says nothing. */
    Optimizer<?> make(List<Group> groups, Arguments defaults);
  }

  /**
   * An optimizer with options per group.
   *
   * @param set gives the options what the arguments have; absent ones stay as they are
   */
  static <O extends Optimizer.Options> OptimizerEntry optimizer(
      String name,
      BiFunction<List<Tensor>, Consumer<O>, Optimizer<O>> constructor,
      BiConsumer<O, Arguments> set) {
    return new OptimizerEntry(
        name,
        (groups, defaults) -> {
          Optimizer<O> made =
              constructor.apply(groups.get(0).parameters(), o -> set.accept(o, defaults));
          set.accept(made.groups().get(0).options(), groups.get(0).overrides());
          for (Group group : groups.subList(1, groups.size())) {
            made.addGroup(group.parameters(), o -> set.accept(o, group.overrides()));
          }
          return made;
        },
        Optional.empty());
  }

  static OptimizerEntry absent(String name, String reason) {
    return new OptimizerEntry(
        name,
        (_, _) -> {
          throw new Arguments.NotSupported(reason);
        },
        Optional.of(reason));
  }

  /** A new optimizer; every argument must have been of use. */
  public Optimizer<?> make(List<Group> groups, Arguments defaults) {
    Optimizer<?> made = maker.make(groups, defaults);
    defaults.finish();
    groups.forEach(g -> g.overrides().finish());
    return made;
  }
}
