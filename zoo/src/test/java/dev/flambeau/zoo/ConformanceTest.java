package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.serialize.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code conformance ops} on samples made here. */
class ConformanceTest {
  @TempDir Path folder;

  private void samples(String op, Tensor output) throws IOException {
    String cases =
        """
        {"op": "%s", "variant": "", "aliases": [], "torch": "none", "cases": [
          {"id": "f320", "input": {"tensor": "x", "grad": true}, "args": [], "kwargs": {},
           "outputs": ["y"], "loss_outputs": [0], "grads": {"x": "g"}}]}\
        """
            .formatted(op);
    Safetensors.save(
        Map.of("x", Torch.ones(1), "y", output, "g", Torch.ones(1).mul(2)),
        Map.of("cases", cases),
        folder.resolve(op + ".safetensors"));
  }

  private Cli run(String... more) {
    String[] args = new String[more.length + 3];
    args[0] = "conformance";
    args[1] = "ops";
    args[2] = folder.toString();
    System.arraycopy(more, 0, args, 3, more.length);
    return Cli.run(args);
  }

  @Test
  void countsAndPage() throws IOException {
    samples("square", Torch.ones(1));
    samples("no_such", Torch.ones(1));
    Path page = folder.resolve("page.md");
    Cli cli = run("--page", page.toString());
    assertEquals("1 passed, 0 failed, 1 not supported\n", cli.out());
    assertEquals(0, cli.code());
    assertTrue(
        Files.readString(page).contains("| `square` | `Tensor.square` | f32 | yes | cpu | 1/1 |"));
  }

  @Test
  void failureIsALineAndAnExitCode() throws IOException {
    samples("square", Torch.ones(1).mul(3));
    Cli cli = run();
    assertEquals(
        "square: 1 of 1 failed, first f320: element 0 is 1.0, expected 3.0\n"
            + "0 passed, 1 failed, 0 not supported\n",
        cli.out());
    assertEquals(1, cli.code());
  }

  @Test
  void mistakesAreNamed() throws IOException {
    run().refused("no safetensors files");
    Cli.run("conformance", "ops", folder.resolve("none").toString()).refused("no folder");
    Cli.run("conformance").refused("ops DIR");
    String deep = "[".repeat(100_000);
    Safetensors.save(
        Map.of("x", Torch.ones(1)), Map.of("cases", deep), folder.resolve("deep.safetensors"));
    run().refused("deep.safetensors", "JSON");
  }
}
