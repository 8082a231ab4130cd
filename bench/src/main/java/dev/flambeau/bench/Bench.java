package dev.flambeau.bench;

import dev.flambeau.bench.WorkerProcess.Step;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** Runs all sides on each task, turn by turn, and prints a table a task. */
public final class Bench {
  /** First steps whose results must agree; later ones of a training run drift apart by rounding. */
  private static final int CHECKED = 3;

  private Bench() {}

  /**
   * Arguments: names of {@link Task}s and {@link Operation}s, or {@code operators} for all of the
   * latter; everything when none is given. System property {@code bench.threads}: compute threads
   * of each side, by default the number of processors. Exit code 1 when two sides did not compute
   * the same.
   */
  public static void main(String[] args) throws IOException {
    int threads = threads();
    var tasks = new ArrayList<>(args.length == 0 ? List.of(Task.values()) : List.<Task>of());
    var operations =
        new ArrayList<>(args.length == 0 ? List.of(Operation.values()) : List.<Operation>of());
    for (var arg : args) {
      var name = arg.toUpperCase(Locale.ROOT);
      if (name.equals("OPERATORS")) {
        operations.addAll(List.of(Operation.values()));
      } else if (Arrays.stream(Operation.values()).anyMatch(o -> o.name().equals(name))) {
        operations.add(Operation.valueOf(name));
      } else {
        tasks.add(Task.valueOf(name));
      }
    }
    for (var task : tasks) {
      compare(task, threads);
    }
    if (!operations.isEmpty()) {
      OperatorBench.run(operations, threads);
    }
  }

  static int threads() {
    var given = System.getProperty("bench.threads", "");
    return given.isEmpty() ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(given);
  }

  private static void compare(Task task, int threads) throws IOException {
    var workers = new ArrayList<WorkerProcess>();
    try {
      for (var side : Side.values()) {
        if (side.takes(task)) {
          workers.add(new WorkerProcess(task, side, threads));
        }
      }
      System.out.printf(Locale.ROOT, "%n%s, %d threads%n", task.title, threads);
      workers.forEach(worker -> System.out.println("  " + worker.description));
      warmUp(task, workers);
      double before = load();
      var report = new Report(task, measure(task, workers), peaks(workers));
      System.out.printf(
          Locale.ROOT, "%s  load average %.2f before, %.2f after%n", report.text(), before, load());
    } finally {
      workers.forEach(WorkerProcess::close);
    }
  }

  private static void warmUp(Task task, List<WorkerProcess> workers) throws IOException {
    WorkerProcess first = null;
    List<Step> expected = List.of();
    for (var worker : workers) {
      require(worker.parameters == task.parameters, worker, "parameters", worker.parameters);
      var steps = worker.run(task.warmup);
      if (first == null) {
        first = worker;
        expected = steps;
      }
      for (int i = 0; i < CHECKED; i++) {
        double check = steps.get(i).check();
        double wanted = expected.get(i).check();
        boolean same = Math.abs(check - wanted) <= task.tolerance() * Math.abs(wanted);
        require(
            same, worker, "step " + i + ", where " + first.side.title + " has " + wanted, check);
      }
    }
  }

  private static Map<Side, List<Long>> measure(Task task, List<WorkerProcess> workers)
      throws IOException {
    Map<Side, List<Long>> nanos = new EnumMap<>(Side.class);
    for (int round = 0; round < task.rounds; round++) {
      for (var worker : workers) {
        var all = nanos.computeIfAbsent(worker.side, _ -> new ArrayList<>());
        worker.run(task.steps).stream().map(Step::nanos).forEach(all::add);
      }
    }
    return nanos;
  }

  private static Map<Side, OptionalLong> peaks(List<WorkerProcess> workers) throws IOException {
    Map<Side, OptionalLong> peaks = new EnumMap<>(Side.class);
    for (var worker : workers) {
      peaks.put(worker.side, worker.peakMemory());
    }
    return peaks;
  }

  private static void require(boolean held, WorkerProcess worker, String what, Object got) {
    if (!held) {
      throw new IllegalStateException(
          worker.side.title + " does other work than the rest: " + what + ": got " + got);
    }
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }
}
