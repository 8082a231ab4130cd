package dev.flambeau.torch.api;

import dev.flambeau.torch.Index;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Scatter.Reduce;

/** In-place forms of {@link Scattering} and of triangles: the result replaces the elements. */
public sealed interface InPlaceIndexing extends Self permits Tensor {
  default Tensor scatter_(int axis, Tensor index, Tensor source) {
    return self().copy_(self().scatter(axis, index, source));
  }

  default Tensor scatter_(int axis, Tensor index, Number value) {
    return self().copy_(self().scatter(axis, index, value));
  }

  default Tensor scatterAdd_(int axis, Tensor index, Tensor source) {
    return self().copy_(self().scatterAdd(axis, index, source));
  }

  default Tensor scatterReduce_(
      int axis, Tensor index, Tensor source, Reduce reduce, boolean includeSelf) {
    return self().copy_(self().scatterReduce(axis, index, source, reduce, includeSelf));
  }

  default Tensor indexAdd_(int axis, Tensor index, Tensor source) {
    return self().copy_(self().indexAdd(axis, index, source));
  }

  default Tensor indexCopy_(int axis, Tensor index, Tensor source) {
    return self().copy_(self().indexCopy(axis, index, source));
  }

  default Tensor indexFill_(int axis, Tensor index, Number value) {
    return self().copy_(self().indexFill(axis, index, value));
  }

  default Tensor indexPut_(Tensor values, boolean accumulate, Index... index) {
    return self().copy_(self().indexPut(values, accumulate, index));
  }

  default Tensor put_(Tensor index, Tensor source, boolean accumulate) {
    return self().copy_(self().put(index, source, accumulate));
  }

  /** The mask is stretched to this tensor's shape. */
  default Tensor maskedFill_(Tensor mask, Number value) {
    return self().copy_(self().maskedFill(mask, value));
  }

  /** The mask is stretched to this tensor's shape. */
  default Tensor maskedScatter_(Tensor mask, Tensor source) {
    return self().copy_(self().maskedScatter(mask, source));
  }

  default Tensor tril_(long diagonal) {
    return self().copy_(self().tril(diagonal));
  }

  default Tensor triu_(long diagonal) {
    return self().copy_(self().triu(diagonal));
  }
}
