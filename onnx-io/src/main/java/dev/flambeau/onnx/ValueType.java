package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.TensorShapeProto;
import dev.flambeau.onnx.proto.TypeProto;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** The type of a value of a graph with what is known of its sizes. */
sealed interface ValueType {
  /** How deep sequences, optionals and maps are followed. */
  int DEEPEST = 8;

  /** Shapes of more axes are not followed. */
  int MOST_AXES = 64;

  /** Nothing is known. */
  record Unknown() implements ValueType {}

  /** A tensor. */
  record Dense(Optional<ElementType> type, Optional<List<Size>> sizes) implements ValueType {
    public Dense {
      sizes = sizes.filter(s -> s.size() <= MOST_AXES).map(List::copyOf);
    }
  }

  /** A sparse tensor. */
  record Sparse(Optional<ElementType> type, Optional<List<Size>> sizes) implements ValueType {
    public Sparse {
      sizes = sizes.filter(s -> s.size() <= MOST_AXES).map(List::copyOf);
    }
  }

  /**
   * Values of one type one after another; their sizes are what all have in common.
   *
   * @param empty there are none yet, so that nothing is said of their sizes
   */
  record Sequence(ValueType of, boolean empty) implements ValueType {}

  /** A value that may be missing. */
  record Maybe(ValueType of) implements ValueType {}

  /** A map. */
  record Dictionary(ElementType key, ValueType of) implements ValueType {}

  /** A tensor of a type, of unknown shape. */
  static Dense dense(ElementType type) {
    return new Dense(Optional.of(type), Optional.empty());
  }

  /** A tensor of a type and shape. */
  static Dense dense(ElementType type, List<Size> sizes) {
    return new Dense(Optional.of(type), Optional.of(sizes));
  }

  /** What a file declares; {@code dimension} says what a size stands for. */
  static ValueType of(TypeProto proto, Function<TensorShapeProto.Dimension, Size> dimension) {
    return of(proto, dimension, 0);
  }

  private static ValueType of(
      TypeProto proto, Function<TensorShapeProto.Dimension, Size> dimension, int depth) {
    if (depth > DEEPEST) {
      return new Unknown();
    }
    return switch (proto.getValueCase()) {
      case TENSOR_TYPE -> {
        TypeProto.Tensor t = proto.getTensorType();
        yield new Dense(
            ElementType.of(t.getElemType()), sizes(t.hasShape(), t.getShape(), dimension));
      }
      case SPARSE_TENSOR_TYPE -> {
        TypeProto.SparseTensor t = proto.getSparseTensorType();
        yield new Sparse(
            ElementType.of(t.getElemType()), sizes(t.hasShape(), t.getShape(), dimension));
      }
      case SEQUENCE_TYPE ->
          new Sequence(of(proto.getSequenceType().getElemType(), dimension, depth + 1), false);
      case OPTIONAL_TYPE ->
          new Maybe(of(proto.getOptionalType().getElemType(), dimension, depth + 1));
      case MAP_TYPE -> {
        TypeProto.Map map = proto.getMapType();
        Optional<ElementType> key = ElementType.of(map.getKeyType());
        yield key.isEmpty()
            ? new Unknown()
            : new Dictionary(key.get(), of(map.getValueType(), dimension, depth + 1));
      }
      case VALUE_NOT_SET -> new Unknown();
    };
  }

  private static Optional<List<Size>> sizes(
      boolean there, TensorShapeProto shape, Function<TensorShapeProto.Dimension, Size> dimension) {
    return there
        ? Optional.of(shape.getDimList().stream().map(dimension).toList())
        : Optional.empty();
  }

  /** How many sequences, optionals and maps lie around its tensors. */
  default int depth() {
    return switch (this) {
      case Unknown _, Dense _, Sparse _ -> 0;
      case Sequence(ValueType of, _) -> 1 + of.depth();
      case Maybe(ValueType of) -> 1 + of.depth();
      case Dictionary(_, ValueType of) -> 1 + of.depth();
    };
  }

  /** For a file; empty if it could not say even of what kind the value is. */
  default Optional<TypeProto> proto() {
    TypeProto.Builder proto = TypeProto.newBuilder();
    switch (this) {
      case Unknown _ -> {}
      case Dense(Optional<ElementType> type, Optional<List<Size>> sizes) -> {
        if (type.isPresent()) {
          TypeProto.Tensor.Builder t = proto.getTensorTypeBuilder().setElemType(type.get().code());
          sizes.ifPresent(s -> t.setShape(shape(s)));
        }
      }
      case Sparse(Optional<ElementType> type, Optional<List<Size>> sizes) -> {
        if (type.isPresent()) {
          TypeProto.SparseTensor.Builder t =
              proto.getSparseTensorTypeBuilder().setElemType(type.get().code());
          sizes.ifPresent(s -> t.setShape(shape(s)));
        }
      }
      case Sequence(ValueType of, _) ->
          of.proto().ifPresent(p -> proto.getSequenceTypeBuilder().setElemType(p));
      case Maybe(ValueType of) ->
          of.proto().ifPresent(p -> proto.getOptionalTypeBuilder().setElemType(p));
      case Dictionary(ElementType key, ValueType of) ->
          of.proto()
              .ifPresent(p -> proto.getMapTypeBuilder().setKeyType(key.code()).setValueType(p));
    }
    return proto.getValueCase() == TypeProto.ValueCase.VALUE_NOT_SET
        ? Optional.empty()
        : Optional.of(proto.build());
  }

  private static TensorShapeProto shape(List<Size> sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Size size : sizes) {
      TensorShapeProto.Dimension.Builder dim = shape.addDimBuilder();
      if (size.isNumber()) {
        dim.setDimValue(size.number());
      } else if (size.isKnown()) {
        dim.setDimParam(size.toString());
      }
    }
    return shape.build();
  }

  /** As operators' documentation writes it, such as {@code seq(float)}; empty if not all known. */
  default Optional<String> text() {
    return switch (this) {
      case Unknown _ -> Optional.empty();
      case Dense(Optional<ElementType> type, _) -> type.map(ValueType::text);
      case Sparse(Optional<ElementType> type, _) -> type.map(t -> "sparse_tensor(" + text(t) + ")");
      case Sequence(ValueType of, _) -> of.text().map(t -> "seq(" + t + ")");
      case Maybe(ValueType of) -> of.text().map(t -> "optional(" + t + ")");
      case Dictionary(ElementType key, ValueType of) ->
          of.text().map(t -> "map(" + text(key) + "," + t + ")");
    };
  }

  /** An element type as operators' documentation writes it. */
  static String text(ElementType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /** The type that a text of operators' documentation names, without sizes. */
  static ValueType parse(String text) {
    int open = text.indexOf('(');
    if (open < 0) {
      return dense(ElementType.valueOf(text.toUpperCase(Locale.ROOT)));
    }
    String inside = text.substring(open + 1, text.length() - 1);
    return switch (text.substring(0, open)) {
      case "seq" -> new Sequence(parse(inside), false);
      case "optional" -> new Maybe(parse(inside));
      case "map" -> {
        int comma = inside.indexOf(',');
        ElementType key = ElementType.valueOf(inside.substring(0, comma).toUpperCase(Locale.ROOT));
        yield new Dictionary(key, parse(inside.substring(comma + 1)));
      }
      default -> new Unknown();
    };
  }

  /** For messages and drawings: {@code float [batch, 3]}. */
  default String describe() {
    return switch (this) {
      case Unknown _ -> "?";
      case Dense(Optional<ElementType> type, Optional<List<Size>> sizes) ->
          type.map(ValueType::text).orElse("?") + sizes.map(s -> " " + s).orElse("");
      case Sparse(Optional<ElementType> type, Optional<List<Size>> sizes) ->
          "sparse " + new Dense(type, sizes).describe();
      case Sequence(ValueType of, boolean empty) ->
          (empty ? "empty seq(" : "seq(") + of.describe() + ")";
      case Maybe(ValueType of) -> "optional(" + of.describe() + ")";
      case Dictionary(ElementType key, ValueType of) ->
          "map(" + text(key) + ", " + of.describe() + ")";
    };
  }
}
