package dev.flambeau.torch.serialize;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Memory;
import java.io.EOFException;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Moves bytes between files and memory. */
final class Bytes {
  private static final int CHUNK = 1 << 30;

  private Bytes() {}

  /** A channel's read or write. */
  @FunctionalInterface
  interface Transfer {
    int move(ByteBuffer buffer) throws IOException;
  }

  static void readFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
  }

  /** Moves a contiguous tensor's bytes, straight from or to its memory. */
  static void transfer(Transfer channel, Tensor t, long bytes) throws IOException {
    for (long at = 0; at < bytes; ) {
      long part = Math.min(CHUNK, bytes - at);
      ByteBuffer buffer = Memory.ALL.asSlice(t.address() + at, part).asByteBuffer();
      while (buffer.hasRemaining()) {
        if (channel.move(buffer) < 0) {
          throw new EOFException("the file became shorter while it was read");
        }
      }
      at += part;
    }
    Reference.reachabilityFence(t);
  }

  /** Turns each element's bytes around. */
  static void reverse(Tensor t) {
    int width = t.dtype().bytes();
    long end = t.address() + t.numel() * width;
    for (long at = t.address(); at < end; at += width) {
      switch (width) {
        case 2 ->
            Memory.ALL.set(Memory.SHORT, at, Short.reverseBytes(Memory.ALL.get(Memory.SHORT, at)));
        case 4 ->
            Memory.ALL.set(Memory.INT, at, Integer.reverseBytes(Memory.ALL.get(Memory.INT, at)));
        case 8 ->
            Memory.ALL.set(Memory.LONG, at, Long.reverseBytes(Memory.ALL.get(Memory.LONG, at)));
        default -> {
          return;
        }
      }
    }
    Reference.reachabilityFence(t);
  }

  /** Makes 1 of what is neither 0 nor 1 in booleans. */
  static void normalize(Tensor t) {
    long end = t.address() + t.numel();
    for (long at = t.address(); at < end; at++) {
      Memory.ALL.set(Memory.BYTE, at, (byte) (Memory.ALL.get(Memory.BYTE, at) != 0 ? 1 : 0));
    }
    Reference.reachabilityFence(t);
  }
}
