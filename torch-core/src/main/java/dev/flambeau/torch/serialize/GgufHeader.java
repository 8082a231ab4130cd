package dev.flambeau.torch.serialize;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The part of a GGUF file before its tensors, read with bounds on everything the file states. */
final class GgufHeader {
  private static final int MAGIC = 0x46554747; // "GGUF", little-endian
  private static final long MAX_STRING = 1 << 20;
  private static final long MAX_COUNT = 1 << 20;
  private static final long MAX_ELEMENTS = 1 << 24;
  private static final int MAX_RANK = 8;
  private static final int MAX_DEPTH = 4;
  private static final int ARRAY = 9;
  private static final int BUFFER = 1 << 16;

  /** A tensor; {@code offset} counts from the start of the data. */
  record Entry(String name, GgufType type, Shape shape, long offset) {}

  private final FileChannel channel;
  private final String file;
  private final long size;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final List<Entry> entries = new ArrayList<>();
  private long position;
  private long data;

  private GgufHeader(FileChannel channel, String file) throws IOException {
    this.channel = channel;
    this.file = file;
    this.size = channel.size();
  }

  static GgufHeader read(FileChannel channel, String file) throws IOException {
    GgufHeader header = new GgufHeader(channel, file);
    header.parse();
    return header;
  }

  Map<String, Object> metadata() {
    return metadata;
  }

  List<Entry> entries() {
    return entries;
  }

  /** Where the tensors' data start in the file. */
  long data() {
    return data;
  }

  private void parse() throws IOException {
    if (size < 24 || i32() != MAGIC) {
      throw wrong("it does not start with GGUF");
    }
    int version = i32();
    if (version != 2 && version != 3) {
      throw wrong("version " + version + "; allowed: 2 and 3");
    }
    long tensors = count("tensors", MAX_COUNT);
    long keys = count("metadata entries", MAX_COUNT);
    for (long i = 0; i < keys; i++) {
      String key = string();
      if (metadata.put(key, value(i32(), 0)) != null) {
        throw wrong("the metadata key " + key + " appears twice");
      }
    }
    Map<String, Entry> byName = new LinkedHashMap<>();
    for (long i = 0; i < tensors; i++) {
      Entry entry = entry();
      if (byName.put(entry.name, entry) != null) {
        throw wrong("the tensor " + entry.name + " appears twice");
      }
    }
    entries.addAll(byName.values());
    long alignment = metadata.getOrDefault("general.alignment", 32L) instanceof Long a ? a : 0;
    if (alignment < 1 || alignment > 1 << 20) {
      throw wrong("general.alignment is " + alignment + "; allowed: 1 to 2^20");
    }
    data = (position + alignment - 1) / alignment * alignment;
    checkRanges();
  }

  private void checkRanges() {
    long total = 0;
    for (Entry e : entries) {
      long numel = e.shape.numel();
      if (numel / GgufType.MAX_BLOCK > size) {
        throw wrong("the data of tensor " + e.name + " lie outside the file");
      }
      long row = e.shape.rank() == 0 ? 1 : e.shape.size(e.shape.rank() - 1);
      if (row % e.type.block() != 0) {
        throw wrong(
            "tensor "
                + e.name
                + " of type "
                + e.type
                + " has rows of "
                + row
                + "; allowed: multiples of "
                + e.type.block());
      }
      long bytes = numel / e.type.block() * e.type.bytes();
      if (e.offset < 0 || e.offset > size - data - bytes) {
        throw wrong("the data of tensor " + e.name + " lie outside the file");
      }
      total += bytes;
      if (total > size) {
        throw wrong("its tensors take more bytes than the file has");
      }
    }
  }

  private Entry entry() throws IOException {
    String name = string();
    int rank = i32();
    if (rank < 0 || rank > MAX_RANK) {
      throw wrong("tensor " + name + " has " + rank + " axes; allowed: 0 to " + MAX_RANK);
    }
    long[] sizes = new long[rank];
    for (int i = rank - 1; i >= 0; i--) {
      sizes[i] = i64();
      if (sizes[i] < 0) {
        throw wrong("tensor " + name + " has a negative size");
      }
    }
    int code = i32();
    GgufType type =
        GgufType.of(code)
            .orElseThrow(
                () ->
                    wrong(
                        "tensor "
                            + name
                            + " has ggml type "
                            + code
                            + "; allowed: "
                            + Arrays.toString(GgufType.values())));
    return new Entry(name, type, Shape.of(sizes), i64());
  }

  private Object value(int code, int depth) throws IOException {
    return switch (code) {
      case 0 -> (long) (i8() & 0xff);
      case 1 -> (long) i8();
      case 2 -> (long) (i16() & 0xffff);
      case 3 -> (long) i16();
      case 4 -> i32() & 0xffffffffL;
      case 5 -> (long) i32();
      case 6 -> (double) Float.intBitsToFloat(i32());
      case 7 -> i8() != 0;
      case 8 -> string();
      case ARRAY -> array(depth);
      case 10, 11 -> i64();
      case 12 -> Double.longBitsToDouble(i64());
      default -> throw wrong("unknown metadata type " + code);
    };
  }

  private List<Object> array(int depth) throws IOException {
    if (depth == MAX_DEPTH) {
      throw wrong("metadata arrays are nested more than " + MAX_DEPTH + " deep");
    }
    int code = i32();
    long count = count("array elements", MAX_ELEMENTS);
    List<Object> values = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      values.add(value(code, depth + 1));
    }
    return values;
  }

  /** A number of things, each of which takes at least a byte. */
  private long count(String what, long limit) throws IOException {
    long n = i64();
    if (n < 0 || n > limit || n > size - position) {
      throw wrong(Long.toUnsignedString(n) + " " + what + " do not fit in the file");
    }
    return n;
  }

  private String string() throws IOException {
    byte[] bytes = new byte[(int) count("characters", MAX_STRING)];
    for (int at = 0; at < bytes.length; ) {
      fill(1);
      int part = Math.min(buffer.remaining(), bytes.length - at);
      buffer.get(bytes, at, part);
      position += part;
      at += part;
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private byte i8() throws IOException {
    fill(Byte.BYTES);
    position += Byte.BYTES;
    return buffer.get();
  }

  private short i16() throws IOException {
    fill(Short.BYTES);
    position += Short.BYTES;
    return buffer.getShort();
  }

  private int i32() throws IOException {
    fill(Integer.BYTES);
    position += Integer.BYTES;
    return buffer.getInt();
  }

  private long i64() throws IOException {
    fill(Long.BYTES);
    position += Long.BYTES;
    return buffer.getLong();
  }

  private void fill(int bytes) throws IOException {
    if (buffer.remaining() >= bytes) {
      return;
    }
    buffer.compact();
    while (buffer.position() < bytes) {
      if (channel.read(buffer) < 0) {
        throw wrong("the file ends within its header");
      }
    }
    buffer.flip();
  }

  private TorchException wrong(String message) {
    return TorchException.format(file, message);
  }
}
