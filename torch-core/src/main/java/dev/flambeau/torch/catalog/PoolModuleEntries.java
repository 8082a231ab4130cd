package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.ModuleEntry.instance;
import static dev.flambeau.torch.catalog.ModuleEntry.module;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import dev.flambeau.torch.nn.AdaptiveAvgPool1d;
import dev.flambeau.torch.nn.AdaptiveAvgPool2d;
import dev.flambeau.torch.nn.AdaptiveAvgPool3d;
import dev.flambeau.torch.nn.AdaptiveMaxPool1d;
import dev.flambeau.torch.nn.AdaptiveMaxPool2d;
import dev.flambeau.torch.nn.AdaptiveMaxPool3d;
import dev.flambeau.torch.nn.AvgPool1d;
import dev.flambeau.torch.nn.AvgPool2d;
import dev.flambeau.torch.nn.AvgPool3d;
import dev.flambeau.torch.nn.LPPool1d;
import dev.flambeau.torch.nn.LPPool2d;
import dev.flambeau.torch.nn.MaxPool1d;
import dev.flambeau.torch.nn.MaxPool2d;
import dev.flambeau.torch.nn.MaxPool3d;
import dev.flambeau.torch.nn.MaxUnpool;
import dev.flambeau.torch.nn.MaxUnpool1d;
import dev.flambeau.torch.nn.MaxUnpool2d;
import dev.flambeau.torch.nn.MaxUnpool3d;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/** Pooling modules. */
final class PoolModuleEntries {
  static final List<ModuleEntry<?>> ALL =
      List.of(
          maximum(MaxPool1d.class, 1, MaxPool1d::new, MaxPool1d::forwardWithIndices),
          maximum(MaxPool2d.class, 2, MaxPool2d::new, MaxPool2d::forwardWithIndices),
          maximum(MaxPool3d.class, 3, MaxPool3d::new, MaxPool3d::forwardWithIndices),
          module(AvgPool1d.class, a -> new AvgPool1d(kernel(a, 1), o -> average(o, a))),
          module(AvgPool2d.class, a -> new AvgPool2d(kernel(a, 2), o -> average(o, a))),
          module(AvgPool3d.class, a -> new AvgPool3d(kernel(a, 3), o -> average(o, a))),
          module(LPPool1d.class, a -> new LPPool1d(power(a), kernel(a, 1), o -> power(o, a))),
          module(LPPool2d.class, a -> new LPPool2d(power(a), kernel(a, 2), o -> power(o, a))),
          module(AdaptiveAvgPool1d.class, a -> new AdaptiveAvgPool1d(output(a, 1)[0])),
          module(
              AdaptiveAvgPool2d.class,
              a -> {
                long[] size = output(a, 2);
                return new AdaptiveAvgPool2d(size[0], size[1]);
              }),
          module(
              AdaptiveAvgPool3d.class,
              a -> {
                long[] size = output(a, 3);
                return new AdaptiveAvgPool3d(size[0], size[1], size[2]);
              }),
          indexed(
              AdaptiveMaxPool1d.class,
              a -> new AdaptiveMaxPool1d(output(a, 1)[0]),
              AdaptiveMaxPool1d::forwardWithIndices),
          indexed(
              AdaptiveMaxPool2d.class,
              a -> {
                long[] size = output(a, 2);
                return new AdaptiveMaxPool2d(size[0], size[1]);
              },
              AdaptiveMaxPool2d::forwardWithIndices),
          indexed(
              AdaptiveMaxPool3d.class,
              a -> {
                long[] size = output(a, 3);
                return new AdaptiveMaxPool3d(size[0], size[1], size[2]);
              },
              AdaptiveMaxPool3d::forwardWithIndices),
          unpool(MaxUnpool1d.class, 1, MaxUnpool1d::new),
          unpool(MaxUnpool2d.class, 2, MaxUnpool2d::new),
          unpool(MaxUnpool3d.class, 3, MaxUnpool3d::new));

  private PoolModuleEntries() {}

  private static long[] kernel(Arguments a, int axes) {
    return ModuleEntries.spread(a.longs("kernel_size"), axes);
  }

  private static <M extends Module> ModuleEntry<M> maximum(
      Class<M> type,
      int axes,
      BiFunction<long[], Consumer<PoolOptions>, M> constructor,
      BiFunction<M, Tensor, ValuesIndices> both) {
    return indexed(
        type,
        a ->
            constructor.apply(
                kernel(a, axes),
                o -> {
                  o.stride(a.longs("stride")).padding(a.longs("padding", 0));
                  o.dilation(a.longs("dilation", 1));
                  a.flag("return_indices", false);
                  o.ceilMode(a.flag("ceil_mode", false));
                }),
        both);
  }

  /** A class that gives the places of the maxima as well, if asked for. */
  private static <M extends Module> ModuleEntry<M> indexed(
      Class<M> type,
      Function<Arguments, M> constructor,
      BiFunction<M, Tensor, ValuesIndices> both) {
    return instance(
        type,
        a -> {
          M module = constructor.apply(a);
          if (!a.flag("return_indices", false)) {
            return new ModuleEntry.Instance<>(
                module, (m, x) -> List.of(m.forward(x.tensor("input"))));
          }
          return new ModuleEntry.Instance<>(
              module,
              (m, x) -> {
                ValuesIndices all = both.apply(m, x.tensor("input"));
                return List.of(all.values(), all.indices());
              });
        });
  }

  private static <M extends MaxUnpool> ModuleEntry<M> unpool(
      Class<M> type, int axes, BiFunction<long[], Consumer<PoolOptions>, M> constructor) {
    return module(
        type,
        a ->
            constructor.apply(
                kernel(a, axes), o -> o.stride(a.longs("stride")).padding(a.longs("padding", 0))),
        (m, a) -> {
          Tensor input = a.tensor("input");
          Tensor indices = a.tensor("indices");
          return a.maybeLongs("output_size")
              .map(size -> m.forward(input, indices, size))
              .orElseGet(() -> m.forward(input, indices));
        });
  }

  private static void average(PoolOptions o, Arguments a) {
    o.stride(a.longs("stride")).padding(a.longs("padding", 0));
    o.ceilMode(a.flag("ceil_mode", false)).countIncludePad(a.flag("count_include_pad", true));
    a.maybeWhole("divisor_override").ifPresent(o::divisor);
  }

  private static double power(Arguments a) {
    return a.real("norm_type");
  }

  private static void power(PoolOptions o, Arguments a) {
    o.stride(a.longs("stride")).ceilMode(a.flag("ceil_mode", false));
  }

  /** None keeps the input's size, as -1 does here. */
  private static long[] output(Arguments a, int axes) {
    Object size = a.value("output_size");
    long[] sizes = new long[axes];
    for (int i = 0; i < axes; i++) {
      Object n = size instanceof List<?> all ? all.get(i) : size;
      sizes[i] = n == null ? -1 : (Long) n;
    }
    return sizes;
  }
}
