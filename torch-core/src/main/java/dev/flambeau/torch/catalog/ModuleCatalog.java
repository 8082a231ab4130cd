package dev.flambeau.torch.catalog;

import dev.flambeau.torch.nn.Module;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The registry that binds PyTorch's module classes to ours. A class is one line in the file of its
 * family; getters name parameters in the order of PyTorch's signature:
 *
 * <pre>{@code
 * module(Softmax.class, a -> new Softmax(a.axis("dim")))
 * module(Bilinear.class, a -> ..., (m, a) -> m.forward(a.tensor("input1"), a.tensor("input2")))
 * several(LSTM.class, a -> ..., (m, a) -> { ... return List.of(output, hidden, cell); })
 * absent("SyncBatchNorm", "several devices")
 * }</pre>
 *
 * What is not supported must be listed ({@code absent}, {@code without}), and what is listed must
 * fail.
 */
public final class ModuleCatalog {
  private static final Map<String, ModuleEntry<?>> ENTRIES = collect();

  private ModuleCatalog() {}

  private static Map<String, ModuleEntry<?>> collect() {
    Map<String, ModuleEntry<?>> all = new TreeMap<>();
    for (List<ModuleEntry<?>> family :
        List.of(
            ModuleEntries.ALL,
            LazyEntries.ALL,
            NonlinearityEntries.ALL,
            PoolModuleEntries.ALL,
            NormModuleEntries.ALL,
            ArrangementModuleEntries.ALL,
            CriterionEntries.ALL,
            MarginCriterionEntries.ALL,
            RecurrentEntries.ALL,
            AttentionEntries.ALL)) {
      for (ModuleEntry<?> entry : family) {
        if (all.put(entry.name(), entry) != null) {
          throw new IllegalStateException("two entries for " + entry.name());
        }
      }
    }
    return Collections.unmodifiableMap(all);
  }

  /** All entries by PyTorch's name of the class. */
  public static Map<String, ModuleEntry<?>> entries() {
    return ENTRIES;
  }

  public static Optional<ModuleEntry<?>> find(String name) {
    return Optional.ofNullable(ENTRIES.get(name));
  }

  /**
   * A new module of PyTorch's class.
   *
   * @throws Arguments.NotSupported if we do not have it
   */
  public static Module make(String name, Arguments arguments) {
    return find(name)
        .orElseThrow(() -> new Arguments.NotSupported("class " + name))
        .make(arguments)
        .module();
  }
}
