package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Weights rounded to the nearest of equal steps around 0. */
final class IntegerWeights {
  private IntegerWeights() {}

  /**
   * @param steps I8
   * @param scales F32: one for each index of the axis, or one without axes
   */
  record Steps(Tensor steps, Tensor scales) {}

  /**
   * INT8, from -127 to 127 or, in reduced range, -63 to 63.
   *
   * @param axis with a scale for each of its indices; -1: one for all
   */
  static Steps int8(Tensor weight, int axis, boolean reduced) {
    int largest = reduced ? 63 : 127;
    Tensor w = weight.detach().to(DType.F32);
    Tensor magnitude = w.abs();
    int[] others = IntStream.range(0, w.dim()).filter(i -> i != axis).toArray();
    Tensor most = axis < 0 ? magnitude.amax() : magnitude.amax(others);
    Tensor scales = Torch.where(most.eq(0), most.onesLike(), most.div(largest));
    Tensor steps = w.div(along(scales, w, axis)).round().clamp(-largest, largest);
    return new Steps(steps.to(DType.I8), scales);
  }

  /** A vector of an axis of {@code w}, to be broadcast with it. */
  static Tensor along(Tensor vector, Tensor w, int axis) {
    if (axis < 0) {
      return vector;
    }
    long[] sizes = new long[w.dim()];
    Arrays.fill(sizes, 1);
    sizes[axis] = vector.numel();
    return vector.reshape(sizes);
  }
}
