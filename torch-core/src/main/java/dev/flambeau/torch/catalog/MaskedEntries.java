package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Masked;
import dev.flambeau.torch.Tensor;
import java.util.List;

/** {@code torch.masked}. Without a mask everything counts. */
final class MaskedEntries {
  static final List<Entry> ALL =
      List.of(
          reduction("sum", Masked::sum),
          reduction("prod", Masked::prod),
          reduction("amax", Masked::amax),
          reduction("amin", Masked::amin),
          reduction("mean", Masked::mean),
          reduction("logsumexp", Masked::logsumexp),
          entry("masked.argmax", "Masked.argmax", a -> place(a, Masked::argmax)),
          entry("masked.argmin", "Masked.argmin", a -> place(a, Masked::argmin)),
          entry(
              "masked.var",
              "Masked.var",
              a -> Masked.var(floats(a), mask(a), a.axes("dim"), correction(a), keepdim(a))),
          entry(
              "masked.std",
              "Masked.std",
              a -> Masked.std(floats(a), mask(a), a.axes("dim"), correction(a), keepdim(a))),
          entry(
              "masked.norm",
              "Masked.norm",
              a -> {
                double p = a.real("ord");
                return Masked.norm(a.self(), p, mask(a), a.axes("dim"), keepdim(a));
              }),
          entry(
                  "masked.normalize",
                  "Masked.normalize",
                  a -> {
                    double p = a.real("ord");
                    int axis = a.axis("dim");
                    return Masked.normalize(a.self(), p, mask(a), axis, a.real("eps", 1e-12));
                  })
              .tolerance(1e-5, 1e-5, "PyTorch's own F32 rounding of the norm"),
          entry(
              "masked.median",
              "Masked.median",
              a -> Masked.median(a.self(), mask(a), a.axis("dim"), keepdim(a))),
          along("softmax", "softmax", Masked::softmax),
          along("log_softmax", "logSoftmax", Masked::logSoftmax),
          along("softmin", "softmin", Masked::softmin),
          along("cumsum", "cumsum", Masked::cumsum),
          along("cumprod", "cumprod", Masked::cumprod),
          entry(
              "masked.logaddexp",
              "Masked.logaddexp",
              a ->
                  Masked.logaddexp(
                      a.self(),
                      a.tensor("other"),
                      mask(a, "input_mask", a.self()),
                      mask(a, "other_mask", a.tensor("other")))));

  private MaskedEntries() {}

  @FunctionalInterface
  private interface Reduce {
    Tensor of(Tensor x, Tensor mask, int[] axes, boolean keepdim);
  }

  @FunctionalInterface
  private interface Along {
    Tensor of(Tensor x, Tensor mask, int axis);
  }

  @FunctionalInterface
  private interface Place {
    Tensor of(Tensor x, Tensor mask, int axis, boolean keepdim);
  }

  private static Entry reduction(String name, Reduce call) {
    return entry(
        "masked." + name,
        "Masked." + name,
        a -> call.of(a.self(), mask(a), a.axes("dim"), keepdim(a)));
  }

  private static Entry along(String name, String java, Along call) {
    return entry(
        "masked." + name, "Masked." + java, a -> call.of(a.self(), mask(a), a.axis("dim")));
  }

  /** Along one axis, or over all elements; PyTorch converts the place to the input's type. */
  private static Tensor place(Arguments a, Place call) {
    Tensor x = a.self();
    Tensor mask = mask(a);
    boolean keepdim = keepdim(a);
    Tensor found =
        a.has("dim")
            ? call.of(x, mask, a.axis("dim"), keepdim)
            : call.of(x.reshape(-1), mask.expand(x.shape()).reshape(-1), 0, false);
    return found.to(x.dtype());
  }

  private static Tensor floats(Arguments a) {
    return a.self().dtype().isFloat() ? a.self() : a.self().to(DType.F32);
  }

  private static Tensor mask(Arguments a) {
    return mask(a, "mask", a.self());
  }

  private static Tensor mask(Arguments a, String name, Tensor x) {
    return a.named(name) instanceof Tensor t ? t : x.detach().onesLike().to(DType.BOOL);
  }

  private static boolean keepdim(Arguments a) {
    return Boolean.TRUE.equals(a.named("keepdim"));
  }

  private static double correction(Arguments a) {
    return Boolean.FALSE.equals(a.named("unbiased")) ? 0 : 1;
  }
}
