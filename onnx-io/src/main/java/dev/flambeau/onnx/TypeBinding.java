package dev.flambeau.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The types of a node by its operator's schema: what the inputs must be, and what the outputs are
 * by the type variables that the inputs set.
 */
final class TypeBinding {
  private static final int SHOWN = 12;

  private final ShapeInference engine;
  private final ShapeCall call;
  private final Schema schema;

  /** What a type variable stands for, and the input that said so. */
  private record Bound(String type, String by) {}

  private final Map<String, Bound> variables = new HashMap<>();

  TypeBinding(ShapeInference engine, ShapeCall call, Schema schema) {
    this.engine = engine;
    this.call = call;
    this.schema = schema;
  }

  /** Sets the outputs' types as far as the schema says them; notes what does not fit. */
  void bind() {
    for (int i = 0; i < call.count(); i++) {
      Optional<Schema.Parameter> parameter = Schema.at(schema.inputs(), i);
      Optional<String> type = call.type(i).text();
      if (call.has(i) && parameter.isPresent() && type.isPresent()) {
        input(i, parameter.get(), type.get());
      }
    }
    for (int o = 0; o < call.outputs(); o++) {
      int at = o;
      Schema.at(schema.outputs(), o)
          .filter(p -> p.presence() != Schema.Presence.VARIADIC || p.alike())
          .flatMap(this::type)
          .ifPresent(type -> call.set(at, ValueType.parse(type)));
    }
  }

  /** Whether the types that a rule found for the outputs are those that the schema allows. */
  void checkOutputs() {
    for (int o = 0; o < call.outputs(); o++) {
      Optional<String> type = call.result(o).type().text();
      Optional<Schema.Parameter> parameter = Schema.at(schema.outputs(), o);
      if (type.isPresent() && parameter.isPresent()) {
        String name = call.node().getOutput(o);
        allows(parameter.get(), type.get(), where("output", o, parameter.get(), name, type.get()));
      }
    }
  }

  private String where(String what, int i, Schema.Parameter parameter, String name, String type) {
    return "%s: %s %d (%s) '%s' is %s"
        .formatted(ShapeCall.describe(call.node()), what, i, parameter.name(), name, type);
  }

  private boolean allows(Schema.Parameter parameter, String type, String where) {
    Set<String> allowed = schema.allowed(parameter);
    if (allowed.contains(type)) {
      return true;
    }
    List<String> some = new TreeSet<>(allowed).stream().limit(SHOWN).toList();
    String more = allowed.size() > SHOWN ? " and " + (allowed.size() - SHOWN) + " more" : "";
    engine.fault(
        "%s; %s-%d allows %s%s"
            .formatted(where, schema.name(), schema.since(), String.join(", ", some), more));
    return false;
  }

  private void input(int i, Schema.Parameter parameter, String type) {
    String where = where("input", i, parameter, call.node().getInput(i), type);
    if (!allows(parameter, type, where)) {
      return;
    }
    boolean variable = schema.types().containsKey(parameter.type());
    if (variable && (parameter.presence() != Schema.Presence.VARIADIC || parameter.alike())) {
      Bound now = new Bound(type, parameter.name());
      Bound before = variables.putIfAbsent(parameter.type(), now);
      if (before != null && !before.type.equals(type)) {
        engine.fault(
            "%s; it must be %s like %s, both are %s"
                .formatted(where, before.type, before.by, parameter.type()));
      }
    }
  }

  /** The type of an output, where its variable is set or stands for one type. */
  private Optional<String> type(Schema.Parameter output) {
    Set<String> allowed = schema.types().get(output.type());
    if (allowed == null) {
      return Optional.of(output.type());
    }
    Bound bound = variables.get(output.type());
    if (bound != null) {
      return Optional.of(bound.type);
    }
    return allowed.size() == 1 ? allowed.stream().findFirst() : Optional.empty();
  }
}
