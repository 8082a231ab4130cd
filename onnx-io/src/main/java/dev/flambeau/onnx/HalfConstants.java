package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.List;

/** Constants in another floating point type, with notes of those that do not fit. */
final class HalfConstants {
  /** The least number above 0 that FLOAT16 has. */
  private static final double SMALLEST = 0x1p-24;

  private final ElementType to;
  private final List<String> warnings = new ArrayList<>();

  HalfConstants(ElementType to) {
    this.to = to;
  }

  /** A line for each constant with numbers that do not fit. */
  List<String> warnings() {
    return warnings;
  }

  /**
   * The constant in the other type, numbers beyond its range at the end of that.
   *
   * @param name for notes
   */
  TensorProto of(OnnxValue value, String name) {
    Tensor x = ((OnnxValue.Numbers) value).tensor();
    if (to == ElementType.FLOAT) {
      return ExportGraph.tensor("", x.to(DType.F32));
    }
    boolean half = to == ElementType.FLOAT16;
    DType type = half ? DType.F16 : DType.BF16;
    Tensor fitting = x;
    if (half && x.numel() > 0) {
      // A single number stands for infinity, and something is going to be added to it.
      double most = x.numel() == 1 ? Fidelity.LARGEST_HALF / 2 : Fidelity.LARGEST_HALF;
      Tensor over = x.abs().gt(Fidelity.LARGEST_HALF).logicalAnd(x.isinf().logicalNot());
      long count = over.sum().itemLong();
      if (count > 0) {
        warnings.add(
            "'%s': %d of %d numbers beyond 65504, set to %.0f"
                .formatted(name, count, x.numel(), most));
        fitting = Torch.where(x.isinf(), x, x.clamp(-most, most));
      }
    }
    Tensor small = fitting.to(type);
    Tensor gone = small.eq(0).logicalAnd(x.ne(0));
    long lost = half ? gone.sum().itemLong() : 0;
    if (lost > 0 && x.numel() == 1) {
      // What keeps a division from 0 must not be 0.
      small = Torch.full(DType.F32, Math.copySign(SMALLEST, x.item())).to(type).expandAs(small);
      warnings.add("'%s': %s is too small, now %s".formatted(name, x.item(), small.item()));
    } else if (lost > 0) {
      warnings.add("'%s': %d of %d numbers too small, now 0".formatted(name, lost, x.numel()));
    }
    return ExportGraph.tensor("", small);
  }
}
