package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.StringStringEntryProto;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The model's file and those beside it that hold tensors' bytes, mapped into memory once each. */
final class ExternalData implements AutoCloseable {
  private final Optional<Path> folder;
  private final Map<Path, MappedFile> mapped = new HashMap<>();

  /**
   * @param folder where the model lies; empty if it was not read from a file
   */
  ExternalData(Optional<Path> folder) {
    this.folder = folder;
  }

  /** The same with the model's file itself. */
  static ExternalData of(MappedFile model, Path file) {
    ExternalData data = new ExternalData(Optional.of(file.toAbsolutePath().getParent()));
    data.mapped.put(file, model);
    return data;
  }

  /** Copies bytes of a mapped file, or others, to an address. */
  void copy(MemorySegment bytes, long address) {
    for (MappedFile file : mapped.values()) {
      if (file.copy(bytes, address)) {
        return;
      }
    }
    MemorySegment.copy(bytes, 0, Memory.ALL, address, bytes.byteSize());
  }

  /** Bytes of the model's file and of those beside it that were used so far. */
  long size() {
    return mapped.values().stream().mapToLong(f -> f.bytes().byteSize()).sum();
  }

  @Override
  public void close() {
    mapped.values().forEach(MappedFile::close);
  }

  /** The bytes that a tensor's {@code external_data} entries name. */
  MemorySegment bytes(List<StringStringEntryProto> entries, String where) {
    Map<String, String> values = new HashMap<>();
    entries.forEach(e -> values.put(e.getKey(), e.getValue()));
    MemorySegment all = file(values.getOrDefault("location", ""), where);
    long offset = number(values.getOrDefault("offset", "0"), where);
    long length =
        values.containsKey("length")
            ? number(values.get("length"), where)
            : Math.max(0, all.byteSize() - offset);
    if (offset > all.byteSize() || length > all.byteSize() - offset) {
      throw TorchException.format(
          where,
          "its data are "
              + length
              + " bytes at "
              + offset
              + " of a file of "
              + all.byteSize()
              + " bytes");
    }
    return all.asSlice(offset, length);
  }

  private static long number(String text, String where) {
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw TorchException.format(where, "external_data has '" + text + "' for a number", e);
    }
    throw TorchException.format(where, "external_data has a negative number: " + text);
  }

  private MemorySegment file(String location, String where) {
    Path base =
        folder.orElseThrow(
            () ->
                TorchException.format(
                    where, "data in another file, but the model was not read from a file"));
    try {
      Path wanted = Path.of(location);
      Path inside = base.resolve(wanted).normalize();
      if (location.isEmpty() || wanted.isAbsolute() || !inside.startsWith(base.normalize())) {
        throw outside(location, where);
      }
      if (!Files.isRegularFile(inside)) {
        throw TorchException.format(
            where, "its data should be in " + inside + ", which is no file");
      }
      Path real = inside.toRealPath();
      if (!real.startsWith(base.toRealPath())) {
        throw outside(location, where);
      }
      return mapped.computeIfAbsent(real, MappedFile::open).bytes();
    } catch (InvalidPathException e) {
      throw TorchException.format(where, "external_data has an impossible location", e);
    } catch (IOException e) {
      throw new UncheckedIOException(where + ": " + e.getMessage(), e);
    }
  }

  private static TorchException outside(String location, String where) {
    return TorchException.format(
        where, "its data are in '" + location + "', which is not inside the model's folder");
  }
}
