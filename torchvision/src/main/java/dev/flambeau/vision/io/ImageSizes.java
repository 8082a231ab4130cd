package dev.flambeau.vision.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The size in pixels that the header of a BMP, WebP, TIFF, JPEG 2000, PNM, GIF or Sun raster file
 * states.
 */
record ImageSizes(long width, long height) {
  private static final int TIFF_WIDTH = 256;
  private static final int TIFF_HEIGHT = 257;
  private static final int TIFF_SHORT = 3;
  private static final int MOST_ENTRIES = 4096;

  /** Empty if the format is another one or the header is cut off. */
  static Optional<ImageSizes> of(byte[] bytes) {
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    String start = new String(bytes, 0, Math.min(12, bytes.length), StandardCharsets.ISO_8859_1);
    try {
      if (start.startsWith("BM")) {
        return Optional.of(bmp(b));
      }
      if (start.startsWith("RIFF") && start.endsWith("WEBP")) {
        return webp(b);
      }
      if (start.startsWith("GIF8")) {
        return Optional.of(new ImageSizes(b.getShort(6) & 0xffff, b.getShort(8) & 0xffff));
      }
      if (start.matches("(?s)P[1-7FfH]\\s.*")) {
        return pnm(bytes);
      }
      b.order(start.startsWith("MM") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      if (start.startsWith("II") || start.startsWith("MM")) {
        return tiff(b);
      }
      b.order(ByteOrder.BIG_ENDIAN);
      return b.getInt(0) == 0x59a66a95
          ? Optional.of(new ImageSizes(unsigned(b, 4), unsigned(b, 8)))
          : jpeg2000(b);
    } catch (IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private static long unsigned(ByteBuffer b, int at) {
    return b.getInt(at) & 0xffffffffL;
  }

  /** The oldest header, of 12 bytes, has short numbers; a negative height is from top to bottom. */
  private static ImageSizes bmp(ByteBuffer b) {
    return b.getInt(14) == 12
        ? new ImageSizes(b.getShort(18) & 0xffff, b.getShort(20) & 0xffff)
        : new ImageSizes(Math.abs((long) b.getInt(18)), Math.abs((long) b.getInt(22)));
  }

  /** Lossy, lossless and extended files (RFC 9649). */
  private static Optional<ImageSizes> webp(ByteBuffer b) {
    return switch (b.getInt(12)) {
      case 0x20385056 -> // "VP8 "
          Optional.of(new ImageSizes(b.getShort(26) & 0x3fff, b.getShort(28) & 0x3fff));
      case 0x4c385056 -> { // "VP8L"
        int bits = b.getInt(21);
        yield Optional.of(new ImageSizes((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1));
      }
      case 0x58385056 -> // "VP8X"
          Optional.of(
              new ImageSizes((b.getInt(24) & 0xffffff) + 1, (b.getInt(26) >>> 8 & 0xffffff) + 1));
      default -> Optional.empty();
    };
  }

  /** The first directory (TIFF 6.0), of a file with addresses of 32 or 64 bits. */
  private static Optional<ImageSizes> tiff(ByteBuffer b) {
    boolean big = b.getShort(2) == 43;
    int entry = big ? 20 : 12;
    int directory = Math.toIntExact(big ? clamped(b.getLong(8)) : unsigned(b, 4) & 0x7fffffff);
    long count = big ? clamped(b.getLong(directory)) : b.getShort(directory) & 0xffff;
    int first = directory + (big ? 8 : 2);
    long width = -1;
    long height = -1;
    for (int i = 0; i < Math.min(count, MOST_ENTRIES); i++) {
      int at = first + i * entry;
      int tag = b.getShort(at) & 0xffff;
      int value = at + (big ? 12 : 8);
      if (tag == TIFF_WIDTH || tag == TIFF_HEIGHT) {
        boolean small = b.getShort(at + 2) == TIFF_SHORT;
        long size = small ? b.getShort(value) & 0xffff : unsigned(b, value);
        width = tag == TIFF_WIDTH ? size : width;
        height = tag == TIFF_HEIGHT ? size : height;
      }
    }
    return width < 0 || height < 0 ? Optional.empty() : Optional.of(new ImageSizes(width, height));
  }

  private static long clamped(long value) {
    return Math.clamp(value, 0, Integer.MAX_VALUE);
  }

  /** The SIZ segment at the start of a codestream (ITU T.800), alone or in a JP2 file. */
  private static Optional<ImageSizes> jpeg2000(ByteBuffer b) {
    for (int at = 0; at + 16 <= b.limit(); at++) {
      if (b.get(at) == (byte) 0xff && b.getInt(at) == 0xff4fff51) {
        return Optional.of(new ImageSizes(unsigned(b, at + 8), unsigned(b, at + 12)));
      }
    }
    return Optional.empty();
  }

  /** Decimal numbers behind the two letters, with comments in between; P7 names them. */
  private static Optional<ImageSizes> pnm(byte[] bytes) {
    String header =
        new String(bytes, 2, Math.min(1 << 12, bytes.length - 2), StandardCharsets.ISO_8859_1);
    String[] words = header.replaceAll("#[^\\n\\r]*", " ").strip().split("\\s+");
    if (words.length > 3 && words[0].equals("WIDTH")) {
      return number(words[1]).flatMap(w -> number(words[3]).map(h -> new ImageSizes(w, h)));
    }
    return words.length < 2
        ? Optional.empty()
        : number(words[0]).flatMap(w -> number(words[1]).map(h -> new ImageSizes(w, h)));
  }

  private static Optional<Long> number(String word) {
    return word.matches("\\d{1,9}") ? Optional.of(Long.parseLong(word)) : Optional.empty();
  }
}
