package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The operators that can be imported, an entry each, from the families' files. An entry says since
 * which operator set there is the operator; what changed from one version to the next is inside.
 */
final class Registry {
  /** What a node does. */
  @FunctionalInterface
  interface Operator {
    OnnxValue[] apply(Call call);
  }

  /** What a node with one tensor as output does. */
  @FunctionalInterface
  interface Single {
    Tensor apply(Call call);
  }

  /** What a node with several tensors as outputs does. */
  @FunctionalInterface
  interface Several {
    Tensor[] apply(Call call);
  }

  /** The operator sets from one on. */
  record Since(long opset) {}

  private record Entry(Since since, Operator operator) {}

  /** ONNX's own domain. */
  static final String STANDARD = "";

  static final String ML = "ai.onnx.ml";
  static final String MICROSOFT = "com.microsoft";
  static final String TRAINING = "ai.onnx.preview.training";
  static final String PREVIEW = "ai.onnx.preview";

  private static final Map<String, Entry> ALL = new HashMap<>();

  static {
    Registry standard = new Registry(STANDARD);
    List<Consumer<Registry>> families = new ArrayList<>();
    families.add(UnaryOperators::register);
    families.add(BinaryOperators::register);
    families.add(Casting::register);
    families.add(Reducing::register);
    families.add(Shaping::register);
    families.add(Indexing::register);
    families.add(Creation::register);
    families.add(Linear::register);
    families.add(Convolution::register);
    families.add(Pooling::register);
    families.add(Normalization::register);
    families.add(Resizing::register);
    families.add(ControlFlow::register);
    families.add(Attention::register);
    families.add(LinearAttention::register);
    families.add(Losses::register);
    families.add(Quantizing::register);
    families.add(IntegerProducts::register);
    families.add(Padding::register);
    families.add(Scattering::register);
    families.add(Ordering::register);
    families.add(Bits::register);
    families.add(Signals::register);
    families.add(Detection::register);
    families.add(Sampling::register);
    families.add(RandomValues::register);
    families.add(Recurrent::register);
    families.add(Sequences::register);
    families.add(StringOperators::register);
    families.add(Images::register);
    families.add(Removed::register);
    families.forEach(family -> family.accept(standard));
    Attention.registerPreview(new Registry(PREVIEW));
    Registry microsoft = new Registry(MICROSOFT);
    families.clear();
    families.add(MicrosoftAttention::register);
    families.add(MicrosoftGroupQuery::register);
    families.add(MicrosoftRotary::register);
    families.add(MicrosoftPositions::register);
    families.add(MicrosoftNormalization::register);
    families.add(MicrosoftFused::register);
    families.add(MicrosoftOthers::register);
    families.add(MicrosoftBlocks::register);
    families.add(MicrosoftProducts::register);
    families.add(MicrosoftQuantized::register);
    families.add(MicrosoftExperts::register);
    families.forEach(family -> family.accept(microsoft));
    MicrosoftNormalization.registerStandard(standard);
    TrainingOperators.register(new Registry(TRAINING));
    Registry ml = new Registry(ML);
    Features.register(ml);
    Labels.register(ml);
    LinearModels.register(ml);
    SupportVectors.register(ml);
    TreeOperators.register(ml);
  }

  private final String domain;

  private Registry(String domain) {
    this.domain = domain;
  }

  static Since since(long opset) {
    return new Since(opset);
  }

  private static String key(String domain, String type) {
    return domain + ":" + type;
  }

  /** The implementation of an operator at an operator set version, if there is one. */
  static Optional<Operator> find(String domain, String type, long opset) {
    return Optional.ofNullable(ALL.get(key(domain, type)))
        .filter(entry -> opset >= entry.since.opset)
        .map(Entry::operator);
  }

  /** The first operator set with an operator. */
  static Optional<Long> first(String domain, String type) {
    return Optional.ofNullable(ALL.get(key(domain, type))).map(entry -> entry.since.opset);
  }

  /** The operator that ONNX's own domain has under this name at an operator set. */
  void standard(String type, long opset) {
    standard(type, type, opset);
  }

  /** The operator that ONNX's own domain has under another name. */
  void standard(String type, String other, long opset) {
    Operator operator = find(STANDARD, other, opset).orElseThrow();
    values(type, call -> operator.apply(call.by(opset)));
  }

  /** Results of any kind. */
  void values(String type, Since since, Operator operator) {
    Entry entry = new Entry(since, TextTable.moving(type, operator));
    if (ALL.put(key(domain, type), entry) != null) {
      throw new IllegalStateException("two entries for " + key(domain, type));
    }
  }

  void values(String type, Operator operator) {
    values(type, since(1), operator);
  }

  /** Tensors with the element type of the first input, where they are held in the same type. */
  void mapAll(String type, Since since, Several operator) {
    values(type, since, call -> call.like(0, operator.apply(call)));
  }

  void mapAll(String type, Several operator) {
    mapAll(type, since(1), operator);
  }

  /** As {@link #mapAll}, with one output. */
  void map(String type, Since since, Single operator) {
    mapAll(type, since, call -> new Tensor[] {operator.apply(call)});
  }

  void map(String type, Single operator) {
    map(type, since(1), operator);
  }

  /** Tensors with the element types that they have by themselves: indices, sizes, truths. */
  void plain(String type, Since since, Several operator) {
    values(type, since, call -> Call.plain(operator.apply(call)));
  }

  void plain(String type, Single operator) {
    plain(type, since(1), call -> new Tensor[] {operator.apply(call)});
  }

  void unary(String type, Since since, UnaryOperator<Tensor> operator) {
    map(type, since, call -> operator.apply(call.in(0)));
  }

  void unary(String type, UnaryOperator<Tensor> operator) {
    unary(type, since(1), operator);
  }

  /** Two inputs, broadcast; below operator set 7 as attributes say. */
  void binary(String type, Since since, BinaryOperator<Tensor> operator) {
    map(type, since, call -> operator.apply(call.in(0), call.second()));
  }

  void binary(String type, BinaryOperator<Tensor> operator) {
    binary(type, since(1), operator);
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
