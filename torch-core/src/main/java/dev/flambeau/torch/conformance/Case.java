package dev.flambeau.torch.conformance;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.catalog.Arguments;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;

/** One recorded case: its fields, and what most kinds of cases have. */
final class Case {
  private final CaseFile file;
  private final Map<?, ?> fields;
  private final Values values;

  /** {@code stored} makes the copies of the inputs. */
  Case(CaseFile file, Map<?, ?> fields, UnaryOperator<Tensor> stored) {
    this.file = file;
    this.fields = fields;
    this.values = new Values(file, stored);
  }

  /** The same call of other tensors, by the names of the recorded ones. */
  Case with(Map<String, Tensor> tensors) {
    Case other = new Case(file, fields, UnaryOperator.identity());
    other.values.put(tensors);
    return other;
  }

  String id() {
    return get("id", String.class);
  }

  /** A field that must be there and of this type. */
  <T> T get(String name, Class<T> type) {
    return file.get(fields, name, type);
  }

  /** A field as it stands in the file; null if it is not there. */
  Object field(String name) {
    return fields.get(name);
  }

  /** A number, if it is there. */
  OptionalDouble number(String name) {
    return fields.get(name) instanceof Number n
        ? OptionalDouble.of(n.doubleValue())
        : OptionalDouble.empty();
  }

  Values values() {
    return values;
  }

  /** The recorded call of an operator. */
  Arguments arguments() {
    return new Arguments(
        values.value(fields.get("input")),
        values.all(get("args", List.class)),
        values.named(get("kwargs", Map.class)));
  }

  /** The pattern of PyTorch's message, if it refuses the call. */
  Optional<String> error() {
    return fields.get("error") instanceof Map<?, ?> e
        ? Optional.of(String.valueOf(e.get("regex")))
        : Optional.empty();
  }

  List<Tensor> outputs() {
    List<Tensor> all = new ArrayList<>();
    for (Object name : get("outputs", List.class)) {
      all.add(file.tensor(name));
    }
    return all;
  }

  /** The tensors of a field of names or {@code {"tensor": name}}; none if it is not there. */
  Map<String, Tensor> tensors(String field) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    switch (fields.get(field)) {
      case Map<?, ?> map -> map.forEach((k, name) -> all.put((String) k, file.tensor(name)));
      case List<?> pairs -> pairs.forEach(p -> add(all, (List<?>) p));
      case null, default -> {}
    }
    return all;
  }

  private void add(Map<String, Tensor> all, List<?> pair) {
    Object name = ((Map<?, ?>) pair.get(1)).get("tensor");
    all.put((String) pair.get(0), file.tensor(name));
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
    Map<?, ?> found = get("grads", Map.class);
    Map<String, Optional<Tensor>> all = new LinkedHashMap<>();
    values
        .tensors()
        .forEach(
            (name, t) -> {
              if (t.isLeaf() && t.requiresGrad()) {
                all.put(name, Optional.ofNullable(found.get(name)).map(file::tensor));
              }
            });
    return all;
  }

  /** The tensor this name was given to. */
  Tensor input(String name) {
    return values.tensors().get(name);
  }
}
