package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.List;

/** Tensors made from numbers. */
final class CreationEntries {
  static final List<Entry> ALL =
      List.of(
          entry("zeros", "Torch.zeros", a -> Torch.zeros(type(a, DType.F32), sizes(a))),
          entry("ones", "Torch.ones", a -> Torch.ones(type(a, DType.F32), sizes(a))),
          entry("zeros_like", "Tensor.zerosLike", a -> a.self().zerosLike(type(a))),
          entry("ones_like", "Tensor.onesLike", a -> a.self().onesLike(type(a))),
          entry(
              "full_like",
              "Tensor.fullLike",
              a -> a.self().fullLike(number(a.value("fill_value")), type(a))),
          entry("new_zeros", "Tensor.newFull", a -> a.self().newFull(type(a), 0, a.shape("size"))),
          entry("new_ones", "Tensor.newFull", a -> a.self().newFull(type(a), 1, a.shape("size"))),
          entry(
              "new_full",
              "Tensor.newFull",
              a -> {
                long[] sizes = a.longs("size");
                return a.self().newFull(type(a), number(a.value("fill_value")), sizes);
              }),
          entry("fill", "Tensor.fill", a -> a.self().fill(number(a.value("value")))),
          entry("zero_", "Tensor.zero_", a -> a.self().copy().zero_()),
          entry("arange", "Torch.arange", CreationEntries::arange),
          entry(
                  "linspace",
                  "Torch.linspace",
                  a -> {
                    a.withInput();
                    double start = a.real("start");
                    double end = a.real("end");
                    long steps = a.whole("steps");
                    return Torch.linspace(type(a, DType.F32), start, end, steps);
                  })
              .compare(CreationEntries::nearLine),
          entry(
              "logspace",
              "Torch.logspace",
              a -> {
                a.withInput();
                double start = a.real("start");
                double end = a.real("end");
                long steps = a.whole("steps");
                double base = a.real("base", 10);
                return Torch.logspace(type(a, DType.F32), start, end, steps, base);
              }),
          entry("eye", "Torch.eye", CreationEntries::eye),
          entry(
              "tril_indices",
              "Torch.trilIndices",
              a -> {
                a.withInput().only("dtype", DType.I64).only("device", "cpu");
                return Torch.trilIndices(a.whole("row"), a.whole("col"), a.whole("offset", 0));
              }),
          entry(
              "triu_indices",
              "Torch.triuIndices",
              a -> {
                a.withInput().only("dtype", DType.I64).only("device", "cpu");
                return Torch.triuIndices(a.whole("row"), a.whole("col"), a.whole("offset", 0));
              }));

  private CreationEntries() {}

  private static DType type(Arguments a) {
    return type(a, a.self().dtype());
  }

  private static DType type(Arguments a, DType otherwise) {
    a.only("device", "cpu").only("requires_grad", false);
    Object type = a.named("dtype");
    return type instanceof DType t ? t : otherwise;
  }

  private static long[] sizes(Arguments a) {
    return a.withInput().shape("size");
  }

  /** A number; Python's booleans are numbers. */
  private static Number number(Object value) {
    return value instanceof Boolean b ? (Number) (b ? 1L : 0L) : (Number) value;
  }

  private static Tensor arange(Arguments a) {
    List<Object> all = new ArrayList<>(a.withInput().rest());
    for (String name : List.of("start", "end", "step")) {
      if (a.named(name) != null) {
        all.add(a.named(name));
      }
    }
    Number first = number(all.get(0));
    Number start = all.size() == 1 ? 0L : first;
    Number end = all.size() == 1 ? first : number(all.get(1));
    Number step = all.size() > 2 ? number(all.get(2)) : 1L;
    boolean whole = start instanceof Long && end instanceof Long && step instanceof Long;
    return Torch.arange(type(a, whole ? DType.I64 : DType.F32), start, end, step);
  }

  /**
   * PyTorch's integers depend on the width of its vectors: it truncates the start of each vector.
   * So they are only compared with the line, from which they may be almost 2 away.
   */
  private static List<Tensor> nearLine(Arguments a, List<Tensor> out) {
    Tensor t = out.get(0);
    if (t.dtype().isFloat()) {
      return out;
    }
    Tensor line =
        Torch.linspace(DType.F64, (long) a.real("start"), (long) a.real("end"), t.numel());
    return List.of(t.sub(line).abs().lt(2), t.zerosLike());
  }

  private static Tensor eye(Arguments a) {
    DType type = type(a, DType.F32);
    long rows = a.withInput().whole("n");
    return Torch.eye(type, rows, a.whole("m", rows));
  }
}
