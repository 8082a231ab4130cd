package dev.flambeau.torch.serialize;

import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The entries of a zip file, each in its own part of the file, so that what they hold uncompressed
 * is never longer than the file. Format: PKWARE APPNOTE 6.3, with zip64.
 */
final class ZipDirectory {
  static final int STORED = 0;
  static final int DEFLATED = 8;
  static final int LOCAL = 0x04034b50;
  static final int CENTRAL = 0x02014b50;
  static final int END = 0x06054b50;
  static final int END64 = 0x06064b50;
  static final int LOCATOR64 = 0x07064b50;
  static final long MAX32 = 0xffffffffL;
  private static final int END_BYTES = 22;
  private static final int LOCATOR_BYTES = 20;
  private static final int LOCAL_BYTES = 30;
  private static final int MAX_COMMENT = 0xffff;

  /** {@code position} is where the data start in the file. */
  record Entry(String name, int method, long position, long packed, long size, long crc) {}

  private record Header(String name, int flags, Entry entry) {}

  private final FileChannel channel;
  private final String file;
  private final long length;

  private ZipDirectory(FileChannel channel, String file) throws IOException {
    this.channel = channel;
    this.file = file;
    this.length = channel.size();
  }

  static Map<String, Entry> read(FileChannel channel, String file) throws IOException {
    return new ZipDirectory(channel, file).entries();
  }

  private Map<String, Entry> entries() throws IOException {
    long end = findEnd();
    Cursor tail = new Cursor(channel, file, end + 10, length);
    long count = tail.u16();
    long bytes = tail.u32();
    long start = tail.u32();
    if (count == 0xffff || bytes == MAX32 || start == MAX32) {
      Cursor locator = new Cursor(channel, file, Math.max(0, end - LOCATOR_BYTES), length);
      if (locator.i32() != LOCATOR64) {
        throw wrong("it lacks the zip64 end of its directory");
      }
      locator.skip(4);
      long at = locator.i64();
      Cursor end64 = cursor(at);
      if (end64.i32() != END64) {
        throw wrong("it lacks the zip64 end of its directory");
      }
      end64.skip(28);
      count = end64.i64();
      bytes = end64.i64();
      start = end64.i64();
    }
    if (bytes < 0 || start < 0 || start > length - bytes || count < 0 || count > bytes / 46) {
      throw wrong("its directory does not fit in the file");
    }
    Cursor in = new Cursor(channel, file, start, start + bytes);
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      Entry entry = located(central(in));
      if (entries.put(entry.name, entry) != null) {
        throw wrong("it has two entries of one name");
      }
    }
    checkApart(entries);
    return Collections.unmodifiableMap(entries);
  }

  private long findEnd() throws IOException {
    int most = (int) Math.min(length, END_BYTES + MAX_COMMENT);
    byte[] tail = new Cursor(channel, file, length - most, length).bytes(most);
    for (int at = most - END_BYTES; at >= 0; at--) {
      if (tail[at] == 'P' && tail[at + 1] == 'K' && tail[at + 2] == 5 && tail[at + 3] == 6) {
        return length - most + at;
      }
    }
    throw wrong("the end of the zip directory is missing; the file may be cut off");
  }

  private Header central(Cursor in) throws IOException {
    if (in.i32() != CENTRAL) {
      throw wrong("its directory is broken");
    }
    in.skip(4);
    int flags = in.u16();
    int method = in.u16();
    in.skip(4);
    long crc = in.u32();
    long packed = in.u32();
    long size = in.u32();
    int nameBytes = in.u16();
    int extraBytes = in.u16();
    int commentBytes = in.u16();
    in.skip(8);
    long local = in.u32();
    String name = in.text(nameBytes);
    long extraEnd = in.remaining() - extraBytes;
    while (in.remaining() - extraEnd >= 4) {
      int id = in.u16();
      int part = in.u16();
      long after = in.remaining() - part;
      if (id == 1) {
        size = size == MAX32 ? in.i64() : size;
        packed = packed == MAX32 ? in.i64() : packed;
        local = local == MAX32 ? in.i64() : local;
      }
      in.skip(in.remaining() - after);
    }
    in.skip(in.remaining() - extraEnd + commentBytes);
    return new Header(name, flags, new Entry(name, method, local, packed, size, crc));
  }

  private Entry located(Header header) throws IOException {
    Entry e = header.entry;
    if ((header.flags & 1) != 0 || e.method != STORED && e.method != DEFLATED) {
      throw wrong("the entry " + e.name + " is encrypted or packed by method " + e.method);
    }
    if (e.method == STORED && e.packed != e.size) {
      throw wrong("the entry " + e.name + " has two lengths");
    }
    Cursor local = cursor(e.position);
    if (local.i32() != LOCAL) {
      throw wrong("the entry " + e.name + " is not where the directory says");
    }
    local.skip(LOCAL_BYTES - 8); // the directory has said all of this
    int nameBytes = local.u16();
    int extraBytes = local.u16();
    long data = e.position + LOCAL_BYTES + nameBytes + extraBytes;
    if (e.packed < 0 || e.size < 0 || data > length - e.packed) {
      throw wrong("the entry " + e.name + " lies outside the file");
    }
    return new Entry(e.name, e.method, data, e.packed, e.size, e.crc);
  }

  private void checkApart(Map<String, Entry> entries) {
    List<Entry> inOrder = new ArrayList<>(entries.values());
    inOrder.sort(Comparator.comparingLong(Entry::position));
    long at = 0;
    for (Entry e : inOrder) {
      if (e.position < at) {
        throw wrong("the entry " + e.name + " overlaps another");
      }
      at = e.position + e.packed;
    }
  }

  private Cursor cursor(long at) {
    if (at < 0 || at > length) {
      throw wrong("its directory points outside the file");
    }
    return new Cursor(channel, file, at, length);
  }

  private TorchException wrong(String message) {
    return TorchException.format(file, message);
  }
}
