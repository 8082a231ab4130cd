package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Places the boxes of a directed graph without cycles in rows from top to bottom, after Sugiyama,
 * Tagawa and Toda 1981: rows by the longest path, edges over several rows bent at invisible boxes,
 * the order in a row by the mean place of the neighbours, and places as near to them as the others
 * in the row allow.
 */
final class DrawingLayout {
  static final double ROW = 74;
  private static final double GAP = 22;
  private static final double BEND = 10;
  private static final int SWEEPS = 8;

  /** With more bends than this, edges go straight. */
  private static final long MOST_BENDS = 300_000;

  /** An edge's boxes from top to bottom, those between its ends invisible. */
  record Route(int from, int to, List<Integer> boxes) {}

  final List<Route> routes = new ArrayList<>();
  private final List<Double> widths = new ArrayList<>();
  private final List<Integer> rows = new ArrayList<>();
  private final List<List<Integer>> above = new ArrayList<>();
  private final List<List<Integer>> below = new ArrayList<>();
  private final List<List<Integer>> order = new ArrayList<>();
  private double[] x;

  /**
   * @param boxWidths of the boxes; an edge goes from a box to one of a larger number
   * @param edges from, to
   */
  DrawingLayout(double[] boxWidths, List<int[]> edges) {
    int[] row = longestPaths(boxWidths.length, edges);
    for (int i = 0; i < boxWidths.length; i++) {
      add(boxWidths[i], row[i]);
    }
    long bends = edges.stream().mapToLong(e -> row[e[1]] - row[e[0]] - 1).sum();
    edges.forEach(edge -> route(edge[0], edge[1], bends <= MOST_BENDS));
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      sort(sweep % 2 == 0);
    }
    place();
  }

  double x(int box) {
    return x[box];
  }

  double y(int box) {
    return ROW * (rows.get(box) + 0.5);
  }

  double width() {
    double right = 0;
    for (int i = 0; i < x.length; i++) {
      right = Math.max(right, x[i] + widths.get(i) / 2);
    }
    return right + GAP;
  }

  double height() {
    return ROW * order.size();
  }

  private static int[] longestPaths(int boxes, List<int[]> edges) {
    List<int[]> sorted = new ArrayList<>(edges);
    sorted.sort(Comparator.comparingInt(e -> e[0]));
    int[] row = new int[boxes];
    sorted.forEach(e -> row[e[1]] = Math.max(row[e[1]], row[e[0]] + 1));
    int[] lowest = new int[boxes];
    Arrays.fill(lowest, Integer.MAX_VALUE);
    boolean[] fed = new boolean[boxes];
    for (int[] e : sorted.reversed()) {
      lowest[e[0]] = Math.min(lowest[e[0]], row[e[1]] - 1);
      fed[e[1]] = true;
    }
    // What nothing flows into moves down to where it is used.
    for (int i = 0; i < boxes; i++) {
      row[i] = fed[i] || lowest[i] == Integer.MAX_VALUE ? row[i] : lowest[i];
    }
    return row;
  }

  private int add(double width, int row) {
    int box = widths.size();
    widths.add(width);
    rows.add(row);
    above.add(new ArrayList<>());
    below.add(new ArrayList<>());
    while (order.size() <= row) {
      order.add(new ArrayList<>());
    }
    order.get(row).add(box);
    return box;
  }

  private void route(int from, int to, boolean bent) {
    List<Integer> boxes = new ArrayList<>(List.of(from));
    for (int row = rows.get(from) + 1; bent && row < rows.get(to); row++) {
      boxes.add(add(BEND, row));
    }
    boxes.add(to);
    for (int i = 1; i < boxes.size(); i++) {
      below.get(boxes.get(i - 1)).add(boxes.get(i));
      above.get(boxes.get(i)).add(boxes.get(i - 1));
    }
    routes.add(new Route(from, to, boxes));
  }

  private void sort(boolean down) {
    double[] place = new double[widths.size()];
    for (List<Integer> row : order) {
      for (int i = 0; i < row.size(); i++) {
        place[row.get(i)] = i - row.size() / 2.0;
      }
    }
    double[] wanted = new double[widths.size()];
    for (List<Integer> row : down ? order : order.reversed()) {
      for (int box : row) {
        wanted[box] = mean(down ? above.get(box) : below.get(box), place, place[box]);
      }
      row.sort(Comparator.comparingDouble(box -> wanted[box]));
      for (int i = 0; i < row.size(); i++) {
        place[row.get(i)] = i - row.size() / 2.0;
      }
    }
  }

  private static double mean(List<Integer> boxes, double[] place, double otherwise) {
    return boxes.stream().mapToDouble(b -> place[b]).average().orElse(otherwise);
  }

  private void place() {
    x = new double[widths.size()];
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      boolean down = sweep % 2 == 0;
      for (List<Integer> row : down ? order : order.reversed()) {
        double[] wanted = new double[row.size()];
        for (int i = 0; i < wanted.length; i++) {
          int box = row.get(i);
          List<Integer> near = new ArrayList<>(down ? above.get(box) : below.get(box));
          if (sweep >= 2) {
            near.addAll(down ? below.get(box) : above.get(box));
          }
          wanted[i] = mean(near, x, x[box]);
        }
        settle(row, wanted);
      }
    }
    double left = Double.MAX_VALUE;
    for (int i = 0; i < x.length; i++) {
      left = Math.min(left, x[i] - widths.get(i) / 2);
    }
    for (int i = 0; i < x.length; i++) {
      x[i] += GAP - left;
    }
  }

  /** The places nearest to the wanted ones that leave the gaps: a monotone regression. */
  private void settle(List<Integer> row, double[] wanted) {
    double[] offset = new double[wanted.length];
    for (int i = 1; i < wanted.length; i++) {
      double half = (widths.get(row.get(i - 1)) + widths.get(row.get(i))) / 2;
      offset[i] = offset[i - 1] + half + GAP;
    }
    double[] sum = new double[wanted.length];
    int[] count = new int[wanted.length];
    int blocks = 0;
    for (int i = 0; i < wanted.length; i++) {
      sum[blocks] = wanted[i] - offset[i];
      count[blocks++] = 1;
      while (blocks > 1
          && sum[blocks - 2] / count[blocks - 2] > sum[blocks - 1] / count[blocks - 1]) {
        sum[blocks - 2] += sum[blocks - 1];
        count[blocks - 2] += count[--blocks];
      }
    }
    int at = 0;
    for (int b = 0; b < blocks; b++) {
      for (int k = 0; k < count[b]; k++, at++) {
        x[row.get(at)] = sum[b] / count[b] + offset[at];
      }
    }
  }
}
