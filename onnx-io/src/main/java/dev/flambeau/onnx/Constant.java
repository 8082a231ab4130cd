package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;

/** A constant of the file and how the nodes that use it take it. */
final class Constant {
  /** Ordered: the highest use of a constant counts. */
  enum Role {
    CONSTANT,
    STATISTIC,
    WEIGHT
  }

  private final String name;
  private OnnxValue value;
  private final boolean ofNode;
  private Role role = Role.CONSTANT;
  private boolean fixed;

  /**
   * @param ofNode whether it stands in a Constant node, where exporters put numbers of the formulas
   */
  Constant(String name, OnnxValue value, boolean ofNode) {
    this.name = name;
    this.value = value;
    this.ofNode = ofNode;
  }

  boolean ofNode() {
    return ofNode;
  }

  String name() {
    return name;
  }

  OnnxValue value() {
    return value;
  }

  /** Puts another tensor, of the same meaning, in the place of this one. */
  void set(Tensor tensor) {
    value = new OnnxValue.Numbers(tensor, ((OnnxValue.Numbers) value).type());
  }

  /** Notes a use. */
  void use(Role as) {
    if (as.compareTo(role) > 0) {
      role = as;
    }
  }

  /** Says that it is not trained, whatever it is used for. */
  void fix() {
    fixed = true;
  }

  /** Says that it is trained, whatever it is used for. */
  void train() {
    fixed = false;
    role = Role.WEIGHT;
  }

  /** What it is for training; only floating point tensors with axes are more than constants. */
  Role role() {
    boolean state =
        !fixed
            && value instanceof OnnxValue.Numbers(Tensor t, ElementType type)
            && (t.dtype() == DType.F32 || t.dtype() == DType.F64 || t.dtype() == DType.BF16)
            && !type.isTiny()
            && t.dim() > 0;
    return state ? role : Role.CONSTANT;
  }
}
