package dev.flambeau.torch.serialize;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Memory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Writes a zip file of uncompressed entries whose data start at multiples of a number. */
final class ZipWriter {
  private static final int VERSION = 45; // zip64
  private static final int UTF8 = 1 << 11;
  private static final int DATE = 0x21; // 1980-01-01, so that equal content gives equal files
  private static final int CHUNK = 1 << 30;
  private static final int PADDING_ID = 0x4246; // what PyTorch calls FB

  private final FileChannel channel;
  private final int alignment;
  private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
  private long entries;

  ZipWriter(FileChannel channel, int alignment) {
    this.channel = channel;
    this.alignment = alignment;
  }

  /** An entry of some bytes and the elements of a contiguous tensor behind them. */
  void add(String name, byte[] start, Tensor t) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(start);
    long bytes = t.numel() * t.dtype().bytes();
    for (long at = 0; at < bytes; at += CHUNK) {
      long part = Math.min(CHUNK, bytes - at);
      crc.update(Memory.part(t.address() + at, part).asByteBuffer());
    }
    begin(name, start.length + bytes, crc.getValue());
    put(ByteBuffer.wrap(start));
    Bytes.transfer(channel::write, t, bytes);
  }

  private void begin(String name, long size, long crc) throws IOException {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    long start = channel.position();
    boolean wide = size >= ZipDirectory.MAX32;
    int fixed = 30 + text.length + (wide ? 20 : 0) + 4;
    int padding = (int) ((alignment - (start + fixed) % alignment) % alignment);
    ByteBuffer local = buffer(fixed + padding);
    local.putInt(ZipDirectory.LOCAL);
    common(local, wide, size, crc);
    local.putShort((short) text.length).putShort((short) ((wide ? 20 : 0) + 4 + padding));
    local.put(text);
    if (wide) {
      local.putShort((short) 1).putShort((short) 16).putLong(size).putLong(size);
    }
    local.putShort((short) PADDING_ID).putShort((short) padding);
    put(local.rewind());
    central(text, start, size, crc);
    entries++;
  }

  private void central(byte[] text, long start, long size, long crc) {
    boolean wide = size >= ZipDirectory.MAX32;
    boolean far = start >= ZipDirectory.MAX32;
    int wideBytes = (wide ? 16 : 0) + (far ? 8 : 0);
    int extra = wideBytes == 0 ? 0 : 4 + wideBytes;
    ByteBuffer out = buffer(46 + text.length + extra);
    out.putInt(ZipDirectory.CENTRAL).putShort((short) VERSION);
    common(out, wide, size, crc);
    out.putShort((short) text.length).putShort((short) extra);
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
    out.putInt(far ? -1 : (int) start).put(text);
    if (extra > 0) {
      out.putShort((short) 1).putShort((short) wideBytes);
      if (wide) {
        out.putLong(size).putLong(size);
      }
      if (far) {
        out.putLong(start);
      }
    }
    directory.writeBytes(out.array());
  }

  private static void common(ByteBuffer out, boolean wide, long size, long crc) {
    int shown = wide ? -1 : (int) size;
    out.putShort((short) VERSION).putShort((short) UTF8).putShort((short) ZipDirectory.STORED);
    out.putShort((short) 0).putShort((short) DATE).putInt((int) crc).putInt(shown).putInt(shown);
  }

  void finish() throws IOException {
    long start = channel.position();
    put(ByteBuffer.wrap(directory.toByteArray()));
    long end = channel.position();
    long bytes = end - start;
    boolean wide = entries >= 0xffff || end >= ZipDirectory.MAX32;
    ByteBuffer out = buffer(22 + (wide ? 76 : 0));
    if (wide) {
      out.putInt(ZipDirectory.END64).putLong(44).putShort((short) VERSION);
      out.putShort((short) VERSION).putInt(0).putInt(0).putLong(entries).putLong(entries);
      out.putLong(bytes).putLong(start);
      out.putInt(ZipDirectory.LOCATOR64).putInt(0).putLong(end).putInt(1);
    }
    short count = (short) (wide ? -1 : entries);
    out.putInt(ZipDirectory.END).putShort((short) 0).putShort((short) 0);
    out.putShort(count).putShort(count);
    out.putInt(wide ? -1 : (int) bytes).putInt(wide ? -1 : (int) start).putShort((short) 0);
    put(out.rewind());
  }

  private void put(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
