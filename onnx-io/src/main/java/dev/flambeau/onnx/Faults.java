package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with a file, a line each and each once; a hostile file has no more than some. */
final class Faults {
  private static final int MOST = 1000;
  private static final int LONGEST = 1000;

  private final Set<String> lines = new LinkedHashSet<>();
  private boolean more;

  void add(String where, String what) {
    add(where + ": " + what);
  }

  void add(String line) {
    if (lines.size() < MOST) {
      lines.add(line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...");
    } else {
      more = true;
    }
  }

  List<String> lines() {
    List<String> all = new ArrayList<>(lines);
    if (more) {
      all.add("and more");
    }
    return all;
  }
}
