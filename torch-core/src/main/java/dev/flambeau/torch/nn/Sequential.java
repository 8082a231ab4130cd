package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Modules one after another, named 0, 1, ... or as given. PyTorch: {@code torch.nn.Sequential}. */
public class Sequential extends Module implements Iterable<Module> {
  private final Map<String, Module> modules;

  public Sequential(Module... modules) {
    this(List.of(modules));
  }

  public Sequential(List<? extends Module> modules) {
    this(ModuleList.numbered(modules));
  }

  /** With names, in the map's order. */
  public Sequential(Map<String, ? extends Module> modules) {
    this.modules = new LinkedHashMap<>();
    modules.forEach((name, m) -> this.modules.put(Positions.name(Sequential.class, name), m));
  }

  @Override
  public Map<String, Module> namedChildren() {
    Map<String, Module> all = new LinkedHashMap<>(modules);
    all.putAll(super.namedChildren());
    return all;
  }

  /** The module at a position, from the end if it is negative. */
  public Module get(int index) {
    List<Module> all = List.copyOf(modules.values());
    return all.get(Positions.at(getClass(), index, all.size()));
  }

  /** Adds a module at the end, named by its position. */
  public Sequential append(Module module) {
    modules.put(String.valueOf(modules.size()), module);
    return this;
  }

  /** Adds modules at the end. */
  public Sequential extend(Iterable<? extends Module> more) {
    more.forEach(this::append);
    return this;
  }

  @Override
  public Iterator<Module> iterator() {
    return List.copyOf(modules.values()).iterator();
  }

  public int size() {
    return modules.size();
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensor x = input;
    List<Module> all = List.copyOf(modules.values());
    for (int i = 0; i < all.size(); i++) {
      boolean fused =
          all.get(i).getClass() == BatchNorm2d.class
              && i + 1 < all.size()
              && all.get(i + 1).getClass() == ReLU.class
              && !all.get(i).isHooked()
              && !all.get(i + 1).isHooked();
      x = fused ? ((BatchNorm2d) all.get(i++)).forwardRelu(x) : all.get(i).call(x);
    }
    return x;
  }
}
