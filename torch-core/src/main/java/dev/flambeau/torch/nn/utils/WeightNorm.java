package dev.flambeau.torch.nn.utils;

import dev.flambeau.torch.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * g v / |v|: length and direction are trained apart (Salimans and Kingma 2016). PyTorch: {@code
 * torch.nn.utils.parametrizations.weight_norm}.
 */
final class WeightNorm extends Parametrization {
  private final int axis;

  /** -1: one length for the whole tensor. */
  WeightNorm(int axis) {
    this.axis = axis;
  }

  @Override
  protected Tensor compute(List<Tensor> originals) {
    Tensor v = originals.get(1);
    return v.mul(originals.get(0).div(length(v)));
  }

  @Override
  protected List<Tensor> rightInverse(Tensor value) {
    return List.of(length(value), value);
  }

  /** 0-d for the whole tensor, otherwise of size 1 along all other axes. */
  private Tensor length(Tensor v) {
    int[] others = IntStream.range(0, v.dim()).filter(i -> i != axis).toArray();
    return axis == -1 ? v.norm(2, others, false) : v.norm(2, others, true);
  }

  @Override
  public String typeName() {
    return "_WeightNorm";
  }
}
