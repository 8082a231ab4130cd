package dev.flambeau.torch.conformance;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.catalog.Arguments;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * One recorded call. One tensor name is one tensor; inputs are copies, so calls may change them.
 */
final class Case {
  private final CaseFile file;
  private final Map<?, ?> fields;
  private final UnaryOperator<Tensor> stored;
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();

  /** {@code stored} makes the copies of the inputs. */
  Case(CaseFile file, Map<?, ?> fields, UnaryOperator<Tensor> stored) {
    this.file = file;
    this.fields = fields;
    this.stored = stored;
  }

  String id() {
    return file.get(fields, "id", String.class);
  }

  Arguments arguments() {
    Map<String, Object> kwargs = new LinkedHashMap<>();
    Map<?, ?> named = file.get(fields, "kwargs", Map.class);
    named.forEach((k, v) -> kwargs.put((String) k, value(v)));
    return new Arguments(
        value(fields.get("input")), values(file.get(fields, "args", List.class)), kwargs);
  }

  /** The pattern of PyTorch's message, if it refuses the call. */
  Optional<String> error() {
    return fields.get("error") instanceof Map<?, ?> e
        ? Optional.of(String.valueOf(e.get("regex")))
        : Optional.empty();
  }

  List<Tensor> outputs() {
    List<Tensor> all = new ArrayList<>();
    for (Object name : file.get(fields, "outputs", List.class)) {
      all.add(file.tensor(name));
    }
    return all;
  }

  /** The outputs the loss is made of; none if no gradient was taken. */
  List<Integer> lossOutputs() {
    List<Integer> all = new ArrayList<>();
    if (fields.get("loss_outputs") instanceof List<?> outputs) {
      outputs.forEach(k -> all.add(Math.toIntExact((Long) k)));
    }
    return all;
  }

  /** PyTorch's gradient by each input marked for one, where it has one. */
  Map<String, Optional<Tensor>> gradients() {
    Map<?, ?> found = file.get(fields, "grads", Map.class);
    Map<String, Optional<Tensor>> all = new LinkedHashMap<>();
    inputs.forEach(
        (name, t) -> {
          if (t.isLeaf() && t.requiresGrad()) {
            all.put(name, Optional.ofNullable(found.get(name)).map(file::tensor));
          }
        });
    return all;
  }

  /** The tensor this name was given to. */
  Tensor input(String name) {
    return inputs.get(name);
  }

  private List<Object> values(List<?> from) {
    List<Object> all = new ArrayList<>();
    from.forEach(v -> all.add(value(v)));
    return all;
  }

  private Object value(Object json) {
    if (!(json instanceof Map<?, ?> map)) {
      return json;
    }
    if (map.containsKey("tensor")) {
      return tensor(map);
    }
    Map.Entry<?, ?> only = map.entrySet().stream().findFirst().orElseThrow(() -> file.wrong("{}"));
    return switch (String.valueOf(only.getKey())) {
      case "float" -> special(String.valueOf(only.getValue()));
      case "list", "tuple", "size" -> values((List<?>) only.getValue());
      case "dtype" -> file.dtype(only.getValue());
      case "str" -> only.getValue();
      case "slice" -> slice((List<?>) only.getValue());
      case "ellipsis" -> Arguments.Ellipsis.ELLIPSIS;
      case "dict" -> {
        Map<String, Object> all = new LinkedHashMap<>();
        ((Map<?, ?>) only.getValue()).forEach((k, v) -> all.put((String) k, value(v)));
        yield all;
      }
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

  private Tensor tensor(Map<?, ?> value) {
    String name = String.valueOf(value.get("tensor"));
    Tensor known = inputs.get(name);
    if (known == null) {
      Tensor t = stored.apply(file.tensor(name));
      known = value.get("strides") instanceof List<?> s ? strided(t, s) : t;
      if (Boolean.TRUE.equals(value.get("grad"))) {
        known.requiresGrad(true);
      }
      inputs.put(name, known);
    }
    return known;
  }

  /** A copy with the strides that the original had. */
  private Tensor strided(Tensor t, List<?> numbers) {
    long[] strides = numbers.stream().mapToLong(n -> (Long) n).toArray();
    long elements = 1;
    for (int i = 0; i < strides.length; i++) {
      elements += Math.max(t.size(i) - 1, 0) * strides[i];
    }
    // Bounded, because a file may say anything: the originals are parts of small tensors.
    if (strides.length != t.dim() || elements > 1 << 24 || elements < 1) {
      throw file.wrong("strides " + numbers + " do not fit the shape " + t.shape());
    }
    Tensor room = Torch.zeros(t.dtype(), elements);
    Tensor copy = new Tensor(room.storage(), Layout.of(t.shape(), strides, 0), t.dtype());
    return copy.copy_(t);
  }
}
