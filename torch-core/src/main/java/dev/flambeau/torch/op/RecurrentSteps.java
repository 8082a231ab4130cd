package dev.flambeau.torch.op;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Recurrent cells and layers composed of recorded operators, step by step. */
public final class RecurrentSteps {
  private RecurrentSteps() {}

  /**
   * The hidden states of all steps, the last one, and for LSTM the last cell state: what {@link
   * Recurrent} computes.
   *
   * @param projection maps each hidden state to a smaller one; LSTM only (Sak et al. 2014)
   */
  public static Tensor[] of(Recurrent op, Tensor[] in, Optional<Tensor> projection) {
    Tensor projected = in[0].matmul(in[1].t()).add(in[3]);
    Tensor[] state = Arrays.copyOfRange(in, 5, in.length);
    List<Long> sizes = op.batchSizes();
    List<Tensor> all = new ArrayList<>(Collections.nCopies(sizes.size(), null));
    long end = projected.size(0);
    long start = 0;
    for (int i = 0; i < sizes.size(); i++) {
      int t = op.reverse() ? sizes.size() - 1 - i : i;
      long size = sizes.get(t);
      Tensor x = projected.narrow(0, op.reverse() ? end - size : start, size);
      Tensor[] now = new Tensor[state.length];
      for (int k = 0; k < now.length; k++) {
        now[k] = state[k].narrow(0, 0, size);
      }
      Tensor[] next = step(op.cell(), x, now[0].matmul(in[2].t()).add(in[4]), now);
      if (projection.isPresent()) {
        next[0] = next[0].matmul(projection.get().t());
      }
      all.set(t, next[0]);
      for (int k = 0; k < state.length; k++) {
        long rest = state[k].size(0) - size;
        state[k] =
            rest == 0 ? next[k] : Torch.cat(List.of(next[k], state[k].narrow(0, size, rest)), 0);
      }
      end -= size;
      start += size;
    }
    Tensor[] out = new Tensor[state.length + 1];
    out[0] = Torch.cat(all, 0);
    System.arraycopy(state, 0, out, 1, state.length);
    return out;
  }

  /**
   * The state after one step.
   *
   * @param x the input times its weight, plus bias
   * @param h the hidden state times its weight, plus bias
   * @param state hidden, for LSTM and cell
   */
  public static Tensor[] step(Recurrent.Cell cell, Tensor x, Tensor h, Tensor[] state) {
    switch (cell) {
      case RNN_TANH -> {
        return new Tensor[] {x.add(h).tanh()};
      }
      case RNN_RELU -> {
        return new Tensor[] {x.add(h).relu()};
      }
      case LSTM -> {
        List<Tensor> gates = x.add(h).chunk(4, 1);
        Tensor kept = gates.get(1).sigmoid().mul(state[1]);
        Tensor c = kept.add(gates.get(0).sigmoid().mul(gates.get(2).tanh()));
        return new Tensor[] {gates.get(3).sigmoid().mul(c.tanh()), c};
      }
      case GRU -> {
        List<Tensor> a = x.chunk(3, 1);
        List<Tensor> b = h.chunk(3, 1);
        Tensor reset = a.get(0).add(b.get(0)).sigmoid();
        Tensor update = a.get(1).add(b.get(1)).sigmoid();
        Tensor candidate = a.get(2).add(reset.mul(b.get(2))).tanh();
        return new Tensor[] {candidate.add(update.mul(state[0].sub(candidate)))};
      }
    }
    throw new IllegalStateException();
  }
}
