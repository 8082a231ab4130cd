package dev.flambeau.torch.conformance;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Where the reference data are. */
final class Pack {
  private Pack() {}

  /** The folder of the reference data; the test is skipped, saying so, without it. */
  static Path folder(String part) {
    String set = System.getProperty("flambeau.conformance");
    String root = System.getProperty("flambeau.root", "..");
    Path folder =
        (set == null ? Path.of(root, "../shared/conformance") : Path.of(set)).resolve(part);
    if (!Files.isDirectory(folder)) {
      String reason = "no reference data in " + folder + "; set -Dflambeau.conformance=DIR";
      System.out.println("skipped: " + reason);
      Assumptions.abort(reason);
    }
    return folder;
  }
}
