package dev.flambeau.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A child JVM that answers lines, seen from the parent. Each contender has a process of its own
 * because two OpenMP runtimes in one process compete for the cores; all live through the whole run
 * and take turns, so that what else the machine does hits all, and a waiting one costs nothing
 * (passive threads).
 */
final class Child implements AutoCloseable {
  private final String title;
  private final Process process;
  private final BufferedReader out;
  private final Writer in;

  Child(String title, int threads, List<String> jvmFlags, Class<?> main, String... args)
      throws IOException {
    this.title = title;
    process = start(threads, jvmFlags, main, args);
    out = process.inputReader(StandardCharsets.UTF_8);
    in = process.outputWriter(StandardCharsets.UTF_8);
  }

  void tell(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
  }

  /** What follows {@code mark} on the next line that begins with it; other lines are passed on. */
  String next(String mark) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(mark + " ")) {
        return line.substring(mark.length() + 1);
      }
      System.err.println(title + ": " + line);
    }
    throw new IOException(title + ": the worker process ended; its error output is above");
  }

  /** The most memory that was resident so far, in bytes; only Linux tells. */
  OptionalLong peakMemory() throws IOException {
    var status = Path.of("/proc", Long.toString(process.pid()), "status");
    if (!Files.exists(status)) {
      return OptionalLong.empty();
    }
    try (var lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst();
    }
  }

  @Override
  public void close() {
    process.destroy();
  }

  private static Process start(int threads, List<String> jvmFlags, Class<?> main, String... args)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-modules=jdk.incubator.vector");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dflambeau.threads=" + threads);
    command.addAll(jvmFlags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(args));
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    var environment = builder.environment();
    environment.put("OMP_WAIT_POLICY", "PASSIVE");
    environment.put("OMP_NUM_THREADS", Integer.toString(threads));
    // Keeps malloc from giving memory back and paying for new pages on the next large result.
    environment.put("MALLOC_MMAP_THRESHOLD_", "33554432");
    environment.put("MALLOC_TRIM_THRESHOLD_", "8589934592");
    environment.put("MALLOC_TOP_PAD_", "1073741824");
    environment.put("MALLOC_ARENA_MAX", "1");
    environment.put("OPENBLAS_NUM_THREADS", Integer.toString(threads));
    // Idle threads would spin for 2^26 cycles and take a core from the other side.
    environment.put("OPENBLAS_THREAD_TIMEOUT", "20");
    return builder.start();
  }
}
