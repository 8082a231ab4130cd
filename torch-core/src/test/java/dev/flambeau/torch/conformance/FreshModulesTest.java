package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.catalog.InitEntries;
import dev.flambeau.torch.catalog.ModuleCatalog;
import dev.flambeau.torch.nn.LazyModule;
import dev.flambeau.torch.nn.Module;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * New modules print as PyTorch's and have the very weights that it gives them after the same seed.
 * Needs a Python with torch; Debian's is {@code python3-torch}.
 */
class FreshModulesTest {
  private static final List<String> PYTHONS = List.of("python3", "/usr/bin/python3");

  /** Modules whose weights are an argument of PyTorch's constructor. */
  private static final List<String> GIVEN = List.of("Embedding o9");

  @TempDir static Path folder;
  private static Path modules;
  private static Path initializers;
  private static List<Case> theirs;

  @BeforeAll
  static void askPyTorch() throws IOException, InterruptedException {
    modules = Pack.folder("nn").resolve("modules");
    initializers = Pack.folder("nn").resolve("init");
    Path script = folder.resolve("fresh_modules.py");
    try (InputStream in = FreshModulesTest.class.getResourceAsStream("fresh_modules.py")) {
      Files.copy(in, script);
    }
    Path answers = folder.resolve("fresh.safetensors");
    for (String python : PYTHONS) {
      if (run(python, "-c", "import torch") == 0) {
        String[] all = {
          python, script.toString(), modules.toString(), initializers.toString(), answers.toString()
        };
        int status = run(all);
        assertEquals(0, status, FreshModulesTest::log);
        theirs = CaseFile.read(answers).cases(Tensor::copy);
        return;
      }
    }
    String reason = "no Python with torch; on Debian: apt-get install python3-torch";
    System.out.println("skipped: " + reason);
    Assumptions.abort(reason);
  }

  private static String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      return "no output";
    }
  }

  private static int run(String... command) throws InterruptedException {
    File log = folder.resolve("log").toFile();
    try {
      Process process =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
      assertTrue(process.waitFor(120, TimeUnit.SECONDS), "PyTorch took too long");
      return process.exitValue();
    } catch (IOException e) {
      return -1; // there is no such program
    }
  }

  private interface Comparison {
    void compare(Case their, Module ours, Differences differences);
  }

  private static void forAll(Comparison comparison) throws IOException {
    List<String> wrong = new ArrayList<>();
    Map<String, CaseFile> files = new LinkedHashMap<>();
    Map<String, Case> recorded = new LinkedHashMap<>();
    for (Case their : theirs) {
      if (their.field("class") == null) {
        continue;
      }
      String type = their.get("class", String.class);
      if (!files.containsKey(type)) {
        files.put(type, CaseFile.read(modules.resolve(type + ".safetensors")));
        files.get(type).cases(Tensor::copy).forEach(c -> recorded.put(type + c.id(), c));
      }
      Case call = recorded.get(type + their.id());
      Torch.manualSeed(3);
      Module ours =
          ModuleCatalog.make(type, call.values().arguments(List.of(), call.get("init", Map.class)));
      Differences differences = new Differences(1e-6);
      comparison.compare(their, ours, differences);
      differences.found().forEach(d -> wrong.add(type + " " + their.id() + ": " + d));
    }
    assertTrue(theirs.size() > 900, theirs.size() + " modules");
    assertTrue(wrong.isEmpty(), () -> wrong.size() + " differ\n" + String.join("\n", wrong));
  }

  @Test
  void theSameSeedGivesTheSameWeights() throws IOException {
    forAll(
        (their, ours, differences) -> {
          Map<String, Tensor> state = their.tensors("state");
          if (!(ours instanceof LazyModule)) {
            differences.equal(
                "state", List.copyOf(ours.stateDict().keySet()), List.copyOf(state.keySet()));
          }
          if (!GIVEN.contains(their.get("class", String.class) + " " + their.id())) {
            differences.close("", ours.stateDict(), state);
          }
        });
  }

  @Test
  void printsAsPyTorch() throws IOException {
    forAll(
        (their, ours, differences) ->
            differences.equal("", plain(ours.toString()), plain(their.get("repr", String.class))));
  }

  /** Without what PyTorch repeats as it was written in the call, and what Java has no need of. */
  private static String plain(String text) {
    return text.replace("NonDynamicallyQuantizableLinear", "Linear")
        .replaceAll("torch.Size\\(\\[(.*?)\\]\\)", "($1)")
        .replaceAll("(bi|tri)(linear|cubic)", "$2")
        .replace("torch.FloatTensor", "torch.float32")
        // A distance may be any function here, which has no name.
        .replace("(\n  (distance_function): PairwiseDistance()\n)", "()")
        .replaceAll("(, )?(inplace|sparse)=(True|False)", "")
        .replaceAll(", padding=(valid|0|\\(0(, 0)*,?\\))(?=[,)])", "")
        .replaceAll("\\((\\d+)(,|(, \\1)+)\\)", "$1")
        .replaceAll("kernel_size=(\\d+|\\([0-9, ]+\\)), stride=None", "kernel_size=$1, stride=$1")
        .replaceAll("(\\d)\\.0\\b", "$1")
        .replace("'", "");
  }

  @Test
  void theSameSeedInitializesTheSameWay() throws IOException {
    List<String> wrong = new ArrayList<>();
    Map<String, Case> recorded = new LinkedHashMap<>();
    int count = 0;
    for (Case their : theirs) {
      if (!(their.field("function") instanceof String name)) {
        continue;
      }
      if (!recorded.containsKey(name + their.id())) {
        CaseFile.read(initializers.resolve(name + ".safetensors"))
            .cases(Tensor::copy)
            .forEach(c -> recorded.put(name + c.id(), c));
      }
      Case call = recorded.get(name + their.id());
      List<?> shape = call.get("shape", List.class);
      Tensor ours = Torch.empty(shape.stream().mapToLong(n -> (Long) n).toArray());
      Torch.manualSeed(3);
      InitEntries.find(name)
          .orElseThrow()
          .apply(ours, call.values().arguments(List.of(), call.get("kwargs", Map.class)));
      count++;
      new Differences(name.equals("orthogonal_") ? 1e-5 : 2e-6)
          .close("", ours, their.tensors("state").get(""))
          .found()
          .forEach(d -> wrong.add(name + " " + their.id() + d));
    }
    assertTrue(count > 100, count + " initializers");
    assertTrue(wrong.isEmpty(), () -> wrong.size() + " differ\n" + String.join("\n", wrong));
  }
}
