package dev.flambeau.vision.io.jpeg2000;

import dev.flambeau.torch.TorchException;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A codestream (annex A): the image's size, how its tiles are coded, and their samples. */
final class Codestream {
  private static final int SIZ = 0xff51;
  private static final int COD = 0xff52;
  private static final int COC = 0xff53;
  private static final int QCD = 0xff5c;
  private static final int QCC = 0xff5d;
  private static final int RGN = 0xff5e;
  private static final int POC = 0xff5f;
  private static final int PPM = 0xff60;
  private static final int PPT = 0xff61;
  private static final int SOT = 0xff90;
  private static final int SOD = 0xff93;
  private static final int END = 0xffd9;
  private static final int MOST_COMPONENTS = 256;

  /** One component of the image. */
  record Component(int depth, boolean signed, int dx, int dy) {}

  /** The order in which packets come, for some of them (POC, or all of them by COD). */
  record Order(
      int progression,
      int firstResolution,
      int lastResolution,
      int firstComponent,
      int lastComponent,
      int layers) {}

  /** What holds for a tile. */
  static final class Style {
    int progression;
    int layers;
    boolean mixed;
    boolean startMarkers;
    boolean endMarkers;
    Coding[] codings;
    List<Order> orders = new ArrayList<>();
    private boolean[] ownCoding;
    private boolean[] ownSteps;

    Style(int components) {
      codings = new Coding[components];
      ownCoding = new boolean[components];
      ownSteps = new boolean[components];
      for (int i = 0; i < components; i++) {
        codings[i] = new Coding();
      }
    }

    /** For a tile, whose own segments count more than the image's. */
    private Style copy() {
      Style s = new Style(codings.length);
      s.progression = progression;
      s.layers = layers;
      s.mixed = mixed;
      s.startMarkers = startMarkers;
      s.endMarkers = endMarkers;
      s.orders = new ArrayList<>(orders);
      for (int i = 0; i < codings.length; i++) {
        s.codings[i] = codings[i].copy();
      }
      return s;
    }
  }

  private static final class TileData {
    private final Style style;
    private final ByteArrayOutputStream packets = new ByteArrayOutputStream();
    private boolean ownOrders;

    TileData(Style style) {
      this.style = style;
    }
  }

  private final String name;
  private final ByteBuffer in;
  private TilePart area;
  private long tileX;
  private long tileY;
  private long tileWidth;
  private long tileHeight;
  private Component[] components;
  private Style style;
  private final Map<Integer, TileData> tiles = new TreeMap<>();

  private Codestream(String name, ByteBuffer in) {
    this.name = name;
    this.in = in;
  }

  /** The samples of each component, as they are coded, with their sizes. */
  record Planes(Component[] components, TilePart[] areas, int[][] samples) {}

  /**
   * @param maxPixels the largest picture decoded
   * @throws TorchException if it is damaged, cut off, too large or uses what is not supported
   */
  static Planes decode(byte[] bytes, int from, String name, long maxPixels) {
    ByteBuffer in = ByteBuffer.wrap(bytes, from, bytes.length - from).slice();
    Codestream codestream = new Codestream(name, in);
    try {
      codestream.readHeader(maxPixels);
      codestream.readTiles();
      return codestream.samples();
    } catch (BufferUnderflowException e) {
      throw TorchException.format(name, "the JPEG 2000 file is incomplete or cut off", e);
    } catch (IndexOutOfBoundsException
        | ArithmeticException
        | NegativeArraySizeException
        | IllegalArgumentException e) {
      throw TorchException.format(name, "the JPEG 2000 file is damaged", e);
    }
  }

  private TorchException bad(String what) {
    return TorchException.format(name, "JPEG 2000: " + what);
  }

  private int marker() {
    return in.getShort() & 0xffff;
  }

  /** What follows a marker. */
  private ByteBuffer segment() {
    int length = (in.getShort() & 0xffff) - 2;
    if (length < 0 || length > in.remaining()) {
      throw bad("a segment of " + length + " bytes, but there are " + in.remaining());
    }
    ByteBuffer segment = in.slice(in.position(), length);
    in.position(in.position() + length);
    return segment;
  }

  private void readHeader(long maxPixels) {
    if (marker() != 0xff4f || marker() != SIZ) {
      throw bad("no codestream");
    }
    readSize(segment(), maxPixels);
    style = new Style(components.length);
    int marker = marker();
    for (; marker != SOT; marker = marker()) {
      readStyle(marker, segment(), style, false);
    }
    in.position(in.position() - 2);
  }

  private static long unsigned(ByteBuffer b) {
    return b.getInt() & 0xffffffffL;
  }

  private void readSize(ByteBuffer b, long maxPixels) {
    b.getShort();
    long right = unsigned(b);
    long bottom = unsigned(b);
    long left = unsigned(b);
    long top = unsigned(b);
    tileWidth = unsigned(b);
    tileHeight = unsigned(b);
    tileX = unsigned(b);
    tileY = unsigned(b);
    int count = b.getShort() & 0xffff;
    if (left >= right || top >= bottom || right > Integer.MAX_VALUE || bottom > Integer.MAX_VALUE) {
      throw bad("an impossible size");
    }
    if (tileWidth == 0 || tileHeight == 0 || tileX > left || tileY > top) {
      throw bad("impossible tiles");
    }
    if (tileX + tileWidth <= left || tileY + tileHeight <= top) {
      throw bad("impossible tiles");
    }
    if (count < 1 || count > MOST_COMPONENTS) {
      throw bad(count + " components; allowed: 1 to " + MOST_COMPONENTS);
    }
    area = new TilePart((int) left, (int) top, (int) right, (int) bottom);
    components = new Component[count];
    for (int i = 0; i < count; i++) {
      int size = b.get() & 0xff;
      int dx = b.get() & 0xff;
      int dy = b.get() & 0xff;
      components[i] = new Component((size & 0x7f) + 1, (size & 0x80) != 0, dx, dy);
      if (dx == 0 || dy == 0 || components[i].depth > 16) {
        throw bad(components[i].depth + " bits a sample; allowed: 16");
      }
    }
    limit(maxPixels);
  }

  /** Samples and coefficients lie in Java's heap, four arrays of them at a time. */
  private void limit(long maxPixels) {
    long pixels = (long) area.width() * area.height();
    if (pixels > maxPixels) {
      throw bad(area.width() + " x " + area.height() + " pixels; allowed: " + maxPixels);
    }
    long bytes = Math.multiplyExact(pixels, 16L * components.length);
    if (bytes > Runtime.getRuntime().maxMemory() / 2) {
      throw bad(
          area.width() + " x " + area.height() + " pixels need " + bytes + " bytes of Java's heap");
    }
  }

  private int component(ByteBuffer b) {
    int i = components.length < 257 ? b.get() & 0xff : b.getShort() & 0xffff;
    if (i >= components.length) {
      throw bad("component " + i + " of " + components.length);
    }
    return i;
  }

  private void readStyle(int marker, ByteBuffer b, Style s, boolean first) {
    switch (marker) {
      case COD -> {
        int flags = b.get();
        s.startMarkers = (flags & 2) != 0;
        s.endMarkers = (flags & 4) != 0;
        s.progression = b.get() & 0xff;
        s.layers = b.getShort() & 0xffff;
        s.mixed = b.get() != 0;
        Coding all = new Coding();
        all.readCoding(b, (flags & 1) != 0, name);
        for (int i = 0; i < s.codings.length; i++) {
          if (!s.ownCoding[i]) {
            s.codings[i].coded(all);
          }
        }
      }
      case COC -> {
        int i = component(b);
        s.codings[i].readCoding(b, (b.get() & 1) != 0, name);
        s.ownCoding[i] = true;
      }
      case QCD -> {
        Coding all = new Coding();
        all.readQuantization(b);
        for (int i = 0; i < s.codings.length; i++) {
          if (!s.ownSteps[i]) {
            s.codings[i].quantized(all);
          }
        }
      }
      case QCC -> {
        int i = component(b);
        s.codings[i].readQuantization(b);
        s.ownSteps[i] = true;
      }
      case RGN -> {
        int i = component(b);
        b.get();
        s.codings[i].shift = b.get() & 0xff;
      }
      case POC -> readOrders(b, s, first);
      case PPM, PPT -> throw bad("packet headers of their own (PPM, PPT) are not supported");
      default -> {
        if (marker < 0xff01) {
          throw bad("no marker where one should be");
        }
      }
    }
  }

  private void readOrders(ByteBuffer b, Style s, boolean replace) {
    if (replace) {
      s.orders.clear();
    }
    boolean wide = components.length > 256;
    while (b.hasRemaining()) {
      int firstResolution = b.get() & 0xff;
      int firstComponent = wide ? b.getShort() & 0xffff : b.get() & 0xff;
      int layers = b.getShort() & 0xffff;
      int lastResolution = b.get() & 0xff;
      int lastComponent = wide ? b.getShort() & 0xffff : b.get() & 0xff;
      // A byte has no room for 256, which 0 then stands for.
      lastComponent = lastComponent == 0 ? components.length : lastComponent;
      int progression = b.get() & 0xff;
      s.orders.add(
          new Order(
              progression, firstResolution, lastResolution, firstComponent, lastComponent, layers));
    }
  }

  private void readTiles() {
    while (in.remaining() >= 2) {
      int marker = marker();
      if (marker == END) {
        return;
      }
      if (marker != SOT) {
        throw bad("no tile where one should be");
      }
      int start = in.position() - 2;
      ByteBuffer b = segment();
      int index = b.getShort() & 0xffff;
      long length = unsigned(b);
      TileData tile = tiles.computeIfAbsent(index, _ -> new TileData(style.copy()));
      for (marker = marker(); marker != SOD; marker = marker()) {
        readStyle(marker, segment(), tile.style, marker == POC && !tile.ownOrders);
        tile.ownOrders |= marker == POC;
      }
      int end = length == 0 ? in.limit() : (int) Math.min(in.limit(), start + length);
      int size = end - in.position();
      if (size < 0) {
        throw bad("a tile of " + length + " bytes");
      }
      byte[] packets = new byte[size];
      in.get(packets);
      tile.packets.writeBytes(packets);
    }
    throw new BufferUnderflowException();
  }

  private Planes samples() {
    long across = Math.ceilDiv(area.x1() - tileX, tileWidth);
    long down = Math.ceilDiv(area.y1() - tileY, tileHeight);
    if (tiles.size() < across * down) {
      throw bad(tiles.size() + " tiles of " + across * down + ": incomplete or cut off");
    }
    TilePart[] areas = new TilePart[components.length];
    int[][] samples = new int[components.length][];
    for (int i = 0; i < areas.length; i++) {
      areas[i] = area.every(components[i].dx, components[i].dy);
      samples[i] = new int[Math.multiplyExact(areas[i].width(), areas[i].height())];
    }
    tiles.forEach(
        (index, data) -> {
          if (index < across * down) {
            long x = tileX + index % across * tileWidth;
            long y = tileY + index / across * tileHeight;
            TilePart part = area.meet(x, y, x + tileWidth, y + tileHeight);
            new Tile(name, part, components, data.style)
                .decode(data.packets.toByteArray(), areas, samples);
          }
        });
    return new Planes(components, areas, samples);
  }
}
