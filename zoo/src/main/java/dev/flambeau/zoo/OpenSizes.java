package dev.flambeau.zoo;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Sizes of a graph's open axes. */
final class OpenSizes {
  @Option(
      names = "--size",
      paramLabel = "NAME=N",
      description =
          "Size of the open axis NAME, or INPUT:AXIS, of random inputs; those not given are 1.")
  private Map<String, Long> sizes = new LinkedHashMap<>();

  Map<String, Long> sizes() {
    sizes.forEach(
        (name, size) -> {
          if (size < 1) {
            throw new UserError("--size " + name + " is " + size + "; allowed: 1 or more");
          }
        });
    return sizes;
  }
}
