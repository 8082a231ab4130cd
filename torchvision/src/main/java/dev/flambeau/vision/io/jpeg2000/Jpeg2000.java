package dev.flambeau.vision.io.jpeg2000;

import dev.flambeau.torch.TorchException;
import java.nio.ByteBuffer;
import java.util.function.IntUnaryOperator;

/** JP2 files (annex I) and bare codestreams as RGB. */
public final class Jpeg2000 {
  private static final long SIGNATURE = 0x0000000c6a502020L;
  private static final int CODESTREAM = 0xff4fff51;
  private static final int GREY = 17;
  private static final int YCC = 18;

  private final String name;
  private int colours = -1;
  private int[][] palette;
  private int[] columns;
  private int start = -1;

  private Jpeg2000(String name) {
    this.name = name;
  }

  /** A picture: its pixels row by row, red, green and blue in turn. */
  public record Picture(int width, int height, byte[] pixels) {}

  /** Whether a file starts as such a file does. */
  public static boolean matches(byte[] bytes) {
    return bytes.length >= 12
        && (ByteBuffer.wrap(bytes).getLong() == SIGNATURE
            || ByteBuffer.wrap(bytes).getInt() == CODESTREAM);
  }

  /**
   * The picture. Grey ones get three equal channels, samples of more than 8 bits lose the lower
   * ones, transparency is dropped.
   *
   * @param name what errors call it
   * @throws TorchException if it is damaged, cut off or has more than {@code maxPixels}
   */
  public static Picture decode(byte[] bytes, String name, long maxPixels) {
    Jpeg2000 file = new Jpeg2000(name);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getInt(0) == CODESTREAM) {
      file.start = 0;
    } else {
      file.boxes(in, 0, bytes.length, false);
    }
    if (file.start < 0) {
      throw TorchException.format(name, "a JPEG 2000 file without picture, or cut off");
    }
    return file.picture(Codestream.decode(bytes, file.start, name, maxPixels));
  }

  private void boxes(ByteBuffer in, int from, int end, boolean inside) {
    long at = from;
    while (at + 8 <= end && start < 0) {
      long length = in.getInt((int) at) & 0xffffffffL;
      int type = in.getInt((int) at + 4);
      long content = at + 8;
      if (length == 1 && at + 16 <= end) {
        length = in.getLong((int) at + 8);
        content = at + 16;
      }
      long stop = length == 0 ? end : at + length;
      if (length < 0 || stop < content || stop > end) {
        stop = end;
      }
      ByteBuffer box = in.slice((int) content, (int) Math.max(0, stop - content));
      switch (type) {
        case 0x6a703268 -> { // jp2h
          if (!inside) {
            boxes(in, (int) content, (int) stop, true);
          }
        }
        case 0x636f6c72 -> { // colr
          if (box.remaining() >= 7 && box.get(0) == 1 && colours < 0) {
            colours = box.getInt(3);
          }
        }
        case 0x70636c72 -> readPalette(box); // pclr
        case 0x636d6170 -> readColumns(box); // cmap
        case 0x6a703263 -> start = (int) content; // jp2c
        default -> {}
      }
      at = stop;
    }
  }

  private void readPalette(ByteBuffer box) {
    if (box.remaining() < 3) {
      return;
    }
    int entries = box.getShort() & 0xffff;
    int count = box.get() & 0xff;
    if (entries > 1024 || box.remaining() < count) {
      return;
    }
    int[] depths = new int[count];
    int width = 0;
    for (int i = 0; i < count; i++) {
      depths[i] = (box.get() & 0x7f) + 1;
      width += (depths[i] + 7) / 8;
    }
    if (box.remaining() < entries * width) {
      return;
    }
    palette = new int[count][entries];
    for (int e = 0; e < entries; e++) {
      for (int i = 0; i < count; i++) {
        int value = depths[i] > 8 ? box.getShort() & 0xffff : box.get() & 0xff;
        palette[i][e] = eight(value, depths[i]);
      }
    }
  }

  private void readColumns(ByteBuffer box) {
    columns = new int[box.remaining() / 4];
    for (int i = 0; i < columns.length; i++) {
      box.getShort();
      columns[i] = box.get() == 1 ? box.get() & 0xff : -1 - (box.get() & 0xff);
    }
  }

  private static int eight(int value, int depth) {
    return depth >= 8 ? value >> depth - 8 : value * 255 / ((1 << depth) - 1);
  }

  private Picture picture(Codestream.Planes planes) {
    TilePart area = planes.areas()[0];
    int width = area.width();
    int height = area.height();
    byte[] pixels = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
    int count = palette == null ? planes.components().length : palette.length;
    boolean grey = count < 3 || colours == GREY;
    for (int c = 0; c < 3; c++) {
      int channel = grey ? 0 : c;
      int plane = palette == null ? channel : 0;
      IntUnaryOperator colour = colour(planes, channel, plane);
      TilePart own = planes.areas()[plane];
      int[] samples = planes.samples()[plane];
      for (int y = 0; y < height; y++) {
        int row = own.height() == height ? y : (int) ((long) y * own.height() / height);
        for (int x = 0; x < width; x++) {
          int column = own.width() == width ? x : (int) ((long) x * own.width() / width);
          int value = colour.applyAsInt(samples[row * own.width() + column]);
          pixels[(y * width + x) * 3 + c] = (byte) value;
        }
      }
    }
    if (!grey && colours == YCC) {
      unmix(pixels);
    }
    return new Picture(width, height, pixels);
  }

  private IntUnaryOperator colour(Codestream.Planes planes, int channel, int plane) {
    if (palette != null) {
      boolean mapped = columns != null && channel < columns.length && columns[channel] >= 0;
      int[] colours = palette[Math.min(mapped ? columns[channel] : channel, palette.length - 1)];
      if (colours.length == 0) {
        throw TorchException.format(name, "JPEG 2000: an empty palette");
      }
      return value -> colours[Math.clamp(value, 0, colours.length - 1)];
    }
    Codestream.Component component = planes.components()[plane];
    int shift = component.signed() ? 1 << component.depth() - 1 : 0;
    return value -> eight(value + shift, component.depth());
  }

  /** sYCC with its differences of colour around 128. */
  private static void unmix(byte[] pixels) {
    for (int i = 0; i < pixels.length; i += 3) {
      float y = pixels[i] & 0xff;
      float blue = (pixels[i + 1] & 0xff) - 128;
      float red = (pixels[i + 2] & 0xff) - 128;
      pixels[i] = clamped(y + 1.402f * red);
      pixels[i + 1] = clamped(y - 0.344136f * blue - 0.714136f * red);
      pixels[i + 2] = clamped(y + 1.772f * blue);
    }
  }

  private static byte clamped(float value) {
    return (byte) Math.clamp(Math.round(value), 0, 255);
  }
}
