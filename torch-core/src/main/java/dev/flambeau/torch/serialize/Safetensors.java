package dev.flambeau.torch.serialize;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Backends;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Named tensors in a file: a length, a JSON header, the elements in little-endian row-major order.
 * The header is bounded and checked before any tensor is read. Format: safetensors 0.x by Hugging
 * Face.
 */
public final class Safetensors {
  private static final int ALIGNMENT = 8;

  private Safetensors() {}

  /**
   * All tensors of a file, in the order of their data.
   *
   * @throws IOException if the file cannot be read
   * @throws TorchException if it is not a sound safetensors file
   */
  public static Map<String, Tensor> load(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      SafetensorsHeader header = readHeader(channel, file);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (SafetensorsHeader.Entry entry : header.entries()) {
        Meta meta = Meta.contiguous(entry.type(), Device.CPU, entry.shape());
        Tensor t = Backends.allocate(meta);
        Bytes.transfer(channel::read, t, entry.end() - entry.begin());
        tensors.put(entry.name(), t);
      }
      return tensors;
    }
  }

  /**
   * The same without reading the elements: the tensors lie where the system maps the file, and
   * pages are read when they are first used. Changing a tensor changes memory, never the file. The
   * file stays mapped as long as one of them is in use; nobody may shorten it meanwhile. A file
   * that may not be written cannot be mapped so and is read.
   *
   * @throws IOException if the file cannot be read
   * @throws TorchException if it is not a sound safetensors file
   */
  public static Map<String, Tensor> map(Path file) throws IOException {
    if (!Files.isWritable(file)) {
      return load(file);
    }
    // The system's rule for private mappings in Java: as if the file were to be changed.
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      SafetensorsHeader header = readHeader(channel, file);
      long start = channel.position();
      long bytes =
          header.entries().stream().mapToLong(SafetensorsHeader.Entry::end).max().orElse(0);
      MemorySegment mapped = channel.map(FileChannel.MapMode.PRIVATE, start, bytes, Arena.ofAuto());
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (SafetensorsHeader.Entry entry : header.entries()) {
        Storage storage =
            new Storage(
                mapped.address() + entry.begin(),
                entry.end() - entry.begin(),
                Device.CPU,
                () -> Reference.reachabilityFence(mapped));
        Layout layout = Layout.contiguous(entry.shape());
        tensors.put(entry.name(), new Tensor(storage, layout, entry.type()));
      }
      return tensors;
    }
  }

  /**
   * A file's free-form metadata; empty if it has none. Tensors are not read.
   *
   * @throws IOException if the file cannot be read
   * @throws TorchException if it is not a sound safetensors file
   */
  public static Map<String, String> metadata(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return readHeader(channel, file).metadata();
    }
  }

  private static SafetensorsHeader readHeader(FileChannel channel, Path file) throws IOException {
    long size = channel.size();
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    if (size < Long.BYTES) {
      throw TorchException.format(file.toString(), "too short for a safetensors file");
    }
    Bytes.readFully(channel, length);
    long headerBytes = length.flip().getLong();
    if (headerBytes < 2 || headerBytes > SafetensorsHeader.MAX_BYTES) {
      throw TorchException.format(
          file.toString(),
          "the header's length is "
              + Long.toUnsignedString(headerBytes)
              + "; allowed: 2 to "
              + SafetensorsHeader.MAX_BYTES);
    }
    if (headerBytes > size - Long.BYTES) {
      throw TorchException.format(file.toString(), "the file ends within its header");
    }
    ByteBuffer json = ByteBuffer.allocate((int) headerBytes);
    Bytes.readFully(channel, json);
    return SafetensorsHeader.parse(json.array(), size - Long.BYTES - headerBytes, file.toString());
  }

  /** {@link #save(Map, Map, Path)} without metadata. */
  public static void save(Map<String, Tensor> tensors, Path file) throws IOException {
    save(tensors, Map.of(), file);
  }

  /**
   * Writes a file beside {@code file} and moves it into place, so that no reader sees half of it.
   * Tensors are written widest element type first, then by name.
   *
   * @throws IOException if the file cannot be written
   */
  public static void save(Map<String, Tensor> tensors, Map<String, String> metadata, Path file)
      throws IOException {
    if (tensors.containsKey(SafetensorsHeader.METADATA)) {
      throw TorchException.argument(
          "Safetensors.save", "tensors", SafetensorsHeader.METADATA, "any other name");
    }
    tensors.forEach(
        (name, t) -> {
          if (t.device() == Device.META) {
            throw TorchException.argument(
                "Safetensors.save", name, "a meta tensor", "tensors with data");
          }
        });
    List<String> names = new ArrayList<>(tensors.keySet());
    names.sort(
        Comparator.comparing((String name) -> -tensors.get(name).dtype().bytes())
            .thenComparing(Comparator.naturalOrder()));
    byte[] header = header(names, tensors, metadata);
    WholeFile.writeChannel(
        file,
        channel -> {
          ByteBuffer start =
              ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
          start.putLong(header.length).put(header).flip();
          while (start.hasRemaining()) {
            channel.write(start);
          }
          for (String name : names) {
            Tensor t = tensors.get(name).detach().contiguous();
            Bytes.transfer(channel::write, t, t.numel() * t.dtype().bytes());
          }
        });
  }

  private static byte[] header(
      List<String> names, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long at = 0;
      for (String name : names) {
        Tensor t = tensors.get(name);
        long end = at + t.numel() * t.dtype().bytes();
        json.writeObjectFieldStart(name);
        json.writeStringField("dtype", t.dtype().name());
        writeArray(json, "shape", t.shape().sizes());
        writeArray(json, "data_offsets", at, end);
        json.writeEndObject();
        at = end;
      }
      json.writeEndObject();
    }
    // Spaces keep the data aligned.
    byte[] bytes = out.toByteArray();
    int padded = (bytes.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    byte[] header = Arrays.copyOf(bytes, padded);
    Arrays.fill(header, bytes.length, padded, (byte) ' ');
    return header;
  }

  private static void writeArray(JsonGenerator json, String name, long... values)
      throws IOException {
    json.writeFieldName(name);
    json.writeArray(values, 0, values.length);
  }
}
