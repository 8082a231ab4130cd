package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A Python with ONNX's own package; Debian's is {@code python3-onnx}. Tests skip without it. */
final class PythonOnnx {
  private final String python;
  private final Path folder;

  private PythonOnnx(String python, Path folder) {
    this.python = python;
    this.folder = folder;
  }

  /**
   * @param folder for scripts and what they say
   */
  static PythonOnnx find(Path folder) throws InterruptedException {
    for (String each : List.of("python3", "/usr/bin/python3")) {
      if (status(folder, List.of(each, "-c", "import onnx.checker")) == 0) {
        return new PythonOnnx(each, folder);
      }
    }
    String reason = "no Python with onnx; on Debian: apt-get install python3-onnx";
    System.out.println("skipped: " + reason);
    return Assumptions.abort(reason);
  }

  /** Runs a script that lies beside this class. */
  void run(String script, Path... arguments) throws IOException, InterruptedException {
    Path file = folder.resolve(script);
    try (var in = PythonOnnx.class.getResourceAsStream(script)) {
      Files.copy(in, file);
    }
    List<String> command = new ArrayList<>(List.of(python, file.toString()));
    for (Path argument : arguments) {
      command.add(argument.toString());
    }
    int status = status(folder, command);
    assertEquals(0, status, script + ": " + Files.readString(folder.resolve("log")));
  }

  private static int status(Path folder, List<String> command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      assertTrue(process.waitFor(600, TimeUnit.SECONDS), "Python took too long");
      return process.exitValue();
    } catch (IOException e) {
      return -1;
    }
  }
}
