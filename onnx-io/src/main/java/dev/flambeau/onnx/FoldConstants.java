package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Replaces what follows from constants by constants: by one of the file's list if any of them is,
 * else by a Constant node, so that numbers of formulas stay apart from weights. Quantization of
 * constants stays, and what would make the file larger than allowed.
 */
final class FoldConstants {
  private static final Set<String> KEPT =
      Set.of("Constant", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear");

  private static final Set<String> DOMAINS = Set.of(Registry.STANDARD, Registry.ML);

  /** Most elements of an input whose data is looked at to see how large the result will be. */
  private static final long SMALL = 1024;

  private final ModelEdit model;
  private long growth;
  private final Set<NodeEdit> refused = new HashSet<>();

  /**
   * @param growth most bytes that all results together may have beyond the constants no longer
   *     needed
   */
  FoldConstants(ModelEdit model, long growth) {
    this.model = model;
    this.growth = growth;
  }

  /** Number of nodes replaced. */
  int run() {
    return run(model.graph());
  }

  private int run(GraphEdit graph) {
    int count = 0;
    for (NodeEdit node : graph.sorted()) {
      if (isFixed(node) && !refused.contains(node)) {
        if (fold(node)) {
          count++;
          continue;
        }
        refused.add(node);
      }
      for (GraphEdit body : node.bodies().values()) {
        count += run(body);
      }
    }
    return count;
  }

  private boolean isFixed(NodeEdit node) {
    return DOMAINS.contains(node.domain())
        && !KEPT.contains(node.type())
        && (!node.is("Identity") || model.constants.isVector(node.input(0)))
        && node.reads().stream().allMatch(model.constants::has)
        && Evaluator.isDeterministic(node)
        && node.withInner().stream().allMatch(n -> Evaluator.isKnown(model, n));
  }

  private boolean fold(NodeEdit node) {
    try {
      return node.bodies().isEmpty() ? operator(node) : withBodies(node);
    } catch (TorchException e) {
      // What fails on its constants fails when the model is run.
      return false;
    }
  }

  private boolean operator(NodeEdit node) {
    List<OnnxValue> inputs = new ArrayList<>();
    List<OnnxValue> outlines = new ArrayList<>();
    long freed = 0;
    for (String name : node.inputs()) {
      OnnxValue value = name.isEmpty() ? null : model.constants.value(name).orElseThrow();
      inputs.add(value);
      boolean large = value instanceof OnnxValue.Numbers n && n.tensor().numel() > SMALL;
      outlines.add(large ? Evaluator.withoutData(value) : value);
      freed += value != null && model.isOnlyFor(name, node) ? bytes(value) : 0;
    }
    long allowed = freed;
    boolean tooLarge =
        node.is("Cast") && isWider(node, inputs.getFirst())
            || Evaluator.infer(model, node, outlines).stream()
                .mapToLong(FoldConstants::bytes)
                .anyMatch(bytes -> bytes > allowed + growth);
    return !tooLarge && replace(node, Evaluator.run(model, node, inputs), allowed);
  }

  private boolean withBodies(NodeEdit node) {
    Map<String, OnnxValue> around = new HashMap<>();
    node.reads().forEach(name -> around.put(name, model.constants.value(name).orElseThrow()));
    List<OnnxValue> results = new ArrayList<>(Evaluator.runWithBodies(model, node, around));
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.outputs().get(i).isEmpty()) {
        results.add(i, null);
      }
    }
    return replace(node, results.toArray(OnnxValue[]::new), 0);
  }

  /** Weights that are kept in a small type stay so. */
  private static boolean isWider(NodeEdit node, OnnxValue value) {
    return value instanceof OnnxValue.Numbers(Tensor t, ElementType type)
        && t.numel() > SMALL
        && ElementType.of(node.i("to", 0)).filter(to -> to.bits() > type.bits()).isPresent();
  }

  private static long bytes(OnnxValue... values) {
    long sum = 0;
    for (OnnxValue value : values) {
      sum +=
          switch (value) {
            case OnnxValue.Numbers(Tensor t, ElementType type) -> t.numel() * type.bits() / 8;
            case OnnxValue.Texts t -> t.strings().stream().mapToLong(String::length).sum();
            case null, default -> 0;
          };
    }
    return sum;
  }

  private boolean replace(NodeEdit node, OnnxValue[] results, long freed) {
    List<String> outputs = node.outputs();
    long more = Math.max(0, bytes(results) - freed);
    if (more > growth) {
      return false;
    }
    for (int i = 0; i < outputs.size(); i++) {
      boolean used = !outputs.get(i).isEmpty() && model.isUsed(outputs.get(i));
      boolean tensor =
          i < results.length
              && (results[i] instanceof OnnxValue.Numbers || results[i] instanceof OnnxValue.Texts);
      if (used && !tensor) {
        return false;
      }
    }
    growth -= more;
    boolean weight = node.reads().stream().anyMatch(model.constants::isListed);
    model.remove(node);
    for (int i = 0; i < outputs.size(); i++) {
      if (!outputs.get(i).isEmpty() && model.isUsed(outputs.get(i))) {
        if (weight) {
          model.constants.add(node.graph(), outputs.get(i), results[i]);
        } else {
          model.number(node.graph(), outputs.get(i), results[i]);
        }
      }
    }
    return true;
  }
}
