package dev.flambeau.zoo;

import dev.flambeau.onnx.ImageReader;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.vision.io.Images;
import java.util.Optional;

/** Images of ONNX files by torchvision's decoder, with its limits. */
public final class VisionImageReader implements ImageReader {
  /** For {@link java.util.ServiceLoader}. */
  public VisionImageReader() {}

  @Override
  public Optional<Tensor> read(byte[] encoded) {
    try {
      Tensor picture = Images.decode(encoded, "ImageDecoder's input", false);
      return Optional.of(picture.permute(1, 2, 0).contiguous());
    } catch (TorchException e) {
      return Optional.empty();
    }
  }
}
