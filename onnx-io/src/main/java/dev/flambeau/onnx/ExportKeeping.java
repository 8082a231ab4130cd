package dev.flambeau.onnx;

import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Nodes of imported files as a tape notes them: whole, with values of any kind. */
final class ExportKeeping {
  /** Constants of the files, by value. */
  final Map<Integer, Constant> named = new HashMap<>();

  /** The element types of what nodes give, where it is a tensor of numbers. */
  final Map<Integer, ElementType> types = new HashMap<>();

  private final ExportTape tape;
  private final Map<OnnxValue, Integer> others = new IdentityHashMap<>();

  ExportKeeping(ExportTape tape) {
    this.tape = tape;
  }

  /** Lets go what was computed. */
  void forget() {
    others.clear();
  }

  /**
   * Whether a node is written as it is.
   *
   * @param all values of the block around it, by slot
   */
  boolean takes(Block block, Block.Step step, OnnxValue[] all) {
    return Versions.canKeep(
        block,
        step,
        tape.opset(),
        input ->
            input < step.reads().length
                    && step.reads()[input] >= 0
                    && all[step.reads()[input]] instanceof OnnxValue.Numbers n
                ? Optional.of(n)
                : Optional.empty());
  }

  /**
   * Runs a node and notes it.
   *
   * @param all values of the block around it, by slot
   */
  OnnxValue[] keep(Block block, Block.Step step, OnnxValue[] all, Supplier<OnnxValue[]> run) {
    Map<Integer, ElementType> wanted = new HashMap<>();
    List<Integer> in = new ArrayList<>();
    for (int slot : step.reads()) {
      in.add(slot < 0 ? -1 : value(block, slot, all[slot], wanted));
    }
    List<List<Integer>> outside = new ArrayList<>();
    for (Block.Body body : step.bodies()) {
      List<Integer> used = new ArrayList<>();
      for (int slot : body.outside()) {
        used.add(value(block, slot, all[slot], wanted));
      }
      outside.add(used);
    }
    OnnxValue[] results = Mode.current().withCapture(null).call(run);
    boolean depends =
        Stream.concat(in.stream(), outside.stream().flatMap(List::stream))
            .anyMatch(value -> value >= 0 && tape.depends(value));
    List<Integer> out = new ArrayList<>();
    for (int i = 0; i < step.writes().length; i++) {
      boolean there = step.writes()[i] >= 0 && i < results.length && results[i] != null;
      out.add(there ? made(results[i], depends) : -1);
    }
    tape.entry(new ExportEntry.Kept(block, step, in, wanted, outside, out));
    return results;
  }

  private int value(Block block, int slot, OnnxValue value, Map<Integer, ElementType> wanted) {
    int number;
    if (value instanceof OnnxValue.Numbers(Tensor tensor, ElementType type)) {
      number = tape.value(tensor);
      wanted.put(number, type);
    } else {
      number = others.computeIfAbsent(value, _ -> tape.made(false));
    }
    block.constant(slot).ifPresent(constant -> named.putIfAbsent(number, constant));
    return number;
  }

  private int made(OnnxValue value, boolean depends) {
    if (value instanceof OnnxValue.Numbers(Tensor tensor, ElementType type)) {
      int number = tape.made(List.of(tensor), depends).getFirst();
      types.put(number, type);
      return number;
    }
    int number = tape.made(depends);
    others.put(value, number);
    return number;
  }
}
