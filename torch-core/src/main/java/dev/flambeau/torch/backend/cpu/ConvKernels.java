package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.ConvTranspose;
import dev.flambeau.torch.op.ConvWeight;
import dev.flambeau.torch.op.Window;

/**
 * Convolution and its gradients in plain Java, accumulated in double: positions outermost, channels
 * innermost, so the inner loop runs over neighbours in memory.
 */
final class ConvKernels {
  private ConvKernels() {}

  static void register(Kernels kernels) {
    kernels.register(
        Conv.class,
        (op, in, out) ->
            loops(op, in, out[0])
                .forward(
                    Reals.load(in[0], channelsLast(in[0].dim())),
                    Reals.load(in[1], matrices(in[1].dim(), 1, 0)),
                    in.length > 2 ? Reals.load(in[2]) : null,
                    out[0]));
    kernels.register(
        ConvTranspose.class,
        (op, in, out) ->
            new Loops(op.window(), op.groups(), out[0].shape(), in[1].shape(), in[0].shape())
                .backwardInput(in[0], in[1], out[0]));
    kernels.register(
        ConvWeight.class,
        (op, in, out) ->
            new Loops(op.window(), op.groups(), in[0].shape(), out[0].shape(), in[1].shape())
                .backwardWeight(in[0], in[1], out[0]));
  }

  static Loops loops(Conv op, Tensor[] in, Tensor out) {
    return new Loops(op.window(), op.groups(), in[0].shape(), in[1].shape(), out.shape());
  }

  /** Channels after the spatial axes. */
  static int[] channelsLast(int rank) {
    int[] order = new int[rank];
    for (int i = 1; i < rank - 1; i++) {
      order[i] = i + 1;
    }
    order[rank - 1] = 1;
    return order;
  }

  /** Spatial axes, then the axes {@code a} and {@code b}: a weight as matrices of channels. */
  static int[] matrices(int rank, int a, int b) {
    int[] order = new int[rank];
    for (int i = 0; i < rank - 2; i++) {
      order[i] = i + 2;
    }
    order[rank - 2] = a;
    order[rank - 1] = b;
    return order;
  }

  static final class Loops {
    private final int groups;
    private final int rank;
    private final int batch;
    private final int inputs;
    private final int outputs;
    private final int kernels;
    private final int places;
    private final int positions;
    private final int groupInputs;
    private final int groupOutputs;

    /** Where in the input element k of the kernel lies at position p, or -1: {@code [k][p]}. */
    private final int[][] source;

    Loops(Window window, long groups, Shape x, Shape weight, Shape y) {
      this.groups = (int) groups;
      rank = x.rank();
      batch = (int) x.size(0);
      inputs = (int) x.size(1);
      outputs = (int) y.size(1);
      groupInputs = inputs / this.groups;
      groupOutputs = outputs / this.groups;
      source = PoolKernels.sources(window, x, weight.sizes(), y);
      kernels = source.length;
      int p = 1;
      int q = 1;
      for (int i = 2; i < rank; i++) {
        p *= (int) y.size(i);
        q *= (int) x.size(i);
      }
      positions = p;
      places = q;
    }

    /** x channels-last, w as matrices of input by output channels. */
    void forward(double[] x, double[] w, double[] bias, Tensor yt) {
      double[] y = new double[batch * positions * outputs];
      Reals.parallel(
          (long) batch * positions,
          np -> {
            int n = np / positions;
            int to = np * outputs;
            if (bias != null) {
              System.arraycopy(bias, 0, y, to, outputs);
            }
            for (int k = 0; k < kernels; k++) {
              int q = source[k][np % positions];
              if (q >= 0) {
                int from = (n * places + q) * inputs;
                for (int c = 0; c < inputs; c++) {
                  int g = c / groupInputs;
                  int row = (k * groupInputs + c % groupInputs) * outputs + g * groupOutputs;
                  addScaled(x[from + c], w, row, y, to + g * groupOutputs, groupOutputs);
                }
              }
            }
          });
      Reals.store(y, yt, channelsLast(rank));
    }

    void backwardInput(Tensor yt, Tensor wt, Tensor xt) {
      double[] y = Reals.load(yt, channelsLast(rank));
      double[] w = Reals.load(wt, matrices(rank, 0, 1));
      double[] x = new double[batch * places * inputs];
      Reals.parallel(
          (long) batch * groups,
          ng -> {
            int n = ng / groups;
            int g = ng % groups;
            for (int k = 0; k < kernels; k++) {
              for (int p = 0; p < positions; p++) {
                int q = source[k][p];
                if (q >= 0) {
                  int from = (n * positions + p) * outputs + g * groupOutputs;
                  int to = (n * places + q) * inputs + g * groupInputs;
                  for (int o = 0; o < groupOutputs; o++) {
                    int row = (k * outputs + g * groupOutputs + o) * groupInputs;
                    addScaled(y[from + o], w, row, x, to, groupInputs);
                  }
                }
              }
            }
          });
      Reals.store(x, xt, channelsLast(rank));
    }

    void backwardWeight(Tensor xt, Tensor yt, Tensor wt) {
      double[] x = Reals.load(xt, channelsLast(rank));
      double[] y = Reals.load(yt, channelsLast(rank));
      double[] w = new double[kernels * groupInputs * outputs];
      Reals.parallel(
          (long) kernels * inputs,
          kc -> {
            int k = kc / inputs;
            int c = kc % inputs;
            int g = c / groupInputs;
            int to = (k * groupInputs + c % groupInputs) * outputs + g * groupOutputs;
            for (int n = 0; n < batch; n++) {
              for (int p = 0; p < positions; p++) {
                int q = source[k][p];
                if (q >= 0) {
                  double value = x[(n * places + q) * inputs + c];
                  int from = (n * positions + p) * outputs + g * groupOutputs;
                  addScaled(value, y, from, w, to, groupOutputs);
                }
              }
            }
          });
      Reals.store(w, wt, matrices(rank, 1, 0));
    }

    private static void addScaled(double a, double[] x, int xs, double[] y, int ys, int count) {
      for (int i = 0; i < count; i++) {
        y[ys + i] += a * x[xs + i];
      }
    }
  }
}
