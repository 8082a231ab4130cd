package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Scan;

/** What the elements of an axis up to each of them combine to. */
public sealed interface Scans extends Self permits Tensor {
  private Tensor[] scan(Scan.Kind kind, int axis) {
    return Dispatcher.callAll(new Scan(kind, self().shape().axis(axis), false), self());
  }

  private Tensor wide() {
    return self().dtype().isFloat() ? self() : self().to(DType.I64);
  }

  /** Sums; of integers I64. */
  default Tensor cumsum(int axis) {
    return Dispatcher.call(new Scan(Scan.Kind.SUM, self().shape().axis(axis), false), wide());
  }

  /** Products; of integers I64. */
  default Tensor cumprod(int axis) {
    return Dispatcher.call(new Scan(Scan.Kind.PROD, self().shape().axis(axis), false), wide());
  }

  /** Largest elements, and where the last of equal ones is. */
  default ValuesIndices cummax(int axis) {
    Tensor[] out = scan(Scan.Kind.MAX, axis);
    return new ValuesIndices(out[0], out[1]);
  }

  /** Smallest elements, and where the last of equal ones is. */
  default ValuesIndices cummin(int axis) {
    Tensor[] out = scan(Scan.Kind.MIN, axis);
    return new ValuesIndices(out[0], out[1]);
  }

  /** log(sum(exp(x))) without overflow. */
  default Tensor logcumsumexp(int axis) {
    return scan(Scan.Kind.LOGSUMEXP, axis)[0];
  }
}
