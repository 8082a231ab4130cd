package dev.flambeau.onnx;

import java.util.List;
import java.util.Optional;

/** Makes a Gemm of MatMul and Add where the ranks allow: two axes each, and a bias that fits. */
final class FuseGemm {
  private FuseGemm() {}

  /** Number of nodes taken out. */
  static int run(ModelEdit model, ShapeFacts facts) {
    int count = 0;
    for (NodeEdit add : model.graph().allNodes()) {
      for (int from = 0; from < 2 && add.is("Add") && add.inputs().size() == 2; from++) {
        Optional<NodeEdit> product = model.maker(add.input(from), "MatMul");
        if (product.isPresent() && fits(model, facts, add, from, product.get())) {
          GraphEdit graph = add.graph();
          List<String> inputs =
              List.of(product.get().input(0), product.get().input(1), add.input(1 - from));
          model.remove(add);
          model.remove(product.get());
          model.add(graph, "Gemm", inputs, add.outputs());
          count++;
          break;
        }
      }
    }
    return count;
  }

  private static boolean fits(
      ModelEdit model, ShapeFacts facts, NodeEdit add, int from, NodeEdit product) {
    boolean matrices =
        facts.rank(product.input(0)).equals(Optional.of(2))
            && facts.rank(product.input(1)).equals(Optional.of(2));
    return matrices
        && model.opset("") >= 7
        && model.isOnlyFor(product.output(), add)
        && product.graph() == add.graph()
        && facts.sameShape(product.output(), add.output())
        && facts.type(add.output()).filter(ElementType::isFloat).isPresent();
  }
}
