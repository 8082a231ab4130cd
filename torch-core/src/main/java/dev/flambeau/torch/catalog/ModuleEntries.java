package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.ModuleEntry.absent;
import static dev.flambeau.torch.catalog.ModuleEntry.instance;
import static dev.flambeau.torch.catalog.ModuleEntry.module;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import dev.flambeau.torch.nn.AdaptiveAvgPool1d;
import dev.flambeau.torch.nn.AdaptiveAvgPool2d;
import dev.flambeau.torch.nn.AvgPool1d;
import dev.flambeau.torch.nn.AvgPool2d;
import dev.flambeau.torch.nn.BatchNorm;
import dev.flambeau.torch.nn.BatchNorm1d;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv1d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Conv3d;
import dev.flambeau.torch.nn.Dropout;
import dev.flambeau.torch.nn.Embedding;
import dev.flambeau.torch.nn.Flatten;
import dev.flambeau.torch.nn.Identity;
import dev.flambeau.torch.nn.LayerNorm;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.MaxPool;
import dev.flambeau.torch.nn.MaxPool1d;
import dev.flambeau.torch.nn.MaxPool2d;
import dev.flambeau.torch.nn.MaxPool3d;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.ModuleList;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.nn.functional.ConvOptions;
import dev.flambeau.torch.nn.functional.Padding;
import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** Layers and containers. */
final class ModuleEntries {
  static final List<ModuleEntry<?>> ALL =
      List.of(
          module(
              Linear.class,
              a ->
                  new Linear(
                      a.whole("in_features"), a.whole("out_features"), a.flag("bias", true))),
          module(Conv1d.class, a -> new Conv1d(in(a), out(a), sizes(a, 1), o -> convolution(o, a))),
          module(Conv2d.class, a -> new Conv2d(in(a), out(a), sizes(a, 2), o -> convolution(o, a))),
          module(Conv3d.class, a -> new Conv3d(in(a), out(a), sizes(a, 3), o -> convolution(o, a))),
          maximum(MaxPool1d.class, 1, MaxPool1d::new),
          maximum(MaxPool2d.class, 2, MaxPool2d::new),
          maximum(MaxPool3d.class, 3, MaxPool3d::new),
          module(AvgPool1d.class, a -> new AvgPool1d(sizes(a, 1), o -> average(o, a))),
          module(AvgPool2d.class, a -> new AvgPool2d(sizes(a, 2), o -> average(o, a))),
          module(AdaptiveAvgPool1d.class, a -> new AdaptiveAvgPool1d(outputSize(a, 1)[0])),
          module(
              AdaptiveAvgPool2d.class,
              a -> {
                long[] size = outputSize(a, 2);
                return new AdaptiveAvgPool2d(size[0], size[1]);
              }),
          module(BatchNorm1d.class, a -> new BatchNorm1d(a.whole("num_features"), o -> norm(o, a))),
          module(BatchNorm2d.class, a -> new BatchNorm2d(a.whole("num_features"), o -> norm(o, a))),
          module(
              LayerNorm.class,
              a ->
                  new LayerNorm(
                      a.longs("normalized_shape"),
                      o ->
                          o.eps(a.real("eps", 1e-5))
                              .elementwiseAffine(a.flag("elementwise_affine", true)))),
          module(Embedding.class, ModuleEntries::embedding),
          module(Dropout.class, a -> new Dropout(a.real("p", 0.5))),
          module(Identity.class, ModuleEntries::identity),
          module(Flatten.class, a -> new Flatten(a.axis("start_dim", 1), a.axis("end_dim", -1))),
          module(Sequential.class, ModuleEntries::sequential),
          module(ModuleList.class, a -> new ModuleList<>(modules(a.value("modules")))),
          absent("AdaptiveAvgPool3d", "not built"),
          absent("AdaptiveMaxPool1d", "not built"),
          absent("AdaptiveMaxPool2d", "not built"),
          absent("AdaptiveMaxPool3d", "not built"),
          absent("AvgPool3d", "not built"),
          absent("BatchNorm3d", "not built"),
          absent("Bilinear", "not built"),
          absent("ChannelShuffle", "not built"),
          absent("ConstantPad1d", "not built"),
          absent("ConstantPad2d", "not built"),
          absent("ConstantPad3d", "not built"),
          absent("ConvTranspose1d", "not built"),
          absent("ConvTranspose2d", "not built"),
          absent("ConvTranspose3d", "not built"),
          absent("CosineSimilarity", "not built"),
          absent("CrossMapLRN2d", "not built"),
          absent("Fold", "not built"),
          absent("GroupNorm", "not built"),
          absent("InstanceNorm1d", "not built"),
          absent("InstanceNorm2d", "not built"),
          absent("InstanceNorm3d", "not built"),
          absent("LPPool1d", "not built"),
          absent("LPPool2d", "not built"),
          absent("LazyBatchNorm1d", "not built"),
          absent("LazyBatchNorm2d", "not built"),
          absent("LazyBatchNorm3d", "not built"),
          absent("LazyConv1d", "not built"),
          absent("LazyConv2d", "not built"),
          absent("LazyConv3d", "not built"),
          absent("LazyConvTranspose1d", "not built"),
          absent("LazyConvTranspose2d", "not built"),
          absent("LazyConvTranspose3d", "not built"),
          absent("LazyInstanceNorm1d", "not built"),
          absent("LazyInstanceNorm2d", "not built"),
          absent("LazyInstanceNorm3d", "not built"),
          absent("LazyLinear", "not built"),
          absent("LocalResponseNorm", "not built"),
          absent("MaxUnpool1d", "not built"),
          absent("MaxUnpool2d", "not built"),
          absent("MaxUnpool3d", "not built"),
          absent("ModuleDict", "not built"),
          absent("PairwiseDistance", "not built"),
          absent("ParameterDict", "not built"),
          absent("ParameterList", "not built"),
          absent("PixelShuffle", "not built"),
          absent("PixelUnshuffle", "not built"),
          absent("ReflectionPad1d", "not built"),
          absent("ReflectionPad2d", "not built"),
          absent("ReflectionPad3d", "not built"),
          absent("ReplicationPad1d", "not built"),
          absent("ReplicationPad2d", "not built"),
          absent("ReplicationPad3d", "not built"),
          absent("Unflatten", "not built"),
          absent("Unfold", "not built"),
          absent("Upsample", "not built"),
          absent("UpsamplingBilinear2d", "not built"),
          absent("UpsamplingNearest2d", "not built"),
          absent("ZeroPad2d", "not built"));

  private ModuleEntries() {}

  private static long in(Arguments a) {
    return a.whole("in_channels");
  }

  private static long out(Arguments a) {
    return a.whole("out_channels");
  }

  /** The kernel's size along each axis. */
  private static long[] sizes(Arguments a, int axes) {
    long[] given = a.longs("kernel_size");
    long[] all = Arrays.copyOf(given, axes);
    if (given.length == 1) {
      Arrays.fill(all, given[0]);
    }
    return all;
  }

  private static void convolution(ConvOptions o, Arguments a) {
    o.stride(a.longs("stride", 1));
    if (!(a.peek("padding") instanceof String)) {
      o.padding(a.longs("padding", 0));
    } else if (a.text("padding", "").equals("same")) {
      o.samePadding();
    }
    o.dilation(a.longs("dilation", 1)).groups(a.whole("groups", 1)).bias(a.flag("bias", true));
    o.paddingMode(
        switch (a.text("padding_mode", "zeros")) {
          case "zeros" -> Padding.CONSTANT;
          case String other -> Padding.valueOf(other.toUpperCase(Locale.ROOT));
        });
  }

  private static void maximum(PoolOptions o, Arguments a) {
    o.stride(a.longs("stride")).padding(a.longs("padding", 0)).dilation(a.longs("dilation", 1));
    a.flag("return_indices", false);
    o.ceilMode(a.flag("ceil_mode", false));
  }

  private static <M extends MaxPool> ModuleEntry<M> maximum(
      Class<M> type, int axes, BiFunction<long[], Consumer<PoolOptions>, M> constructor) {
    return instance(
        type,
        a -> {
          M module = constructor.apply(sizes(a, axes), o -> maximum(o, a));
          boolean indices = a.flag("return_indices", false);
          return new ModuleEntry.Instance<>(
              module, (m, x) -> outputs(m, x.tensor("input"), indices));
        });
  }

  private static List<Tensor> outputs(MaxPool module, Tensor input, boolean indices) {
    if (!indices) {
      return List.of(module.forward(input));
    }
    ValuesIndices both = module.forwardWithIndices(input);
    return List.of(both.values(), both.indices());
  }

  private static void average(PoolOptions o, Arguments a) {
    o.stride(a.longs("stride")).padding(a.longs("padding", 0));
    o.ceilMode(a.flag("ceil_mode", false)).countIncludePad(a.flag("count_include_pad", true));
    a.maybeWhole("divisor_override").ifPresent(o::divisor);
  }

  /** None keeps the input's size, as -1 does here. */
  private static long[] outputSize(Arguments a, int axes) {
    Object size = a.value("output_size");
    long[] sizes = new long[axes];
    for (int i = 0; i < axes; i++) {
      Object n = size instanceof List<?> all ? all.get(i) : size;
      sizes[i] = n == null ? -1 : (Long) n;
    }
    return sizes;
  }

  private static void norm(BatchNorm.Options o, Arguments a) {
    o.eps(a.real("eps", 1e-5));
    if (a.given("momentum") && !a.has("momentum")) {
      o.cumulativeMomentum();
    } else {
      o.momentum(a.real("momentum", 0.1));
    }
    o.affine(a.flag("affine", true)).trackRunningStats(a.flag("track_running_stats", true));
  }

  private static Embedding embedding(Arguments a) {
    a.named("_weight"); // the state has it
    a.named("sparse"); // gradients are compared densely
    return new Embedding(
        a.whole("num_embeddings"),
        a.whole("embedding_dim"),
        o -> {
          a.maybeWhole("padding_idx").ifPresent(o::paddingIndex);
          a.maybeReal("max_norm").ifPresent(o::maxNorm);
          o.normType(a.real("norm_type", 2));
        });
  }

  /** Identity takes whatever it is given. */
  private static Identity identity(Arguments a) {
    a.rest();
    a.named("args");
    a.named("unused");
    return new Identity();
  }

  private static Sequential sequential(Arguments a) {
    List<?> args = a.has("args") ? (List<?>) a.value("args") : a.rest();
    Map<String, Module> named = new LinkedHashMap<>();
    boolean names = args.size() == 1 && args.get(0) instanceof List<?>;
    for (Object item : names ? (List<?>) args.get(0) : args) {
      if (item instanceof Map.Entry<?, ?> e) {
        named.put((String) e.getKey(), (Module) e.getValue());
      } else {
        named.put(String.valueOf(named.size()), (Module) item);
      }
    }
    return new Sequential(named);
  }

  private static List<Module> modules(Object list) {
    return ((List<?>) list).stream().map(m -> (Module) m).toList();
  }
}
