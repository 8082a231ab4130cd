package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import dev.flambeau.torch.nn.functional.ConvOptions;
import dev.flambeau.torch.nn.functional.F;
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
              a -> F.conv1d(a.self(), a.tensor("weight"), a.maybeTensor("bias"), convolution(a))),
          entry(
              "nn.functional.conv2d",
              "F.conv2d",
              a -> F.conv2d(a.self(), a.tensor("weight"), a.maybeTensor("bias"), convolution(a))),
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
}
