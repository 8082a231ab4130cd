package dev.flambeau.torch;

import java.util.Locale;

/**
 * Where a tensor's data lives. {@link #META} tensors have a shape and no data: operators on them
 * only infer shapes.
 */
public enum Device {
  CPU,
  META;

  /** The fastest device present. */
  public static Device best() {
    return CPU;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
