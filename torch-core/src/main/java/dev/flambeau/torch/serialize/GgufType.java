package dev.flambeau.torch.serialize;

import dev.flambeau.torch.DType;
import java.util.Arrays;
import java.util.Optional;

/** ggml's element types that are read: so many elements in a block of so many bytes. */
enum GgufType {
  F32(0, DType.F32, 1, 4),
  F16(1, DType.F16, 1, 2),
  Q4_0(2, DType.F32, 32, 18),
  Q4_1(3, DType.F32, 32, 20),
  Q5_0(6, DType.F32, 32, 22),
  Q5_1(7, DType.F32, 32, 24),
  Q8_0(8, DType.F32, 32, 34),
  Q4_K(12, DType.F32, 256, 144),
  Q5_K(13, DType.F32, 256, 176),
  Q6_K(14, DType.F32, 256, 210),
  I8(24, DType.I8, 1, 1),
  I16(25, DType.I16, 1, 2),
  I32(26, DType.I32, 1, 4),
  I64(27, DType.I64, 1, 8),
  F64(28, DType.F64, 1, 8),
  BF16(30, DType.BF16, 1, 2);

  static final int MAX_BLOCK = 256;

  private final int code;
  private final DType dtype;
  private final int block;
  private final int bytes;

  GgufType(int code, DType dtype, int block, int bytes) {
    this.code = code;
    this.dtype = dtype;
    this.block = block;
    this.bytes = bytes;
  }

  static Optional<GgufType> of(int code) {
    return Arrays.stream(values()).filter(t -> t.code == code).findFirst();
  }

  /** What its tensors become. */
  DType dtype() {
    return dtype;
  }

  int block() {
    return block;
  }

  int bytes() {
    return bytes;
  }
}
