package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.ModuleEntry.module;

import dev.flambeau.torch.nn.LazyBatchNorm1d;
import dev.flambeau.torch.nn.LazyBatchNorm2d;
import dev.flambeau.torch.nn.LazyBatchNorm3d;
import dev.flambeau.torch.nn.LazyConv1d;
import dev.flambeau.torch.nn.LazyConv2d;
import dev.flambeau.torch.nn.LazyConv3d;
import dev.flambeau.torch.nn.LazyConvTranspose1d;
import dev.flambeau.torch.nn.LazyConvTranspose2d;
import dev.flambeau.torch.nn.LazyConvTranspose3d;
import dev.flambeau.torch.nn.LazyInstanceNorm1d;
import dev.flambeau.torch.nn.LazyInstanceNorm2d;
import dev.flambeau.torch.nn.LazyInstanceNorm3d;
import dev.flambeau.torch.nn.LazyLinear;
import java.util.List;

/** Modules that take the number of their input features from their first input. */
final class LazyEntries {
  static final List<ModuleEntry<?>> ALL =
      List.of(
          module(
              LazyConv1d.class,
              a -> new LazyConv1d(out(a), sizes(a, 1), o -> ModuleEntries.convolution(o, a))),
          module(
              LazyConvTranspose1d.class,
              a ->
                  new LazyConvTranspose1d(out(a), sizes(a, 1), o -> ModuleEntries.transposed(o, a)),
              ModuleEntries::forward),
          module(
              LazyBatchNorm1d.class, a -> new LazyBatchNorm1d(o -> NormModuleEntries.batch(o, a))),
          module(
              LazyInstanceNorm1d.class,
              a -> new LazyInstanceNorm1d(o -> NormModuleEntries.batch(o, a))),
          module(
              LazyConv2d.class,
              a -> new LazyConv2d(out(a), sizes(a, 2), o -> ModuleEntries.convolution(o, a))),
          module(
              LazyConvTranspose2d.class,
              a ->
                  new LazyConvTranspose2d(out(a), sizes(a, 2), o -> ModuleEntries.transposed(o, a)),
              ModuleEntries::forward),
          module(
              LazyBatchNorm2d.class, a -> new LazyBatchNorm2d(o -> NormModuleEntries.batch(o, a))),
          module(
              LazyInstanceNorm2d.class,
              a -> new LazyInstanceNorm2d(o -> NormModuleEntries.batch(o, a))),
          module(
              LazyConv3d.class,
              a -> new LazyConv3d(out(a), sizes(a, 3), o -> ModuleEntries.convolution(o, a))),
          module(
              LazyConvTranspose3d.class,
              a ->
                  new LazyConvTranspose3d(out(a), sizes(a, 3), o -> ModuleEntries.transposed(o, a)),
              ModuleEntries::forward),
          module(
              LazyBatchNorm3d.class, a -> new LazyBatchNorm3d(o -> NormModuleEntries.batch(o, a))),
          module(
              LazyInstanceNorm3d.class,
              a -> new LazyInstanceNorm3d(o -> NormModuleEntries.batch(o, a))),
          module(
              LazyLinear.class,
              a -> new LazyLinear(a.whole("out_features"), a.flag("bias", true))));

  private LazyEntries() {}

  private static long out(Arguments a) {
    return a.whole("out_channels");
  }

  private static long[] sizes(Arguments a, int axes) {
    return ModuleEntries.sizes(a, axes);
  }
}
