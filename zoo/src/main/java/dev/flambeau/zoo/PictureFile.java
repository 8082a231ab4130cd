package dev.flambeau.zoo;

import dev.flambeau.torch.Tensor;
import dev.flambeau.vision.io.Images;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;

/** Pictures from files to tensors, and from tensors to what Java draws on. */
final class PictureFile {
  private PictureFile() {}

  /** U8, 3 x H x W, RGB, upright. */
  static Tensor read(Path file, String name) {
    try {
      return Images.read(file);
    } catch (IOException e) {
      throw new UserError("cannot read " + name + ": " + Fetcher.reason(e), e);
    }
  }

  /** A U8 picture, 3 x H x W, row by row, as whole copies of large photos take much memory. */
  static BufferedImage drawable(Tensor picture) {
    int height = (int) picture.size(1);
    int width = (int) picture.size(2);
    BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      long[] rgb = picture.narrow(1, y, 1).toLongArray();
      for (int x = 0; x < width; x++) {
        row[x] = (int) (rgb[x] << 16 | rgb[width + x] << 8 | rgb[2 * width + x]);
      }
      out.setRGB(0, y, width, 1, row, 0, width);
    }
    return out;
  }
}
