package dev.flambeau.vision.transforms;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/** U8 0..255 to F32 0..1; PyTorch: {@code torchvision.transforms.ToTensor}. */
public record ToTensor() implements Transform {
  @Override
  public Tensor apply(Tensor image) {
    Transform.check("ToTensor", image);
    return switch (image.dtype()) {
      case U8 -> image.to(DType.F32).div(255);
      case F32 -> image;
      default -> throw TorchException.type("ToTensor", "image", image.dtype(), "U8 or F32");
    };
  }
}
