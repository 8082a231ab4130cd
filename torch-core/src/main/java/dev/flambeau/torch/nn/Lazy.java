package dev.flambeau.torch.nn;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Initializes lazy modules. */
final class Lazy {
  private Lazy() {}

  /** Initializes the module, if it is lazy and not initialized, for the size of an axis. */
  static void prepare(Module module, Tensor input, int axis) {
    if (module instanceof LazyModule lazy
        && !lazy.isInitialized()
        && axis >= -input.dim()
        && axis < input.dim()) {
      lazy.initialize(input.size(axis));
    }
  }

  /** Initializes lazy modules for a state that is going to be loaded; draws no random numbers. */
  static void prepare(Module root, Map<String, Tensor> state) {
    Generator generator = Generator.getDefault();
    root.namedModules()
        .forEach(
            (path, module) -> {
              if (module instanceof LazyModule lazy && !lazy.isInitialized()) {
                Tensor before = generator.state();
                lazy.featuresOf(own(path, state)).ifPresent(lazy::initialize);
                generator.setState(before);
              }
            });
  }

  private static Map<String, Tensor> own(String path, Map<String, Tensor> state) {
    String prefix = path.isEmpty() ? "" : path + ".";
    Map<String, Tensor> own = new LinkedHashMap<>();
    state.forEach(
        (key, tensor) -> {
          if (key.startsWith(prefix) && key.indexOf('.', prefix.length()) < 0) {
            own.put(key.substring(prefix.length()), tensor);
          }
        });
    return own;
  }

  /** A size of one of the state's tensors, times a factor. */
  static OptionalLong size(Map<String, Tensor> state, String name, int axis, long factor) {
    Tensor tensor = state.get(name);
    return tensor == null || axis >= tensor.dim()
        ? OptionalLong.empty()
        : OptionalLong.of(tensor.size(axis) * factor);
  }

  /** An uninitialized tensor of the type and device of {@code t}, with another size of an axis. */
  static Tensor resized(Tensor t, int axis, long size) {
    long[] sizes = Arrays.copyOf(t.shape().sizes(), t.dim());
    sizes[axis] = size;
    return t.detach().newEmpty(sizes);
  }
}
