package dev.flambeau.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Several steps as one with one result, where the values' types and sizes allow it; else the steps
 * one after another. It is for runs in which no gradient is wanted.
 */
abstract class JoinedStep implements Registry.Operator {
  private final Block around;
  private final List<Block.Step> originals;
  private final int[] reads;
  private volatile Block apart;

  /**
   * @param originals in order; the last one writes the result
   * @param reads the slots that the joined step reads, -1 for those left out
   */
  JoinedStep(Block around, List<Block.Step> originals, int[] reads) {
    this.around = around;
    this.originals = List.copyOf(originals);
    this.reads = reads;
  }

  Block around() {
    return around;
  }

  List<Block.Step> originals() {
    return originals;
  }

  int[] reads() {
    return reads.clone();
  }

  /** The result; empty if the steps are to run one after another. */
  abstract Optional<OnnxValue> join(Call c);

  @Override
  public final OnnxValue[] apply(Call c) {
    Optional<OnnxValue> result = join(c);
    return result.isPresent() ? new OnnxValue[] {result.get()} : c.by(apart());
  }

  private Block apart() {
    Block known = apart;
    if (known == null) {
      int result = originals.getLast().writes()[0];
      Block block = around.withOutputs(List.of(port(result)));
      block.steps.clear();
      block.steps.addAll(originals);
      block.constants.clear();
      block.captured.clear();
      block.inputs.clear();
      Arrays.stream(reads).filter(s -> s >= 0).forEach(s -> block.inputs.add(port(s)));
      block.close();
      known = block.plain();
      apart = known;
    }
    return known;
  }

  private static Block.Port port(int slot) {
    return Block.Port.of("value " + slot, slot);
  }
}
