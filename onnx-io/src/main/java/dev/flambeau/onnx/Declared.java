package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.torch.TorchException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The type a file declares for an input or output; {@link Any} where it says nothing. Shapes are
 * not held to: many exporters write wrong ones.
 */
sealed interface Declared {
  /** Not said. */
  record Any() implements Declared {}

  /** A tensor of this element type. */
  record Elements(ElementType type) implements Declared {}

  /** A sequence of such items. */
  record Sequence(Declared item) implements Declared {}

  /** Such a value or none. */
  record Perhaps(Declared value) implements Declared {}

  /** A map to such values. */
  record Dictionary(Declared value) implements Declared {}

  /** From the file; {@code where} names the value. */
  static Declared of(TypeProto type, String where) {
    return switch (type.getValueCase()) {
      case VALUE_NOT_SET -> new Any();
      case TENSOR_TYPE -> elements(type.getTensorType().getElemType(), where);
      case SPARSE_TENSOR_TYPE -> elements(type.getSparseTensorType().getElemType(), where);
      case SEQUENCE_TYPE -> new Sequence(of(type.getSequenceType().getElemType(), where));
      case OPTIONAL_TYPE -> new Perhaps(of(type.getOptionalType().getElemType(), where));
      case MAP_TYPE -> new Dictionary(of(type.getMapType().getValueType(), where));
    };
  }

  private static Declared elements(int code, String where) {
    return code == 0 ? new Any() : new Elements(ElementType.require(code, where));
  }

  /** The element type of tensors and of those in sequences; empty where nothing is said. */
  default Optional<ElementType> element() {
    return switch (this) {
      case Elements(ElementType type) -> Optional.of(type);
      case Sequence(Declared item) -> item.element();
      case Perhaps(Declared value) -> value.element();
      case Any _, Dictionary _ -> Optional.empty();
    };
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
        throw wrong(value, name, type.toString());
      }
      case Sequence(Declared item) -> {
        if (!(value instanceof OnnxValue.Sequence s)) {
          throw wrong(value, name, "a sequence");
        }
        List<OnnxValue> items = s.items().stream().map(v -> item.check(v, name)).toList();
        yield new OnnxValue.Sequence(items, item.element().or(s::element));
      }
      case Dictionary(Declared inner) -> {
        if (!(value instanceof OnnxValue.Dictionary d)) {
          throw wrong(value, name, "a map");
        }
        Map<Object, OnnxValue> entries = new LinkedHashMap<>();
        d.entries().forEach((key, v) -> entries.put(key, inner.check(v, name)));
        yield new OnnxValue.Dictionary(entries);
      }
      case Perhaps(Declared inner) ->
          value instanceof OnnxValue.Nothing ? value : inner.check(value, name);
    };
  }

  private static TorchException wrong(OnnxValue value, String name, String allowed) {
    return TorchException.type("OnnxModule.forward", name, value.describe(), allowed);
  }
}
