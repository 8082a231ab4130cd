package dev.flambeau.vision.io.jpeg2000;

import java.util.ArrayList;
import java.util.List;

/**
 * A code block: what the packets say of it, and its coefficients, bit plane by bit plane (annex D).
 */
final class Block {
  static final int BYPASS = 1;
  static final int RESET = 2;
  static final int TERMINATE = 4;
  static final int CAUSAL = 8;
  static final int SYMBOLS = 32;

  /** Passes before the first that may be raw: the cleanup of one plane and three whole planes. */
  private static final int ARITHMETIC = 10;

  private static final int SIGNIFICANT = 1;
  private static final int VISITED = 2;
  private static final int REFINED = 4;
  private static final int NEGATIVE = 8;

  /** Coded data that ends with the coder: how many passes and which parts of the file. */
  private static final class Segment {
    private int passes;
    private final List<byte[]> parts = new ArrayList<>();

    byte[] bytes() {
      if (parts.size() == 1) {
        return parts.getFirst();
      }
      byte[] all = new byte[parts.stream().mapToInt(p -> p.length).sum()];
      int at = 0;
      for (byte[] part : parts) {
        System.arraycopy(part, 0, all, at, part.length);
        at += part.length;
      }
      return all;
    }
  }

  /** Place in its band and size. */
  final int x;

  final int y;
  final int width;
  final int height;

  /** Whether a packet had something of it; before that the rest is unknown. */
  boolean included;

  int zeroPlanes;
  int lengthBits = 3;
  private int passes;
  private final List<Segment> segments = new ArrayList<>();

  private int[] flags;
  private int[] values;
  private int stride;
  private int orientation;
  private boolean causal;
  private MqDecoder mq;
  private boolean raw;

  Block(int x, int y, int width, int height) {
    this.x = x;
    this.y = y;
    this.width = width;
    this.height = height;
  }

  /**
   * How many passes the segment can still take that the next pass belongs to.
   *
   * @param more passes that are known of, but not added yet
   */
  int room(int style, int more) {
    int passes = this.passes + more;
    if ((style & TERMINATE) != 0) {
      return 1;
    }
    if ((style & BYPASS) == 0) {
      return Integer.MAX_VALUE;
    }
    if (passes < ARITHMETIC) {
      return ARITHMETIC - passes;
    }
    return switch ((passes - ARITHMETIC) % 3) {
      case 0 -> 2;
      default -> 1;
    };
  }

  /** Whether the next pass starts a segment. */
  private boolean starts(int style) {
    if (passes == 0 || (style & TERMINATE) != 0) {
      return true;
    }
    return (style & BYPASS) != 0 && passes >= ARITHMETIC && (passes - ARITHMETIC) % 3 != 1;
  }

  void add(int count, byte[] data, int style) {
    if (starts(style)) {
      segments.add(new Segment());
    }
    Segment segment = segments.getLast();
    segment.passes += count;
    segment.parts.add(data);
    passes += count;
  }

  /**
   * The coefficients, twice as large, with half a step added to their magnitude for the planes that
   * are missing.
   *
   * @param orientation 0 LL, 1 HL, 2 LH, 3 HH
   * @param planes of the band, those that are zero included
   */
  int[] decode(int style, int orientation, int planes) {
    this.stride = width + 2;
    this.flags = new int[stride * (height + 2)];
    this.values = new int[width * height];
    this.orientation = orientation;
    this.causal = (style & CAUSAL) != 0;
    this.mq = new MqDecoder();
    mq.reset();
    int plane = planes - zeroPlanes;
    int type = 2;
    int done = 0;
    for (Segment segment : segments) {
      raw = (style & BYPASS) != 0 && done >= ARITHMETIC && type != 2;
      if (raw) {
        mq.startRaw(segment.bytes());
      } else {
        mq.start(segment.bytes());
      }
      for (int i = 0; i < segment.passes && plane > 0; i++) {
        pass(type, plane);
        if (type == 2 && (style & SYMBOLS) != 0) {
          for (int k = 0; k < 4; k++) {
            mq.decode(MqDecoder.UNIFORM);
          }
        }
        if ((style & RESET) != 0) {
          mq.reset();
        }
        plane -= type == 2 ? 1 : 0;
        type = (type + 1) % 3;
        done++;
      }
    }
    int[] out = values;
    flags = null;
    values = null;
    return out;
  }

  private void pass(int type, int plane) {
    for (int top = 0; top < height; top += 4) {
      int bottom = Math.min(top + 4, height);
      for (int i = 0; i < width; i++) {
        switch (type) {
          case 0 -> propagate(i, top, bottom, plane);
          case 1 -> refine(i, top, bottom, plane);
          default -> cleanUp(i, top, bottom, plane);
        }
      }
    }
  }

  private int at(int i, int j) {
    return (j + 1) * stride + i + 1;
  }

  private static int significant(int flag) {
    return flag & SIGNIFICANT;
  }

  /** Whether the row below counts: it does not where it is the next stripe's. */
  private boolean below(int j) {
    return !causal || (j & 3) != 3;
  }

  /** Table D.1. */
  private int context(int at, boolean below) {
    int h = significant(flags[at - 1]) + significant(flags[at + 1]);
    int v = significant(flags[at - stride]);
    int d = significant(flags[at - stride - 1]) + significant(flags[at - stride + 1]);
    if (below) {
      v += significant(flags[at + stride]);
      d += significant(flags[at + stride - 1]) + significant(flags[at + stride + 1]);
    }
    if (orientation == 3) {
      int hv = h + v;
      return switch (d) {
        case 0 -> Math.min(hv, 2);
        case 1 -> 3 + Math.min(hv, 2);
        case 2 -> hv > 0 ? 7 : 6;
        default -> 8;
      };
    }
    int along = orientation == 1 ? v : h;
    int across = orientation == 1 ? h : v;
    if (along == 2) {
      return 8;
    }
    if (along == 1) {
      return across > 0 ? 7 : d > 0 ? 6 : 5;
    }
    return across > 0 ? 2 + across : Math.min(d, 2);
  }

  private static int signed(int flag) {
    return significant(flag) == 0 ? 0 : (flag & NEGATIVE) != 0 ? -1 : 1;
  }

  /** Tables D.2 and D.3; a coefficient becomes significant with this sign. */
  private void sign(int i, int j, int plane) {
    int at = at(i, j);
    int bit;
    if (raw) {
      bit = mq.raw();
    } else {
      int h = Math.clamp(signed(flags[at - 1]) + signed(flags[at + 1]), -1, 1);
      int down = below(j) ? signed(flags[at + stride]) : 0;
      int v = Math.clamp(signed(flags[at - stride]) + down, -1, 1);
      boolean turned = h < 0 || h == 0 && v < 0;
      int context = 9 + (turned ? -1 : 1) * (3 * h + v);
      context = h == 0 ? 9 + Math.abs(v) : context;
      bit = mq.decode(context) ^ (turned ? 1 : 0);
    }
    flags[at] |= SIGNIFICANT | (bit != 0 ? NEGATIVE : 0);
    int size = 3 << plane - 1;
    values[j * width + i] = bit != 0 ? -size : size;
  }

  private void propagate(int i, int top, int bottom, int plane) {
    for (int j = top; j < bottom; j++) {
      int at = at(i, j);
      if (significant(flags[at]) == 0) {
        int context = context(at, below(j));
        if (context > 0) {
          flags[at] |= VISITED;
          if ((raw ? mq.raw() : mq.decode(context)) != 0) {
            sign(i, j, plane);
          }
        }
      }
    }
  }

  private void refine(int i, int top, int bottom, int plane) {
    for (int j = top; j < bottom; j++) {
      int at = at(i, j);
      if ((flags[at] & (SIGNIFICANT | VISITED)) == SIGNIFICANT) {
        int context = (flags[at] & REFINED) != 0 ? 16 : context(at, below(j)) > 0 ? 15 : 14;
        int bit = raw ? mq.raw() : mq.decode(context);
        flags[at] |= REFINED;
        // Half of the step before is there already.
        int change = (bit != 0 ? 1 : -1) << plane - 1;
        int place = j * width + i;
        values[place] += values[place] < 0 ? -change : change;
      }
    }
  }

  private void cleanUp(int i, int top, int bottom, int plane) {
    int j = top;
    if (bottom - top == 4 && isBlank(i, top)) {
      if (mq.decode(MqDecoder.RUN) == 0) {
        return;
      }
      j += mq.decode(MqDecoder.UNIFORM) << 1;
      j += mq.decode(MqDecoder.UNIFORM);
      sign(i, j, plane);
      j++;
    }
    for (; j < bottom; j++) {
      int at = at(i, j);
      if ((flags[at] & (SIGNIFICANT | VISITED)) == 0 && mq.decode(context(at, below(j))) != 0) {
        sign(i, j, plane);
      }
    }
    for (int k = top; k < bottom; k++) {
      flags[at(i, k)] &= ~VISITED;
    }
  }

  private boolean isBlank(int i, int top) {
    for (int j = top; j < top + 4; j++) {
      int at = at(i, j);
      if ((flags[at] & (SIGNIFICANT | VISITED)) != 0 || context(at, below(j)) > 0) {
        return false;
      }
    }
    return true;
  }
}
