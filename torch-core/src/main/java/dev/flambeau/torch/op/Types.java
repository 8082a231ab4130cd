package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.TorchException;

/** How a pointwise operator's output type follows from the promoted type of its inputs. */
public enum Types {
  /** The promoted type itself. */
  SAME,
  /** The promoted type itself, which must not be bool. */
  NUMBERS,
  /** The promoted type; integers and bool become F32. */
  FLOAT,
  /** The promoted type, which must be an integer. */
  INTEGERS,
  /** The promoted type, which must be an integer or bool. */
  BITS,
  /** Bool; inputs are compared in the promoted type. */
  BOOL;

  /**
   * The common type of several tensors. A 0-d tensor counts only if its category (bool, integer,
   * float) is above that of all others. PyTorch: {@code torch.result_type}.
   */
  public static DType promote(Meta[] inputs) {
    DType sized = null;
    DType scalars = null;
    for (Meta meta : inputs) {
      if (meta.rank() > 0) {
        sized = sized == null ? meta.dtype() : sized.promote(meta.dtype());
      } else {
        scalars = scalars == null ? meta.dtype() : scalars.promote(meta.dtype());
      }
    }
    if (sized == null || scalars == null) {
      return sized == null ? scalars : sized;
    }
    return scalars.category().compareTo(sized.category()) > 0 ? sized.promote(scalars) : sized;
  }

  /** The type the arguments are converted to. */
  DType arguments(DType promoted) {
    return this == FLOAT && !promoted.isFloat() ? DType.F32 : promoted;
  }

  void check(String operator, DType promoted) {
    if ((this == INTEGERS || this == BITS) && promoted.isFloat()
        || this == INTEGERS && promoted == DType.BOOL) {
      throw TorchException.type(operator, "input", promoted, "integers");
    }
    if (this == NUMBERS && promoted == DType.BOOL) {
      throw TorchException.type(
          operator, "input", promoted, "numbers; logical operators take bool");
    }
  }

  DType result(DType promoted) {
    return this == BOOL ? DType.BOOL : arguments(promoted);
  }
}
