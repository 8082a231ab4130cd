package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** The operators of the ai.onnx domain that can be imported, from the families' files. */
final class Registry {
  /** What a node does. */
  @FunctionalInterface
  interface Operator {
    Tensor[] apply(Call call);
  }

  /** What a node with one output does. */
  @FunctionalInterface
  interface Single {
    Tensor apply(Call call);
  }

  private static final long OLDEST = 7;
  private static final Registry ALL = new Registry();

  static {
    UnaryOperators.register(ALL);
    BinaryOperators.register(ALL);
    Reducing.register(ALL);
    Shaping.register(ALL);
    Indexing.register(ALL);
    Creation.register(ALL);
    Linear.register(ALL);
    Convolution.register(ALL);
    Pooling.register(ALL);
    Normalization.register(ALL);
    Resizing.register(ALL);
  }

  private final Map<String, Operator> operators = new HashMap<>();

  private Registry() {}

  /** The implementation of an operator at an operator set version, if there is one. */
  static Optional<Operator> find(String domain, String type, long opset) {
    boolean standard = domain.isEmpty() || domain.equals("ai.onnx");
    return standard && opset >= OLDEST
        ? Optional.ofNullable(ALL.operators.get(type))
        : Optional.empty();
  }

  void map(String type, Single operator) {
    mapAll(type, call -> new Tensor[] {operator.apply(call)});
  }

  void mapAll(String type, Operator operator) {
    operators.put(type, operator);
  }

  void unary(String type, UnaryOperator<Tensor> operator) {
    map(type, call -> operator.apply(call.in(0)));
  }

  void binary(String type, BinaryOperator<Tensor> operator) {
    map(type, call -> operator.apply(call.in(0), call.in(1)));
  }

  /** An operator of any number of inputs that combines them one after another. */
  void variadic(String type, BinaryOperator<Tensor> operator) {
    map(
        type,
        call -> {
          Tensor result = call.in(0);
          for (int i = 1; i < call.count(); i++) {
            result = operator.apply(result, call.in(i));
          }
          return result;
        });
  }
}
