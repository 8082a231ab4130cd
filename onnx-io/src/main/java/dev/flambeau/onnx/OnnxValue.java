package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What flows along the edges of an ONNX graph: tensors, texts, sequences, maps, or nothing. */
public sealed interface OnnxValue {
  /** Numbers: the tensor that holds them and ONNX's element type. */
  record Numbers(Tensor tensor, ElementType type) implements OnnxValue {
    public Numbers {
      DType stored = type.require("tensor");
      if (tensor.dtype() != stored) {
        // A module converted by Module.to computes in another type than its file says.
        type = ElementType.of(tensor.dtype());
      }
    }
  }

  /** Strings, row-major. */
  record Texts(List<String> strings, Shape shape) implements OnnxValue {
    public Texts {
      strings = List.copyOf(strings);
      if (shape.numel() != strings.size()) {
        throw TorchException.shape("strings", "shape", shape, strings.size() + " elements");
      }
    }
  }

  /**
   * Values one after another; the element type, where it is known, says what an empty one holds.
   */
  record Sequence(List<OnnxValue> items, Optional<ElementType> element) implements OnnxValue {
    public Sequence {
      items = List.copyOf(items);
    }

    /** With the element type of the first item. */
    public Sequence(List<OnnxValue> items) {
      this(items, items.stream().findFirst().flatMap(OnnxValue::element));
    }
  }

  /** A dictionary in the order of its entries: keys are Long or String. */
  record Dictionary(Map<Object, OnnxValue> entries) implements OnnxValue {
    public Dictionary {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
      for (Object key : entries.keySet()) {
        if (!(key instanceof Long || key instanceof String)) {
          throw TorchException.argument("Dictionary", "entries", "key " + key, "Long or String");
        }
      }
    }
  }

  /** An optional without value. */
  record Nothing() implements OnnxValue {}

  /** A tensor with the element type its own type says. */
  static OnnxValue of(Tensor tensor) {
    return of(tensor, ElementType.of(tensor.dtype()));
  }

  /** A tensor that stands for elements of {@code type}; F16 is widened to F32, which holds it. */
  static OnnxValue of(Tensor tensor, ElementType type) {
    boolean half = tensor.dtype() == DType.F16;
    return new Numbers(half ? tensor.to(DType.F32) : tensor, half ? ElementType.FLOAT16 : type);
  }

  /** Strings, row-major. */
  static OnnxValue of(List<String> strings, long... sizes) {
    return new Texts(strings, Shape.of(sizes.length == 0 ? new long[] {strings.size()} : sizes));
  }

  /**
   * The tensor: half precision as F16, other types as {@link ElementType} says.
   *
   * @throws TorchException if this is no tensor of numbers
   */
  default Tensor tensor(String name) {
    if (this instanceof Numbers(Tensor tensor, ElementType type)) {
      return type == ElementType.FLOAT16 ? tensor.to(DType.F16) : tensor;
    }
    throw TorchException.argument("OnnxModule", name, describe(), "a tensor of numbers");
  }

  /** The element type of a tensor, or that of the tensors in a sequence. */
  default Optional<ElementType> element() {
    return switch (this) {
      case Numbers n -> Optional.of(n.type());
      case Texts _ -> Optional.of(ElementType.STRING);
      case Sequence s -> s.element();
      case Dictionary _, Nothing _ -> Optional.empty();
    };
  }

  /** What it is, for messages. */
  default String describe() {
    return switch (this) {
      case Numbers n -> n.type() + " " + n.tensor().shape();
      case Texts t -> "STRING " + t.shape();
      case Sequence s ->
          "a sequence of " + s.items().size() + s.element().map(e -> " " + e).orElse("");
      case Dictionary d -> "a map of " + d.entries().size();
      case Nothing _ -> "nothing";
    };
  }
}
