package dev.flambeau.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * ONNX files in ONNX Runtime and in Flambeau, turn by turn in processes of their own. Arguments: a
 * file, or {@code f32} or {@code int8} for all-MiniLM-L6-v2 in that form, followed by sizes of open
 * axes such as {@code batch_size=8}; then the next file. Without arguments MiniLM in both forms.
 */
public final class OnnxBench {
  private static final int ROUNDS = 9;

  /** Of a turn. */
  private static final int MILLISECONDS = 1500;

  /** First turn, which does not count: the JVM's compilers have seen all of a network by then. */
  private static final int WARMUP = 15_000;

  /**
   * Of the mean magnitude of the first output: rounding that goes the other way in an early layer
   * of 8 bits changes what follows.
   */
  private static final double TOLERANCE = 0.05;

  private static final List<String> DEFAULT =
      List.of(
          "f32",
          "batch_size=1",
          "sequence_length=128",
          "int8",
          "batch_size=1",
          "sequence_length=128",
          "f32",
          "batch_size=8",
          "sequence_length=128",
          "int8",
          "batch_size=8",
          "sequence_length=128");

  private record Turn(double millis, double check) {}

  private OnnxBench() {}

  public static void main(String[] args) throws IOException {
    List<String> all = args.length == 0 ? DEFAULT : List.of(args);
    int threads = Bench.threads();
    System.out.printf(
        "%nONNX files, %d threads, median of %d turns%n%-60s %12s %12s %6s%n",
        threads, ROUNDS, "", "ORT ms", "Flambeau ms", "ratio");
    for (int i = 0; i < all.size(); ) {
      int end = i + 1;
      while (end < all.size() && all.get(end).contains("=")) {
        end++;
      }
      compare(all.subList(i, end), threads);
      i = end;
    }
  }

  private static void compare(List<String> what, int threads) throws IOException {
    String[] args = new String[what.size() + 1];
    args[1] = file(what.getFirst()).toString();
    for (int i = 1; i < what.size(); i++) {
      args[i + 1] = what.get(i);
    }
    // ONNX Runtime recurses along the graph.
    List<String> flags = List.of("-Xss64m");
    args[0] = OnnxWorker.PEER;
    try (var theirs = new Child("ONNX Runtime", threads, flags, OnnxWorker.class, args.clone())) {
      args[0] = OnnxWorker.OWN;
      try (var ours = new Child("Flambeau", threads, flags, OnnxWorker.class, args)) {
        System.out.println(line(String.join(" ", what), theirs, ours));
      }
    }
  }

  /** MiniLM lies in jars of the class path; others are files. */
  private static Path file(String name) throws IOException {
    if (!name.equals("f32") && !name.equals("int8")) {
      return Path.of(name);
    }
    String entry = "all-minilm-l6-v2" + (name.equals("int8") ? "-q" : "") + ".onnx";
    Path file = Path.of("target").resolve(entry);
    if (!Files.exists(file)) {
      Files.createDirectories(file.getParent());
      try (var in = OnnxBench.class.getResourceAsStream("/" + entry)) {
        Files.copy(in, file);
      }
    }
    return file;
  }

  private static String line(String title, Child theirs, Child ours) throws IOException {
    double wanted = turn(theirs, WARMUP).check();
    double got = turn(ours, WARMUP).check();
    if (!(Math.abs(got - wanted) <= TOLERANCE * Math.abs(wanted))) {
      throw new IllegalStateException(
          title + ": the mean magnitude is " + got + ", where ONNX Runtime has " + wanted);
    }
    double[] peer = new double[ROUNDS];
    double[] own = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      peer[i] = turn(theirs, MILLISECONDS).millis();
      own[i] = turn(ours, MILLISECONDS).millis();
    }
    Arrays.sort(peer);
    Arrays.sort(own);
    double a = peer[ROUNDS / 2];
    double b = own[ROUNDS / 2];
    return String.format(
        Locale.ROOT,
        "%-60s %12.2f %12.2f %6.2f   least %.2f and %.2f",
        title,
        a,
        b,
        b / a,
        peer[0],
        own[0]);
  }

  private static Turn turn(Child child, int milliseconds) throws IOException {
    child.tell(Integer.toString(milliseconds));
    var fields = child.next(OnnxWorker.DONE).split(" ");
    return new Turn(Double.parseDouble(fields[0]), Double.parseDouble(fields[1]));
  }
}
