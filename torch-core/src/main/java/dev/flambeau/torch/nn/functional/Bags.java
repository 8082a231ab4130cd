package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.IndexSelect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Sums, means and maxima of rows of a table, bag by bag. */
final class Bags {
  private Bags() {}

  static Tensor embed(
      Tensor indices,
      Tensor weight,
      Optional<Tensor> offsets,
      BagMode mode,
      Optional<Tensor> perSample,
      boolean lastIncluded,
      OptionalLong padding) {
    if (weight.dim() != 2 || indices.dim() < 1 || indices.dim() > 2) {
      throw TorchException.shape(
          "embedding_bag",
          "input",
          indices.shape() + ", weight " + weight.shape(),
          "1 or 2 dimensions, 2 for the weight");
    }
    if ((indices.dim() == 1) != offsets.isPresent()) {
      throw TorchException.argument(
          "embedding_bag",
          "offsets",
          offsets.isPresent() ? "given" : "absent",
          "given for a 1-d input only");
    }
    if (perSample.isPresent() && mode != BagMode.SUM) {
      throw TorchException.argument(
          "embedding_bag", "per_sample_weights", "given", "given for sums only");
    }
    long[] starts = starts(indices, offsets, lastIncluded);
    long[] all = indices.to(DType.I64).reshape(-1).toLongArray();
    List<Long> rows = new ArrayList<>();
    List<Long> bags = new ArrayList<>();
    List<Long> places = new ArrayList<>();
    long skipped =
        padding.isEmpty()
            ? -1
            : padding.getAsLong() < 0 ? padding.getAsLong() + weight.size(0) : padding.getAsLong();
    for (int b = 0; b < starts.length - 1; b++) {
      for (long i = starts[b]; i < starts[b + 1]; i++) {
        if (all[(int) i] != skipped) {
          rows.add(all[(int) i]);
          bags.add((long) b);
          places.add(i);
        }
      }
    }
    Tensor found = weight.indexSelect(0, tensor(rows));
    if (perSample.isPresent()) {
      Tensor factors = perSample.get().reshape(-1).indexSelect(0, tensor(places));
      found = found.mul(factors.unsqueeze(1));
    }
    return combined(found, bags, starts.length - 1, mode);
  }

  /** Where each bag begins, and the end. */
  private static long[] starts(Tensor indices, Optional<Tensor> offsets, boolean lastIncluded) {
    long count = indices.numel();
    if (offsets.isEmpty()) {
      long[] starts = new long[(int) indices.size(0) + 1];
      for (int i = 0; i < starts.length; i++) {
        starts[i] = i * indices.size(1);
      }
      return starts;
    }
    long[] given = offsets.get().toLongArray();
    long[] starts = lastIncluded ? given : java.util.Arrays.copyOf(given, given.length + 1);
    if (!lastIncluded) {
      starts[given.length] = count;
    }
    for (int i = 0; i < starts.length; i++) {
      long before = i == 0 ? 0 : starts[i - 1];
      if (starts[i] < before || starts[i] > count || i == 0 && starts[0] != 0) {
        throw TorchException.argument(
            "embedding_bag", "offsets", java.util.Arrays.toString(given), "ascending from 0");
      }
    }
    return starts;
  }

  private static Tensor tensor(List<Long> values) {
    return Torch.tensor(values.stream().mapToLong(Long::longValue).toArray());
  }

  private static Tensor combined(Tensor found, List<Long> bags, int count, BagMode mode) {
    Shape shape = Shape.of(count, found.size(1));
    if (mode == BagMode.MAX) {
      List<Tensor> all = new ArrayList<>();
      for (int b = 0; b < count; b++) {
        int first = bags.indexOf((long) b);
        long size = bags.lastIndexOf((long) b) - first + 1;
        all.add(
            first < 0
                ? found.zeros(Shape.of(1, found.size(1)))
                : found.narrow(0, first, size).max(0, true).values());
      }
      return all.isEmpty() ? found.zeros(shape) : Torch.cat(all, 0);
    }
    Tensor sums = Dispatcher.call(new IndexSelect.IndexAdd(0, shape), tensor(bags), found);
    if (mode == BagMode.SUM) {
      return sums;
    }
    double[] sizes = new double[count];
    bags.forEach(b -> sizes[b.intValue()]++);
    java.util.Arrays.setAll(sizes, i -> Math.max(sizes[i], 1));
    return sums.div(Torch.tensor(sizes, count, 1).to(found.dtype()));
  }
}
