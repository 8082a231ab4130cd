package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import java.util.Optional;

/**
 * Decodes the images of ImageDecoder nodes; found by {@link java.util.ServiceLoader}. This module
 * has none: {@code zoo} brings one.
 */
public interface ImageReader {
  /**
   * The picture as a U8 tensor (height, width, 3), RGB, as its pixels lie in the file; empty if it
   * is damaged, too large or of an unknown format. BMP, JPEG, JPEG 2000, TIFF, PNG, WebP and PNM
   * must be known.
   */
  Optional<Tensor> read(byte[] encoded);
}
