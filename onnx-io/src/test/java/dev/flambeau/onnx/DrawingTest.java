package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrawingTest {
  @TempDir Path folder;

  /** Boxes of a row keep their distance; edges go down. */
  @Test
  void boxesDoNotOverlap() {
    Random random = new Random(4);
    for (int trial = 0; trial < 20; trial++) {
      int n = 2 + random.nextInt(60);
      double[] widths = random.doubles(n, 20, 200).toArray();
      List<int[]> edges = new ArrayList<>();
      for (int to = 1; to < n; to++) {
        for (int k = random.nextInt(3); k >= 0; k--) {
          edges.add(new int[] {random.nextInt(to), to});
        }
      }
      DrawingLayout layout = new DrawingLayout(widths, edges);
      edges.forEach(e -> assertTrue(layout.y(e[1]) > layout.y(e[0])));
      for (int a = 0; a < n; a++) {
        assertTrue(layout.x(a) - widths[a] / 2 >= 0 && layout.x(a) <= layout.width());
        for (int b = 0; b < a; b++) {
          double gap = Math.abs(layout.x(a) - layout.x(b)) - (widths[a] + widths[b]) / 2;
          assertTrue(layout.y(a) != layout.y(b) || gap > 10, a + ", " + b + ": " + gap);
        }
      }
    }
  }

  /** Many long edges and many nodes take neither long nor much memory. */
  @Test
  void largeGraphs() throws Exception {
    Graphs graphs = new Graphs().input("x0", 2);
    int n = 8000;
    for (int i = 0; i < n; i++) {
      graphs.node("Add", "n" + i, "x0 x" + i, "x" + (i + 1));
    }
    Path file = folder.resolve("large.onnx");
    Files.write(file, graphs.output("x" + n, 2).model().toByteArray());
    long start = System.nanoTime();
    Path page = folder.resolve("large.html");
    Onnx.draw(file, page);
    double seconds = (System.nanoTime() - start) / 1e9;
    assertTrue(seconds < 20, seconds + " s");
    assertEquals(n + 2, Files.readString(page).split("<g class=\"b ").length - 1);
  }
}
