package dev.flambeau.vision.transforms;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/** A step from picture to picture, or from picture to network input. */
@FunctionalInterface
public interface Transform {
  /** Works on (..., channels, height, width). */
  Tensor apply(Tensor image);

  /** This step, then {@code next}. */
  default Transform then(Transform next) {
    return image -> next.apply(apply(image));
  }

  /** The steps one after another; PyTorch: {@code torchvision.transforms.Compose}. */
  static Transform compose(Transform... steps) {
    Transform all = image -> image;
    for (Transform step : steps) {
      all = all.then(step);
    }
    return all;
  }

  private static TorchException noPicture(String transform, Tensor image) {
    return TorchException.shape(
        transform, "image", image.shape(), "(..., channels, height, width), all at least 1");
  }

  /** Checks that a tensor is a picture. */
  static void check(String transform, Tensor image) {
    if (image.dim() < 3 || image.numel() == 0) {
      throw noPicture(transform, image);
    }
  }
}
