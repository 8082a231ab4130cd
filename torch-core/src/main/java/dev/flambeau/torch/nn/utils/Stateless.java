package dev.flambeau.torch.nn.utils;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.Extras;
import dev.flambeau.torch.nn.Module;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Modules as functions of their parameters. PyTorch: {@code torch.func.functional_call}. */
public final class Stateless {
  private Stateless() {}

  /**
   * The module's output with these parameters and buffers, by path, in the place of its own; those
   * not given stay. Gradients go to the given ones. Not for several threads at once.
   */
  public static Tensor functionalCall(Module module, Map<String, Tensor> tensors, Tensor input) {
    return with(module, tensors, () -> module.call(input));
  }

  /** The same for what takes or gives something else: runs {@code body} with them in place. */
  public static <T> T with(Module module, Map<String, Tensor> tensors, Supplier<T> body) {
    Map<String, Tensor> before = new LinkedHashMap<>();
    tensors.keySet().forEach(path -> before.put(path, owner(module, path).get(name(path))));
    try {
      tensors.forEach((path, t) -> owner(module, path).set(name(path), t));
      return body.get();
    } finally {
      before.forEach((path, t) -> owner(module, path).set(name(path), t));
    }
  }

  private static Extras owner(Module module, String path) {
    return Extras.of(module.getSubmodule(path.substring(0, Math.max(path.lastIndexOf('.'), 0))));
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }
}
