package dev.flambeau.torch.train;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what a checkpoint holds; errors say what is missing or of another kind. */
record Tree(Map<String, Object> values) {
  /** A map with text as keys. */
  static Tree of(String name, Object value) {
    if (!(value instanceof Map<?, ?> found)) {
      throw wrong(name, value, "a map");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    found.forEach((key, inner) -> values.put(String.valueOf(key), inner));
    return new Tree(values);
  }

  static TorchException wrong(String argument, Object got, String allowed) {
    return TorchException.argument("Trainer checkpoint", argument, got, allowed);
  }

  long integer(String key) {
    if (values.get(key) instanceof Long value && value >= 0) {
      return value;
    }
    throw wrong(key, values.get(key), "an integer, 0 or more");
  }

  int small(String key) {
    long value = integer(key);
    if (value > Integer.MAX_VALUE) {
      throw wrong(key, value, "up to " + Integer.MAX_VALUE);
    }
    return (int) value;
  }

  double real(String key) {
    if (values.get(key) instanceof Double value) {
      return value;
    }
    throw wrong(key, values.get(key), "a number");
  }

  Tree tree(String key) {
    return of(key, values.get(key));
  }

  List<?> list(String key) {
    if (values.get(key) instanceof List<?> list) {
      return list;
    }
    throw wrong(key, values.get(key), "a list");
  }

  Tensor tensor(String key) {
    if (values.get(key) instanceof Tensor t) {
      return t;
    }
    throw wrong(key, values.get(key), "a tensor");
  }

  Map<String, Double> reals() {
    Map<String, Double> all = new LinkedHashMap<>();
    values.keySet().forEach(key -> all.put(key, real(key)));
    return all;
  }

  Map<String, Tensor> tensors() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    values.keySet().forEach(key -> all.put(key, tensor(key)));
    return all;
  }
}
