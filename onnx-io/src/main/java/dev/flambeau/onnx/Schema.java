package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto.AttributeType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What ONNX's documentation says of a version of an operator.
 *
 * @param since the operator set it came with
 * @param deprecated it must not be used; nothing else is said then
 * @param open attributes other than those named are let pass
 * @param outputCounts the numbers of outputs a node may have, where not all in the range may be
 * @param types the types that a type variable stands for, such as {@code float} or {@code
 *     seq(int64)}
 */
record Schema(
    String name,
    long since,
    boolean deprecated,
    boolean open,
    Set<Integer> outputCounts,
    List<Parameter> inputs,
    List<Parameter> outputs,
    Map<String, Attribute> attributes,
    Map<String, Set<String>> types) {
  /** How often a parameter stands in a node. */
  enum Presence {
    ONCE,
    OPTIONAL,
    VARIADIC
  }

  /**
   * An input or output.
   *
   * @param least how many there must be of a variadic one
   * @param alike all of a variadic one have one type
   * @param type a type variable or a type
   */
  record Parameter(String name, Presence presence, int least, boolean alike, String type) {}

  /** An attribute; {@code fallback} is the text of its default. */
  record Attribute(AttributeType type, boolean required, Optional<String> fallback) {}

  static int least(List<Parameter> parameters) {
    int least = 0;
    for (int i = 0; i < parameters.size(); i++) {
      switch (parameters.get(i).presence) {
        case ONCE -> least = i + 1;
        case VARIADIC -> least = i + parameters.get(i).least;
        case OPTIONAL -> {}
      }
    }
    return least;
  }

  static int most(List<Parameter> parameters) {
    boolean any = !parameters.isEmpty() && parameters.getLast().presence == Presence.VARIADIC;
    return any ? Integer.MAX_VALUE : parameters.size();
  }

  /** The parameter that place {@code i} of a node belongs to; empty beyond the last one. */
  static Optional<Parameter> at(List<Parameter> parameters, int i) {
    return i < most(parameters)
        ? Optional.of(parameters.get(Math.min(i, parameters.size() - 1)))
        : Optional.empty();
  }

  /** The types that a parameter may have. */
  Set<String> allowed(Parameter parameter) {
    return types.getOrDefault(parameter.type, Set.of(parameter.type));
  }
}
