package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.Scan;

/** Running sums, products and extremes: each line by itself, in double or long precision. */
final class ScanKernels {
  private ScanKernels() {}

  static void register(Kernels kernels) {
    kernels.register(Scan.class, ScanKernels::scan);
  }

  private static void scan(Scan op, Tensor[] in, Tensor[] out) {
    Tensor x = in[0];
    Tensor[] all = new Tensor[out.length + 1];
    all[0] = x;
    System.arraycopy(out, 0, all, 1, out.length);
    Lines lines = new Lines(op.axis(), all);
    if (x.numel() == 0) {
      return;
    }
    Line line = new Line(op, x.dtype(), lines);
    Parallel.run(
        lines.count(),
        lines.length(0) * 4,
        (from, to) -> {
          for (long n = from; n < to; n++) {
            line.run(n);
          }
        });
  }

  private record Line(Scan op, DType type, Lines lines) {
    void run(long n) {
      long length = lines.length(0);
      long back = op.reverse() ? length - 1 : 0;
      long source = lines.address(0, n) + back * lines.step(0);
      long target = lines.address(1, n) + back * lines.step(1);
      long sign = op.reverse() ? -1 : 1;
      long from = sign * lines.step(0);
      long to = sign * lines.step(1);
      if (op.kind().indexed()) {
        long places = lines.address(2, n) + back * lines.step(2);
        extremes(source, from, target, to, places, sign * lines.step(2), length);
      } else if (type.isFloat()) {
        reals(source, from, target, to, length);
      } else {
        integers(source, from, target, to, length);
      }
    }

    private void reals(long source, long from, long target, long to, long length) {
      double state =
          switch (op.kind()) {
            case PROD -> 1;
            case LOGSUMEXP -> Double.NEGATIVE_INFINITY;
            default -> 0;
          };
      for (long i = 0; i < length; i++) {
        double x = Memory.real(type, source + i * from);
        state =
            switch (op.kind()) {
              case PROD -> state * x;
              case LOGSUMEXP -> logAdd(state, x);
              default -> state + x;
            };
        Memory.real(type, target + i * to, state);
      }
    }

    private static double logAdd(double a, double b) {
      double top = Math.max(a, b);
      return Double.isInfinite(top) ? top : top + Math.log1p(Math.exp(-Math.abs(a - b)));
    }

    private void integers(long source, long from, long target, long to, long length) {
      boolean product = op.kind() == Scan.Kind.PROD;
      long state = product ? 1 : 0;
      for (long i = 0; i < length; i++) {
        long x = Memory.integer(type, source + i * from);
        state = product ? state * x : state + x;
        Memory.integer(type, target + i * to, state);
      }
    }

    private void extremes(
        long source, long from, long target, long to, long places, long step, long length) {
      boolean largest = op.kind() == Scan.Kind.MAX;
      long at = 0;
      for (long i = 0; i < length; i++) {
        long here = source + i * from;
        if (i > 0 && replaces(here, source + at * from, largest)) {
          at = i;
        }
        Memory.copy(source + at * from, target + i * to, type.bytes());
        long place = op.reverse() ? length - 1 - at : at;
        Memory.ALL.set(Memory.LONG, places + i * step, place);
      }
    }

    private boolean replaces(long x, long best, boolean largest) {
      if (type.isFloat()) {
        double a = Memory.real(type, x);
        double b = Memory.real(type, best);
        return Double.isNaN(a) || (largest ? a >= b : a <= b);
      }
      long a = Memory.integer(type, x);
      long b = Memory.integer(type, best);
      return largest ? a >= b : a <= b;
    }
  }
}
