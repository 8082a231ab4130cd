package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.Fold;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Reduction;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;

/**
 * Evaluates expressions one element at a time, in double or long: the reference that block kernels
 * are tested against.
 */
final class Interpreter {
  private Interpreter() {}

  static void pointwise(Pointwise op, Tensor[] inputs, Tensor[] outputs) {
    Meta[] metas = new Meta[inputs.length];
    for (int i = 0; i < metas.length; i++) {
      metas[i] = inputs[i].meta();
    }
    boolean integers = op.computeType(metas) == DType.I64;
    Tensor[] all = new Tensor[outputs.length + inputs.length];
    System.arraycopy(outputs, 0, all, 0, outputs.length);
    System.arraycopy(inputs, 0, all, outputs.length, inputs.length);
    Strided strided = Strided.of(outputs[0].shape(), all);
    int first = outputs.length;
    double[] real = new double[inputs.length];
    long[] whole = new long[inputs.length];
    double[] results = new double[outputs.length];
    long[] wholeResults = new long[outputs.length];
    strided.forEach(
        (addresses, count) -> {
          for (long n = 0; n < count; n++) {
            for (int i = 0; i < inputs.length; i++) {
              long at = addresses[first + i] + n * strided.stride(first + i);
              real[i] = integers ? 0 : Memory.real(inputs[i].dtype(), at);
              whole[i] = integers ? Memory.integer(inputs[i].dtype(), at) : 0;
            }
            for (int k = 0; k < first; k++) {
              Expr e = op.outputs().get(k);
              results[k] = integers ? 0 : evaluate(e, real);
              wholeResults[k] = integers ? evaluate(e, whole) : 0;
            }
            for (int k = 0; k < first; k++) {
              long at = addresses[k] + n * strided.stride(k);
              if (integers) {
                Memory.integer(outputs[k].dtype(), at, wholeResults[k]);
              } else {
                Memory.real(outputs[k].dtype(), at, results[k]);
              }
            }
          }
        });
  }

  static void reduce(Reduction op, Tensor input, Tensor[] outputs) {
    Fold fold = op.fold();
    boolean integers = !input.dtype().isFloat();
    Layout in = input.layout();
    long[] kept = in.strides();
    int[] axes = op.axesArray();
    for (int axis : axes) {
      kept[axis] = 0;
    }
    long count = op.count(in.shape());
    long outer = outputs[0].numel();
    long[] index = new long[in.rank()];
    for (long o = 0; o < outer; o++) {
      double[] state = new double[fold.states()];
      long[] whole = new long[fold.states()];
      for (int s = 0; s < state.length; s++) {
        double start = ((Expr.Const) fold.init().get(s)).value();
        state[s] = start;
        whole[s] =
            start == Double.POSITIVE_INFINITY
                ? Long.MAX_VALUE
                : start == Double.NEGATIVE_INFINITY ? Long.MIN_VALUE : (long) start;
      }
      unravel(o, index, in, axes, false);
      for (long n = 0; n < count; n++) {
        unravel(n, index, in, axes, true);
        long offset = 0;
        for (int d = 0; d < index.length; d++) {
          offset += index[d] * in.stride(d);
        }
        long at = input.address() + offset * input.dtype().bytes();
        if (integers) {
          whole = step(fold, whole, Memory.integer(input.dtype(), at), n);
        } else {
          state = step(fold, state, Memory.real(input.dtype(), at), n);
        }
      }
      store(fold, state, whole, count, outputs, o, integers);
    }
  }

  /** Writes the digits of {@code n} into the index of the reduced or of the kept axes. */
  private static void unravel(long n, long[] index, Layout in, int[] axes, boolean reduced) {
    long rest = n;
    for (int d = index.length - 1; d >= 0; d--) {
      boolean isReduced = false;
      for (int axis : axes) {
        isReduced |= axis == d;
      }
      if (isReduced == reduced) {
        index[d] = rest % in.size(d);
        rest /= in.size(d);
      }
    }
  }

  private static double[] step(Fold fold, double[] state, double x, long n) {
    double[] in = new double[state.length + 2];
    in[0] = x;
    System.arraycopy(state, 0, in, 1, state.length);
    in[state.length + 1] = n;
    double[] next = new double[state.length];
    for (int s = 0; s < next.length; s++) {
      next[s] = evaluate(fold.step().get(s), in);
    }
    return next;
  }

  private static long[] step(Fold fold, long[] state, long x, long n) {
    long[] in = new long[state.length + 2];
    in[0] = x;
    System.arraycopy(state, 0, in, 1, state.length);
    in[state.length + 1] = n;
    long[] next = new long[state.length];
    for (int s = 0; s < next.length; s++) {
      next[s] = evaluate(fold.step().get(s), in);
    }
    return next;
  }

  private static void store(
      Fold fold,
      double[] state,
      long[] whole,
      long count,
      Tensor[] outputs,
      long o,
      boolean integers) {
    List<Expr> finish = fold.finish();
    double[] in = new double[state.length + 1];
    long[] wholeIn = new long[state.length + 1];
    System.arraycopy(state, 0, in, 0, state.length);
    System.arraycopy(whole, 0, wholeIn, 0, state.length);
    in[state.length] = count;
    wholeIn[state.length] = count;
    for (int k = 0; k < finish.size(); k++) {
      DType type = outputs[k].dtype();
      long at = outputs[k].address() + o * type.bytes();
      if (integers) {
        Memory.integer(type, at, evaluate(finish.get(k), wholeIn));
      } else {
        Memory.real(type, at, evaluate(finish.get(k), in));
      }
    }
  }

  static double evaluate(Expr e, double[] in) {
    return switch (e) {
      case Expr.Const c -> c.value();
      case Expr.In i -> in[i.index()];
      case Expr.Out _ -> throw new IllegalStateException("Out outside a gradient");
      case Expr.Call c -> {
        double a = evaluate(c.args().get(0), in);
        double b = c.args().size() > 1 ? evaluate(c.args().get(1), in) : 0;
        yield c.prim().real(a, b);
      }
      case Expr.Where w ->
          evaluate(w.condition(), in) != 0 ? evaluate(w.yes(), in) : evaluate(w.no(), in);
    };
  }

  static long evaluate(Expr e, long[] in) {
    return switch (e) {
      case Expr.Const c -> (long) c.value();
      case Expr.In i -> in[i.index()];
      case Expr.Out _ -> throw new IllegalStateException("Out outside a gradient");
      case Expr.Call c -> {
        long a = evaluate(c.args().get(0), in);
        long b = c.args().size() > 1 ? evaluate(c.args().get(1), in) : 0;
        yield c.prim().integer(a, b);
      }
      case Expr.Where w ->
          evaluate(w.condition(), in) != 0 ? evaluate(w.yes(), in) : evaluate(w.no(), in);
    };
  }
}
