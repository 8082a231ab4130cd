package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.torch.TorchException;

/**
 * The type a file declares for an input or output; {@link Any} where it says nothing. Shapes are
 * not held to: many exporters write wrong ones.
 */
sealed interface Declared {
  /** Not said. */
  record Any() implements Declared {}

  /** A tensor of this element type. */
  record Elements(ElementType type) implements Declared {}

  /** A sequence, optional or map. */
  record Other(Kind kind) implements Declared {}

  /** Kinds of values that are no tensors. */
  enum Kind {
    SEQUENCE,
    OPTIONAL,
    MAP
  }

  /** From the file; {@code where} names the value. */
  static Declared of(TypeProto type, String where) {
    return switch (type.getValueCase()) {
      case VALUE_NOT_SET -> new Any();
      case TENSOR_TYPE -> elements(type.getTensorType().getElemType(), where);
      case SPARSE_TENSOR_TYPE -> elements(type.getSparseTensorType().getElemType(), where);
      case SEQUENCE_TYPE -> new Other(Kind.SEQUENCE);
      case OPTIONAL_TYPE -> new Other(Kind.OPTIONAL);
      case MAP_TYPE -> new Other(Kind.MAP);
    };
  }

  private static Declared elements(int code, String where) {
    return code == 0 ? new Any() : new Elements(ElementType.require(code, where));
  }

  /**
   * The value if it is of this type; a tensor of the type that holds the declared one counts as it.
   */
  default OnnxValue check(OnnxValue value, String name) {
    return switch (this) {
      case Any _ -> value;
      case Elements(ElementType type) -> {
        if (value instanceof OnnxValue.Numbers n
            && type.stored().filter(t -> t == n.tensor().dtype()).isPresent()) {
          yield new OnnxValue.Numbers(n.tensor(), type);
        }
        if (value instanceof OnnxValue.Texts && type == ElementType.STRING) {
          yield value;
        }
        throw TorchException.type("OnnxModule.forward", name, value.describe(), type.toString());
      }
      case Other(Kind kind) -> {
        boolean fits =
            switch (kind) {
              case SEQUENCE -> value instanceof OnnxValue.Sequence;
              case MAP -> value instanceof OnnxValue.Dictionary;
              case OPTIONAL -> true;
            };
        if (!fits) {
          throw TorchException.type("OnnxModule.forward", name, value.describe(), "" + kind);
        }
        yield value;
      }
    };
  }
}
