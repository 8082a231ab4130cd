package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.ModuleEntry.module;

import dev.flambeau.torch.nn.BatchNorm1d;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.BatchNorm3d;
import dev.flambeau.torch.nn.CrossMapLRN2d;
import dev.flambeau.torch.nn.GroupNorm;
import dev.flambeau.torch.nn.InstanceNorm1d;
import dev.flambeau.torch.nn.InstanceNorm2d;
import dev.flambeau.torch.nn.InstanceNorm3d;
import dev.flambeau.torch.nn.LayerNorm;
import dev.flambeau.torch.nn.LocalResponseNorm;
import dev.flambeau.torch.nn.RMSNorm;
import dev.flambeau.torch.nn.RunningNorm;
import java.util.List;

/** Normalizing modules. */
final class NormModuleEntries {
  private static final String NEIGHBOURS =
      "PyTorch's gradient sums over the neighbours of the channel before";

  static final List<ModuleEntry<?>> ALL =
      List.of(
          module(BatchNorm1d.class, a -> new BatchNorm1d(features(a), o -> batch(o, a))),
          module(BatchNorm2d.class, a -> new BatchNorm2d(features(a), o -> batch(o, a))),
          module(BatchNorm3d.class, a -> new BatchNorm3d(features(a), o -> batch(o, a))),
          module(InstanceNorm1d.class, a -> new InstanceNorm1d(features(a), o -> instance(o, a))),
          module(InstanceNorm2d.class, a -> new InstanceNorm2d(features(a), o -> instance(o, a))),
          module(InstanceNorm3d.class, a -> new InstanceNorm3d(features(a), o -> instance(o, a))),
          module(
              LayerNorm.class,
              a ->
                  new LayerNorm(
                      a.longs("normalized_shape"),
                      o ->
                          o.eps(a.real("eps", 1e-5))
                              .elementwiseAffine(a.flag("elementwise_affine", true)))),
          module(
              RMSNorm.class,
              a ->
                  new RMSNorm(
                      a.longs("normalized_shape"),
                      o -> {
                        a.maybeReal("eps").ifPresent(o::eps);
                        o.elementwiseAffine(a.flag("elementwise_affine", true));
                      })),
          module(
              GroupNorm.class,
              a ->
                  new GroupNorm(
                      a.whole("num_groups"),
                      a.whole("num_channels"),
                      o -> o.eps(a.real("eps", 1e-5)).affine(a.flag("affine", true)))),
          module(
              LocalResponseNorm.class,
              a ->
                  new LocalResponseNorm(
                      a.whole("size"),
                      a.real("alpha", 1e-4),
                      a.real("beta", 0.75),
                      a.real("k", 1))),
          module(
                  CrossMapLRN2d.class,
                  a ->
                      new CrossMapLRN2d(
                          a.whole("size"),
                          a.real("alpha", 1e-4),
                          a.real("beta", 0.75),
                          a.real("k", 1)))
              .without("l0d", NEIGHBOURS)
              .without("o0", NEIGHBOURS)
              .without("o1d", NEIGHBOURS));

  private NormModuleEntries() {}

  private static long features(Arguments a) {
    return a.whole("num_features");
  }

  static void batch(RunningNorm.Options o, Arguments a) {
    set(o, a, true);
  }

  static void instance(RunningNorm.Options o, Arguments a) {
    set(o, a, false);
  }

  private static void set(RunningNorm.Options o, Arguments a, boolean on) {
    o.eps(a.real("eps", 1e-5));
    if (a.given("momentum") && !a.has("momentum")) {
      o.cumulativeMomentum();
    } else {
      o.momentum(a.real("momentum", 0.1));
    }
    o.affine(a.flag("affine", on)).trackRunningStats(a.flag("track_running_stats", on));
  }
}
