package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;

/**
 * Conversion to another element type; PyTorch: {@code Tensor.to(dtype)}. Floats truncate to
 * integers.
 */
public record Cast(DType dtype) implements Structured {
  @Override
  public String name() {
    return "to";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta in = inputs[0];
    return new Meta[] {
      in.layout().isDense() ? in.withDType(dtype) : Meta.contiguous(dtype, in.device(), in.shape())
    };
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    return new Tensor[] {gradients[0].to(saved.inputMeta(0).dtype())};
  }
}
