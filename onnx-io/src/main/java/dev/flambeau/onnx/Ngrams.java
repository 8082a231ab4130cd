package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * TfIdfVectorizer: how often each n-gram of a pool stands in a row, its items next to one another
 * or with equally many left out between them.
 */
final class Ngrams {
  private enum Mode {
    TF,
    IDF,
    TFIDF
  }

  /** An item reached by a path of others; the number of the n-gram that ends here, or -1. */
  private static final class Part {
    private final Map<Object, Part> next = new HashMap<>();
    private int number = -1;
  }

  private final Part root = new Part();
  private final int shortest;
  private final int longest;
  private final int skips;
  private final long[] columns;
  private final int width;
  private final Mode mode;
  private final double[] weights;

  private Ngrams(Call c) {
    Node n = c.node();
    shortest = c.axisCount("min_gram_length");
    longest = c.axisCount("max_gram_length");
    skips = c.axisCount("max_skip_count");
    if (shortest < 1 || longest < shortest || skips < 0) {
      throw c.bad(
          "gram lengths and skips",
          shortest + " to " + longest + ", " + skips,
          "1 <= min_gram_length <= max_gram_length, 0 or more skips");
    }
    columns = n.ints("ngram_indexes", new long[0]);
    long last = -1;
    for (long column : columns) {
      last = Math.max(last, column);
      if (column < 0) {
        throw c.bad("ngram_indexes", column, "0 or more");
      }
    }
    width = Math.toIntExact(Limits.checked(c.name(), last) + 1);
    mode = mode(c);
    weights = n.floats("weights", new double[0]);
    if (weights.length != 0 && weights.length != columns.length) {
      throw c.bad("weights", weights.length + " numbers", columns.length + " or none");
    }
    fill(c, pool(c), n.ints("ngram_counts", new long[0]));
  }

  /** That of a node; made once. */
  static Ngrams of(Call c) {
    return c.node().prepared("n-grams", Ngrams.class, () -> new Ngrams(c));
  }

  private static Mode mode(Call c) {
    String mode = c.node().s("mode", "");
    return switch (mode) {
      case "TF" -> Mode.TF;
      case "IDF" -> Mode.IDF;
      case "TFIDF" -> Mode.TFIDF;
      default -> throw c.bad("mode", mode, "TF, IDF, TFIDF");
    };
  }

  private static List<Object> pool(Call c) {
    List<Object> pool = new ArrayList<>(c.node().strings("pool_strings"));
    if (pool.isEmpty()) {
      for (long item : c.node().ints("pool_int64s", new long[0])) {
        pool.add(item);
      }
    }
    return pool;
  }

  /**
   * @param starts where the n-grams of each length start in the pool
   */
  private void fill(Call c, List<Object> pool, long[] starts) {
    int number = 0;
    for (int length = 1; length <= starts.length; length++) {
      long from = starts[length - 1];
      long to = length < starts.length ? starts[length] : pool.size();
      if (from < 0 || to < from || to > pool.size() || (to - from) % length != 0) {
        throw c.bad("ngram_counts", from + " to " + to, "whole n-grams of the pool, in order");
      }
      for (long at = from; at < to; at += length) {
        Part part = root;
        for (int k = 0; k < length && length <= longest && length >= shortest; k++) {
          part = part.next.computeIfAbsent(pool.get((int) at + k), _ -> new Part());
        }
        if (part != root) {
          part.number = number;
        }
        number++;
      }
    }
    if (number > columns.length) {
      throw c.bad("ngram_indexes", columns.length + " numbers", number + ": one an n-gram");
    }
  }

  /** (C) or (N, C) -> (columns) or (N, columns). */
  Tensor count(Call c) {
    OnnxValue x = c.value(0);
    long[] sizes = x instanceof OnnxValue.Texts t ? t.shape().sizes() : c.in(0).shape().sizes();
    if (sizes.length > 2) {
      throw c.bad("X", Arrays.toString(sizes), "[C] or [N, C]");
    }
    int rows = sizes.length == 2 ? Math.toIntExact(sizes[0]) : 1;
    int length = sizes.length == 0 ? 1 : Math.toIntExact(sizes[sizes.length - 1]);
    Limits.steps(c.name(), rows, length, Math.min(skips, length) + 1, Math.min(longest, length));
    float[] out = new float[Math.toIntExact(Limits.checked(c.name(), rows, width))];
    List<Object> items = new ArrayList<>();
    if (x instanceof OnnxValue.Texts t) {
      items.addAll(t.strings());
    } else {
      for (long item : c.longs(0)) {
        items.add(item);
      }
    }
    for (int row = 0; row < rows; row++) {
      count(items.subList(row * length, (row + 1) * length), out, row * width);
    }
    Tensor counts = Torch.tensor(out, rows, width);
    return weighted(sizes.length == 2 ? counts : counts.reshape(-1));
  }

  private void count(List<Object> row, float[] out, int first) {
    for (int step = 1; step <= Math.min(skips, row.size()) + 1; step++) {
      for (int start = 0; start < row.size(); start++) {
        Part part = root;
        int length = 1;
        for (long at = start; at < row.size() && length <= longest; at += step, length++) {
          part = part.next.get(row.get((int) at));
          if (part == null) {
            break;
          }
          // Single items are the same at every step.
          if (part.number >= 0 && (length > 1 || step == 1)) {
            out[first + (int) columns[part.number]]++;
          }
        }
      }
    }
  }

  private Tensor weighted(Tensor counts) {
    Tensor base = mode == Mode.IDF ? counts.gt(0).to(DType.F32) : counts;
    return mode == Mode.TF || weights.length == 0 ? base : base.mul(columnWeights());
  }

  /** The weight of the n-gram that a column counts. */
  private Tensor columnWeights() {
    float[] out = new float[width];
    for (int i = 0; i < columns.length; i++) {
      out[(int) columns[i]] = (float) weights[i];
    }
    return Torch.tensor(out, width);
  }
}
