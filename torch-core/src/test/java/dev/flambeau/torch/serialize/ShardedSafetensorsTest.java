package dev.flambeau.torch.serialize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardedSafetensorsTest {
  @TempDir Path folder;

  static Map<String, Tensor> tensors() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (int i = 0; i < 5; i++) {
      all.put("layer." + i, Torch.full(DType.F32, i, 10, i + 1));
    }
    return all;
  }

  @Test
  void shardsStayBelowTheLimitAndComeBack() throws IOException {
    Path index = ShardedSafetensors.save(tensors(), folder, 150);
    assertEquals("model.safetensors.index.json", index.getFileName().toString());
    try (var files = Files.list(folder)) {
      // 40 + 80, 120, 160 and 200 bytes
      assertEquals(4 + 1, files.count());
    }
    Map<String, Tensor> read = ShardedSafetensors.load(index);
    assertEquals(tensors().keySet(), read.keySet());
    tensors()
        .forEach((name, t) -> assertArrayEquals(t.toFloatArray(), read.get(name).toFloatArray()));
    assertTrue(Files.readString(index).contains("\"total_size\":600"), Files.readString(index));
  }

  @Test
  void noFileOutsideTheFolderIsRead() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Safetensors.save(Map.of("w", Torch.ones(2)), folder.resolve("secret.safetensors"));
    for (String path :
        new String[] {
          "../secret.safetensors",
          folder.resolve("secret.safetensors").toString(),
          "..\\\\secret.safetensors",
          "C:secret",
          ".hidden",
          ""
        }) {
      Path index = inner.resolve("model.safetensors.index.json");
      Files.writeString(index, "{\"weight_map\": {\"w\": \"" + path + "\"}}");
      TorchException e =
          assertThrows(TorchException.class, () -> ShardedSafetensors.load(index), path);
      assertTrue(e.getMessage().contains("no file of this folder"), e.getMessage());
    }
  }

  @Test
  void tensorsMustBeWhereTheIndexSays() throws IOException {
    Path index = ShardedSafetensors.save(tensors(), folder, 1000);
    Files.writeString(index, Files.readString(index).replace("layer.3", "layer.7"));
    TorchException e = assertThrows(TorchException.class, () -> ShardedSafetensors.load(index));
    assertTrue(e.getMessage().contains("layer.7"), e.getMessage());
  }
}
