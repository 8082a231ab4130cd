package dev.flambeau.vision.transforms;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;

/**
 * (x - mean) / std for each channel of a float picture (..., channels, height, width). PyTorch:
 * {@code torchvision.transforms.Normalize}.
 */
public record Normalize(List<Double> mean, List<Double> std) implements Transform {
  public Normalize {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.isEmpty() || mean.size() != std.size()) {
      throw TorchException.argument(
          "Normalize", "mean, std", mean + ", " + std, "one number a channel each");
    }
    if (std.contains(0.0)) {
      throw TorchException.argument("Normalize", "std", std, "numbers other than 0");
    }
  }

  /** What networks trained on ImageNet expect. */
  public static Normalize imageNet() {
    return new Normalize(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
  }

  @Override
  public Tensor apply(Tensor image) {
    if (image.dim() < 3 || mean.size() != 1 && image.size(-3) != mean.size()) {
      throw TorchException.shape(
          "Normalize", "image", image.shape(), "(..., " + mean.size() + ", height, width)");
    }
    if (!image.dtype().isFloat()) {
      throw TorchException.type("Normalize", "image", image.dtype(), "a floating point type");
    }
    return image.sub(column(mean, image)).div(column(std, image));
  }

  private static Tensor column(List<Double> values, Tensor like) {
    double[] v = values.stream().mapToDouble(Double::doubleValue).toArray();
    return Torch.tensor(v, v.length, 1, 1).to(like.dtype());
  }
}
