package dev.flambeau.torch.serialize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.BatchNorm1d;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.optim.Adam;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints to PyTorch and from it. Needs a Python with torch; Debian's is python3-torch. */
class ExchangeTest {
  @TempDir static Path folder;
  private static Optional<String> python = Optional.empty();
  private static Path script;

  @BeforeAll
  static void askPyTorch() throws IOException, InterruptedException {
    script = folder.resolve("exchange.py");
    try (InputStream in = ExchangeTest.class.getResourceAsStream("exchange.py")) {
      Files.copy(in, script);
    }
    for (String each : List.of("python3", "/usr/bin/python3")) {
      if (python.isEmpty() && run(each, "-c", "import torch") == 0) {
        python = Optional.of(each);
      }
    }
    if (python.isEmpty()) {
      String reason = "no Python with torch; on Debian: apt-get install python3-torch";
      System.out.println("skipped: " + reason);
      Assumptions.abort(reason);
    }
    pytorch("write", folder.resolve("zip.pt").toString(), folder.resolve("old.pt").toString());
  }

  private static int run(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      assertTrue(process.waitFor(120, TimeUnit.SECONDS), "PyTorch took too long");
      return process.exitValue();
    } catch (IOException _) {
      return -1; // there is no such program
    }
  }

  private static void pytorch(String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 2];
    command[0] = python.orElseThrow();
    command[1] = script.toString();
    System.arraycopy(arguments, 0, command, 2, arguments.length);
    int status = run(command);
    assertEquals(0, status, Files.readString(folder.resolve("log")));
  }

  private static Map<?, ?> map(Object value) {
    return (Map<?, ?>) value;
  }

  private static Tensor tensor(Object value) {
    return (Tensor) value;
  }

  private static Sequential net() {
    return new Sequential(new Linear(4, 3), new BatchNorm1d(3));
  }

  private static Map<String, Tensor> named(Object state) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    map(state).forEach((name, t) -> all.put((String) name, tensor(t)));
    return all;
  }

  private static void check(Path file) throws IOException {
    Map<?, ?> all = map(PyTorchFile.load(file));
    assertEquals(7L, all.get("epoch"));
    assertEquals(0.25, all.get("loss"));
    assertEquals("h\u00e9", all.get("name"));
    assertNull(all.get("nothing"));
    assertEquals(true, all.get("done"));
    assertEquals(BigInteger.TWO.pow(70), all.get("big"));
    assertEquals(List.of(1L, "two"), all.get("pair"));
    assertEquals(Map.of("list", List.of(1L, List.of(2L, Map.of("three", 3L)))), all.get("nested"));
    assertEquals(Shape.of(2, 5), all.get("size"));
    assertEquals(DType.BF16, all.get("dtype"));
    assertEquals(10, map(all.get("tensors")).size());
    map(all.get("tensors"))
        .forEach(
            (name, t) -> {
              double[] values = tensor(t).to(DType.F64).reshape(-1).toDoubleArray();
              double[] wanted =
                  name.equals("bool")
                      ? new double[] {0, 1, 1, 1, 1, 1}
                      : new double[] {0, 1, 2, 3, 4, 5};
              assertArrayEquals(wanted, values, name.toString());
            });
    assertArrayEquals(new float[] {1, 5, 9}, tensor(all.get("column")).toFloatArray());
    assertEquals(Shape.of(4, 3), tensor(all.get("flipped")).shape());
    assertSame(tensor(all.get("base")).storage(), tensor(all.get("flipped")).storage());
    assertEquals(2.5, tensor(all.get("scalar")).item());
    assertEquals(Shape.of(0, 3), tensor(all.get("empty")).shape());
    assertTrue(tensor(all.get("parameter")).requiresGrad());
    Sequential net = net();
    net.loadStateDict(named(all.get("net")));
    Adam optimizer = new Adam(net.parameters(), o -> o.lr(0.5));
    optimizer.loadStateDict(map(all.get("optimizer")));
    assertEquals(0.01, optimizer.groups().get(0).options().lr());
  }

  @Test
  void pytorchsFilesLoadHere() throws IOException {
    check(folder.resolve("zip.pt"));
    check(folder.resolve("old.pt"));
  }

  /** What PyTorch wrote goes through our modules and optimizers and back. */
  @Test
  void ourFilesLoadInPyTorch() throws IOException, InterruptedException {
    Map<Object, Object> all = new LinkedHashMap<>(map(PyTorchFile.load(folder.resolve("zip.pt"))));
    Sequential net = net();
    net.loadStateDict(named(all.get("net")));
    Adam optimizer = new Adam(net.parameters(), o -> o.lr(0.5));
    optimizer.loadStateDict(map(all.get("optimizer")));
    all.put("net", net.stateDict());
    all.put("optimizer", optimizer.stateDict());
    all.remove("set");
    Path file = folder.resolve("ours.pt");
    PyTorchFile.save(all, file);
    pytorch("check", file.toString());
    check(file);
  }
}
