package dev.flambeau.torch.conformance;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.catalog.Arguments;
import dev.flambeau.torch.catalog.ModuleCatalog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * The recorded values of one case as {@link Arguments} has them. One tensor name is one tensor;
 * tensors are copies, so calls may change them.
 */
final class Values {
  private final CaseFile file;
  private final UnaryOperator<Tensor> stored;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  /** {@code stored} makes the copies. */
  Values(CaseFile file, UnaryOperator<Tensor> stored) {
    this.file = file;
    this.stored = stored;
  }

  /** The tensors met so far, by name. */
  Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** Takes these tensors for those of these names. */
  void put(Map<String, Tensor> given) {
    tensors.putAll(given);
  }

  /** The arguments of a call without a first one of its own. */
  Arguments arguments(List<?> args, Map<?, ?> kwargs) {
    return new Arguments(null, all(args), named(kwargs));
  }

  List<Object> all(List<?> from) {
    List<Object> all = new ArrayList<>();
    from.forEach(v -> all.add(value(v)));
    return all;
  }

  Map<String, Object> named(Map<?, ?> from) {
    Map<String, Object> all = new LinkedHashMap<>();
    from.forEach((k, v) -> all.put((String) k, value(v)));
    return all;
  }

  Object value(Object json) {
    if (!(json instanceof Map<?, ?> map)) {
      return json;
    }
    if (map.containsKey("tensor")) {
      return tensor(map);
    }
    Map.Entry<?, ?> only = map.entrySet().stream().findFirst().orElseThrow(() -> file.wrong("{}"));
    return switch (String.valueOf(only.getKey())) {
      case "float" -> special(String.valueOf(only.getValue()));
      case "list", "tuple", "size" -> all((List<?>) only.getValue());
      case "dtype" -> file.dtype(only.getValue());
      case "str", "function" -> only.getValue();
      case "slice" -> slice((List<?>) only.getValue());
      case "ellipsis" -> Arguments.Ellipsis.ELLIPSIS;
      case "dict" -> named((Map<?, ?>) only.getValue());
      case "ordered_dict" -> pairs((List<?>) only.getValue());
      case "parameter" -> ((Tensor) value(only.getValue())).requiresGrad(true);
      case "module" -> module((Map<?, ?>) only.getValue());
      case "packed_sequence" -> packed((Map<?, ?>) only.getValue());
      default -> throw file.wrong("a value of the unknown kind " + only.getKey());
    };
  }

  private static Double special(String name) {
    return switch (name) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.NaN;
    };
  }

  private static Arguments.Slice slice(List<?> bounds) {
    return new Arguments.Slice(
        optional(bounds.get(0)), optional(bounds.get(1)), optional(bounds.get(2)));
  }

  private static OptionalLong optional(Object number) {
    return number == null ? OptionalLong.empty() : OptionalLong.of((Long) number);
  }

  private List<Map.Entry<String, Object>> pairs(List<?> json) {
    List<Map.Entry<String, Object>> all = new ArrayList<>();
    for (Object pair : json) {
      List<?> both = (List<?>) pair;
      all.add(Map.entry((String) both.get(0), value(both.get(1))));
    }
    return all;
  }

  private Object module(Map<?, ?> call) {
    Map<?, ?> init = file.get(call, "init", Map.class);
    return ModuleCatalog.make(file.get(call, "class", String.class), arguments(List.of(), init));
  }

  private Arguments.Packed packed(Map<?, ?> parts) {
    return new Arguments.Packed(
        (Tensor) value(parts.get("data")),
        (Tensor) value(parts.get("batch_sizes")),
        Optional.ofNullable((Tensor) value(parts.get("sorted_indices"))),
        Optional.ofNullable((Tensor) value(parts.get("unsorted_indices"))));
  }

  private Tensor tensor(Map<?, ?> value) {
    String name = String.valueOf(value.get("tensor"));
    Tensor known = tensors.get(name);
    if (known == null) {
      Tensor t = stored.apply(file.tensor(name));
      known = value.get("strides") instanceof List<?> s ? strided(t, s) : t;
      if (Boolean.TRUE.equals(value.get("grad"))) {
        known.requiresGrad(true);
      }
      tensors.put(name, known);
    }
    return known;
  }

  /** A copy with the strides that the original had. */
  private Tensor strided(Tensor t, List<?> numbers) {
    long[] strides = numbers.stream().mapToLong(n -> (Long) n).toArray();
    long elements = 1;
    Tensor once = t;
    for (int i = 0; i < strides.length && strides.length == t.dim(); i++) {
      elements += Math.max(t.size(i) - 1, 0) * strides[i];
      once = strides[i] == 0 ? once.narrow(i, 0, 1) : once;
    }
    // Bounded, because a file may say anything: the originals are parts of small tensors.
    if (strides.length != t.dim() || elements > 1 << 24 || elements < 1) {
      throw file.wrong("strides " + numbers + " do not fit the shape " + t.shape());
    }
    Tensor room = Torch.zeros(t.dtype(), elements);
    Layout small = Layout.of(once.shape(), strides, 0);
    new Tensor(room.storage(), small, t.dtype()).copy_(once);
    return new Tensor(room.storage(), Layout.of(t.shape(), strides, 0), t.dtype());
  }
}
