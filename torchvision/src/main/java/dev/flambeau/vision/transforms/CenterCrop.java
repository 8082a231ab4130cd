package dev.flambeau.vision.transforms;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;

/**
 * The middle of a picture; a smaller picture is surrounded with 0 first. PyTorch: {@code
 * torchvision.transforms.CenterCrop}.
 */
public record CenterCrop(int height, int width) implements Transform {
  public CenterCrop {
    if (height < 1 || width < 1) {
      throw TorchException.argument("CenterCrop", "size", height + " x " + width, "1 or more");
    }
  }

  /** A square. */
  public CenterCrop(int size) {
    this(size, size);
  }

  @Override
  public Tensor apply(Tensor image) {
    Transform.check("CenterCrop", image);
    Tensor full = padded(image);
    // Half of an odd difference rounds to even, as Python's round does.
    long top = (long) Math.rint((full.size(-2) - height) / 2.0);
    long left = (long) Math.rint((full.size(-1) - width) / 2.0);
    return full.narrow(-2, top, height).narrow(-1, left, width);
  }

  private Tensor padded(Tensor image) {
    long h = image.size(-2);
    long w = image.size(-1);
    if (h >= height && w >= width) {
      return image;
    }
    long[] sizes = image.shape().sizes();
    sizes[sizes.length - 2] = Math.max(h, height);
    sizes[sizes.length - 1] = Math.max(w, width);
    Tensor canvas = Torch.zeros(image.dtype(), sizes);
    long top = Math.max(0, height - h) / 2;
    long left = Math.max(0, width - w) / 2;
    canvas.narrow(-2, top, h).narrow(-1, left, w).copy_(image);
    return canvas;
  }
}
