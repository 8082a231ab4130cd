package dev.flambeau.torch.serialize;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged checkpoints of PyTorch and safetensors. */
class CheckpointFuzzTest {
  @TempDir Path folder;

  private static Map<String, Tensor> tensors() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (DType type : DType.values()) {
      all.put("layer." + type.name() + ".weight", Torch.arange(40).to(type).reshape(4, 10));
    }
    all.put("view", all.get("layer.F32.weight").transpose(0, 1));
    return all;
  }

  @Test
  void zipCheckpoints() throws IOException {
    Path file = folder.resolve("whole");
    PyTorchFile.save(
        Map.of("state_dict", tensors(), "epoch", 3L, "names", List.of("a", 2.5)), file);
    Fuzz.fuzz(folder.resolve("zip.pt"), Files.readAllBytes(file), PyTorchFile::load);
  }

  @Test
  void legacyCheckpoints() throws IOException {
    PickleWriter pickle = new PickleWriter();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String magic = "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.";
    out.writeBytes((magic + "\u0080\u0002M\u00e9\u0003.").getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(new PickleWriter().write(Map.of("little_endian", true)));
    out.writeBytes(pickle.write(tensors()));
    List<String> keys =
        IntStream.range(0, pickle.storages().size()).mapToObj(Integer::toString).toList();
    out.writeBytes(new PickleWriter().write(keys));
    List<DType> types = List.of(DType.values());
    for (int i = 0; i < keys.size(); i++) {
      int bytes = (int) pickle.storages().get(i).bytes();
      ByteBuffer b = ByteBuffer.allocate(8 + bytes).order(ByteOrder.LITTLE_ENDIAN);
      out.writeBytes(b.putLong(bytes / types.get(i).bytes()).array());
    }
    Fuzz.fuzz(folder.resolve("legacy.pt"), out.toByteArray(), PyTorchFile::load);
  }

  @Test
  void safetensors() throws IOException {
    Path file = folder.resolve("whole");
    Safetensors.save(tensors(), Map.of("format", "pt"), file);
    Fuzz.fuzz(folder.resolve("model.safetensors"), Files.readAllBytes(file), Safetensors::load);
  }
}
