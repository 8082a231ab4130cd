package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Small integers packed in bytes, and blocks of them with a scale of their own.
 *
 * <p>Codes of 2, 4 or 8 bits fill each byte from its low bits on; each row (the last axis) starts
 * with a byte of its own. A weight (N, K) of MatMulNBits is cut along K in blocks of {@code block}
 * elements, a power of two of 16 or more, the last one filled up: codes (N, blocks, block) packed
 * to bytes (N, blocks, block * bits / 8), scales (N, blocks), and zero points packed the same way
 * to (N, ceil(blocks * bits / 8)) bytes; without them they are 2^(bits - 1). An element is (code -
 * zero point) * scale. Source: onnxruntime, docs/ContribOperators.md, MatMulNBits.
 */
final class BlockQuantized {
  private BlockQuantized() {}

  /** The zero point where none is given. */
  static long middle(int bits) {
    return 1L << (bits - 1);
  }

  /** Bytes (..., n) as codes (..., count) of U8. */
  static Tensor unpacked(Tensor bytes, int bits, long count) {
    int each = 8 / bits;
    long width = bytes.size(-1);
    check(bytes, count, bits);
    if (bits == 8) {
      return bytes.narrow(bytes.dim() - 1, 0, count);
    }
    Tensor dense = bytes.contiguous();
    long[] sizes = bytes.shape().sizes();
    sizes[sizes.length - 1] = count;
    long rows = width == 0 ? 0 : dense.numel() / width;
    Tensor out = Torch.empty(DType.U8, sizes);
    long from = dense.address();
    long to = out.address();
    int mask = (1 << bits) - 1;
    for (long row = 0; row < rows; row++, from += width) {
      for (long i = 0; i < count; i++) {
        int code = Memory.ALL.get(Memory.BYTE, from + i / each) >> (int) (i % each) * bits & mask;
        Memory.ALL.set(Memory.BYTE, to++, (byte) code);
      }
    }
    java.lang.ref.Reference.reachabilityFence(dense);
    return out;
  }

  private static void check(Tensor bytes, long count, int bits) {
    if (bytes.dtype() != DType.U8 || count > bytes.size(-1) * (8 / bits)) {
      throw TorchException.argument(
          "packed weights",
          "bytes",
          bytes.dtype() + " " + bytes.shape(),
          "U8 with " + count + " codes of " + bits + " bits a row");
    }
  }

  /** Codes (..., n) of U8 as bytes (..., ceil(n * bits / 8)): what {@link #unpacked} reads. */
  static Tensor packed(Tensor codes, int bits) {
    int each = 8 / bits;
    int mask = (1 << bits) - 1;
    Tensor dense = codes.contiguous();
    long count = codes.size(-1);
    long[] sizes = codes.shape().sizes();
    long width = Math.ceilDiv(count, each);
    sizes[sizes.length - 1] = width;
    long rows = count == 0 ? 0 : dense.numel() / count;
    Tensor out = Torch.zeros(DType.U8, sizes);
    long from = dense.address();
    long to = out.address();
    for (long row = 0; row < rows; row++, to += width) {
      for (long i = 0; i < count; i++) {
        int code = (Memory.ALL.get(Memory.BYTE, from++) & mask) << (int) (i % each) * bits;
        byte before = Memory.ALL.get(Memory.BYTE, to + i / each);
        Memory.ALL.set(Memory.BYTE, to + i / each, (byte) (before | code));
      }
    }
    java.lang.ref.Reference.reachabilityFence(dense);
    return out;
  }

  /**
   * Packed rows (N, bytes) as floats (N, count), in one pass and without gradient: what {@link
   * #unpacked} and {@link #dequantized} give together.
   *
   * @param scales (N, blocks) of F32
   * @param zeros of the same size, or one number for all
   */
  static Tensor floats(
      Tensor bytes, int bits, long count, Tensor scales, Tensor zeros, long block) {
    check(bytes, count, bits);
    long rows = bytes.size(0);
    long blocks = scales.size(1);
    Tensor codes = bytes.contiguous();
    Tensor scale = scales.detach().contiguous();
    Tensor zero = zeros.detach().to(DType.F32).expand(scales.shape()).contiguous();
    Tensor out = Torch.empty(DType.F32, rows, count);
    long width = bytes.size(1);
    LongStream.range(0, rows)
        .parallel()
        .forEach(
            row -> {
              for (long b = 0; b * block < count; b++) {
                long at = 4 * (row * blocks + b);
                float s = Memory.ALL.get(Memory.FLOAT, scale.address() + at);
                float z = Memory.ALL.get(Memory.FLOAT, zero.address() + at);
                long from = codes.address() + row * width + b * block * bits / 8;
                long to = out.address() + 4 * (row * count + b * block);
                floats(from, bits, Math.min(block, count - b * block), s, z, to);
              }
            });
    java.lang.ref.Reference.reachabilityFence(List.of(codes, scale, zero, out));
    return out;
  }

  /** One block, which begins with a byte. */
  private static void floats(long from, int bits, long count, float scale, float zero, long to) {
    int each = 8 / bits;
    int mask = (1 << bits) - 1;
    for (long i = 0; i < count; from++) {
      int codes = Memory.ALL.get(Memory.BYTE, from) & 0xff;
      for (int j = 0; j < each && i < count; j++, i++, codes >>= bits) {
        Memory.ALL.set(Memory.FLOAT, to + 4 * i, ((codes & mask) - zero) * scale);
      }
    }
  }

  /**
   * (codes - zeros) * scales as the scales' type.
   *
   * @param axis along which each scale, and each zero point, counts for {@code block} codes
   */
  static Tensor dequantized(Tensor codes, Tensor scales, Tensor zeros, int axis, long block) {
    long count = codes.size(axis);
    Tensor steps = codes.to(scales.dtype());
    Tensor zero = stretched(zeros.to(scales.dtype()), axis, block, count);
    return steps.sub(zero).mul(stretched(scales, axis, block, count));
  }

  /** Each element for {@code block} others along an axis of {@code count}; one for all as it is. */
  static Tensor stretched(Tensor each, int axis, long block, long count) {
    return each.dim() == 0 ? each : each.repeatInterleave(block, axis).narrow(axis, 0, count);
  }
}
