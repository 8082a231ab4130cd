package dev.flambeau.torch.conformance;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.catalog.Entry;
import java.util.Optional;

/** PyTorch's {@code assert_close}: same shape and type, and differences within its tolerance. */
final class Closeness {
  private Closeness() {}

  /** What differs most, or nothing. */
  static Optional<String> difference(Tensor got, Tensor wanted, Optional<Entry.Tolerance> wider) {
    return difference(got, wanted, wider, 1);
  }

  /** The same within so many times the tolerance. */
  static Optional<String> difference(
      Tensor got, Tensor wanted, Optional<Entry.Tolerance> wider, double times) {
    if (!got.shape().equals(wanted.shape()) || got.dtype() != wanted.dtype()) {
      return Optional.of(
          "got " + got.dtype() + got.shape() + ", expected " + wanted.dtype() + wanted.shape());
    }
    return switch (wanted.dtype()) {
      case F32 ->
          wider
              .map(w -> reals(got, wanted, times * w.relative(), times * w.absolute()))
              .orElseGet(() -> reals(got, wanted, times * 1.3e-6, times * 1e-5));
      case F64 -> reals(got, wanted, times * 1e-7, times * 1e-7);
      case F16 -> reals(got, wanted, times * 1e-3, times * 1e-5);
      case BF16 -> reals(got, wanted, times * 1.6e-2, times * 1e-5);
      case BOOL, U8, I8, I16, I32, I64 -> integers(got, wanted);
    };
  }

  /** The same for reals within {@code |a - b| <= tolerance (1 + |b|)}. */
  static Optional<String> difference(Tensor got, Tensor wanted, double tolerance) {
    return got.shape().equals(wanted.shape())
            && got.dtype() == wanted.dtype()
            && wanted.dtype().isFloat()
        ? reals(got, wanted, tolerance, tolerance)
        : difference(got, wanted, Optional.empty());
  }

  /** The same for numbers. */
  static Optional<String> difference(double got, double wanted, double tolerance) {
    boolean same =
        Double.compare(got, wanted) == 0
            || Math.abs(got - wanted) <= tolerance * (1 + Math.abs(wanted));
    return same ? Optional.empty() : Optional.of(got + ", expected " + wanted);
  }

  private static Optional<String> reals(
      Tensor got, Tensor wanted, double relative, double absolute) {
    double[] a = got.detach().to(DType.F64).toDoubleArray();
    double[] b = wanted.to(DType.F64).toDoubleArray();
    double worst = 1;
    int at = -1;
    for (int i = 0; i < a.length; i++) {
      boolean same = a[i] == b[i] || Double.isNaN(a[i]) && Double.isNaN(b[i]);
      double excess = Math.abs(a[i] - b[i]) / (absolute + relative * Math.abs(b[i]));
      if (!same && !(excess <= worst)) {
        worst = Double.isNaN(excess) ? Double.POSITIVE_INFINITY : excess;
        at = i;
      }
    }
    return at < 0
        ? Optional.empty()
        : Optional.of("element " + at + " is " + a[at] + ", expected " + b[at]);
  }

  private static Optional<String> integers(Tensor got, Tensor wanted) {
    long[] a = got.toLongArray();
    long[] b = wanted.toLongArray();
    for (int i = 0; i < a.length; i++) {
      if (a[i] != b[i]) {
        return Optional.of("element " + i + " is " + a[i] + ", expected " + b[i]);
      }
    }
    return Optional.empty();
  }
}
