package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.List;

/**
 * What of a file is trained. Without options: the floating point initializers that layers take as
 * weights, but not the factors and shifts that batch normalization after a convolution was folded
 * into, nor numbers of formulas.
 */
public final class ImportOptions {
  private boolean folded;
  private final List<String> trained = new ArrayList<>();
  private final List<String> fixed = new ArrayList<>();

  ImportOptions() {}

  /** Whether the constants of folded batch normalizations are parameters; default false. */
  public ImportOptions trainFolded(boolean on) {
    folded = on;
    return this;
  }

  /**
   * Makes floating point constants parameters, whatever they are used for. In patterns {@code *}
   * stands for any characters.
   */
  public ImportOptions trained(String... patterns) {
    trained.addAll(List.of(patterns));
    return this;
  }

  /** Leaves initializers constants that would be parameters; patterns as above. */
  public ImportOptions fixed(String... patterns) {
    fixed.addAll(List.of(patterns));
    return this;
  }

  boolean trainsFolded() {
    return folded;
  }

  List<String> trained() {
    return trained;
  }

  List<String> fixed() {
    return fixed;
  }
}
