package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.Optional;

/**
 * A tensor of F32 as U8 over the range of its elements, widened to contain 0: outputs are the
 * integers, the scale (F32, one number; 1 if all is 0) and the zero point (U8, one number). ONNX:
 * DynamicQuantizeLinear. It has no gradient.
 */
public record QuantizeDynamic() implements Structured {
  private static final int LARGEST = 255;

  @Override
  public String name() {
    return "quantize_dynamic";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    if (x.dtype() != DType.F32) {
      throw TorchException.type(name(), "input", x.dtype(), "F32");
    }
    if (x.shape().numel() == 0) {
      throw TorchException.shape(name(), "input", x.shape(), "at least one element");
    }
    return new Meta[] {
      new Meta(DType.U8, x.device(), Pointwise.layout(inputs, x.shape())),
      Meta.contiguous(DType.F32, x.device(), Shape.of()),
      Meta.contiguous(DType.U8, x.device(), Shape.of())
    };
  }

  /** The scale for elements from {@code low} to {@code high}. */
  public static float scale(float low, float high) {
    float range = Math.max(high, 0) - Math.min(low, 0);
    return range == 0 ? 1 : range / LARGEST;
  }

  /** The integer that stands for 0. */
  public static int zero(float low, float scale) {
    return Math.clamp((long) Math.rint(-Math.min(low, 0) / scale), 0, LARGEST);
  }

  @Override
  public Optional<Tensor[]> decompose(Tensor[] in) {
    Tensor low = in[0].amin().clampMax(0);
    Tensor range = in[0].amax().clampMin(0).sub(low);
    Tensor scale = Torch.where(range.eq(0), range.onesLike(), range.div(LARGEST));
    Tensor zero = low.neg().div(scale).round().clamp(0, LARGEST).to(DType.U8);
    Tensor y = Dispatcher.call(Quantize.to(DType.U8, 0, LARGEST), in[0], scale, zero);
    return Optional.of(new Tensor[] {y, scale, zero});
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    throw TorchException.gradient(name() + " has no gradient: its result are integers");
  }
}
