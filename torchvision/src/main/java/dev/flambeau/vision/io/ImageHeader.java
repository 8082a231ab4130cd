package dev.flambeau.vision.io;

import dev.flambeau.torch.TorchException;
import java.util.Arrays;

/**
 * Looks at a file before it is decoded: OpenCV only warns of JPEG and PNG files that are cut off,
 * and allocates whatever size a header states.
 */
final class ImageHeader {
  private static final int JPEG_START = 0xD8;
  private static final int JPEG_END = 0xD9;
  private static final int JPEG_SCAN = 0xDA;
  private static final int PNG_END = 0x49454E44; // IEND

  private static final byte[] END_CHUNK = {
    0, 0, 0, 0, 'I', 'E', 'N', 'D', (byte) 0xAE, 0x42, 0x60, (byte) 0x82
  };

  private final byte[] bytes;
  private final String name;
  private final long maxPixels;

  private ImageHeader(byte[] bytes, String name, long maxPixels) {
    this.bytes = bytes;
    this.name = name;
    this.maxPixels = maxPixels;
  }

  /**
   * Checks what can be checked without decoding, and returns what to decode: the bytes, completed
   * by the end mark if a PNG file lacks nothing else.
   *
   * @throws TorchException if the file is empty, cut off or states too large a picture
   */
  static byte[] check(byte[] bytes, String name, long maxPixels) {
    ImageHeader header = new ImageHeader(bytes, name, maxPixels);
    if (bytes.length == 0) {
      throw TorchException.format(name, "the file is empty");
    }
    if (header.u8(0) == 0xFF && header.u8(1) == JPEG_START) {
      header.jpeg();
    } else if (header.u32(0) == 0x89504E47L) {
      return header.png();
    } else {
      ImageSizes.of(bytes).ifPresent(size -> header.limit(size.width(), size.height()));
    }
    return bytes;
  }

  private int u8(int at) {
    return at < bytes.length ? bytes[at] & 0xff : -1;
  }

  private int u16(int at) {
    return at + 1 < bytes.length ? u8(at) << 8 | u8(at + 1) : -1;
  }

  private long u32(int at) {
    return at + 3 < bytes.length ? (long) u16(at) << 16 | u16(at + 2) : -1;
  }

  private TorchException truncated(String kind) {
    return TorchException.format(
        name, "the " + kind + " file is incomplete or cut off; get it again");
  }

  private void limit(long width, long height) {
    if (Math.multiplyHigh(width, height) != 0 || width * height > maxPixels) {
      throw TorchException.format(
          name, width + " x " + height + " pixels; allowed: at most " + maxPixels + " in all");
    }
  }

  /** Walks the markers (ITU T.81, annex B) up to the end of the image. */
  private void jpeg() {
    int at = 2;
    while (true) {
      while (u8(at) == 0xFF && u8(at + 1) == 0xFF) {
        at++;
      }
      int marker = u8(at + 1);
      if (u8(at) != 0xFF || marker < 0) {
        throw truncated("JPEG");
      }
      if (marker == JPEG_END) {
        return;
      }
      int length = u16(at + 2);
      if (length < 2 || at + 2 + length > bytes.length) {
        throw truncated("JPEG");
      }
      boolean frame =
          marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
      if (frame) {
        limit(u16(at + 7), u16(at + 5));
      }
      at += 2 + length;
      if (marker == JPEG_SCAN) {
        at = afterScan(at);
      }
    }
  }

  /** The next marker that is neither a stuffed byte nor a restart. */
  private int afterScan(int from) {
    for (int at = from; at + 1 < bytes.length; at++) {
      int next = u8(at + 1);
      if (u8(at) == 0xFF && next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7)) {
        return at;
      }
    }
    throw truncated("JPEG");
  }

  private byte[] png() {
    limit(u32(16), u32(20));
    long at = 8;
    while (at + 12 <= bytes.length && u32((int) at + 4) != PNG_END) {
      at += 12 + u32((int) at);
    }
    if (at + 12 <= bytes.length) {
      return bytes;
    }
    if (at != bytes.length) {
      throw truncated("PNG");
    }
    byte[] completed = Arrays.copyOf(bytes, bytes.length + END_CHUNK.length);
    System.arraycopy(END_CHUNK, 0, completed, bytes.length, END_CHUNK.length);
    return completed;
  }
}
