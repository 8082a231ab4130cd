package dev.flambeau.torch.nn;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Modules named 0, 1, ...; what they compute is their owner's affair. PyTorch: {@code
 * torch.nn.ModuleList}.
 */
public class ModuleList<M extends Module> extends Module implements Iterable<M> {
  private final List<M> modules;

  public ModuleList(List<? extends M> modules) {
    this.modules = new ArrayList<>(modules);
  }

  /** An empty one. */
  public ModuleList() {
    this(List.of());
  }

  static Map<String, Module> numbered(List<? extends Module> modules) {
    Map<String, Module> named = new LinkedHashMap<>();
    for (Module module : modules) {
      named.put(String.valueOf(named.size()), module);
    }
    return named;
  }

  @Override
  public Map<String, Module> namedChildren() {
    Map<String, Module> all = numbered(modules);
    all.putAll(super.namedChildren());
    return all;
  }

  /** The module at a position, from the end if it is negative. */
  public M get(int index) {
    return modules.get(Positions.at(getClass(), index, modules.size()));
  }

  /** Puts another module in the place of one. */
  public ModuleList<M> set(int index, M module) {
    modules.set(Positions.at(getClass(), index, modules.size()), module);
    return this;
  }

  /** Adds a module at the end. */
  public ModuleList<M> append(M module) {
    modules.add(module);
    return this;
  }

  /** Adds modules at the end. */
  public ModuleList<M> extend(Iterable<? extends M> more) {
    more.forEach(modules::add);
    return this;
  }

  /** Adds a module before another; those behind it are renamed. */
  public ModuleList<M> insert(int index, M module) {
    modules.add(Positions.between(getClass(), index, modules.size()), module);
    return this;
  }

  public int size() {
    return modules.size();
  }

  @Override
  public Iterator<M> iterator() {
    return List.copyOf(modules).iterator();
  }
}
