package dev.flambeau.onnx;

import java.util.Optional;

/** Puts the branch in the place of an If whose condition is a constant. */
final class InlineBranches {
  private InlineBranches() {}

  /** Number of nodes replaced. */
  static int run(ModelEdit model) {
    int count = 0;
    while (one(model)) {
      count++;
    }
    return count;
  }

  /** One at a time, as others may be in the branch that is no longer there. */
  private static boolean one(ModelEdit model) {
    for (NodeEdit node : model.graph().allNodes()) {
      Optional<OnnxValue.Numbers> condition =
          node.is("If") ? model.constants.numbers(node.input(0)) : Optional.empty();
      if (condition.isPresent() && condition.get().tensor().numel() == 1) {
        boolean yes = condition.get().tensor().item() != 0;
        GraphEdit body = node.bodies().get(yes ? "then_branch" : "else_branch");
        if (body != null && body.outputs().size() == node.outputs().size()) {
          model.inline(node, body);
          return true;
        }
      }
    }
    return false;
  }
}
