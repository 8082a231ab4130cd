package dev.flambeau.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Worker} seen from the parent. Each contender has a process of its own because two OpenMP
 * runtimes in one process compete for the cores; all live through the whole run and take turns, so
 * that what else the machine does hits both, and a waiting one costs nothing (passive threads).
 */
final class WorkerProcess implements AutoCloseable {

  /** Duration of one step in nanoseconds, and its {@link Contender#step} result. */
  record Step(long nanos, double check) {}

  final Side side;
  final long parameters;
  final String description;
  private final Process process;
  private final BufferedReader out;
  private final Writer in;

  WorkerProcess(Task task, Side side, int threads) throws IOException {
    this.side = side;
    process = start(task, side, threads);
    out = process.inputReader(StandardCharsets.UTF_8);
    in = process.outputWriter(StandardCharsets.UTF_8);
    var ready = next(Worker.READY).split(" ", 2);
    parameters = Long.parseLong(ready[0]);
    description = ready[1];
  }

  /** Has the worker do this many steps. */
  List<Step> run(int steps) throws IOException {
    in.write(steps + "\n");
    in.flush();
    var done = new ArrayList<Step>(steps);
    for (int i = 0; i < steps; i++) {
      var fields = next(Worker.STEP).split(" ");
      done.add(new Step(Long.parseLong(fields[0]), Double.parseDouble(fields[1])));
    }
    return done;
  }

  @Override
  public void close() {
    process.destroy();
  }

  private String next(String mark) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(mark + " ")) {
        return line.substring(mark.length() + 1);
      }
      System.err.println(side.title + ": " + line);
    }
    throw new IOException(side.title + ": the worker process ended; its error output is above");
  }

  private static Process start(Task task, Side side, int threads) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-modules=jdk.incubator.vector");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dflambeau.threads=" + threads);
    command.addAll(side.jvmFlags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Worker.class.getName(), task.name(), side.name()));
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    var environment = builder.environment();
    environment.put("OMP_WAIT_POLICY", "PASSIVE");
    environment.put("OMP_NUM_THREADS", Integer.toString(threads));
    environment.put("OPENBLAS_NUM_THREADS", Integer.toString(threads));
    return builder.start();
  }
}
