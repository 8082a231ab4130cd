package dev.flambeau.torch.serialize;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Memory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Turns ggml's quantized blocks into floats. Layouts: ggml, src/ggml-common.h, ggml-quants.c. */
final class GgufBlocks {
  private static final int CHUNK = 1 << 10;

  private final byte[] in;
  private final float[] out;

  private GgufBlocks(GgufType type) {
    this.in = new byte[CHUNK * type.bytes()];
    this.out = new float[CHUNK * type.block()];
  }

  /** Fills {@code t}, contiguous, from the channel's position. */
  static void read(FileChannel channel, GgufType type, Tensor t) throws IOException {
    GgufBlocks blocks = new GgufBlocks(type);
    long left = t.numel() / type.block();
    long to = t.address();
    while (left > 0) {
      int count = (int) Math.min(CHUNK, left);
      Bytes.readFully(channel, ByteBuffer.wrap(blocks.in, 0, count * type.bytes()));
      for (int i = 0; i < count; i++) {
        blocks.decode(type, i * type.bytes(), i * type.block());
      }
      int floats = count * type.block();
      MemorySegment.copy(blocks.out, 0, Memory.ALL, Memory.FLOAT, to, floats);
      to += (long) floats * Float.BYTES;
      left -= count;
    }
    Reference.reachabilityFence(t);
  }

  private void decode(GgufType type, int at, int to) {
    switch (type) {
      case Q8_0 -> bytes(at, to);
      case Q4_0 -> nibbles(at + 2, to, half(at), -8 * half(at));
      case Q4_1 -> nibbles(at + 4, to, half(at), half(at + 2));
      case Q5_0 -> fiveBits(at + 2, to, half(at), -16 * half(at));
      case Q5_1 -> fiveBits(at + 4, to, half(at), half(at + 2));
      case Q4_K -> fourBitGroups(at, to);
      case Q5_K -> fiveBitGroups(at, to);
      case Q6_K -> sixBitGroups(at, to);
      case F32, F16, BF16, F64, I8, I16, I32, I64 ->
          throw new IllegalArgumentException(type + " has no blocks");
    }
  }

  private float half(int at) {
    return Float.float16ToFloat((short) (in[at] & 0xff | in[at + 1] << 8));
  }

  private void bytes(int at, int to) {
    float scale = half(at);
    for (int i = 0; i < 32; i++) {
      out[to + i] = scale * in[at + 2 + i];
    }
  }

  /** The lower halves of 16 bytes, then the upper ones. */
  private void nibbles(int at, int to, float scale, float min) {
    for (int i = 0; i < 16; i++) {
      out[to + i] = (in[at + i] & 15) * scale + min;
      out[to + 16 + i] = (in[at + i] >> 4 & 15) * scale + min;
    }
  }

  /** 32 fifth bits, then the lower four as in {@link #nibbles}. */
  private void fiveBits(int at, int to, float scale, float min) {
    int high =
        in[at] & 0xff | (in[at + 1] & 0xff) << 8 | (in[at + 2] & 0xff) << 16 | in[at + 3] << 24;
    for (int i = 0; i < 16; i++) {
      int low = in[at + 4 + i];
      out[to + i] = (low & 15 | (high >>> i & 1) << 4) * scale + min;
      out[to + 16 + i] = (low >> 4 & 15 | (high >>> i + 16 & 1) << 4) * scale + min;
    }
  }

  /** The scale of group {@code i} of 8: six bits each, packed into 12 bytes with the minima. */
  private int scale(int at, int i) {
    return i < 4 ? in[at + i] & 63 : in[at + i + 4] & 15 | (in[at + i - 4] >> 6 & 3) << 4;
  }

  private int minimum(int at, int i) {
    return i < 4 ? in[at + i + 4] & 63 : in[at + i + 4] >> 4 & 15 | (in[at + i] >> 6 & 3) << 4;
  }

  private void fourBitGroups(int at, int to) {
    float d = half(at);
    float dmin = half(at + 2);
    for (int group = 0; group < 8; group++) {
      float scale = d * scale(at + 4, group);
      float min = dmin * minimum(at + 4, group);
      int from = at + 16 + group / 2 * 32;
      int shift = group % 2 * 4;
      for (int i = 0; i < 32; i++) {
        out[to + group * 32 + i] = scale * (in[from + i] >> shift & 15) - min;
      }
    }
  }

  private void fiveBitGroups(int at, int to) {
    float d = half(at);
    float dmin = half(at + 2);
    for (int group = 0; group < 8; group++) {
      float scale = d * scale(at + 4, group);
      float min = dmin * minimum(at + 4, group);
      int from = at + 48 + group / 2 * 32;
      int shift = group % 2 * 4;
      for (int i = 0; i < 32; i++) {
        int high = (in[at + 16 + i] >> group & 1) << 4;
        out[to + group * 32 + i] = scale * (in[from + i] >> shift & 15 | high) - min;
      }
    }
  }

  private void sixBitGroups(int at, int to) {
    float d = half(at + 208);
    for (int group = 0; group < 8; group++) {
      int half = group / 4;
      int quarter = group % 4;
      int low = at + half * 64 + quarter % 2 * 32;
      int high = at + 128 + half * 32;
      int scales = at + 192 + group * 2;
      for (int i = 0; i < 32; i++) {
        int bits = in[low + i] >> quarter / 2 * 4 & 15 | (in[high + i] >> quarter * 2 & 3) << 4;
        out[to + group * 32 + i] = d * in[scales + i / 16] * (bits - 32);
      }
    }
  }
}
