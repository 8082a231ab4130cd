package dev.flambeau.onnx;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** What operators do to the elements of small tensors. */
final class ContentsRules {
  /** Those whose output has the elements of the first input in their order. */
  static final Set<String> KEPT = Set.of("Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze");

  /** Those that move elements of these inputs; none named: of all. */
  static final Map<String, List<Integer>> MOVED =
      Map.ofEntries(
          Map.entry("Concat", List.of()),
          Map.entry("Transpose", List.of(0)),
          Map.entry("Slice", List.of(0)),
          Map.entry("Split", List.of(0)),
          Map.entry("Gather", List.of(0)),
          Map.entry("GatherElements", List.of(0)),
          Map.entry("GatherND", List.of(0)),
          Map.entry("Expand", List.of(0)),
          Map.entry("Tile", List.of(0)),
          Map.entry("Compress", List.of(0)),
          Map.entry("ScatterElements", List.of(0, 2)),
          Map.entry("ScatterND", List.of(0, 2)));

  /** Those that are computed where all inputs are constants. */
  static final Set<String> COMPUTED =
      Set.of(
          "Abs",
          "Add",
          "And",
          "ArgMax",
          "ArgMin",
          "Cast",
          "Ceil",
          "Clip",
          "CumSum",
          "Div",
          "Equal",
          "Exp",
          "Floor",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual",
          "Log",
          "Max",
          "Min",
          "Mod",
          "Mul",
          "Neg",
          "NonZero",
          "Not",
          "Or",
          "Pow",
          "Reciprocal",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceProd",
          "ReduceSum",
          "Relu",
          "Round",
          "Sign",
          "Sqrt",
          "Sub",
          "Sum",
          "Trilu",
          "Where",
          "Xor");

  private ContentsRules() {}
}
