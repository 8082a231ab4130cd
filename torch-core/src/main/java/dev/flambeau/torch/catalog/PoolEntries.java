package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;
import static dev.flambeau.torch.catalog.Entry.several;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import dev.flambeau.torch.nn.functional.F;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The poolings of {@code nn.functional}. */
final class PoolEntries {
  static final List<Entry> ALL = all();

  private PoolEntries() {}

  private static List<Entry> all() {
    List<Entry> all = new ArrayList<>();
    for (int axes = 1; axes <= 3; axes++) {
      int n = axes;
      String dims = axes + "d";
      all.add(entry("nn.functional.avg_pool" + dims, "F.avgPool", a -> average(a, n)));
      all.add(several("nn.functional.max_pool" + dims, "F.maxPoolWithIndices", a -> max(a, n)));
      all.add(entry("nn.functional.max_unpool" + dims, "F.maxUnpool", a -> unpool(a, n)));
      all.add(
          entry(
              "nn.functional.adaptive_avg_pool" + dims,
              "F.adaptiveAvgPool",
              a -> F.adaptiveAvgPool(a.self(), sizes(a, n))));
      all.add(
          several(
              "nn.functional.adaptive_max_pool" + dims,
              "F.adaptiveMaxPool",
              a -> {
                long[] sizes = sizes(a, n);
                ValuesIndices found = F.adaptiveMaxPool(a.self(), sizes);
                return outputs(found, a.flag("return_indices", false));
              }));
    }
    return all;
  }

  private static List<Tensor> outputs(ValuesIndices found, boolean both) {
    return both ? List.of(found.values(), found.indices()) : List.of(found.values());
  }

  /** One number for all axes or one for each; None keeps the input's size. */
  private static long[] sizes(Arguments a, int axes) {
    List<?> given =
        a.peek("output_size") instanceof Long n ? List.of(n) : (List<?>) a.peek("output_size");
    a.value("output_size");
    return spread(given.stream().mapToLong(n -> n == null ? -1 : (Long) n).toArray(), axes);
  }

  private static Tensor average(Arguments a, int axes) {
    long[] kernel = spread(a.longs("kernel_size"), axes);
    Optional<long[]> stride = a.maybeLongs("stride").filter(s -> s.length > 0);
    Optional<long[]> padding = a.maybeLongs("padding");
    boolean ceil = a.flag("ceil_mode", false);
    boolean count = a.flag("count_include_pad", true);
    Optional<Number> divisor = a.maybeNumber("divisor_override");
    return F.avgPool(
        a.self(),
        kernel,
        o -> {
          stride.ifPresent(o::stride);
          padding.ifPresent(o::padding);
          divisor.ifPresent(v -> o.divisor(v.longValue()));
          o.ceilMode(ceil).countIncludePad(count);
        });
  }

  private static List<Tensor> max(Arguments a, int axes) {
    long[] kernel = spread(a.longs("kernel_size"), axes);
    Optional<long[]> stride = a.maybeLongs("stride").filter(s -> s.length > 0);
    Optional<long[]> padding = a.maybeLongs("padding");
    Optional<long[]> dilation = a.maybeLongs("dilation");
    boolean ceil = a.flag("ceil_mode", false);
    boolean indices = a.flag("return_indices", false);
    ValuesIndices found =
        F.maxPoolWithIndices(
            a.self(),
            kernel,
            o -> {
              stride.ifPresent(o::stride);
              padding.ifPresent(o::padding);
              dilation.ifPresent(o::dilation);
              o.ceilMode(ceil);
            });
    return outputs(found, indices);
  }

  private static Tensor unpool(Arguments a, int axes) {
    Tensor indices = a.tensor("indices");
    long[] kernel = spread(a.longs("kernel_size"), axes);
    long[] stride = spread(a.maybeLongs("stride").filter(s -> s.length > 0).orElse(kernel), axes);
    long[] padding = spread(a.longs("padding", 0), axes);
    Optional<long[]> given = a.maybeLongs("output_size");
    int lead = a.self().dim() - axes;
    long[] sizes = new long[axes];
    for (int i = 0; i < axes; i++) {
      sizes[i] = (a.self().size(lead + i) - 1) * stride[i] - 2 * padding[i] + kernel[i];
    }
    long[] wanted = given.map(s -> Arrays.copyOfRange(s, s.length - axes, s.length)).orElse(sizes);
    return F.maxUnpool(a.self(), indices, wanted);
  }

  private static long[] spread(long[] values, int axes) {
    long[] all = new long[axes];
    Arrays.setAll(all, i -> values[values.length == 1 ? 0 : i]);
    return all;
  }
}
