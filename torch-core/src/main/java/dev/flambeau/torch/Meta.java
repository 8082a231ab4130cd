package dev.flambeau.torch;

/** Everything about a tensor except its data; with an operator, the key of kernel caches. */
public record Meta(DType dtype, Device device, Layout layout) {
  /** Dense and row-major. */
  public static Meta contiguous(DType dtype, Device device, Shape shape) {
    return new Meta(dtype, device, Layout.contiguous(shape));
  }

  public Shape shape() {
    return layout.shape();
  }

  public int rank() {
    return layout.rank();
  }

  public long size(int axis) {
    return layout.size(axis);
  }

  /** The same with another element type and a dense layout with the axes in the same order. */
  public Meta withDType(DType other) {
    return new Meta(other, device, layout.sameOrder(shape()));
  }
}
