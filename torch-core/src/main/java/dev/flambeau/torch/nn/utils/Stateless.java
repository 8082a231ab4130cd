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
    Map<String, Extras.Place> places = new LinkedHashMap<>();
    tensors.keySet().forEach(path -> places.put(path, Extras.find(module, path)));
    places.forEach((path, place) -> before.put(path, place.owner().get(place.name())));
    try {
      tensors.forEach((path, t) -> places.get(path).owner().set(places.get(path).name(), t));
      return body.get();
    } finally {
      before.forEach((path, t) -> places.get(path).owner().set(places.get(path).name(), t));
    }
  }
}
