package dev.flambeau.vision.io.jpeg2000;

import dev.flambeau.torch.TorchException;
import java.nio.ByteBuffer;

/** How a component of a tile is coded: the segments COD and COC, QCD and QCC, RGN. */
final class Coding {
  static final int MOST_LEVELS = 32;
  private static final int NONE = 0;
  private static final int DERIVED = 1;

  int levels;
  int blockWidth;
  int blockHeight;
  int style;
  boolean reversible;

  /** Logarithms of the precincts' sizes, by resolution; null: as large as can be. */
  private int[] precincts;

  private int guard;
  private int quantization = NONE;
  private int[] exponents = {};
  private int[] mantissas = {};

  /** Bits by which a region of interest is lifted. */
  int shift;

  Coding copy() {
    Coding c = new Coding();
    c.coded(this);
    c.quantized(this);
    c.shift = shift;
    return c;
  }

  void coded(Coding other) {
    levels = other.levels;
    blockWidth = other.blockWidth;
    blockHeight = other.blockHeight;
    style = other.style;
    reversible = other.reversible;
    precincts = other.precincts;
  }

  void quantized(Coding other) {
    guard = other.guard;
    quantization = other.quantization;
    exponents = other.exponents;
    mantissas = other.mantissas;
  }

  /** SPcod or SPcoc. */
  void readCoding(ByteBuffer b, boolean withPrecincts, String name) {
    levels = b.get() & 0xff;
    blockWidth = (b.get() & 0xf) + 2;
    blockHeight = (b.get() & 0xf) + 2;
    style = b.get() & 0xff;
    reversible = b.get() != 0;
    precincts = null;
    if (levels > MOST_LEVELS
        || blockWidth > 10
        || blockHeight > 10
        || blockWidth + blockHeight > 12) {
      throw TorchException.format(name, "JPEG 2000: impossible levels or code blocks");
    }
    if (withPrecincts) {
      precincts = new int[levels + 1];
      for (int r = 0; r <= levels; r++) {
        precincts[r] = b.get() & 0xff;
        if (r > 0 && ((precincts[r] & 0xf) == 0 || precincts[r] >> 4 == 0)) {
          throw TorchException.format(name, "JPEG 2000: a precinct of one sample");
        }
      }
    }
  }

  /** SPqcd or SPqcc. */
  void readQuantization(ByteBuffer b) {
    int how = b.get() & 0xff;
    guard = how >> 5;
    quantization = how & 0x1f;
    int count = quantization == NONE ? b.remaining() : b.remaining() / 2;
    exponents = new int[count];
    mantissas = new int[count];
    for (int i = 0; i < count; i++) {
      int value = quantization == NONE ? (b.get() & 0xff) << 8 : b.getShort() & 0xffff;
      exponents[i] = value >> 11;
      mantissas[i] = value & 0x7ff;
    }
  }

  int precinctWidth(int resolution) {
    return precincts == null ? 15 : precincts[resolution] & 0xf;
  }

  int precinctHeight(int resolution) {
    return precincts == null ? 15 : precincts[resolution] >> 4;
  }

  /** The exponent of a band: 0 for LL, then three a level. */
  private int exponent(int band, String name) {
    int i = quantization == DERIVED ? 0 : band;
    if (i >= exponents.length) {
      throw TorchException.format(name, "JPEG 2000: no step for band " + band);
    }
    return quantization == DERIVED
        ? Math.max(0, exponents[0] - Math.max(0, band - 1) / 3)
        : exponents[i];
  }

  /** How many bit planes a band has. */
  int planes(int band, String name) {
    int planes = guard + exponent(band, name) - 1 + shift;
    if (planes > 30) {
      throw TorchException.format(name, "JPEG 2000: " + planes + " bit planes; allowed: 30");
    }
    return planes;
  }

  /**
   * The size of a quantization step (equation E-3).
   *
   * @param depth bits of a sample
   * @param gain logarithm of what the transform may add: 0 LL, 1 HL and LH, 2 HH
   */
  float step(int band, int depth, int gain, String name) {
    int i = quantization == DERIVED ? 0 : band;
    int exponent = exponent(band, name);
    return (float) ((1 + mantissas[i] / 2048.0) * Math.pow(2, depth + gain - exponent));
  }
}
