package dev.flambeau.vision.io.jpeg2000;

import java.util.Arrays;

/** The arithmetic decoder (annex C), and the raw bits that may stand in its place (annex D.6). */
final class MqDecoder {
  static final int CONTEXTS = 19;
  static final int RUN = 17;
  static final int UNIFORM = 18;

  /** Table C.2: probability, next state after the likely symbol and after the other, exchange. */
  private static final int[][] STATES = {
    {0x5601, 1, 1, 1}, {0x3401, 2, 6, 0}, {0x1801, 3, 9, 0}, {0x0AC1, 4, 12, 0},
    {0x0521, 5, 29, 0}, {0x0221, 38, 33, 0}, {0x5601, 7, 6, 1}, {0x5401, 8, 14, 0},
    {0x4801, 9, 14, 0}, {0x3801, 10, 14, 0}, {0x3001, 11, 17, 0}, {0x2401, 12, 18, 0},
    {0x1C01, 13, 20, 0}, {0x1601, 29, 21, 0}, {0x5601, 15, 14, 1}, {0x5401, 16, 14, 0},
    {0x5101, 17, 15, 0}, {0x4801, 18, 16, 0}, {0x3801, 19, 17, 0}, {0x3401, 20, 18, 0},
    {0x3001, 21, 19, 0}, {0x2801, 22, 19, 0}, {0x2401, 23, 20, 0}, {0x2201, 24, 21, 0},
    {0x1C01, 25, 22, 0}, {0x1801, 26, 23, 0}, {0x1601, 27, 24, 0}, {0x1401, 28, 25, 0},
    {0x1201, 29, 26, 0}, {0x1101, 30, 27, 0}, {0x0AC1, 31, 28, 0}, {0x09C1, 32, 29, 0},
    {0x08A1, 33, 30, 0}, {0x0521, 34, 31, 0}, {0x0441, 35, 32, 0}, {0x02A1, 36, 33, 0},
    {0x0221, 37, 34, 0}, {0x0141, 38, 35, 0}, {0x0111, 39, 36, 0}, {0x0085, 40, 37, 0},
    {0x0049, 41, 38, 0}, {0x0025, 42, 39, 0}, {0x0015, 43, 40, 0}, {0x0009, 44, 41, 0},
    {0x0005, 45, 42, 0}, {0x0001, 45, 43, 0}, {0x5601, 46, 46, 0}
  };

  private static final int[] PROBABILITY = column(0);
  private static final int[] LIKELY = column(1);
  private static final int[] UNLIKELY = column(2);
  private static final int[] EXCHANGE = column(3);

  private final int[] state = new int[CONTEXTS];
  private final int[] symbol = new int[CONTEXTS];
  private byte[] data = {};
  private int at;
  private int c;
  private int a;
  private int left;

  private static int[] column(int i) {
    return Arrays.stream(STATES).mapToInt(row -> row[i]).toArray();
  }

  /** Table D.7. */
  void reset() {
    Arrays.fill(state, 0);
    Arrays.fill(symbol, 0);
    state[0] = 4;
    state[RUN] = 3;
    state[UNIFORM] = 46;
  }

  private int octet(int i) {
    return i < data.length ? data[i] & 0xff : 0xff;
  }

  /** Starts a segment of arithmetically coded data. */
  void start(byte[] segment) {
    data = segment;
    at = 0;
    c = octet(0) << 16;
    fetch();
    c <<= 7;
    left -= 7;
    a = 0x8000;
  }

  private void fetch() {
    if (octet(at) == 0xff) {
      if (octet(at + 1) > 0x8f) {
        c += 0xff00;
        left = 8;
      } else {
        at++;
        c += octet(at) << 9;
        left = 7;
      }
    } else {
      at++;
      c += octet(at) << 8;
      left = 8;
    }
  }

  int decode(int context) {
    int s = state[context];
    int q = PROBABILITY[s];
    a -= q;
    boolean likely;
    if ((c >>> 16) < q) {
      likely = a < q;
      a = q;
    } else {
      c -= q << 16;
      if ((a & 0x8000) != 0) {
        return symbol[context];
      }
      likely = a >= q;
    }
    int bit = likely ? symbol[context] : 1 - symbol[context];
    if (likely) {
      state[context] = LIKELY[s];
    } else {
      symbol[context] ^= EXCHANGE[s];
      state[context] = UNLIKELY[s];
    }
    do {
      if (left == 0) {
        fetch();
      }
      a <<= 1;
      c <<= 1;
      left--;
    } while ((a & 0x8000) == 0);
    return bit;
  }

  /** Starts a segment of raw bits. */
  void startRaw(byte[] segment) {
    data = segment;
    at = -1;
    left = 0;
    c = 0;
  }

  /** The next raw bit; a byte after 0xff has seven. */
  int raw() {
    if (left == 0) {
      left = c == 0xff ? 7 : 8;
      at++;
      c = octet(at);
    }
    left--;
    return c >> left & 1;
  }
}
