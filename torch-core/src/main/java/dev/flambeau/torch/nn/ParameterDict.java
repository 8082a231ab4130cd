package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Parameters by name, in the order they were put in. PyTorch: {@code torch.nn.ParameterDict}, which
 * up to 1.13 sorts those it takes from a plain dict.
 */
public class ParameterDict extends Module {
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();

  /** An empty one. */
  public ParameterDict() {}

  /** These tensors, which are trained from now on, in the map's order. */
  public ParameterDict(Map<String, Tensor> tensors) {
    tensors.forEach((name, t) -> add(parameters, name, t));
  }

  @Override
  protected Map<String, Tensor> ownParameters() {
    Map<String, Tensor> all = new LinkedHashMap<>(parameters);
    all.putAll(super.ownParameters());
    return all;
  }

  /**
   * The parameter of this name.
   *
   * @throws TorchException if there is none
   */
  public Tensor get(String name) {
    if (!parameters.containsKey(name)) {
      throw TorchException.argument("ParameterDict", "name", name, "one of " + parameters.keySet());
    }
    return parameters.get(name);
  }

  /** Adds a parameter or puts it in the place of the one of this name. */
  public ParameterDict put(String name, Tensor tensor) {
    add(parameters, name, tensor);
    return this;
  }

  private static void add(Map<String, Tensor> all, String name, Tensor tensor) {
    all.put(Positions.name(ParameterDict.class, name), parameter(tensor));
  }

  /** Takes a parameter out. */
  public Tensor remove(String name) {
    Tensor tensor = get(name);
    parameters.remove(name);
    return tensor;
  }

  /** The parameters by name; a view that cannot be changed. */
  public Map<String, Tensor> asMap() {
    return Collections.unmodifiableMap(parameters);
  }

  @Override
  public String toString() {
    return ParameterList.print("ParameterDict", parameters);
  }

  public int size() {
    return parameters.size();
  }
}
