package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a module has beside its fields: parameters, buffers and parts added later, and tensors of
 * its own that are computed from those before each call instead of being trained. What
 * parametrizations, pruning and calls with other parameters are made of. Not for several threads at
 * once.
 */
public final class Extras {
  private final Module module;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private final Map<String, Supplier<Tensor>> computed = new LinkedHashMap<>();

  Extras(Module module) {
    this.module = module;
  }

  /** Those of a module. */
  public static Extras of(Module module) {
    return module.extras();
  }

  /** Where the tensor at a path is, and its name there. */
  public record Place(Extras owner, String name) {}

  /** The place of the parameter or buffer at a path such as {@code fc.weight}. */
  public static Place find(Module root, String path) {
    // Own names of imported networks have dots in them.
    if (root.allParameters().containsKey(path) || root.allBuffers(false).containsKey(path)) {
      return new Place(root.extras(), path);
    }
    int dot = path.lastIndexOf('.');
    Module owner = root.getSubmodule(path.substring(0, Math.max(dot, 0)));
    return new Place(owner.extras(), path.substring(dot + 1));
  }

  /**
   * A parameter or buffer of the module itself, trained, added or computed.
   *
   * @throws TorchException if there is none of this name
   */
  public Tensor get(String name) {
    Tensor found = parameters.getOrDefault(name, buffers.get(name));
    if (found == null) {
      found = module.ownParameters().get(name);
    }
    if (found == null) {
      Map<String, Tensor> own = module.ownBuffers(false);
      found = own.get(name);
    }
    if (found == null) {
      throw TorchException.argument(
          module.getClass().getSimpleName(),
          "name",
          name,
          "one of " + module.allParameters().keySet() + ", " + module.allBuffers(false).keySet());
    }
    return found;
  }

  /** Puts another tensor in the place of the one of this name; its shape may differ. */
  public void set(String name, Tensor tensor) {
    if (parameters.containsKey(name)) {
      parameters.put(name, tensor);
    } else if (buffers.containsKey(name)) {
      buffers.put(name, tensor);
    } else {
      module.setTensor(name, tensor);
    }
  }

  /** From now on the tensor of this name is {@code value}, computed now and before each call. */
  public void compute(String name, Supplier<Tensor> value) {
    Tensor first = value.get();
    module.setTensor(name, first);
    computed.put(name, value);
  }

  /** From now on {@code tensor} is what was computed. */
  public void fix(String name, Tensor tensor) {
    computed.remove(name);
    module.setTensor(name, tensor);
  }

  /** Whether the tensor of this name is computed. */
  public boolean isComputed(String name) {
    return computed.containsKey(name);
  }

  /** Adds a parameter that is trained. */
  public void addParameter(String name, Tensor tensor) {
    parameters.put(name, tensor);
  }

  /** Adds a buffer that is part of the state. */
  public void addBuffer(String name, Tensor tensor) {
    buffers.put(name, tensor);
  }

  /** Adds a part. */
  public void addChild(String name, Module child) {
    children.put(name, child);
  }

  /** Takes away what was added by this name. */
  public void remove(String name) {
    parameters.remove(name);
    buffers.remove(name);
    children.remove(name);
  }

  /** Whether something was added by this name. */
  public boolean contains(String name) {
    return parameters.containsKey(name) || buffers.containsKey(name) || children.containsKey(name);
  }

  /** The part added by this name. */
  public Module child(String name) {
    return children.get(name);
  }

  void refresh() {
    computed.forEach((name, value) -> module.setTensor(name, value.get()));
  }

  Map<String, Tensor> parameters(Map<String, Tensor> own) {
    return merged(own, parameters);
  }

  Map<String, Tensor> buffers(Map<String, Tensor> own) {
    return merged(own, buffers);
  }

  Map<String, Module> children(Map<String, Module> own) {
    Map<String, Module> all = new LinkedHashMap<>(own);
    all.putAll(children);
    return all;
  }

  private Map<String, Tensor> merged(Map<String, Tensor> own, Map<String, Tensor> added) {
    Map<String, Tensor> all = new LinkedHashMap<>(own);
    all.keySet().removeAll(computed.keySet());
    all.putAll(added);
    return all;
  }
}
