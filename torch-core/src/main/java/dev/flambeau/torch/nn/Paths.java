package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Map;
import java.util.function.Function;

/** Finds what is at a path of names below a module. */
final class Paths {
  private Paths() {}

  static Module module(Module root, String path) {
    Module at = root;
    int from = 0;
    while (from < path.length()) {
      // Names of imported parts may have dots inside.
      if (at.allChildren().containsKey(path.substring(from))) {
        return at.allChildren().get(path.substring(from));
      }
      int dot = path.indexOf('.', from);
      int to = dot < 0 ? path.length() : dot;
      at = found(at.allChildren(), path.substring(from, to), "module", path, at);
      from = to + 1;
    }
    return at;
  }

  static Tensor tensor(
      Module root, String path, String kind, Function<Module, Map<String, Tensor>> own) {
    if (own.apply(root).containsKey(path)) {
      return own.apply(root).get(path);
    }
    int dot = path.lastIndexOf('.');
    Module owner = module(root, path.substring(0, Math.max(dot, 0)));
    return found(own.apply(owner), path.substring(dot + 1), kind, path, owner);
  }

  private static <T> T found(
      Map<String, T> all, String name, String kind, String path, Module owner) {
    if (!all.containsKey(name)) {
      throw TorchException.argument(
          owner.getClass().getSimpleName(),
          "path",
          path + ": there is no " + kind + " " + name,
          "one of " + all.keySet());
    }
    return all.get(name);
  }
}
