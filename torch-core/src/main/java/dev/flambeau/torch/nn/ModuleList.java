package dev.flambeau.torch.nn;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Modules named 0, 1, ...; what they compute is their owner's affair. PyTorch: {@code ModuleList}.
 */
public class ModuleList<M extends Module> extends Module implements Iterable<M> {
  private final List<M> modules;

  public ModuleList(List<M> modules) {
    this.modules = List.copyOf(modules);
  }

  static <M extends Module> Map<String, M> numbered(List<M> modules) {
    Map<String, M> named = new LinkedHashMap<>();
    for (M module : modules) {
      named.put(String.valueOf(named.size()), module);
    }
    return named;
  }

  @Override
  public Map<String, Module> namedChildren() {
    return new LinkedHashMap<>(numbered(modules));
  }

  public M get(int index) {
    return modules.get(index);
  }

  public int size() {
    return modules.size();
  }

  @Override
  public Iterator<M> iterator() {
    return modules.iterator();
  }
}
