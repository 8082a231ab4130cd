package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** Takes out nodes that give what they take, in inference. */
final class DropNoOps {
  private static final Set<String> MOVES =
      Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile");

  private static final Set<String> VARIADIC = Set.of("Concat", "Sum", "Max", "Min", "Mean");

  private final ModelEdit model;
  private final ShapeFacts facts;

  private DropNoOps(ModelEdit model, ShapeFacts facts) {
    this.model = model;
    this.facts = facts;
  }

  /** Number of nodes taken out. */
  static int run(ModelEdit model, ShapeFacts facts) {
    DropNoOps pass = new DropNoOps(model, facts);
    int count = 0;
    for (NodeEdit node : model.graph().allNodes()) {
      Optional<String> same = node.domain().isEmpty() ? pass.same(node) : Optional.empty();
      if (same.isPresent() && pass.hasOneOutput(node) && model.bypass(node, same.get())) {
        count++;
      }
    }
    return count;
  }

  private boolean hasOneOutput(NodeEdit node) {
    return node.outputs().stream().skip(1).noneMatch(model::isUsed);
  }

  /** The input that the node's first output equals. */
  private Optional<String> same(NodeEdit node) {
    String x = node.input(0);
    boolean same =
        switch (node.type()) {
          // Copies of a vector are parameters or statistics of different layers.
          case "Identity" -> !model.constants.isVector(x);
          case "Dropout" -> isInference(node);
          case "Cast", "CastLike" -> isSameType(node);
          case "Transpose" -> isInOrder(node.ints("perm"));
          case "Pad" -> model.opset("") >= 11 && isAll(node.input(1), 0) && sameShape(node);
          case "Slice" -> isWhole(node);
          case "Split" -> node.outputs().size() == 1;
          case "Clip" -> isUnbounded(node);
          case "MaxPool", "AveragePool" -> isPointwise(node);
          case "Resize", "Upsample" -> sameShape(node) && isPlain(node);
          default ->
              MOVES.contains(node.type()) && sameShape(node)
                  || VARIADIC.contains(node.type()) && node.inputs().size() == 1;
        };
    return same ? Optional.of(x) : neutral(node);
  }

  private boolean sameShape(NodeEdit node) {
    return facts.sameShape(node.input(0), node.output());
  }

  private boolean isInference(NodeEdit node) {
    boolean old = model.opset("") < 7 && node.i("is_test", 0) == 0;
    boolean training = node.hasInput(2) && !isAll(node.input(2), 0);
    return !old && !training;
  }

  private boolean isSameType(NodeEdit node) {
    Optional<ElementType> from = facts.type(node.input(0));
    return from.isPresent()
        && (node.is("Cast")
            ? from.get().code() == node.i("to", 0)
            : from.equals(facts.type(node.input(1))));
  }

  static boolean isInOrder(long[] perm) {
    boolean inOrder = perm.length > 0;
    for (int i = 0; i < perm.length; i++) {
      inOrder &= perm[i] == i;
    }
    return inOrder;
  }

  private static boolean isUnbounded(NodeEdit node) {
    return !node.hasInput(1)
        && !node.hasInput(2)
        && node.attribute("min").isEmpty()
        && node.attribute("max").isEmpty();
  }

  private static boolean isPointwise(NodeEdit node) {
    return Arrays.stream(node.ints("kernel_shape", 0)).allMatch(k -> k == 1)
        && Arrays.stream(node.ints("strides")).allMatch(s -> s == 1)
        && Arrays.stream(node.ints("pads")).allMatch(p -> p == 0)
        && node.attribute("auto_pad").isEmpty();
  }

  /** Resize to the same size copies, unless it crops or takes steps of another size. */
  private boolean isPlain(NodeEdit node) {
    String mode = node.s("coordinate_transformation_mode", "half_pixel");
    String scales = node.input(node.is("Resize") && model.opset("") >= 11 ? 2 : 1);
    boolean one =
        scales.isEmpty()
            ? node.hasInput(3)
                || node.attribute("scales").isPresent()
                    && node.attribute("scales").get().getFloatsList().stream().allMatch(f -> f == 1)
            : isAll(scales, 1);
    return !mode.equals("tf_crop_and_resize") && one;
  }

  /** A bound beyond the sizes that were tried counts only where the size is not open. */
  private boolean isWhole(NodeEdit node) {
    Optional<long[]> shape = facts.shape(node.input(0));
    if (!sameShape(node) || shape.isEmpty() || node.hasInput(4) && !isAll(node.input(4), 1)) {
      return false;
    }
    boolean fixed = Arrays.stream(shape.get()).allMatch(size -> size >= 0);
    long[] ends =
        model.opset("") < 10
            ? node.ints("ends")
            : model.constants.longs(node.input(2)).orElse(null);
    return fixed || ends != null && Arrays.stream(ends).allMatch(e -> e >= Integer.MAX_VALUE);
  }

  /** x + 0, x - 0, x * 1, x / 1, x to the power 1. */
  private Optional<String> neutral(NodeEdit node) {
    int element =
        switch (node.type()) {
          case "Add", "Sub" -> 0;
          case "Mul", "Div", "Pow" -> 1;
          default -> -1;
        };
    if (element < 0 || node.inputs().size() != 2 || model.opset("") < 7) {
      return Optional.empty();
    }
    boolean commutes = node.is("Add", "Mul");
    for (int i = 1; i >= (commutes ? 0 : 1); i--) {
      String other = node.input(1 - i);
      if (isAll(node.input(i), element)
          && facts.sameShape(other, node.output())
          && facts.type(other).equals(facts.type(node.output()))) {
        return Optional.of(other);
      }
    }
    return Optional.empty();
  }

  private boolean isAll(String name, double value) {
    if (!model.constants.has(name)
        || model.constants.tensor(name).filter(t -> t.getDimsList().contains(0L)).isPresent()) {
      return false;
    }
    Optional<Tensor> t =
        facts
            .constant(name)
            .or(() -> model.constants.numbers(name).filter(n -> n.tensor().numel() <= 1 << 16))
            .map(OnnxValue.Numbers::tensor);
    return t.filter(x -> Arrays.stream(Call.doubles(x)).allMatch(v -> v == value)).isPresent();
  }
}
