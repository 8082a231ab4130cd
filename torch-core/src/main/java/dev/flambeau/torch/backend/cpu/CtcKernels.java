package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.Ctc;
import java.util.Arrays;

/**
 * Forward and backward variables of Graves et al. (2006), equations 6 to 16, as logarithms in
 * double precision; each member of the batch by itself.
 */
final class CtcKernels {
  private static final double NEVER = Double.NEGATIVE_INFINITY;

  private CtcKernels() {}

  static void register(Kernels kernels) {
    kernels.register(Ctc.class, CtcKernels::run);
  }

  private static void run(Ctc op, Tensor[] in, Tensor[] out) {
    Tensor x = in[0];
    if (op.gradient()) {
      Memory.fill(out[0].address(), out[0].numel() * out[0].dtype().bytes(), (byte) 0);
    }
    long cost = x.size(0) * (in[1].size(1) * 2 + 1) * 32;
    Parallel.run(
        x.size(1),
        cost,
        (from, to) -> {
          for (long n = from; n < to; n++) {
            Member member = new Member(op, in, n);
            if (op.gradient()) {
              member.gradient(out[0]);
            } else {
              long at = out[0].address() + n * out[0].dtype().bytes();
              Memory.real(out[0].dtype(), at, member.loss());
            }
          }
        });
  }

  private static long integer(Tensor t, long... index) {
    long at = t.address();
    for (int i = 0; i < index.length; i++) {
      at += index[i] * t.layout().stride(i) * Long.BYTES;
    }
    return Memory.ALL.get(Memory.LONG, at);
  }

  private static double add(double a, double b) {
    double top = Math.max(a, b);
    return top == NEVER ? NEVER : top + Math.log1p(Math.exp(-Math.abs(a - b)));
  }

  /** One member: its target with blanks around each class is the line of states. */
  private static final class Member {
    private final Tensor x;
    private final long n;
    private final int steps;
    private final int[] states;
    private final double[][] forward;

    Member(Ctc op, Tensor[] in, long n) {
      this.x = in[0];
      this.n = n;
      this.steps = length("input_lengths", integer(in[2], n), x.size(0));
      int length = length("target_lengths", integer(in[3], n), in[1].size(1));
      states = new int[2 * length + 1];
      Arrays.fill(states, (int) op.blank());
      for (int i = 0; i < length; i++) {
        long c = integer(in[1], n, i);
        if (c < 0 || c >= x.size(2) || c == op.blank()) {
          throw TorchException.argument(
              "ctc_loss",
              "targets",
              c,
              "a class in [0, " + (x.size(2) - 1) + "] other than blank, " + op.blank());
        }
        states[2 * i + 1] = (int) c;
      }
      forward = new double[steps][states.length];
      forward();
    }

    private static int length(String name, long value, long most) {
      if (value < 0 || value > most) {
        throw TorchException.argument("ctc_loss", name, value, "a length in [0, " + most + "]");
      }
      return Math.toIntExact(value);
    }

    private double logProbability(int t, int c) {
      long offset = t * x.layout().stride(0) + n * x.layout().stride(1) + c * x.layout().stride(2);
      return Memory.real(x.dtype(), x.address() + offset * x.dtype().bytes());
    }

    /** Whether a state may follow the one two before it: no blank, and no repetition. */
    private boolean skips(int s) {
      return s > 1 && states[s] != states[s - 2] && s % 2 == 1;
    }

    private void forward() {
      for (int t = 0; t < steps; t++) {
        for (int s = 0; s < states.length; s++) {
          double before;
          if (t == 0) {
            before = s < 2 ? 0 : NEVER;
          } else {
            before = forward[t - 1][s];
            before = s > 0 ? add(before, forward[t - 1][s - 1]) : before;
            before = skips(s) ? add(before, forward[t - 1][s - 2]) : before;
          }
          forward[t][s] = before == NEVER ? NEVER : before + logProbability(t, states[s]);
        }
      }
    }

    double loss() {
      int last = states.length - 1;
      if (steps == 0) {
        return last == 0 ? 0 : Double.POSITIVE_INFINITY;
      }
      double end = forward[steps - 1][last];
      return -(last > 0 ? add(end, forward[steps - 1][last - 1]) : end);
    }

    /** Equation 16: the softmax less the share of the ways through each class at each time. */
    void gradient(Tensor out) {
      double loss = loss();
      int classes = Math.toIntExact(x.size(2));
      double[] after = new double[states.length];
      double[] next = new double[states.length];
      double[] shares = new double[classes];
      for (int t = steps - 1; t >= 0; t--) {
        Arrays.fill(shares, NEVER);
        for (int s = states.length - 1; s >= 0; s--) {
          double rest;
          if (t == steps - 1) {
            rest = s >= states.length - 2 ? 0 : NEVER;
          } else {
            rest = next[s];
            rest = s + 1 < states.length ? add(rest, next[s + 1]) : rest;
            rest = s + 2 < states.length && skips(s + 2) ? add(rest, next[s + 2]) : rest;
          }
          double ways = forward[t][s] + rest;
          shares[states[s]] = add(shares[states[s]], ways);
          after[s] = rest == NEVER ? NEVER : rest + logProbability(t, states[s]);
        }
        store(out, t, shares, loss);
        double[] swap = next;
        next = after;
        after = swap;
      }
    }

    private void store(Tensor out, int t, double[] shares, double loss) {
      for (int c = 0; c < shares.length; c++) {
        double value = Math.exp(logProbability(t, c)) - Math.exp(shares[c] + loss);
        long offset = (t * x.size(1) + n) * shares.length + c;
        Memory.real(out.dtype(), out.address() + offset * out.dtype().bytes(), value);
      }
    }
  }
}
