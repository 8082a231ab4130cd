package dev.flambeau.bench;

import dev.flambeau.torch.profile.KeyAverages;
import dev.flambeau.torch.profile.Profiler;
import java.util.Locale;

/**
 * Where the time of our side goes: a table of operators, most expensive first, as sums over some
 * steps of a task. The process is to be started as {@link Child} starts its own.
 */
public final class Profile {
  private static final int ROWS = 30;

  private Profile() {}

  /** Arguments: name of a {@link Task}, number of steps to profile, {@code shapes} if wanted. */
  public static void main(String[] args) {
    var task = Task.valueOf(args[0].toUpperCase(Locale.ROOT));
    int steps = Integer.parseInt(args[1]);
    boolean shapes = args.length > 2 && args[2].equals("shapes");
    var contender = Side.FLAMBEAU.create(task);
    run(contender, task.warmup);
    long start = System.nanoTime();
    run(contender, steps);
    double plain = (System.nanoTime() - start) / 1e6 / steps;
    start = System.nanoTime();
    var profiler = Profiler.profile(o -> o.shapes(shapes), () -> run(contender, steps));
    double profiled = (System.nanoTime() - start) / 1e6 / steps;
    var sums = shapes ? profiler.keyAveragesByShape() : profiler.keyAverages();
    System.out.printf(
        Locale.ROOT,
        "%s, %d steps: %.2f ms a step, %.2f profiled%n%s",
        task.title,
        steps,
        plain,
        profiled,
        sums.table(KeyAverages.Column.SELF_TIME, ROWS));
  }

  private static void run(Contender contender, int steps) {
    for (int i = 0; i < steps; i++) {
      contender.step();
    }
  }
}
