package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;

/**
 * The registers of one fold on one thread: the element (and its index) first, then the states of
 * partial results, then the totals. Lanes are folded side by side.
 */
final class Folding {
  final Blocks blocks;
  private final FoldPrograms fold;

  Folding(FoldPrograms fold, DType compute) {
    this.fold = fold;
    this.blocks = Blocks.of(compute);
    blocks.grow(fold.registers() + fold.states());
  }

  int total(int state) {
    return fold.registers() + state;
  }

  void init(int base, int lanes) {
    for (int s = 0; s < fold.states(); s++) {
      blocks.fill(base + s, fold.init()[s], lanes);
    }
  }

  /** Runs the step on the first {@code lanes} lanes and makes its results the states. */
  void step(int lanes) {
    Program step = fold.step();
    for (int s = 0; s < fold.states(); s++) {
      if (step.last(s)) {
        blocks.bind(step.outputs()[s], 1 + s, lanes);
      }
    }
    blocks.run(step, lanes);
    for (int s = 0; s < fold.states(); s++) {
      blocks.move(step.outputs()[s], 1 + s, lanes);
    }
  }

  /** Merges the upper half of the lanes into the lower one until one is left, in the totals. */
  void mergeLanes(int lanes) {
    int states = fold.states();
    for (int s = 0; s < states; s++) {
      blocks.move(1 + s, total(s), lanes);
    }
    blocks.prepare(fold.merge(), (lanes + 1) / 2);
    for (int m = lanes; m > 1; ) {
      int half = (m + 1) / 2;
      for (int s = 0; s < states; s++) {
        blocks.move(total(s), s, m - half);
        blocks.shift(total(s), half, states + s, m - half);
      }
      blocks.run(fold.merge(), m - half);
      for (int s = 0; s < states; s++) {
        blocks.move(fold.merge().outputs()[s], total(s), m - half);
      }
      m = half;
    }
  }

  /** Makes the states those of no element, after the totals have taken them in if asked. */
  void restart(boolean merge, int n) {
    if (merge) {
      mergeTotals(n);
    }
    blocks.prepare(fold.step(), n);
    init(1, n);
  }

  /** Merges the states into the totals, lane by lane. */
  void mergeTotals(int n) {
    int states = fold.states();
    for (int s = states - 1; s >= 0; s--) {
      blocks.move(1 + s, states + s, n);
    }
    for (int s = 0; s < states; s++) {
      blocks.move(total(s), s, n);
    }
    blocks.prepare(fold.merge(), n);
    blocks.run(fold.merge(), n);
    for (int s = 0; s < states; s++) {
      blocks.move(fold.merge().outputs()[s], total(s), n);
    }
  }
}
