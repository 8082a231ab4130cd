package dev.flambeau.torch.nn;

import dev.flambeau.torch.TorchException;

/** Checks positions in containers; negative ones count from the end. */
final class Positions {
  private Positions() {}

  /** The position of one of {@code size} elements. */
  static int at(Class<?> container, int index, int size) {
    if (index < -size || index >= size) {
      throw TorchException.argument(
          container.getSimpleName(), "index", index, "[" + -size + ", " + (size - 1) + "]");
    }
    return index < 0 ? index + size : index;
  }

  /** A position before, between or behind {@code size} elements. */
  static int between(Class<?> container, int index, int size) {
    if (index < -size || index > size) {
      throw TorchException.argument(
          container.getSimpleName(), "index", index, "[" + -size + ", " + size + "]");
    }
    return index < 0 ? index + size : index;
  }

  /** Names are parts of paths. */
  static String name(Class<?> container, String name) {
    if (name.isEmpty() || name.indexOf('.') >= 0) {
      throw TorchException.argument(
          container.getSimpleName(), "name", '"' + name + '"', "a word without dots");
    }
    return name;
  }
}
