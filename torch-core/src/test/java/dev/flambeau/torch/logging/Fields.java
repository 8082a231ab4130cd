package dev.flambeau.torch.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A reader of event files and protocol buffers, written from their specifications. */
record Fields(Map<Integer, List<Object>> values) {
  /** Long for varints, ByteBuffer for all else. */
  static Fields parse(ByteBuffer bytes) {
    ByteBuffer in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, List<Object>> values = new TreeMap<>();
    while (in.hasRemaining()) {
      long tag = varint(in);
      Object value =
          switch ((int) (tag & 7)) {
            case 0 -> varint(in);
            case 1 -> take(in, 8);
            case 2 -> take(in, Math.toIntExact(varint(in)));
            case 5 -> take(in, 4);
            default -> throw new AssertionError("wire type " + (tag & 7));
          };
      values.computeIfAbsent((int) (tag >>> 3), _ -> new ArrayList<>()).add(value);
    }
    return new Fields(values);
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  private static ByteBuffer take(ByteBuffer in, int bytes) {
    ByteBuffer part = in.slice(in.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + bytes);
    return part;
  }

  ByteBuffer bytes(int field) {
    assertEquals(1, values.get(field).size(), "field " + field + " of " + values);
    return ((ByteBuffer) values.get(field).getFirst()).duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  Fields message(int field) {
    return parse(bytes(field));
  }

  List<Fields> messages(int field) {
    return values.get(field).stream().map(b -> parse((ByteBuffer) b)).toList();
  }

  String text(int field) {
    return StandardCharsets.UTF_8.decode(bytes(field)).toString();
  }

  long integer(int field) {
    return (Long) values.get(field).getFirst();
  }

  double real(int field) {
    ByteBuffer b = bytes(field);
    return b.remaining() == 4 ? b.getFloat() : b.getDouble();
  }

  double[] reals(int field) {
    double[] all = new double[bytes(field).remaining() / 8];
    bytes(field).asDoubleBuffer().get(all);
    return all;
  }

  /** The events of a file whose lengths and checksums are right. */
  static List<Fields> events(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Fields> events = new ArrayList<>();
    while (in.hasRemaining()) {
      ByteBuffer length = take(in, 8);
      assertEquals(masked(length), in.getInt(), "checksum of a length");
      ByteBuffer data = take(in, Math.toIntExact(length.getLong(0)));
      assertEquals(masked(data), in.getInt(), "checksum of a record");
      events.add(parse(data));
    }
    return events;
  }

  /** CRC-32C bit by bit (Castagnoli's polynomial, reflected), then masked as TensorFlow does. */
  static int masked(ByteBuffer data) {
    int crc = -1;
    for (int i = data.position(); i < data.limit(); i++) {
      crc ^= data.get(i) & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82f63b78;
      }
    }
    crc = ~crc;
    return (crc >>> 15 | crc << 17) + 0xa282ead8;
  }
}
