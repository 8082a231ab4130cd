package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.api.Sorting;
import java.util.Arrays;
import java.util.List;

/** Order along an axis: largest elements, running sums, distinct values, reversal. */
final class Ordering {
  private Ordering() {}

  static void register(Registry r) {
    r.values("TopK", Ordering::topK);
    r.map("CumSum", since(11), c -> running(c, Tensor::cumsum, 0));
    r.map("CumProd", since(26), c -> running(c, Tensor::cumprod, 1));
    r.values("Unique", since(11), c -> unique(c, c.node().flag("sorted", true)));
    r.map("ReverseSequence", since(10), Ordering::reverse);
  }

  /** The count is an attribute below operator set 10, an input from then on. */
  private static OnnxValue[] topK(Call c) {
    Tensor x = c.in(0);
    long k = c.opset() < 10 ? c.node().i("k", 1) : c.scalarLong(1);
    int axis = c.axis(-1, x);
    if (k < 0 || k > x.size(axis)) {
      throw c.bad("k", k, "0 to " + x.size(axis));
    }
    // Equal elements keep their order, which a plain selection does not promise.
    boolean largest = c.node().flag("largest", true);
    var sorted = x.sort(axis, largest);
    Tensor values = sorted.values().narrow(axis, 0, k);
    Tensor places = sorted.indices().narrow(axis, 0, k);
    return new OnnxValue[] {c.like(0, values)[0], OnnxValue.of(places)};
  }

  private interface Scan {
    Tensor along(Tensor x, int axis);
  }

  private static Tensor running(Call c, Scan scan, long neutral) {
    Tensor x = c.in(0);
    int axis = x.shape().axis(c.axis(c.scalarLong(1)));
    boolean reverse = c.node().flag("reverse", false);
    Tensor line = reverse ? x.flip(axis) : x;
    if (c.node().flag("exclusive", false) && x.size(axis) > 0) {
      long[] one = x.shape().sizes();
      one[axis] = 1;
      Tensor first = Torch.full(x.dtype(), neutral, one);
      line = Torch.cat(List.of(first, line.narrow(axis, 0, x.size(axis) - 1)), axis);
    }
    Tensor sums = scan.along(line, axis).to(x.dtype());
    return reverse ? sums.flip(axis) : sums;
  }

  /** Distinct elements or slices, the first place and the count of each, and whose each is. */
  static OnnxValue[] unique(Call c, boolean sorted) {
    Tensor x = c.in(0);
    boolean slices = c.node().has("axis");
    int axis = slices ? c.axis(0, x) : 0;
    Tensor line = slices ? x : x.reshape(-1);
    Sorting.Unique found = slices ? x.unique(axis) : line.unique();
    long count = found.counts().numel();
    long[] inverse = found.inverse().contiguous().reshape(-1).toLongArray();
    long[] first = new long[(int) count];
    Arrays.fill(first, -1);
    for (int i = 0; i < inverse.length; i++) {
      if (first[(int) inverse[i]] < 0) {
        first[(int) inverse[i]] = i;
      }
    }
    Tensor places = Torch.tensor(first);
    Tensor values = found.values();
    Tensor counts = found.counts();
    Tensor owners = Torch.tensor(inverse);
    if (!sorted) {
      Tensor order = places.argsort(0, false);
      values = values.indexSelect(axis, order);
      counts = counts.indexSelect(0, order);
      places = places.indexSelect(0, order);
      owners = order.argsort(0, false).indexSelect(0, owners);
    }
    return new OnnxValue[] {
      c.like(0, values)[0], OnnxValue.of(places), OnnxValue.of(owners), OnnxValue.of(counts)
    };
  }

  /** The first elements of each sample in reverse, as many as its length says. */
  private static Tensor reverse(Call c) {
    Tensor x = c.in(0);
    int batch = x.shape().axis(c.axis(c.node().i("batch_axis", 1)));
    int time = x.shape().axis(c.axis(c.node().i("time_axis", 0)));
    long[] lengths = c.longs(1);
    if (batch == time || batch > 1 || time > 1 || lengths.length != x.size(batch)) {
      throw c.bad("sequence_lens", lengths.length, "one a sample; axes 0 and 1 in any order");
    }
    int steps = Math.toIntExact(x.size(time));
    long[] index = new long[Math.toIntExact(x.size(0) * x.size(1))];
    for (int b = 0; b < lengths.length; b++) {
      for (int t = 0; t < steps; t++) {
        long from = t < lengths[b] ? lengths[b] - 1 - t : t;
        index[time == 0 ? t * lengths.length + b : b * steps + t] = from;
      }
    }
    long[] sizes = new long[x.dim()];
    Arrays.fill(sizes, 1);
    sizes[0] = x.size(0);
    sizes[1] = x.size(1);
    return x.gather(time, Torch.tensor(index, sizes).expand(x.shape()).contiguous());
  }
}
