package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Arrays;
import java.util.Optional;

/**
 * ONNX's element types and how tensors hold them. What tensors have no type for is held in a wider
 * one: half and smaller floats as F32, unsigned integers in the next wider type (UINT64 in I64 with
 * the same bits), 4- and 2-bit integers a byte each.
 */
public enum ElementType {
  FLOAT(1, DType.F32, 32),
  UINT8(2, DType.U8, 8),
  INT8(3, DType.I8, 8),
  UINT16(4, DType.I32, 16),
  INT16(5, DType.I16, 16),
  INT32(6, DType.I32, 32),
  INT64(7, DType.I64, 64),
  STRING(8, null, 0),
  BOOL(9, DType.BOOL, 8),
  FLOAT16(10, DType.F32, 16),
  DOUBLE(11, DType.F64, 64),
  UINT32(12, DType.I64, 32),
  UINT64(13, DType.I64, 64),
  COMPLEX64(14, null, 64),
  COMPLEX128(15, null, 128),
  BFLOAT16(16, DType.BF16, 16),
  FLOAT8E4M3FN(17, DType.F32, 8),
  FLOAT8E4M3FNUZ(18, DType.F32, 8),
  FLOAT8E5M2(19, DType.F32, 8),
  FLOAT8E5M2FNUZ(20, DType.F32, 8),
  UINT4(21, DType.U8, 4),
  INT4(22, DType.I8, 4),
  FLOAT4E2M1(23, DType.F32, 4),
  FLOAT8E8M0(24, DType.F32, 8),
  UINT2(25, DType.U8, 2),
  INT2(26, DType.I8, 2);

  private final int code;
  private final DType stored;
  private final int bits;

  ElementType(int code, DType stored, int bits) {
    this.code = code;
    this.stored = stored;
    this.bits = bits;
  }

  /** The number that stands for it in files. */
  public int code() {
    return code;
  }

  /** Bits of an element in a file; 0 for strings. */
  int bits() {
    return bits;
  }

  /** The type of the tensors that hold it; empty for strings and complex numbers. */
  public Optional<DType> stored() {
    return Optional.ofNullable(stored);
  }

  /**
   * The tensor type that holds it.
   *
   * @throws TorchException for strings and complex numbers, naming {@code where}
   */
  DType require(String where) {
    return stored()
        .orElseThrow(
            () -> TorchException.format(where, "element type " + this + " is not one of tensors"));
  }

  /** By the number in files. */
  static Optional<ElementType> of(long code) {
    return Arrays.stream(values()).filter(e -> e.code == code).findFirst();
  }

  /** By the number in files, with an exception that names {@code where}. */
  static ElementType require(long code, String where) {
    return of(code)
        .orElseThrow(
            () ->
                TorchException.format(
                    where, "element type " + code + " is unknown; ONNX has 1 to 26"));
  }

  /** The type that a tensor of this type is held in without loss by itself. */
  static ElementType of(DType type) {
    return switch (type) {
      case BOOL -> BOOL;
      case U8 -> UINT8;
      case I8 -> INT8;
      case I16 -> INT16;
      case I32 -> INT32;
      case I64 -> INT64;
      case F16 -> FLOAT16;
      case BF16 -> BFLOAT16;
      case F32 -> FLOAT;
      case F64 -> DOUBLE;
    };
  }

  boolean isFloat() {
    return stored != null && stored.isFloat();
  }

  boolean isUnsigned() {
    return switch (this) {
      case UINT2, UINT4, UINT8, UINT16, UINT32, UINT64 -> true;
      default -> false;
    };
  }

  /** Floats of 8 and 4 bits. */
  boolean isTiny() {
    return stored == DType.F32 && bits <= 8;
  }

  /** Integers narrower than the tensors that hold them. */
  boolean isNarrow() {
    return stored != null && !stored.isFloat() && bits < 8 * stored.bytes();
  }

  /** Brings integers held in a wider type back into this one's range, as hardware wraps. */
  Tensor wrap(Tensor t) {
    if (!isNarrow()) {
      return t;
    }
    Tensor low = t.bitwiseAnd((1L << bits) - 1);
    long half = 1L << (bits - 1);
    return isUnsigned() ? low : low.bitwiseXor(half).sub(half);
  }
}
