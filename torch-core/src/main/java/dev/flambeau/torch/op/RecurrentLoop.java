package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.dispatch.Backends;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.List;
import java.util.Optional;

/**
 * The steps of {@link Recurrent}, written into views of their results: a matrix product and one
 * pointwise operator each. The state lives in a buffer of all sequences, of which a step changes
 * the first ones, those that are still or already there; so sequences of several lengths, and the
 * direction, need no more than the order of steps.
 */
final class RecurrentLoop {
  private static final Fused PRODUCT = new Fused(new MatMul(), false, Optional.empty());
  private static final Fused SUM = new Fused(new MatMul(), true, Optional.empty());

  private final Recurrent op;
  private final long hidden;
  private final int gates;

  RecurrentLoop(Recurrent op, long hidden) {
    this.op = op;
    this.hidden = hidden;
    this.gates = op.cell().gates();
  }

  /** What is done at rows {@code start} to {@code start + size} of all elements. */
  private interface Step {
    void at(long start, long size);
  }

  /** All steps in the order of this direction, or in the opposite one. */
  private void steps(boolean backward, Step step) {
    List<Long> sizes = op.batchSizes();
    boolean down = op.reverse() != backward;
    long start = down ? sizes.stream().mapToLong(Long::longValue).sum() : 0;
    for (int i = 0; i < sizes.size(); i++) {
      long size = sizes.get(down ? sizes.size() - 1 - i : i);
      start -= down ? size : 0;
      step.at(start, size);
      start += down ? 0 : size;
    }
  }

  private static Tensor empty(Tensor like, long rows, long columns) {
    return Backends.allocate(Meta.contiguous(like.dtype(), like.device(), Shape.of(rows, columns)));
  }

  private static Tensor rows(Tensor t, long start, long size) {
    return start == 0 && size == t.size(0) ? t : t.narrow(0, start, size);
  }

  /** Gate {@code k} of some rows. */
  private Tensor gate(Tensor rows, int k) {
    return rows.narrow(1, k * hidden, hidden);
  }

  private static void compute(Op op, Tensor[] inputs, Tensor... outputs) {
    Dispatcher.compute(op, inputs, outputs);
  }

  Tensor[] forward(Tensor[] in) {
    Tensor x = in[0].contiguous();
    Tensor sums = empty(x, x.size(0), gates * hidden);
    compute(PRODUCT, new Tensor[] {x, in[1].t(), in[3]}, sums);
    Tensor y = empty(x, x.size(0), hidden);
    Tensor h = in[5].contiguous().copy();
    return switch (op.cell()) {
      case RNN_TANH, RNN_RELU -> plain(in, sums, y, h);
      case GRU -> gru(in, sums, y, h);
      case LSTM -> lstm(in, sums, y, h);
    };
  }

  private Tensor[] plain(Tensor[] in, Tensor sums, Tensor y, Tensor h) {
    Pointwise cell =
        op.cell() == Recurrent.Cell.RNN_TANH ? RecurrentCells.TANH : RecurrentCells.RELU;
    Tensor weight = in[2].t().contiguous();
    Tensor buffer = empty(y, h.size(0), hidden);
    steps(
        false,
        (start, size) -> {
          Tensor state = rows(h, 0, size);
          Tensor sum = rows(buffer, 0, size);
          compute(SUM, new Tensor[] {state, weight, in[4], rows(sums, start, size)}, sum);
          compute(cell, new Tensor[] {sum}, rows(y, start, size), state);
        });
    return new Tensor[] {y, h};
  }

  private Tensor[] lstm(Tensor[] in, Tensor sums, Tensor y, Tensor h) {
    Tensor c = in[6].contiguous().copy();
    Tensor activated = empty(y, y.size(0), gates * hidden);
    Tensor cells = empty(y, y.size(0), hidden);
    Tensor weight = in[2].t().contiguous();
    steps(
        false,
        (start, size) -> {
          Tensor state = rows(h, 0, size);
          Tensor cell = rows(c, 0, size);
          Tensor sum = rows(activated, start, size);
          compute(SUM, new Tensor[] {state, weight, in[4], rows(sums, start, size)}, sum);
          Tensor[] g = {gate(sum, 0), gate(sum, 1), gate(sum, 2), gate(sum, 3)};
          compute(
              RecurrentCells.LSTM,
              new Tensor[] {g[0], g[1], g[2], g[3], cell},
              g[0],
              g[1],
              g[2],
              g[3],
              rows(cells, start, size),
              cell,
              rows(y, start, size),
              state);
        });
    return new Tensor[] {y, h, c, activated, cells};
  }

  private Tensor[] gru(Tensor[] in, Tensor sums, Tensor y, Tensor h) {
    Tensor parts = empty(y, y.size(0), hidden);
    Tensor buffer = empty(y, h.size(0), gates * hidden);
    Tensor weight = in[2].t().contiguous();
    steps(
        false,
        (start, size) -> {
          Tensor state = rows(h, 0, size);
          Tensor b = rows(buffer, 0, size);
          Tensor a = rows(sums, start, size);
          compute(PRODUCT, new Tensor[] {state, weight, in[4]}, b);
          Tensor[] g = {gate(a, 0), gate(a, 1), gate(a, 2)};
          compute(
              RecurrentCells.GRU,
              new Tensor[] {g[0], g[1], g[2], gate(b, 0), gate(b, 1), gate(b, 2), state},
              g[0],
              g[1],
              g[2],
              rows(parts, start, size),
              rows(y, start, size),
              state);
        });
    return new Tensor[] {y, h, sums, parts};
  }

  /** See {@link Recurrent.Backward}. */
  Tensor[] backward(Tensor[] in) {
    Tensor byH = in[1].contiguous().copy();
    Tensor bySums = empty(in[0], in[0].size(0), gates * hidden);
    Tensor none = Torch.zeros(in[0].dtype(), hidden);
    return switch (op.cell()) {
      case RNN_TANH, RNN_RELU -> plainBackward(in, byH, bySums, none);
      case GRU -> gruBackward(in, byH, bySums, none);
      case LSTM -> lstmBackward(in, byH, bySums, none);
    };
  }

  private Tensor[] plainBackward(Tensor[] in, Tensor byH, Tensor bySums, Tensor none) {
    Pointwise cell =
        op.cell() == Recurrent.Cell.RNN_TANH
            ? RecurrentCells.TANH_BACKWARD
            : RecurrentCells.RELU_BACKWARD;
    steps(
        true,
        (start, size) -> {
          Tensor state = rows(byH, 0, size);
          Tensor g = rows(bySums, start, size);
          compute(
              cell, new Tensor[] {rows(in[0], start, size), state, rows(in[3], start, size)}, g);
          compute(PRODUCT, new Tensor[] {g, in[2], none}, state);
        });
    return new Tensor[] {bySums, byH};
  }

  private Tensor[] lstmBackward(Tensor[] in, Tensor byH, Tensor bySums, Tensor none) {
    Tensor byC = in[6].contiguous().copy();
    steps(
        true,
        (start, size) -> {
          Tensor state = rows(byH, 0, size);
          Tensor cell = rows(byC, 0, size);
          Tensor a = rows(in[3], start, size);
          Tensor g = rows(bySums, start, size);
          compute(
              RecurrentCells.LSTM_BACKWARD,
              new Tensor[] {
                rows(in[0], start, size),
                state,
                cell,
                gate(a, 0),
                gate(a, 1),
                gate(a, 2),
                gate(a, 3),
                rows(in[5], start, size),
                rows(in[4], start, size)
              },
              gate(g, 0),
              gate(g, 1),
              gate(g, 2),
              gate(g, 3),
              cell);
          compute(PRODUCT, new Tensor[] {g, in[2], none}, state);
        });
    return new Tensor[] {bySums, byH, byC};
  }

  private Tensor[] gruBackward(Tensor[] in, Tensor byH, Tensor bySums, Tensor none) {
    Tensor byParts = empty(bySums, bySums.size(0), gates * hidden);
    Tensor buffer = empty(bySums, byH.size(0), hidden);
    steps(
        true,
        (start, size) -> {
          Tensor state = rows(byH, 0, size);
          Tensor direct = rows(buffer, 0, size);
          Tensor a = rows(in[3], start, size);
          Tensor g = rows(bySums, start, size);
          Tensor p = rows(byParts, start, size);
          compute(
              RecurrentCells.GRU_BACKWARD,
              new Tensor[] {
                rows(in[0], start, size),
                state,
                gate(a, 0),
                gate(a, 1),
                gate(a, 2),
                rows(in[4], start, size),
                rows(in[5], start, size)
              },
              gate(g, 0),
              gate(g, 1),
              gate(g, 2),
              gate(p, 0),
              gate(p, 1),
              gate(p, 2),
              direct);
          compute(SUM, new Tensor[] {p, in[2], none, direct}, state);
        });
    return new Tensor[] {bySums, byH, byParts};
  }
}
