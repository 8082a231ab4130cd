package dev.flambeau.torch.nn;

import dev.flambeau.torch.TorchException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Modules by name, in the order they were put in; what they compute is their owner's affair.
 * PyTorch: {@code torch.nn.ModuleDict}.
 */
public class ModuleDict<M extends Module> extends Module {
  private final Map<String, M> modules = new LinkedHashMap<>();

  /** An empty one. */
  public ModuleDict() {}

  /** These, in the map's order. */
  public ModuleDict(Map<String, ? extends M> modules) {
    modules.forEach((name, m) -> this.modules.put(Positions.name(ModuleDict.class, name), m));
  }

  @Override
  public Map<String, Module> namedChildren() {
    Map<String, Module> all = new LinkedHashMap<>(modules);
    all.putAll(super.namedChildren());
    return all;
  }

  /**
   * The module of this name.
   *
   * @throws TorchException if there is none
   */
  public M get(String name) {
    if (!modules.containsKey(name)) {
      throw TorchException.argument("ModuleDict", "name", name, "one of " + modules.keySet());
    }
    return modules.get(name);
  }

  /** Adds a module or puts it in the place of the one of this name. */
  public ModuleDict<M> put(String name, M module) {
    modules.put(Positions.name(ModuleDict.class, name), module);
    return this;
  }

  /** Takes a module out. */
  public M remove(String name) {
    M module = get(name);
    modules.remove(name);
    return module;
  }

  /** The modules by name; a view that cannot be changed. */
  public Map<String, M> asMap() {
    return Collections.unmodifiableMap(modules);
  }

  public int size() {
    return modules.size();
  }
}
