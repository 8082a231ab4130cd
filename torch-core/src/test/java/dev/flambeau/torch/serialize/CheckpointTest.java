package dev.flambeau.torch.serialize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir Path folder;

  @Test
  void treesComeBackToTheBit() throws IOException {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("number", Math.nextUp(0.1));
    tree.put("limits", List.of(Long.MIN_VALUE, Long.MAX_VALUE, Double.MIN_VALUE, -0.0));
    tree.put("odd", List.of(Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
    tree.put("mixed", Arrays.asList("text \u00e9\n", true, null, Map.of()));
    tree.put("by number", Map.of(3L, Map.of("step", Torch.scalar(5f))));
    tree.put("a.b", Torch.tensor(new float[] {1, 2}));
    tree.put("a", Map.of("b", Torch.tensor(new float[] {3})));
    Path file = folder.resolve("tree.safetensors");
    Checkpoint.save(tree, file);
    Map<String, Object> read = Checkpoint.load(file);
    assertEquals(tree.keySet(), read.keySet());
    for (String same : new String[] {"number", "limits", "odd", "mixed"}) {
      assertEquals(tree.get(same), read.get(same));
    }
    Map<?, ?> third = (Map<?, ?>) ((Map<?, ?>) read.get("by number")).get("3");
    assertEquals(5, ((Tensor) third.get("step")).item());
    assertArrayEquals(new float[] {1, 2}, ((Tensor) read.get("a.b")).toFloatArray());
    Tensor nested = (Tensor) ((Map<?, ?>) read.get("a")).get("b");
    assertArrayEquals(new float[] {3}, nested.toFloatArray());
  }

  @Test
  void refusesWhatItCannotKeep() {
    Path file = folder.resolve("bad.safetensors");
    List<Object> itself = new ArrayList<>();
    itself.add(itself);
    for (Object bad : new Object[] {new StringBuilder(), itself, Map.of("$tensor", "x")}) {
      assertThrows(TorchException.class, () -> Checkpoint.save(Map.of("bad", bad), file));
    }
    assertTrue(Files.notExists(file));
  }

  @Test
  void refusesOtherFiles() throws IOException {
    Path file = folder.resolve("other.safetensors");
    for (String tree :
        new String[] {
          "",
          "[]",
          "{",
          "{} {}",
          "{\"a\":{\"$tensor\":\"b\"}}",
          "{\"a\":{\"$real\":\"1\"}}",
          "{\"a\":99999999999999999999}",
          "[".repeat(5000)
        }) {
      Safetensors.save(Map.of(), Map.of("flambeau.tree", tree), file);
      assertThrows(TorchException.class, () -> Checkpoint.load(file), tree);
    }
    Safetensors.save(Map.of(), file);
    assertThrows(TorchException.class, () -> Checkpoint.load(file));
  }
}
