package dev.flambeau.torch.serialize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void everyTypeComesBack() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (DType type : DType.values()) {
      tensors.put("x." + type, Torch.arange(6).reshape(2, 3).to(type));
    }
    tensors.put("transposed", Torch.arange(6).reshape(2, 3).t());
    tensors.put("empty", Torch.empty(0, 3));
    tensors.put("scalar", Torch.scalar(2.5));
    Path file = folder.resolve("all.safetensors");
    Safetensors.save(tensors, Map.of("made by", "a test \"quoted\""), file);
    Map<String, Tensor> back = Safetensors.load(file);
    assertEquals(tensors.keySet(), Map.copyOf(back).keySet());
    tensors.forEach(
        (name, t) -> {
          assertEquals(t.dtype(), back.get(name).dtype(), name);
          assertEquals(t.shape(), back.get(name).shape(), name);
          assertArrayEquals(t.toDoubleArray(), back.get(name).toDoubleArray(), name);
        });
    assertEquals(Map.of("made by", "a test \"quoted\""), Safetensors.metadata(file));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count(), "a partial file was left behind");
    }
  }

  @Test
  void mappedTensorsAreThoseOfTheFileAndNeverChangeIt() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (DType type : DType.values()) {
      tensors.put("x." + type, Torch.arange(6).reshape(2, 3).to(type));
    }
    tensors.put("empty", Torch.empty(0, 3));
    Path file = folder.resolve("mapped.safetensors");
    Safetensors.save(tensors, file);
    byte[] before = Files.readAllBytes(file);
    long allocated = Torch.memory(Device.CPU).statistics().allocations();
    Map<String, Tensor> mapped = Safetensors.map(file);
    assertEquals(allocated, Torch.memory(Device.CPU).statistics().allocations());
    assertEquals(tensors.keySet(), Set.copyOf(mapped.keySet()));
    tensors.forEach((name, t) -> assertTrue(t.equalTo(mapped.get(name)), name));
    Tensor x = mapped.get("x." + DType.F32);
    x.add_(1);
    assertEquals(6, x.get(1, 2).item());
    System.gc();
    assertEquals(5, mapped.get("x." + DType.F64).get(1, 2).item());
    assertArrayEquals(before, Files.readAllBytes(file));
    Path none = folder.resolve("none.safetensors");
    Safetensors.save(Map.of("empty", Torch.empty(0)), none);
    assertEquals(0, Safetensors.map(none).get("empty").numel());
    Files.write(none, new byte[] {1, 2, 3});
    assertThrows(TorchException.class, () -> Safetensors.map(none));
  }

  @Test
  void savingReplacesTheFile() throws IOException {
    Path file = folder.resolve("net.safetensors");
    Safetensors.save(Map.of("a", Torch.ones(3)), file);
    Safetensors.save(Map.of("b", Torch.zeros(2)), file);
    assertEquals(Shape.of(2), Safetensors.load(file).get("b").shape());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // not an object; cut off; something behind it
        "[]",
        "{\"a\":{\"dtype\":\"F32\"",
        "{} {}",
        // overlap, gap, backwards, beyond the data, data left over
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[100],\"data_offsets\":[0,400]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        // sizes: negative, overflowing, not fitting the range, not whole, not numbers
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":\"2\",\"data_offsets\":[0,8]}}",
        // types and fields
        "{\"a\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"more\":1}}",
        // one name twice; deep nesting; metadata that is no text
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"shape\":[[[[[[1]]]]]]}}",
        "{\"__metadata__\":{\"a\":1}}",
      })
  void refusesUnsoundHeaders(String header) throws IOException {
    Path file = write(header.getBytes(StandardCharsets.UTF_8).length, header);
    TorchException e = assertThrows(TorchException.class, () -> Safetensors.load(file));
    assertTrue(e.getMessage().contains("bad.safetensors"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 1000, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE})
  void refusesUnsoundLengths(long length) throws IOException {
    Path file = write(length, "{}");
    assertThrows(TorchException.class, () -> Safetensors.load(file));
    Files.write(file, new byte[5]);
    assertThrows(TorchException.class, () -> Safetensors.load(file));
  }

  /** A file with 8 bytes of data. */
  private Path write(long length, String header) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(16 + json.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(json);
    return Files.write(folder.resolve("bad.safetensors"), bytes.array());
  }
}
