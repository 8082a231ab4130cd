package dev.flambeau.torch;

/**
 * Element type of a tensor. Names are the short Rust/safetensors ones; PyTorch's are given per
 * constant. Arithmetic on {@link #F16} and {@link #BF16} is computed in {@link #F32}.
 */
public enum DType {
  /** {@code torch.bool}: one byte, 0 or 1. */
  BOOL("bool", 1, Category.BOOL),
  /** {@code torch.uint8}. */
  U8("uint8", 1, Category.INTEGER),
  /** {@code torch.int8}. */
  I8("int8", 1, Category.INTEGER),
  /** {@code torch.int16}. */
  I16("int16", 2, Category.INTEGER),
  /** {@code torch.int32}. */
  I32("int32", 4, Category.INTEGER),
  /** {@code torch.int64}: the type of indices and of Java integers. */
  I64("int64", 8, Category.INTEGER),
  /** {@code torch.float16}: IEEE 754 binary16. */
  F16("float16", 2, Category.FLOAT),
  /** {@code torch.bfloat16}: the upper half of an F32. */
  BF16("bfloat16", 2, Category.FLOAT),
  /** {@code torch.float32}: the default. */
  F32("float32", 4, Category.FLOAT),
  /** {@code torch.float64}. */
  F64("float64", 8, Category.FLOAT);

  /** The three levels of type promotion, lowest first. */
  public enum Category {
    BOOL,
    INTEGER,
    FLOAT
  }

  private final String torchName;
  private final int bytes;
  private final Category category;

  DType(String torchName, int bytes, Category category) {
    this.torchName = torchName;
    this.bytes = bytes;
    this.category = category;
  }

  /** PyTorch's name without the {@code torch.} prefix. */
  public String torchName() {
    return torchName;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  public Category category() {
    return category;
  }

  public boolean isFloat() {
    return category == Category.FLOAT;
  }

  /** The type kernels compute in: F32 for F16 and BF16, I64 for integers and bool, else itself. */
  public DType compute() {
    return switch (this) {
      case F16, BF16, F32 -> F32;
      case F64 -> F64;
      case BOOL, U8, I8, I16, I32, I64 -> I64;
    };
  }

  /** The smallest type that holds both; PyTorch: {@code torch.promote_types}. */
  public DType promote(DType other) {
    if (this == other) {
      return this;
    }
    DType low = ordinal() < other.ordinal() ? this : other;
    DType high = low == this ? other : this;
    if (low == U8 && high.category == Category.INTEGER) {
      return high == I8 ? I16 : high;
    }
    if (low == F16 && high == BF16) {
      return F32;
    }
    return high;
  }
}
