package dev.flambeau.torch;

/** Prints tensors. */
final class TensorText {
  private TensorText() {}

  static String of(Tensor t) {
    return "tensor(" + t.shape() + ", " + t.dtype().torchName() + ")";
  }
}
