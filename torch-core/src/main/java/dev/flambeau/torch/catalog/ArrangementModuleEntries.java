package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.ModuleEntry.module;

import dev.flambeau.torch.nn.ChannelShuffle;
import dev.flambeau.torch.nn.ConstantPad1d;
import dev.flambeau.torch.nn.ConstantPad2d;
import dev.flambeau.torch.nn.ConstantPad3d;
import dev.flambeau.torch.nn.Flatten;
import dev.flambeau.torch.nn.Fold;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.PixelShuffle;
import dev.flambeau.torch.nn.PixelUnshuffle;
import dev.flambeau.torch.nn.ReflectionPad1d;
import dev.flambeau.torch.nn.ReflectionPad2d;
import dev.flambeau.torch.nn.ReflectionPad3d;
import dev.flambeau.torch.nn.ReplicationPad1d;
import dev.flambeau.torch.nn.ReplicationPad2d;
import dev.flambeau.torch.nn.ReplicationPad3d;
import dev.flambeau.torch.nn.Unflatten;
import dev.flambeau.torch.nn.Unfold;
import dev.flambeau.torch.nn.Upsample;
import dev.flambeau.torch.nn.UpsamplingBilinear2d;
import dev.flambeau.torch.nn.UpsamplingNearest2d;
import dev.flambeau.torch.nn.WindowOptions;
import dev.flambeau.torch.nn.ZeroPad2d;
import dev.flambeau.torch.nn.functional.Interpolation;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.Function;

/** Modules that pad, rearrange and resize. */
final class ArrangementModuleEntries {
  static final List<ModuleEntry<?>> ALL =
      List.of(
          module(ConstantPad1d.class, a -> constant(a, v -> p -> new ConstantPad1d(v, p))),
          module(ConstantPad2d.class, a -> constant(a, v -> p -> new ConstantPad2d(v, p))),
          module(ConstantPad3d.class, a -> constant(a, v -> p -> new ConstantPad3d(v, p))),
          module(ZeroPad2d.class, a -> new ZeroPad2d(padding(a))),
          module(ReflectionPad1d.class, a -> new ReflectionPad1d(padding(a))),
          module(ReflectionPad2d.class, a -> new ReflectionPad2d(padding(a))),
          module(ReflectionPad3d.class, a -> new ReflectionPad3d(padding(a))),
          module(ReplicationPad1d.class, a -> new ReplicationPad1d(padding(a))),
          module(ReplicationPad2d.class, a -> new ReplicationPad2d(padding(a))),
          module(ReplicationPad3d.class, a -> new ReplicationPad3d(padding(a))),
          module(Flatten.class, a -> new Flatten(a.axis("start_dim", 1), a.axis("end_dim", -1))),
          module(
              Unflatten.class,
              a -> {
                int axis = a.axis("dim");
                return new Unflatten(axis, a.longs("unflattened_size"));
              }),
          module(PixelShuffle.class, a -> new PixelShuffle(a.whole("upscale_factor"))),
          module(PixelUnshuffle.class, a -> new PixelUnshuffle(a.whole("downscale_factor"))),
          module(ChannelShuffle.class, a -> new ChannelShuffle(a.whole("groups"))),
          module(
              Fold.class,
              a -> {
                long[] size = ModuleEntries.spread(a.longs("output_size"), 2);
                return new Fold(size, kernel(a), o -> windows(o, a));
              }),
          module(Unfold.class, a -> new Unfold(kernel(a), o -> windows(o, a))),
          module(Upsample.class, a -> new Upsample(o -> resize(o, a))),
          module(
              UpsamplingNearest2d.class,
              a ->
                  a.maybeLongs("size")
                      .map(UpsamplingNearest2d::new)
                      .orElseGet(() -> new UpsamplingNearest2d(a.real("scale_factor")))),
          module(
              UpsamplingBilinear2d.class,
              a ->
                  a.maybeLongs("size")
                      .map(UpsamplingBilinear2d::new)
                      .orElseGet(() -> new UpsamplingBilinear2d(a.real("scale_factor")))));

  private ArrangementModuleEntries() {}

  private static long[] padding(Arguments a) {
    return a.longs("padding");
  }

  private static <M extends Module> M constant(
      Arguments a, DoubleFunction<Function<long[], M>> constructor) {
    long[] padding = padding(a);
    return constructor.apply(a.real("value")).apply(padding);
  }

  private static long[] kernel(Arguments a) {
    return ModuleEntries.spread(a.longs("kernel_size"), 2);
  }

  private static void windows(WindowOptions o, Arguments a) {
    o.dilation(a.longs("dilation", 1)).padding(a.longs("padding", 0));
    o.stride(a.longs("stride", 1));
  }

  private static void resize(Upsample.Options o, Arguments a) {
    a.maybeLongs("size").ifPresent(o::size);
    a.maybeReals("scale_factor").ifPresent(o::scaleFactor);
    o.mode(
        switch (a.text("mode", "nearest")) {
          case "nearest" -> Interpolation.NEAREST;
          case "nearest-exact" -> Interpolation.NEAREST_EXACT;
          case "linear", "bilinear", "trilinear" -> Interpolation.LINEAR;
          case "bicubic" -> Interpolation.CUBIC;
          case "area" -> Interpolation.AREA;
          case String other -> throw new Arguments.NotSupported("mode " + other);
        });
    o.alignCorners(a.flag("align_corners", false));
    o.recomputeScaleFactor(a.flag("recompute_scale_factor", false));
  }
}
