package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.ConvOptions;
import dev.flambeau.torch.nn.functional.F;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** {@code nn.functional} beyond pointwise functions. */
final class FunctionalEntries {
  static final List<Entry> ALL =
      List.of(
          entry(
              "nn.functional.linear",
              "F.linear",
              a -> F.linear(a.self(), a.tensor("weight"), a.maybeTensor("bias"))),
          entry(
                  "nn.functional.conv1d",
                  "F.conv1d",
                  a ->
                      F.conv1d(a.self(), a.tensor("weight"), a.maybeTensor("bias"), convolution(a)))
              .without("i64", "convolution of integers"),
          entry(
                  "nn.functional.conv2d",
                  "F.conv2d",
                  a ->
                      F.conv2d(a.self(), a.tensor("weight"), a.maybeTensor("bias"), convolution(a)))
              .without("i64", "convolution of integers"),
          entry("nn.functional.avg_pool1d", "F.avgPool", a -> avgPool(a, 1))
              .without("i64", "means of integers"),
          entry("nn.functional.avg_pool2d", "F.avgPool", a -> avgPool(a, 2))
              .without("i64", "means of integers"),
          entry(
                  "nn.functional.layer_norm",
                  "F.layerNorm",
                  a ->
                      F.layerNorm(
                          a.self(),
                          a.longs("normalized_shape"),
                          a.maybeTensor("weight"),
                          a.maybeTensor("bias"),
                          a.real("eps", 1e-5)))
              .tolerance(1e-4, 1e-4, "PyTorch's own F32 rounding over axes of size 1"));

  private FunctionalEntries() {}

  private static Consumer<ConvOptions> convolution(Arguments a) {
    Optional<long[]> stride = a.maybeLongs("stride");
    boolean same = "same".equals(a.peek("padding"));
    boolean valid = "valid".equals(a.peek("padding"));
    Optional<long[]> padding = same || valid ? Optional.empty() : a.maybeLongs("padding");
    a.value("padding");
    Optional<long[]> dilation = a.maybeLongs("dilation");
    long groups = a.whole("groups", 1);
    return o -> {
      stride.ifPresent(o::stride);
      padding.ifPresent(o::padding);
      dilation.ifPresent(o::dilation);
      o.groups(groups);
      if (same) {
        o.samePadding();
      }
    };
  }

  private static Tensor avgPool(Arguments a, int axes) {
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

  private static long[] spread(long[] values, int axes) {
    long[] all = new long[axes];
    Arrays.setAll(all, i -> values[values.length == 1 ? 0 : i]);
    return all;
  }
}
