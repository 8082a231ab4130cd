package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.backend.Memory;

/** Elements of 8 bits or less by their codes. */
final class Small {
  private Small() {}

  /** Stores the element of a code in the tensor type that holds it. */
  static void store(ElementType type, long address, int code) {
    switch (type) {
      case UINT4, UINT2 -> Memory.integer(DType.U8, address, code);
      case INT4, INT2 -> {
        int half = 1 << (type.bits() - 1);
        Memory.integer(DType.I8, address, (code ^ half) - half);
      }
      case FLOAT8E8M0 -> Memory.real(DType.F32, address, SmallFloat.power(code));
      default -> Memory.real(DType.F32, address, SmallFloat.of(type).decode(code));
    }
  }

  /** The code of an element: what {@link #store} would read. */
  static int code(ElementType type, long address) {
    DType stored = type.require("code");
    int mask = (1 << type.bits()) - 1;
    return switch (type) {
      case UINT4, UINT2, INT4, INT2 -> (int) Memory.integer(stored, address) & mask;
      case FLOAT8E8M0 ->
          SmallFloat.powerCode((float) Memory.real(stored, address), "nearest", true);
      default -> SmallFloat.of(type).encode((float) Memory.real(stored, address), false);
    };
  }

  /** The nearest number that the type has. */
  static double rounded(ElementType type, double value, boolean saturate, String rounding) {
    if (type == ElementType.FLOAT8E8M0) {
      return SmallFloat.power(SmallFloat.powerCode((float) value, rounding, saturate));
    }
    SmallFloat small = SmallFloat.of(type);
    return small.decode(small.encode((float) value, saturate));
  }
}
