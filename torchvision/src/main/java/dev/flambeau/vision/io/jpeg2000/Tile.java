package dev.flambeau.vision.io.jpeg2000;

import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A tile: from its packets to the samples of its components. */
final class Tile {
  private final String name;
  private final TilePart part;
  private final Codestream.Component[] components;
  private final Codestream.Style style;

  /** The resolutions of each component. */
  private final List<List<Resolution>> resolutions = new ArrayList<>();

  Tile(String name, TilePart part, Codestream.Component[] components, Codestream.Style style) {
    this.name = name;
    this.part = part;
    this.components = components;
    this.style = style;
    Budget budget = new Budget(name);
    for (int c = 0; c < components.length; c++) {
      List<Resolution> all = new ArrayList<>();
      for (int r = 0; r <= style.codings[c].levels; r++) {
        all.add(new Resolution(part, c, components[c], style.codings[c], r, budget));
      }
      resolutions.add(all);
    }
  }

  /** Reads the packets and writes the samples to their places in the image. */
  void decode(byte[] packets, TilePart[] areas, int[][] samples) {
    new Packets(name, style, resolutions, packets).read();
    float[][] floats = new float[components.length][];
    int[][] ints = new int[components.length][];
    for (int c = 0; c < components.length; c++) {
      if (style.codings[c].reversible) {
        ints[c] = reversible(c);
      } else {
        floats[c] = irreversible(c);
      }
    }
    if (style.mixed) {
      unmix(ints, floats);
    }
    for (int c = 0; c < components.length; c++) {
      if (ints[c] == null) {
        ints[c] = new int[floats[c].length];
        for (int i = 0; i < ints[c].length; i++) {
          ints[c][i] = (int) Math.rint(floats[c][i]);
        }
      }
      store(c, ints[c], areas[c], samples[c]);
    }
  }

  private void store(int c, int[] values, TilePart area, int[] samples) {
    Codestream.Component component = components[c];
    TilePart own = part.every(component.dx(), component.dy());
    int shift = component.signed() ? 0 : 1 << component.depth() - 1;
    int low = component.signed() ? -(1 << component.depth() - 1) : 0;
    int high = low + (1 << component.depth()) - 1;
    for (int y = 0; y < own.height(); y++) {
      int to = (own.y0() - area.y0() + y) * area.width() + own.x0() - area.x0();
      for (int x = 0; x < own.width(); x++) {
        samples[to + x] = Math.clamp((long) values[y * own.width() + x] + shift, low, high);
      }
    }
  }

  /** Red, green and blue from one lightness and two differences of colour (annex G). */
  private void unmix(int[][] ints, float[][] floats) {
    boolean whole = ints[0] != null;
    int size = components.length < 3 ? -1 : whole ? ints[0].length : floats[0].length;
    for (int c = 0; c < 3; c++) {
      boolean fits =
          c < components.length
              && (ints[c] != null) == whole
              && (whole ? ints[c].length : floats[c].length) == size;
      if (!fits) {
        throw TorchException.format(name, "JPEG 2000: mixed components of different kinds");
      }
    }
    for (int i = 0; i < size; i++) {
      if (whole) {
        int green = ints[0][i] - (ints[1][i] + ints[2][i] >> 2);
        int red = ints[2][i] + green;
        ints[2][i] = ints[1][i] + green;
        ints[1][i] = green;
        ints[0][i] = red;
      } else {
        float y = floats[0][i];
        float blue = floats[1][i];
        float red = floats[2][i];
        floats[0][i] = y + 1.402f * red;
        floats[1][i] = y - 0.344136f * blue - 0.714136f * red;
        floats[2][i] = y + 1.772f * blue;
      }
    }
  }

  /** The coefficients of a band, twice as large. */
  private int[] band(Resolution resolution, int number) {
    Resolution.Band band = resolution.bands.get(number);
    Coding coding = resolution.coding;
    int planes = coding.planes(band.number(), name);
    int width = band.area().width();
    int[] out = new int[Math.multiplyExact(width, band.area().height())];
    resolution.precincts.stream()
        .filter(Resolution.Precinct::isUsed)
        .flatMap(precinct -> Arrays.stream(precinct.parts().get(number).blocks))
        .filter(block -> block.included)
        .parallel()
        .forEach(
            block -> {
              int[] values = block.decode(coding.style, band.orientation(), planes);
              for (int y = 0; y < block.height; y++) {
                for (int x = 0; x < block.width; x++) {
                  int value = lowered(values[y * block.width + x], coding.shift);
                  out[(block.y + y) * width + block.x + x] = value;
                }
              }
            });
    return out;
  }

  /** A region of interest stands above all other bit planes (annex H). */
  private static int lowered(int value, int shift) {
    return shift == 0 || Math.abs(value) < 1L << shift
        ? value
        : value < 0 ? -(-value >> shift) : value >> shift;
  }

  /** One row or column of samples that lie {@code step} apart. */
  private interface Line {
    void transform(int from, int step, int length, int start);
  }

  /** All rows, then all columns. */
  private static void lines(TilePart area, Line line) {
    for (int y = 0; y < area.height(); y++) {
      line.transform(y * area.width(), 1, area.width(), area.x0());
    }
    for (int x = 0; x < area.width(); x++) {
      line.transform(x, area.width(), area.height(), area.y0());
    }
  }

  private int[] reversible(int c) {
    List<Resolution> all = resolutions.get(c);
    int[] low = halved(band(all.getFirst(), 0));
    for (int r = 1; r < all.size(); r++) {
      Resolution resolution = all.get(r);
      TilePart area = resolution.area;
      int[] out = new int[Math.multiplyExact(area.width(), area.height())];
      spread(low, all.get(r - 1).area, 0, area, out);
      for (int k = 0; k < 3; k++) {
        spread(halved(band(resolution, k)), resolution.bands.get(k).area(), k + 1, area, out);
      }
      int[] line = new int[Math.max(area.width(), area.height())];
      lines(
          area,
          (from, step, length, start) -> {
            for (int i = 0; i < length; i++) {
              line[i] = out[from + i * step];
            }
            Wavelet.reversible(line, length, start);
            for (int i = 0; i < length; i++) {
              out[from + i * step] = line[i];
            }
          });
      low = out;
    }
    return low;
  }

  private static int[] halved(int[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] /= 2;
    }
    return values;
  }

  /** Where the samples of a band lie among all: even places are low-pass ones. */
  private static int place(TilePart band, int orientation, TilePart area, int x, int y) {
    int column = 2 * (band.x0() + x) + (orientation & 1) - area.x0();
    int row = 2 * (band.y0() + y) + (orientation >> 1) - area.y0();
    return row * area.width() + column;
  }

  private static void spread(
      int[] values, TilePart band, int orientation, TilePart area, int[] out) {
    for (int y = 0; y < band.height(); y++) {
      for (int x = 0; x < band.width(); x++) {
        out[place(band, orientation, area, x, y)] = values[y * band.width() + x];
      }
    }
  }

  private float[] irreversible(int c) {
    List<Resolution> all = resolutions.get(c);
    float[] low = scaled(c, all.getFirst(), 0);
    for (int r = 1; r < all.size(); r++) {
      Resolution resolution = all.get(r);
      TilePart area = resolution.area;
      float[] out = new float[Math.multiplyExact(area.width(), area.height())];
      spread(low, all.get(r - 1).area, 0, area, out);
      for (int k = 0; k < 3; k++) {
        spread(scaled(c, resolution, k), resolution.bands.get(k).area(), k + 1, area, out);
      }
      float[] line = new float[Math.max(area.width(), area.height())];
      lines(
          area,
          (from, step, length, start) -> {
            for (int i = 0; i < length; i++) {
              line[i] = out[from + i * step];
            }
            Wavelet.irreversible(line, length, start);
            for (int i = 0; i < length; i++) {
              out[from + i * step] = line[i];
            }
          });
      low = out;
    }
    return low;
  }

  private float[] scaled(int c, Resolution resolution, int k) {
    Resolution.Band band = resolution.bands.get(k);
    int gain = Integer.bitCount(band.orientation());
    float step = resolution.coding.step(band.number(), components[c].depth(), gain, name) / 2;
    int[] values = band(resolution, k);
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i] * step;
    }
    return out;
  }

  private static void spread(
      float[] values, TilePart band, int orientation, TilePart area, float[] out) {
    for (int y = 0; y < band.height(); y++) {
      for (int x = 0; x < band.width(); x++) {
        out[place(band, orientation, area, x, y)] = values[y * band.width() + x];
      }
    }
  }
}
