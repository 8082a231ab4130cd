package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Counts of values and histograms. */
public sealed interface Counting extends Self permits Tensor {
  /** Counts (or sums of weights) in bins, and the bins' edges, one list an axis. */
  record Histogram(Tensor counts, List<Tensor> edges) {}

  /** How often each whole number from 0 on comes up in a vector; I64. */
  default Tensor bincount(long least) {
    return bincount(Optional.empty(), least);
  }

  /**
   * How often (or with what sum of weights) each whole number from 0 on comes up in a vector, for
   * {@code least} numbers at least. I64; with weights F32 where they are, else F64.
   */
  default Tensor bincount(Optional<Tensor> weights, long least) {
    Tensor x = self();
    boolean fits = x.dim() == 1 && !x.dtype().isFloat() && x.dtype() != DType.BOOL;
    if (!fits || least < 0 || negative(x)) {
      throw TorchException.argument(
          "bincount",
          "input, minlength",
          x.dtype() + " " + x.shape() + ", " + least,
          "a vector of integers of 0 or more, and a length of 0 or more");
    }
    weights.ifPresent(
        w -> {
          if (!w.shape().equals(x.shape())) {
            throw TorchException.shape("bincount", "weights", w.shape(), x.shape().toString());
          }
        });
    long bins =
        x.numel() == 0 ? least : Mode.counting(x.amax().to(DType.I64).add(1).clampMin(least));
    DType type = weights.map(w -> w.dtype() == DType.F32 ? DType.F32 : DType.F64).orElse(DType.I64);
    Tensor each = weights.map(w -> w.detach().to(type)).orElse(Torch.ones(type, x.numel()));
    return Torch.zeros(type, bins).scatterAdd(0, x.to(DType.I64), each);
  }

  private static boolean negative(Tensor x) {
    return Mode.checking() && x.numel() > 0 && x.amin().itemLong() < 0;
  }

  /**
   * 1 at each class number along a new last axis, else 0; I64. PyTorch: {@code
   * torch.nn.functional.one_hot}.
   *
   * @param classes how many there are; -1: as many as come up
   */
  default Tensor oneHot(long classes) {
    Tensor x = self();
    if (x.dtype() != DType.I64) {
      throw TorchException.type("one_hot", "input", x.dtype(), "int64");
    }
    if (x.numel() == 0 && classes <= 0) {
      throw TorchException.argument("one_hot", "num_classes", classes, "1 or more, without input");
    }
    long count = classes == -1 ? Mode.counting(x.amax().add(1)) : classes;
    if (negative(x) || Mode.checking() && x.numel() > 0 && x.amax().itemLong() >= count) {
      throw TorchException.argument(
          "one_hot", "num_classes", classes, "more than each of the class numbers, all 0 or more");
    }
    long[] sizes = Arrays.copyOf(x.shape().sizes(), x.dim() + 1);
    sizes[x.dim()] = count;
    return Torch.zeros(DType.I64, sizes).scatter(-1, x.unsqueeze(-1), 1);
  }

  /**
   * Counts in {@code bins} equal bins between {@code min} and {@code max}, in the input's type; the
   * last bin holds its upper edge. Where both are equal, the data's range is taken.
   */
  default Tensor histc(int bins, double min, double max) {
    Tensor x = self().detach().reshape(-1);
    checkBins("histc", bins, x);
    BinRange range =
        min == max && x.numel() > 0
            ? BinRange.of(x, 1)
            : new BinRange(x.scalar(min), x.scalar(min == max ? min + 1 : max));
    range.check("histc");
    Tensor inside = x.ge(range.low()).logicalAnd(x.le(range.high()));
    Tensor place = x.sub(range.low()).mul(bins).div(range.high().sub(range.low()));
    Tensor last = Elementwise.where(inside, place, place.zerosLike()).clampMax(bins - 1.0);
    return Torch.zeros(x.dtype(), bins).scatterAdd(0, last.to(DType.I64), inside.to(x.dtype()));
  }

  private static void checkBins(String operator, long bins, Tensor x) {
    if (bins <= 0) {
      throw TorchException.argument(operator, "bins", bins, "1 or more");
    }
    if (!x.dtype().isFloat()) {
      throw TorchException.type(operator, "input", x.dtype(), "a floating point type");
    }
  }

  /** Counts of all elements in equal bins over the data's range. */
  default Histogram histogram(long bins, Optional<Tensor> weights, boolean density) {
    return rows().histogramdd(new long[] {bins}, weights.map(Counting::flat), density);
  }

  /** Counts of the elements between {@code min} and {@code max} in equal bins. */
  default Histogram histogram(
      long bins, double min, double max, Optional<Tensor> weights, boolean density) {
    checkBins("histogram", bins, self());
    if (!(min < max) || Double.isInfinite(max - min)) {
      throw TorchException.argument(
          "histogram", "range", min + ", " + max, "finite numbers, min below max");
    }
    return histogram(Torch.linspace(self().dtype(), min, max, bins + 1), weights, density);
  }

  /** Counts of all elements in bins with these ascending edges. */
  default Histogram histogram(Tensor edges, Optional<Tensor> weights, boolean density) {
    return rows().histogramdd(List.of(edges), weights.map(Counting::flat), density);
  }

  private Tensor rows() {
    return self().reshape(-1, 1);
  }

  private static Tensor flat(Tensor weights) {
    return weights.reshape(-1);
  }

  /** Counts of points (the last axis holds coordinates) in equal bins over the data's range. */
  default Histogram histogramdd(long[] bins, Optional<Tensor> weights, boolean density) {
    Tensor points = self().detach();
    List<Tensor> edges = new ArrayList<>();
    if (points.dim() < 2 || bins.length != points.size(-1)) {
      throw TorchException.argument(
          "histogramdd",
          "bins",
          Arrays.toString(bins),
          "one number for each coordinate of " + points.shape());
    }
    for (int d = 0; d < bins.length; d++) {
      Tensor column = points.select(-1, d).reshape(-1);
      checkBins("histogramdd", bins[d], column);
      edges.add(
          column.numel() == 0
              ? Torch.linspace(points.dtype(), 0, 1, bins[d] + 1)
              : BinRange.of(column, 0.5).edges(bins[d]));
    }
    return histogramdd(edges, weights, density);
  }

  /** Counts of points (the last axis holds coordinates) in bins with these ascending edges. */
  default Histogram histogramdd(List<Tensor> edges, Optional<Tensor> weights, boolean density) {
    Tensor points = self().detach();
    if (points.dim() < 2 || edges.size() != points.size(-1)) {
      throw TorchException.argument(
          "histogramdd",
          "bins",
          edges.size() + " lists of edges",
          "one for each coordinate of " + points.shape());
    }
    DType type = points.dtype();
    long count = points.numel() / Math.max(edges.size(), 1);
    Tensor flat = points.reshape(count, edges.size());
    Tensor inside = Torch.ones(DType.BOOL, count);
    Tensor place = Torch.zeros(DType.I64, count);
    long[] sizes = new long[edges.size()];
    for (int d = 0; d < sizes.length; d++) {
      Tensor edge = edges.get(d);
      sizes[d] = edge.numel() - 1;
      checkBins("histogramdd", sizes[d], edge);
      Tensor x = flat.select(1, d).contiguous();
      Tensor bin = edge.searchsorted(x, true).sub(1);
      Tensor last = bin.zerosLike().add(sizes[d] - 1);
      inside =
          inside.logicalAnd(x.ge(edge.select(0, 0))).logicalAnd(x.le(edge.select(0, sizes[d])));
      place = place.mul(sizes[d]).add(bin.minimum(last));
    }
    Tensor each = weights.map(w -> flat(w.detach()).to(type)).orElse(Torch.ones(type, count));
    if (each.numel() != count) {
      throw TorchException.shape(
          "histogramdd", "weight", each.shape(), count + " elements, one for each point");
    }
    Tensor zeros = Torch.zeros(type, Shape.of(sizes).numel());
    Tensor at = Elementwise.where(inside, place, place.zerosLike());
    Tensor counted = Elementwise.where(inside, each, each.zerosLike());
    Tensor counts = zeros.scatterAdd(0, at, counted).reshape(sizes);
    return new Histogram(density ? density(counts, edges) : counts, edges);
  }

  /** Divided by the total and by the bins' volumes. */
  private static Tensor density(Tensor counts, List<Tensor> edges) {
    Tensor out = counts.div(counts.sum());
    for (int d = 0; d < edges.size(); d++) {
      long[] sizes = new long[edges.size()];
      Arrays.fill(sizes, 1);
      sizes[d] = -1;
      out = out.div(edges.get(d).diff().reshape(sizes));
    }
    return out;
  }
}
