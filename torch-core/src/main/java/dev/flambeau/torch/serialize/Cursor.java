package dev.flambeau.torch.serialize;

import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** Reads a part of a file from front to back; lengths are checked against what is left of it. */
final class Cursor {
  private static final int BUFFER = 1 << 13;

  private final FileChannel channel;
  private final String file;
  private final long end;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private long next;

  Cursor(FileChannel channel, String file, long start, long end) {
    this.channel = channel;
    this.file = file;
    this.next = start;
    this.end = end;
  }

  long position() {
    return next - buffer.remaining();
  }

  long remaining() {
    return end - position();
  }

  void skip(long bytes) {
    need(bytes);
    next = position() + bytes;
    buffer.limit(0);
  }

  int u16() throws IOException {
    fill(2);
    return buffer.getShort() & 0xffff;
  }

  int i32() throws IOException {
    fill(4);
    return buffer.getInt();
  }

  long u32() throws IOException {
    return i32() & 0xffffffffL;
  }

  long i64() throws IOException {
    fill(8);
    return buffer.getLong();
  }

  byte[] bytes(int count) throws IOException {
    need(count);
    byte[] out = new byte[count];
    for (int at = 0; at < out.length; ) {
      fill(1);
      int part = Math.min(buffer.remaining(), out.length - at);
      buffer.get(out, at, part);
      at += part;
    }
    return out;
  }

  String text(int bytes) throws IOException {
    return new String(bytes(bytes), StandardCharsets.UTF_8);
  }

  private TorchException wrong(String message) {
    return TorchException.format(file, message);
  }

  private void need(long bytes) {
    if (bytes < 0 || bytes > remaining()) {
      throw wrong(
          Long.toUnsignedString(bytes)
              + " bytes are to be read where "
              + remaining()
              + " are left");
    }
  }

  private void fill(int bytes) throws IOException {
    if (buffer.remaining() >= bytes) {
      return;
    }
    need(bytes);
    buffer.compact();
    buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + end - next));
    while (buffer.position() < bytes) {
      int got = channel.read(buffer, next);
      if (got < 0) {
        throw wrong("the file became shorter while it was read");
      }
      next += got;
    }
    buffer.flip();
  }
}
