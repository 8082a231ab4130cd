package dev.flambeau.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How the sizes of operators' outputs follow from their inputs, an entry an operator, from the
 * families' files. Element types follow from the schemas where the entry says nothing of them.
 */
final class ShapeRules {
  /** Tells a call's outputs what is known of them. */
  @FunctionalInterface
  interface Rule {
    void apply(ShapeCall call);
  }

  private static final Map<String, Rule> ALL = new HashMap<>();

  static {
    List<Consumer<ShapeRules>> families =
        List.of(
            ShapesOfElements::register,
            ShapesOfReductions::register,
            ShapesOfViews::register,
            ShapesOfParts::register,
            ShapesOfConstants::register,
            ShapesOfLayers::register,
            ShapesOfProducts::register,
            ShapesOfImages::register,
            ShapesOfSequences::register,
            ShapesOfControl::register,
            ShapesOfSignals::register);
    families.forEach(family -> family.accept(new ShapeRules(Registry.STANDARD)));
    ShapesOfProducts.registerPreview(new ShapeRules(Registry.PREVIEW));
    ShapesOfLearning.register(new ShapeRules(Registry.ML));
    ShapesOfLearning.registerTraining(new ShapeRules(Registry.TRAINING));
    ShapesOfMicrosoft.register(new ShapeRules(Registry.MICROSOFT));
  }

  private final String domain;

  private ShapeRules(String domain) {
    this.domain = domain;
  }

  static Optional<Rule> find(String domain, String type) {
    return Optional.ofNullable(ALL.get(domain + ":" + type));
  }

  /** One rule for operators whose names are separated by spaces. */
  void put(String types, Rule rule) {
    for (String type : types.split(" ")) {
      if (ALL.put(domain + ":" + type, rule) != null) {
        throw new IllegalStateException("two rules for " + type);
      }
    }
  }
}
