package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;
import static dev.flambeau.torch.catalog.Entry.several;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import dev.flambeau.torch.linalg.Linalg;
import java.util.List;
import java.util.stream.Stream;

/** Operators that combine elements along axes. */
final class ReductionEntries {
  static final List<Entry> ALL =
      Stream.of(folds(), spreads(), places(), scans(), softmaxes()).flatMap(List::stream).toList();

  private ReductionEntries() {}

  private static List<Entry> folds() {
    return List.of(
        entry("amax", "Tensor.amax", a -> a.self().amax(a.axes("dim"), keepdim(a)))
            .without("f32e5", "no parameter out"),
        entry("mean", "Tensor.mean", a -> typed(a, Tensor::mean))
            .without("f32e2", "no parameter out"),
        entry("nansum", "Tensor.nansum", a -> typed(a, Tensor::nansum)),
        entry("nanmean", "Tensor.nanmean", a -> typed(a, Tensor::nanmean)),
        entry("logsumexp", "Tensor.logsumexp", a -> a.self().logsumexp(a.axes("dim"), keepdim(a))),
        entry("count_nonzero", "Tensor.countNonzero", a -> a.self().countNonzero(a.axes("dim"))),
        entry("trace", "Tensor.trace", a -> a.self().trace()),
        entry("norm", "Tensor.norm", ReductionEntries::norm),
        several(
            "aminmax",
            "Tensor.aminmax",
            a -> {
              int[] axes = a.named("dim") instanceof Long n ? new int[] {n.intValue()} : new int[0];
              var both = a.self().aminmax(axes, Boolean.TRUE.equals(a.named("keepdim")));
              return List.of(both.min(), both.max());
            }));
  }

  private static boolean keepdim(Arguments a) {
    return a.flag("keepdim", false);
  }

  @FunctionalInterface
  private interface Reduce {
    Tensor of(Tensor x, int[] axes, boolean keepdim);
  }

  /** With the input converted first. */
  private static Tensor typed(Arguments a, Reduce call) {
    int[] axes = a.axes("dim");
    boolean keepdim = keepdim(a);
    return call.of(a.maybeDtype("dtype").map(a.self()::to).orElse(a.self()), axes, keepdim);
  }

  private static Tensor norm(Arguments a) {
    double p = 2;
    Object given = a.value("p");
    if (given instanceof Number n) {
      p = n.doubleValue();
    } else if ("nuc".equals(given)) {
      return typed(a, ReductionEntries::nuclear);
    } else if (given != null && !given.equals("fro")) {
      throw new Arguments.NotSupported("p=" + given);
    }
    double power = p;
    return typed(a, (x, axes, keepdim) -> x.norm(power, axes, keepdim));
  }

  private static Tensor nuclear(Tensor x, int[] axes, boolean keepdim) {
    return Linalg.matrixNorm(x, "nuc", axes.length == 0 ? new int[] {0, 1} : axes, keepdim);
  }

  private static List<Entry> spreads() {
    return List.of(
        entry("var", "Tensor.var", a -> spread(a, Tensor::var)),
        entry("std", "Tensor.std", a -> spread(a, Tensor::std)),
        several(
            "var_mean",
            "Tensor.varMean",
            a -> {
              var both = spread(a, Tensor::varMean);
              return List.of(both.spread(), both.mean());
            }),
        several(
            "std_mean",
            "Tensor.stdMean",
            a -> {
              var both = spread(a, Tensor::stdMean);
              return List.of(both.spread(), both.mean());
            }));
  }

  @FunctionalInterface
  private interface Spread<R> {
    R of(Tensor x, int[] axes, double correction, boolean keepdim);
  }

  /** Either {@code unbiased} alone by position, or dim, unbiased or correction, keepdim. */
  private static <R> R spread(Arguments a, Spread<R> call) {
    boolean alone = a.peek("dim") instanceof Boolean;
    int[] axes = alone ? new int[0] : a.axes("dim");
    double correction = a.flag("unbiased", true) ? 1 : 0;
    boolean keepdim = keepdim(a);
    if (a.named("correction") instanceof Number n) {
      correction = n.doubleValue();
    }
    return call.of(a.self(), axes, correction, keepdim);
  }

  private static List<Entry> places() {
    return List.of(
        several("max", "Tensor.max", a -> extreme(a, Tensor::max, Tensor::max, Tensor::maximum)),
        several("min", "Tensor.min", a -> extreme(a, Tensor::min, Tensor::min, Tensor::minimum)),
        entry("argmax", "Tensor.argmax", a -> place(a, Tensor::argmax, Tensor::argmax)),
        entry("argmin", "Tensor.argmin", a -> place(a, Tensor::argmin, Tensor::argmin)));
  }

  @FunctionalInterface
  private interface All {
    Tensor of(Tensor x);
  }

  @FunctionalInterface
  private interface Along<R> {
    R of(Tensor x, int axis, boolean keepdim);
  }

  @FunctionalInterface
  private interface Both {
    Tensor of(Tensor a, Tensor b);
  }

  private static List<Tensor> extreme(Arguments a, All all, Along<ValuesIndices> along, Both both) {
    Object first = a.peek("dim");
    if (first == null && !a.has("other")) {
      return List.of(all.of(a.self()));
    }
    if (first instanceof Long) {
      ValuesIndices found = along.of(a.self(), a.axis("dim"), keepdim(a));
      return List.of(found.values(), found.indices());
    }
    return List.of(both.of(a.self(), a.tensor("other")));
  }

  private static Tensor place(Arguments a, All all, Along<Tensor> along) {
    if (!a.has("dim")) {
      a.value("dim");
      a.only("keepdim", false);
      return all.of(a.self());
    }
    return along.of(a.self(), a.axis("dim"), keepdim(a));
  }

  private static List<Entry> scans() {
    return List.of(
        entry("cumsum", "Tensor.cumsum", a -> scan(a, Tensor::cumsum)),
        entry("cumprod", "Tensor.cumprod", a -> scan(a, Tensor::cumprod)),
        entry("logcumsumexp", "Tensor.logcumsumexp", a -> scan(a, Tensor::logcumsumexp)),
        several("cummax", "Tensor.cummax", a -> pair(a.self().cummax(a.axis("dim")))),
        several("cummin", "Tensor.cummin", a -> pair(a.self().cummin(a.axis("dim")))));
  }

  private static List<Tensor> pair(ValuesIndices both) {
    return List.of(both.values(), both.indices());
  }

  @FunctionalInterface
  private interface OnAxis {
    Tensor of(Tensor x, int axis);
  }

  /** With the input converted first. */
  private static Tensor scan(Arguments a, OnAxis call) {
    int axis = a.axis("dim");
    return call.of(a.maybeDtype("dtype").map(a.self()::to).orElse(a.self()), axis);
  }

  private static List<Entry> softmaxes() {
    return List.of(
        entry("softmax", "Tensor.softmax", a -> scan(a, Tensor::softmax)),
        entry("log_softmax", "Tensor.logSoftmax", a -> scan(a, Tensor::logSoftmax)));
  }
}
