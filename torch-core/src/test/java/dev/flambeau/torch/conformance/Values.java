package dev.flambeau.torch.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flambeau.torch.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** A case's arguments; one tensor name is one tensor. */
final class Values {
  /** A value this runner cannot express: the case is not supported. */
  static final class Unsupported extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unsupported(String what) {
      super(what);
    }
  }

  private final Pack pack;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  Values(Pack pack) {
    this.pack = pack;
  }

  Tensor tensor(JsonNode value) {
    if (!value.has("tensor")) {
      throw new Unsupported("no tensor: " + value);
    }
    return tensors.computeIfAbsent(
        value.get("tensor").asText(),
        _ -> {
          Tensor t = pack.tensor(value.get("tensor")).copy();
          return value.path("grad").asBoolean() ? t.requiresGrad(true) : t;
        });
  }

  /** The tensor this name was given to. */
  Tensor named(String name) {
    return tensors.get(name);
  }

  static long[] longs(JsonNode value) {
    if (value.isIntegralNumber()) {
      return new long[] {value.asLong()};
    }
    for (String kind : new String[] {"tuple", "list", "size"}) {
      if (value.has(kind)) {
        JsonNode items = value.get(kind);
        for (JsonNode item : items) {
          if (!item.isIntegralNumber()) {
            throw new Unsupported("not all whole numbers: " + value);
          }
        }
        return Pack.longs(items);
      }
    }
    throw new Unsupported("no whole numbers: " + value);
  }

  static double real(JsonNode value) {
    if (value.has("float")) {
      return switch (value.get("float").asText()) {
        case "inf" -> Double.POSITIVE_INFINITY;
        case "-inf" -> Double.NEGATIVE_INFINITY;
        default -> Double.NaN;
      };
    }
    if (!value.isNumber()) {
      throw new Unsupported("no number: " + value);
    }
    return value.asDouble();
  }
}
