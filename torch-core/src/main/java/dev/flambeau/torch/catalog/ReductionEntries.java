package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import dev.flambeau.torch.Tensor;
import java.util.List;

/** Operators that combine elements along axes. */
final class ReductionEntries {
  static final List<Entry> ALL =
      List.of(
          entry("amax", "Tensor.amax", a -> a.self().amax(a.axes("dim"), a.flag("keepdim", false)))
              .without("f32e5", "no parameter out"),
          entry("mean", "Tensor.mean", ReductionEntries::mean).without("f32e2", "no parameter out"),
          entry(
              "logsumexp",
              "Tensor.logsumexp",
              a -> a.self().logsumexp(a.axes("dim"), a.flag("keepdim", false))),
          entry(
              "softmax",
              "Tensor.softmax",
              a -> {
                int axis = a.axis("dim");
                return a.maybeDtype("dtype")
                    .map(type -> a.self().softmax(axis, type))
                    .orElseGet(() -> a.self().softmax(axis));
              }),
          entry(
              "log_softmax",
              "Tensor.logSoftmax",
              a -> {
                int axis = a.axis("dim");
                return a.maybeDtype("dtype")
                    .map(type -> a.self().logSoftmax(axis, type))
                    .orElseGet(() -> a.self().logSoftmax(axis));
              }));

  private ReductionEntries() {}

  private static Tensor mean(Arguments a) {
    int[] axes = a.axes("dim");
    boolean keepdim = a.flag("keepdim", false);
    return a.maybeDtype("dtype").map(a.self()::to).orElse(a.self()).mean(axes, keepdim);
  }
}
