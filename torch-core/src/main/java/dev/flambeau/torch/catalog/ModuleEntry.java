package dev.flambeau.torch.catalog;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.Module;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * One class of {@code torch.nn}: how its constructor and its methods are called here.
 *
 * @param name PyTorch's
 * @param constructor called with PyTorch's arguments; getters in the order of its signature
 * @param tolerance of F64, where PyTorch's own numbers are rougher than 1e-10
 * @param absent what is not offered; asserted both ways
 */
public record ModuleEntry<M extends Module>(
    String name,
    Function<Arguments, Instance<M>> constructor,
    OptionalDouble tolerance,
    List<Entry.Absent> absent) {

  /** A call of a module's method. */
  @FunctionalInterface
  public interface Call<M> {
    /** All outputs in PyTorch's order, those in tuples one by one, without Nones. */
    List<Tensor> call(M module, Arguments arguments);
  }

  /** A call with one output. */
  @FunctionalInterface
  public interface Single<M> {
    Tensor call(M module, Arguments arguments);
  }

  /** A module and the calls of its methods by PyTorch's names. */
  public record Instance<M extends Module>(M module, Map<String, Call<M>> methods) {
    /** With {@code forward} alone. */
    public Instance(M module, Call<M> forward) {
      this(module, Map.of("forward", forward));
    }

    /** Calls a method by PyTorch's name. */
    public List<Tensor> call(String method, Arguments arguments) {
      Call<M> call = methods.get(method);
      if (call == null) {
        throw new Arguments.NotSupported("method " + method);
      }
      List<Tensor> outputs = call.call(module, arguments);
      arguments.finish();
      return outputs;
    }
  }

  /** A class named as in PyTorch, from one tensor to one tensor. */
  public static <M extends Module> ModuleEntry<M> module(
      Class<M> type, Function<Arguments, M> constructor) {
    return module(type, constructor, (m, a) -> m.forward(a.tensor("input")));
  }

  /** A class with one output. */
  public static <M extends Module> ModuleEntry<M> module(
      Class<M> type, Function<Arguments, M> constructor, Single<M> forward) {
    return several(type, constructor, (m, a) -> List.of(forward.call(m, a)));
  }

  /** A class with several outputs. */
  public static <M extends Module> ModuleEntry<M> several(
      Class<M> type, Function<Arguments, M> constructor, Call<M> forward) {
    return instance(type, a -> new Instance<>(constructor.apply(a), forward));
  }

  /** A class whose constructor's arguments decide on what its methods return. */
  public static <M extends Module> ModuleEntry<M> instance(
      Class<M> type, Function<Arguments, Instance<M>> constructor) {
    return new ModuleEntry<>(type.getSimpleName(), constructor, OptionalDouble.empty(), List.of());
  }

  /** A class we do not offer. */
  public static ModuleEntry<Module> absent(String name, String reason) {
    return new ModuleEntry<>(
        name,
        _ -> {
          throw new Arguments.NotSupported(reason);
        },
        OptionalDouble.empty(),
        List.of(new Entry.Absent("", reason)));
  }

  /** Another method than {@code forward}, by PyTorch's name. */
  public ModuleEntry<M> method(String method, Call<M> call) {
    return new ModuleEntry<>(
        name,
        a -> {
          Instance<M> made = constructor.apply(a);
          Map<String, Call<M>> all = new HashMap<>(made.methods());
          all.put(method, call);
          return new Instance<>(made.module(), Map.copyOf(all));
        },
        tolerance,
        absent);
  }

  /** Accepts larger differences in F64, {@code |a - b| <= tolerance (1 + |b|)}; say why. */
  public ModuleEntry<M> tolerance(double wider, String reason) {
    if (reason.isBlank()) {
      throw new IllegalArgumentException(name + ": no reason for the tolerance");
    }
    return new ModuleEntry<>(name, constructor, OptionalDouble.of(wider), absent);
  }

  /** Lists cases, by the beginning of their ids, that we do not offer; say why. */
  public ModuleEntry<M> without(String cases, String reason) {
    List<Entry.Absent> all = new ArrayList<>(absent);
    all.add(new Entry.Absent(cases, reason));
    return new ModuleEntry<>(name, constructor, tolerance, List.copyOf(all));
  }

  /** A new module and the calls of its methods. */
  public Instance<M> make(Arguments arguments) {
    Instance<M> made = constructor.apply(arguments);
    // Working in place is an economy; what is computed is the same.
    arguments.named("inplace");
    arguments.finish();
    return made;
  }

  /** Why a case is not offered, if so. */
  public Optional<String> reasonAgainst(String id) {
    return Entry.reason(absent, id);
  }
}
