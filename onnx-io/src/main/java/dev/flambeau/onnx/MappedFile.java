package dev.flambeau.onnx;

import dev.flambeau.torch.backend.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A file mapped into memory. Its large parts are read past the mapping, whose pages, once touched,
 * would count as memory of the process as long as anything refers to it.
 */
final class MappedFile implements AutoCloseable {
  private static final long LARGE = 1 << 16;

  private final Path file;
  private final FileChannel channel;
  private final MemorySegment bytes;

  private MappedFile(Path file, FileChannel channel, MemorySegment bytes) {
    this.file = file;
    this.channel = channel;
    this.bytes = bytes;
  }

  /**
   * @throws UncheckedIOException if it cannot be read
   */
  static MappedFile open(Path file) {
    try {
      FileChannel channel = FileChannel.open(file);
      try {
        MemorySegment all =
            channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
        return new MappedFile(file, channel, all);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
  }

  MemorySegment bytes() {
    return bytes;
  }

  private boolean holds(MemorySegment part) {
    long from = part.address() - bytes.address();
    return part.isNative() && from >= 0 && from + part.byteSize() <= bytes.byteSize();
  }

  /** Copies a part of the file to an address; false if this is no large part of it. */
  boolean copy(MemorySegment part, long address) {
    if (part.byteSize() < LARGE || !holds(part)) {
      return false;
    }
    long from = part.address() - bytes.address();
    try {
      for (long done = 0; done < part.byteSize(); ) {
        long length = Math.min(part.byteSize() - done, 1 << 30);
        ByteBuffer target = Memory.part(address + done, length).asByteBuffer();
        int read = channel.read(target, from + done);
        if (read < 0) {
          throw new IOException("became shorter while it was read");
        }
        done += read;
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
  }
}
