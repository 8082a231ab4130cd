package dev.flambeau.torch.backend.cpu.vector;

import dev.flambeau.torch.backend.Memory;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The transforms of Winograd's convolution F(4x4, 3x3) (Lavin and Gray 2015, "Fast Algorithms for
 * Convolutional Neural Networks"), at the points 0, +-1/sqrt 2, +-sqrt 2 and infinity. These points
 * keep the error near that of the direct sum: 3e-6 of the largest result over 512 channels, where
 * the usual 0, +-1, +-2 give 1.3e-5.
 *
 * <p>Lanes are channels. A square of pixels is given by the addresses of its cells; the 36
 * components of a transformed square lie {@code stride} bytes apart.
 *
 * <p>Each of the small transforms is a loop over channels in a method of its own: inlined into one
 * large loop, they are beyond what C2 keeps in vectors.
 */
public final class WinogradTransforms {
  /** Side of a square of outputs. */
  public static final int OUT = 4;

  /** Side of the square of inputs that they depend on, and of a transformed square. */
  public static final int IN = 6;

  /** Components of a transformed square. */
  public static final int COMPONENTS = IN * IN;

  /** Numbers of a kernel. */
  public static final int TAPS = 9;

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int WIDTH = SPECIES.vectorByteSize();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Channels that go through a transform together: what they need stays in the L1 cache. */
  public static final int BLOCK = 128;

  /** Bytes of scratch memory that each call needs. */
  public static final int SCRATCH = COMPONENTS * BLOCK * Float.BYTES;

  private static final float A = (float) Math.sqrt(0.5);
  private static final float B = (float) Math.sqrt(2);
  private static final float A3 = (float) Math.sqrt(0.125);
  private static final float B3 = (float) Math.sqrt(8);

  /** 1 / (2 a^2 (a^2 - b^2)) and the same for b. */
  private static final float NA = -2f / 3;

  private static final float NB = 1f / 6;

  private WinogradTransforms() {}

  private static FloatVector at(long address) {
    return FloatVector.fromMemorySegment(SPECIES, Memory.ALL, address, ORDER);
  }

  private static void set(long address, FloatVector value) {
    value.intoMemorySegment(Memory.ALL, address, ORDER);
  }

  private static int block(int channels, int from) {
    return Math.min(BLOCK, channels - from) * Float.BYTES;
  }

  /** 36 pixels to 36 components. */
  public static void input(long[] cells, long out, long stride, int channels, long scratch) {
    for (int from = 0; from < channels; from += BLOCK) {
      int bytes = block(channels, from);
      long c = (long) from * Float.BYTES;
      for (int j = 0; j < IN; j++) {
        input(
            cells[j] + c,
            cells[IN + j] + c,
            cells[2 * IN + j] + c,
            cells[3 * IN + j] + c,
            cells[4 * IN + j] + c,
            cells[5 * IN + j] + c,
            scratch + j * bytes,
            IN * bytes,
            bytes);
      }
      for (int i = 0; i < IN; i++) {
        long s = scratch + i * IN * bytes;
        input(
            s,
            s + bytes,
            s + 2 * bytes,
            s + 3 * bytes,
            s + 4 * bytes,
            s + 5 * bytes,
            out + i * IN * stride + c,
            stride,
            bytes);
      }
    }
  }

  private static void input(
      long p0, long p1, long p2, long p3, long p4, long p5, long out, long stride, int bytes) {
    for (int c = 0; c < bytes; c += WIDTH) {
      FloatVector d1 = at(p1 + c);
      FloatVector d2 = at(p2 + c);
      FloatVector d3 = at(p3 + c);
      FloatVector d4 = at(p4 + c);
      set(out + c, d2.mul(-2.5f).add(at(p0 + c)).add(d4));
      FloatVector even = d2.mul(-2).add(d4);
      FloatVector odd = d1.mul(-2).add(d3).mul(A);
      set(out + stride + c, even.add(odd));
      set(out + 2 * stride + c, even.sub(odd));
      even = d2.mul(-0.5f).add(d4);
      odd = d1.mul(-0.5f).add(d3).mul(B);
      set(out + 3 * stride + c, even.add(odd));
      set(out + 4 * stride + c, even.sub(odd));
      set(out + 5 * stride + c, d3.mul(-2.5f).add(d1).add(at(p5 + c)));
    }
  }

  /** 36 components to 16 pixels, each with the bias of its channel unless that is 0. */
  public static void output(
      long in, long stride, long[] cells, long bias, int channels, long scratch) {
    for (int from = 0; from < channels; from += BLOCK) {
      int bytes = block(channels, from);
      long c = (long) from * Float.BYTES;
      for (int j = 0; j < IN; j++) {
        long to = scratch + j * bytes;
        long row = IN * bytes;
        output(in + j * stride + c, IN * stride, to, to + row, to + 2 * row, to + 3 * row, bytes);
      }
      for (int i = 0; i < OUT; i++) {
        int cell = i * OUT;
        output(
            scratch + i * IN * bytes,
            bytes,
            cells[cell] + c,
            cells[cell + 1] + c,
            cells[cell + 2] + c,
            cells[cell + 3] + c,
            bytes);
      }
      for (int i = 0; bias != 0 && i < OUT * OUT; i++) {
        add(bias + c, cells[i] + c, bytes / Float.BYTES);
      }
    }
  }

  private static void output(long in, long stride, long q0, long q1, long q2, long q3, int bytes) {
    for (int c = 0; c < bytes; c += WIDTH) {
      FloatVector m1 = at(in + stride + c);
      FloatVector m2 = at(in + 2 * stride + c);
      FloatVector m3 = at(in + 3 * stride + c);
      FloatVector m4 = at(in + 4 * stride + c);
      FloatVector evenA = m1.add(m2);
      FloatVector oddA = m1.sub(m2);
      FloatVector evenB = m3.add(m4);
      FloatVector oddB = m3.sub(m4);
      set(q0 + c, at(in + c).add(evenA).add(evenB));
      set(q1 + c, oddA.mul(A).add(oddB.mul(B)));
      set(q2 + c, evenA.mul(0.5f).add(evenB.mul(2)));
      set(q3 + c, oddA.mul(A3).add(oddB.mul(B3)).add(at(in + 5 * stride + c)));
    }
  }

  /** The adjoint of {@link #output}: gradients of 16 pixels to those of 36 components. */
  public static void outputGradient(
      long[] cells, long out, long stride, int channels, long scratch) {
    for (int from = 0; from < channels; from += BLOCK) {
      int bytes = block(channels, from);
      long c = (long) from * Float.BYTES;
      for (int j = 0; j < OUT; j++) {
        outputGradient(
            cells[j] + c,
            cells[OUT + j] + c,
            cells[2 * OUT + j] + c,
            cells[3 * OUT + j] + c,
            scratch + j * bytes,
            OUT * bytes,
            bytes);
      }
      for (int i = 0; i < IN; i++) {
        long s = scratch + i * OUT * bytes;
        long to = out + i * IN * stride + c;
        outputGradient(s, s + bytes, s + 2 * bytes, s + 3 * bytes, to, stride, bytes);
      }
    }
  }

  private static void outputGradient(
      long p0, long p1, long p2, long p3, long out, long stride, int bytes) {
    for (int c = 0; c < bytes; c += WIDTH) {
      FloatVector y0 = at(p0 + c);
      FloatVector y1 = at(p1 + c);
      FloatVector y2 = at(p2 + c);
      FloatVector y3 = at(p3 + c);
      set(out + c, y0);
      FloatVector even = y2.mul(0.5f).add(y0);
      FloatVector odd = y1.mul(A).add(y3.mul(A3));
      set(out + stride + c, even.add(odd));
      set(out + 2 * stride + c, even.sub(odd));
      even = y2.mul(2).add(y0);
      odd = y1.mul(B).add(y3.mul(B3));
      set(out + 3 * stride + c, even.add(odd));
      set(out + 4 * stride + c, even.sub(odd));
      set(out + 5 * stride + c, y3);
    }
  }

  /**
   * Kernels, {@link #BLOCK} at most, to components. Their nine taps are rows, {@code step} bytes
   * apart.
   */
  public static void kernel(
      long taps, long step, long out, long stride, int kernels, long scratch) {
    int bytes = kernels * Float.BYTES;
    for (int j = 0; j < 3; j++) {
      taps(taps + j * step, 3 * step, scratch + j * bytes, 3 * bytes, bytes);
    }
    for (int i = 0; i < IN; i++) {
      taps(scratch + i * 3 * bytes, bytes, out + i * IN * stride, stride, bytes);
    }
  }

  private static void taps(long in, long step, long out, long stride, int bytes) {
    for (int c = 0; c < bytes; c += WIDTH) {
      FloatVector g0 = at(in + c);
      FloatVector g1 = at(in + step + c);
      FloatVector g2 = at(in + 2 * step + c);
      set(out + c, g0);
      FloatVector even = g2.mul(0.5f).add(g0).mul(NA);
      FloatVector odd = g1.mul(A * NA);
      set(out + stride + c, even.add(odd));
      set(out + 2 * stride + c, even.sub(odd));
      even = g2.mul(2).add(g0).mul(NB);
      odd = g1.mul(B * NB);
      set(out + 3 * stride + c, even.add(odd));
      set(out + 4 * stride + c, even.sub(odd));
      set(out + 5 * stride + c, g2);
    }
  }

  /** The adjoint of {@link #kernel}: gradients of components to those of nine rows of taps. */
  public static void kernelGradient(long in, long stride, long taps, int kernels, long scratch) {
    int bytes = kernels * Float.BYTES;
    for (int j = 0; j < IN; j++) {
      tapGradients(in + j * stride, IN * stride, scratch + j * bytes, IN * bytes, bytes);
    }
    for (int i = 0; i < 3; i++) {
      tapGradients(scratch + i * IN * bytes, bytes, taps + i * 3 * bytes, bytes, bytes);
    }
  }

  private static void tapGradients(long in, long step, long out, long stride, int bytes) {
    for (int c = 0; c < bytes; c += WIDTH) {
      FloatVector u1 = at(in + step + c);
      FloatVector u2 = at(in + 2 * step + c);
      FloatVector u3 = at(in + 3 * step + c);
      FloatVector u4 = at(in + 4 * step + c);
      FloatVector evenA = u1.add(u2).mul(NA);
      FloatVector evenB = u3.add(u4).mul(NB);
      set(out + c, at(in + c).add(evenA).add(evenB));
      set(out + stride + c, u1.sub(u2).mul(A * NA).add(u3.sub(u4).mul(B * NB)));
      set(out + 2 * stride + c, evenA.mul(0.5f).add(evenB.mul(2)).add(at(in + 5 * step + c)));
    }
  }

  /** Adds floats to others; their number divides by {@link FloatMath#GROUP}. */
  public static void add(long from, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += WIDTH) {
      set(to + i, at(to + i).add(at(from + i)));
    }
  }
}
