package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;
import static dev.flambeau.torch.catalog.Entry.several;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.api.Quantiles.Interpolation;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import dev.flambeau.torch.op.Scatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Ranks, covariances and groups. */
final class StatisticsEntries {
  static final List<Entry> ALL =
      List.of(
          several("median", "Tensor.median", a -> median(a, Tensor::median, Tensor::median))
              .compare(StatisticsEntries::found),
          several(
                  "nanmedian",
                  "Tensor.nanmedian",
                  a -> median(a, Tensor::nanmedian, Tensor::nanmedian))
              .compare(StatisticsEntries::found),
          several(
                  "kthvalue",
                  "Tensor.kthvalue",
                  a -> pair(a.self().kthvalue(a.whole("k"), a.axis("dim", -1), keepdim(a))))
              .compare(StatisticsEntries::found),
          several("mode", "Tensor.mode", a -> pair(a.self().mode(a.axis("dim", -1), keepdim(a))))
              .compare(StatisticsEntries::found),
          entry("quantile", "Tensor.quantile", a -> quantile(a, Tensor::quantile)),
          entry("nanquantile", "Tensor.nanquantile", a -> quantile(a, Tensor::nanquantile)),
          entry("segment_reduce", "Tensor.segmentReduce", StatisticsEntries::segments),
          entry("dist", "Tensor.dist", a -> a.self().dist(a.tensor("other"), a.real("p", 2))),
          entry(
              "renorm",
              "Tensor.renorm",
              a -> a.self().renorm(a.real("p"), a.axis("dim"), a.real("maxnorm"))),
          entry("cov", "Tensor.cov", StatisticsEntries::cov),
          entry("corrcoef", "Tensor.corrcoef", a -> a.self().corrcoef()));

  private StatisticsEntries() {}

  @FunctionalInterface
  private interface All {
    Tensor of(Tensor x);
  }

  @FunctionalInterface
  private interface Along {
    ValuesIndices of(Tensor x, int axis, boolean keepdim);
  }

  @FunctionalInterface
  private interface Quantile {
    Tensor of(Tensor x, Tensor q, OptionalInt axis, boolean keepdim, Interpolation how);
  }

  private static boolean keepdim(Arguments a) {
    return a.flag("keepdim", false);
  }

  private static List<Tensor> pair(ValuesIndices both) {
    return List.of(both.values(), both.indices());
  }

  private static List<Tensor> median(Arguments a, All all, Along along) {
    return a.has("dim")
        ? pair(along.of(a.self(), a.axis("dim"), keepdim(a)))
        : List.of(all.of(a.self()));
  }

  /** Of equal elements any may be found, so values are compared, and that they are where said. */
  private static List<Tensor> found(Arguments a, List<Tensor> outputs) {
    if (outputs.size() == 1 || a.self().dim() == 0) {
      return outputs;
    }
    Tensor x = a.self().detach();
    int axis = a.axis("dim", -1);
    boolean kept = outputs.get(1).dim() == x.dim();
    Tensor index = kept ? outputs.get(1) : outputs.get(1).unsqueeze(axis);
    return List.of(outputs.get(0), x.gather(axis, index));
  }

  private static Tensor quantile(Arguments a, Quantile call) {
    Tensor x = a.self();
    Tensor q = a.peek("q") instanceof Number n ? x.detach().scalar(n).to(x.dtype()) : a.tensor("q");
    a.value("q");
    OptionalInt axis = a.maybeAxis("dim");
    boolean keepdim = keepdim(a);
    Object how = a.named("interpolation");
    String name = how == null ? "LINEAR" : how.toString().toUpperCase(Locale.ROOT);
    return call.of(x, q, axis, keepdim, Interpolation.valueOf(name));
  }

  private static Tensor segments(Arguments a) {
    Scatter.Reduce reduce =
        switch (a.text("reduce", "")) {
          case "sum" -> Scatter.Reduce.SUM;
          case "mean" -> Scatter.Reduce.MEAN;
          case "prod" -> Scatter.Reduce.PROD;
          case "max" -> Scatter.Reduce.AMAX;
          case "min" -> Scatter.Reduce.AMIN;
          default -> throw new Arguments.NotSupported("reduce");
        };
    Object axis = a.named("axis");
    int at = axis == null ? 0 : ((Long) axis).intValue();
    boolean unsafe = Boolean.TRUE.equals(a.named("unsafe"));
    OptionalDouble initial =
        a.named("initial") instanceof Number n
            ? OptionalDouble.of(n.doubleValue())
            : OptionalDouble.empty();
    Tensor lengths =
        a.named("lengths") instanceof Tensor t ? t : ((Tensor) a.named("offsets")).diff();
    return a.self().segmentReduce(reduce, lengths, at, unsafe, initial);
  }

  private static Tensor cov(Arguments a) {
    long correction = a.named("correction") instanceof Long n ? n : 1;
    Optional<Tensor> counts = Optional.ofNullable((Tensor) a.named("fweights"));
    Optional<Tensor> weights = Optional.ofNullable((Tensor) a.named("aweights"));
    return a.self().cov(correction, counts, weights);
  }
}
