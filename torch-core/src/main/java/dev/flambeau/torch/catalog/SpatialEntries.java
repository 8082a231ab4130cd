package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;
import static dev.flambeau.torch.catalog.Entry.several;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.ConvOptions;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.Padding;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** {@code nn.functional}: padding, rearranging, transposed convolution, normalizing. */
final class SpatialEntries {
  static final List<Entry> ALL =
      Stream.of(shapes(), products(), norms()).flatMap(List::stream).toList();

  private SpatialEntries() {}

  private static Entry function(String name, String java, Binding.Single call) {
    return entry("nn.functional." + name, "F." + java, call);
  }

  private static List<Entry> shapes() {
    return List.of(
        function("pad", "pad", SpatialEntries::pad),
        entry(
            "constant_pad_nd",
            "F.pad",
            a -> {
              long[] pads = a.longs("pad");
              double value =
                  a.peek("value") instanceof Boolean
                      ? a.flag("value", false) ? 1 : 0
                      : a.real("value", 0);
              return F.pad(a.self(), Padding.CONSTANT, value, pads);
            }),
        function(
            "pixel_shuffle",
            "pixelShuffle",
            a -> F.pixelShuffle(a.self(), a.whole("upscale_factor"))),
        function(
            "pixel_unshuffle",
            "pixelUnshuffle",
            a -> F.pixelUnshuffle(a.self(), a.whole("downscale_factor"))),
        function(
            "unfold",
            "unfold",
            a ->
                F.unfold(
                    a.self(),
                    a.longs("kernel_size"),
                    a.longs("dilation", 1),
                    a.longs("padding", 0),
                    a.longs("stride", 1))));
  }

  private static Tensor pad(Arguments a) {
    long[] pads = a.longs("pad");
    Padding mode = Padding.valueOf(a.text("mode", "constant").toUpperCase(Locale.ROOT));
    return F.pad(a.self(), mode, a.real("value", 0), pads);
  }

  private static List<Entry> products() {
    return List.of(
        transposed(1),
        transposed(2),
        transposed(3),
        function(
            "bilinear",
            "bilinear",
            a ->
                F.bilinear(
                    a.self(), a.tensor("input2"), a.tensor("weight"), a.maybeTensor("bias"))),
        function("embedding", "embedding", a -> F.embedding(a.tensor("input"), a.self())));
  }

  private static Entry transposed(int axes) {
    return function(
            "conv_transpose" + axes + "d",
            "convTranspose",
            a -> {
              Tensor weight = a.tensor("weight");
              Optional<Tensor> bias = a.maybeTensor("bias");
              long[] stride = a.longs("stride", 1);
              long[] padding = a.longs("padding", 0);
              long[] extra = a.longs("output_padding", 0);
              long groups = a.whole("groups", 1);
              long[] dilation = a.longs("dilation", 1);
              Consumer<ConvOptions> options =
                  o -> o.stride(stride).padding(padding).dilation(dilation).groups(groups);
              return F.convTranspose(a.self(), weight, bias, extra, options);
            })
        .tolerance(2e-5, 1e-4, "sums of F32 products in another order");
  }

  private static List<Entry> norms() {
    return List.of(
        function(
            "normalize",
            "normalize",
            a -> F.normalize(a.self(), a.real("p", 2), a.axis("dim", 1), a.real("eps", 1e-12))),
        function(
            "cosine_similarity",
            "cosineSimilarity",
            a ->
                F.cosineSimilarity(
                    a.self(), a.tensor("x2"), a.axis("dim", 1), a.real("eps", 1e-8))),
        function("pdist", "pdist", a -> F.pdist(a.self(), a.real("p", 2))),
        function(
            "group_norm",
            "groupNorm",
            a ->
                F.groupNorm(
                    a.self(),
                    a.whole("num_groups"),
                    a.maybeTensor("weight"),
                    a.maybeTensor("bias"),
                    a.real("eps", 1e-5))),
        function(
            "instance_norm",
            "instanceNorm",
            a ->
                F.instanceNorm(
                    a.self(),
                    a.maybeTensor("running_mean"),
                    a.maybeTensor("running_var"),
                    a.maybeTensor("weight"),
                    a.maybeTensor("bias"),
                    a.flag("use_input_stats", true),
                    a.real("momentum", 0.1),
                    a.real("eps", 1e-5))),
        function(
            "local_response_norm",
            "localResponseNorm",
            a ->
                F.localResponseNorm(
                    a.self(),
                    a.whole("size"),
                    a.real("alpha", 1e-4),
                    a.real("beta", 0.75),
                    a.real("k", 1))),
        function(
                "batch_norm",
                "batchNorm",
                a ->
                    F.batchNorm(
                        a.self(),
                        a.maybeTensor("running_mean"),
                        a.maybeTensor("running_var"),
                        a.maybeTensor("weight"),
                        a.maybeTensor("bias"),
                        a.flag("training", false),
                        a.real("momentum", 0.1),
                        a.real("eps", 1e-5)))
            .without("f323", "no channel axis"),
        several("native_layer_norm", "F.layerNorm", SpatialEntries::layerNorm)
            .tolerance(1e-4, 1e-4, "PyTorch's own F32 rounding over axes of size 1"),
        several("native_batch_norm", "F.batchNorm", SpatialEntries::batchNorm));
  }

  /** With the means and the reciprocal deviations it was computed with. */
  private static List<Tensor> layerNorm(Arguments a) {
    long[] shape = a.longs("normalized_shape");
    Optional<Tensor> weight = a.maybeTensor("weight");
    Optional<Tensor> bias = a.maybeTensor("bias");
    double eps = a.real("eps");
    Tensor y = F.layerNorm(a.self(), shape, weight, bias, eps);
    int[] axes = new int[shape.length];
    Arrays.setAll(axes, i -> i - axes.length);
    Tensor x = a.self().detach();
    return List.of(y, x.mean(axes, true), x.var(axes, 0, true).add(eps).rsqrt());
  }

  private static List<Tensor> batchNorm(Arguments a) {
    Optional<Tensor> weight = a.maybeTensor("weight");
    Optional<Tensor> bias = a.maybeTensor("bias");
    Optional<Tensor> mean = a.maybeTensor("running_mean");
    Optional<Tensor> var = a.maybeTensor("running_var");
    boolean training = a.flag("training", false);
    double momentum = a.real("momentum");
    double eps = a.real("eps");
    Tensor y = F.batchNorm(a.self(), mean, var, weight, bias, training, momentum, eps);
    if (!training) {
      return List.of(y, Torch.empty(0), Torch.empty(0));
    }
    Tensor rows = a.self().detach().transpose(0, 1).flatten(1);
    return List.of(y, rows.mean(1), rows.var(new int[] {1}, 0, false).add(eps).rsqrt());
  }
}
