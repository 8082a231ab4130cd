package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Scatter;
import java.util.Arrays;
import java.util.OptionalDouble;

/** Covariances, distances, and reductions of neighbouring elements in groups. */
public sealed interface Segments extends Self permits Tensor {
  /**
   * Reduces {@code lengths[..., s]} neighbours along an axis to element s: SUM, MEAN, PROD, AMAX or
   * AMIN. The lengths have the data's axes up to this one and add up to its size.
   *
   * @param unsafe lengths may add up to less; elements after the last group are left out
   * @param initial what each group begins with; absent: what changes nothing
   */
  default Tensor segmentReduce(
      Scatter.Reduce reduce, Tensor lengths, int axis, boolean unsafe, OptionalDouble initial) {
    Tensor x = self();
    int at = x.shape().axis(axis);
    long size = x.size(at);
    checkLengths(x, lengths, at);
    Tensor ends = lengths.cumsum(-1);
    boolean fits =
        !Mode.checking()
            || lengths.numel() == 0
            || lengths.amin().itemLong() >= 0
                && (unsafe ? ends.le(size) : ends.select(-1, -1).eq(size)).all().itemLong() == 1;
    if (!fits) {
      throw TorchException.argument(
          "segment_reduce", "lengths", lengths, "numbers of 0 or more with the sum " + size);
    }
    long[] lines = lengths.shape().sizes();
    lines[at] = size;
    Tensor index = ends.searchsorted(Torch.arange(size).expand(lines).contiguous(), true);
    long[] sizes = x.shape().sizes();
    Tensor groups = ((Segments) index).trailing(x.dim()).expand(sizes);
    sizes[at] = lengths.size(-1) + 1;
    double start = initial.orElse(neutral(reduce));
    Tensor starts = Torch.full(x.dtype(), start, sizes);
    boolean mean = reduce == Scatter.Reduce.MEAN;
    Tensor padded = starts.scatterReduce(at, groups, x, mean ? Scatter.Reduce.SUM : reduce, true);
    Tensor all = padded.narrow(at, 0, lengths.size(-1));
    if (!mean) {
      return all;
    }
    Tensor counts = ((Segments) lengths).trailing(x.dim()).to(x.dtype());
    Tensor divided = all.div(counts);
    // An empty group keeps what it began with.
    return initial.isEmpty() ? divided : Elementwise.where(counts.eq(0), all, divided);
  }

  private static void checkLengths(Tensor x, Tensor lengths, int axis) {
    boolean fits = lengths.dtype() == DType.I64 && lengths.dim() == axis + 1;
    for (int i = 0; fits && i < axis; i++) {
      fits = lengths.size(i) == x.size(i);
    }
    if (!fits) {
      throw TorchException.shape(
          "segment_reduce",
          "lengths",
          lengths.dtype() + " " + lengths.shape(),
          "int64 with " + (axis + 1) + " dimensions, those before the last as in " + x.shape());
    }
  }

  private static double neutral(Scatter.Reduce reduce) {
    return switch (reduce) {
      case AMAX -> Double.NEGATIVE_INFINITY;
      case AMIN -> Double.POSITIVE_INFINITY;
      case PROD -> 1;
      case SUM, MEAN -> 0;
      case SET ->
          throw TorchException.argument(
              "segment_reduce", "reduce", reduce, "SUM, MEAN, PROD, AMAX or AMIN");
    };
  }

  /** With axes of size 1 behind, to this rank. */
  private Tensor trailing(int rank) {
    long[] sizes = Arrays.copyOf(self().shape().sizes(), rank);
    Arrays.fill(sizes, self().dim(), rank, 1);
    return self().reshape(sizes);
  }

  /** The p-norm of the difference. */
  default Tensor dist(Tensor other, double p) {
    return self().sub(other).norm(p, new int[0], false);
  }

  /** Slices of an axis with a p-norm above {@code most} scaled down to it. */
  default Tensor renorm(double p, int axis, double most) {
    Tensor x = self();
    if (x.dim() < 2) {
      throw TorchException.shape("renorm", "input", x.shape(), "at least two dimensions");
    }
    int at = x.shape().axis(axis);
    int[] others = new int[x.dim() - 1];
    Arrays.setAll(others, i -> i < at ? i : i + 1);
    Tensor norm = x.norm(p, others, true);
    Tensor factor = norm.add(1e-7).reciprocal().mul(most);
    return x.mul(Elementwise.where(norm.gt(most), factor, norm.detach().onesLike()));
  }
}
