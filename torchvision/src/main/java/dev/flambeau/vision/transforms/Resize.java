package dev.flambeau.vision.transforms;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;

/**
 * Another size, antialiased. U8 pictures get exactly the pixels Pillow gives (weights in fixed
 * point, rounded after each direction); F32 pictures the same weights without rounding. PyTorch:
 * {@code torchvision.transforms.Resize(antialias=True)}.
 */
public final class Resize implements Transform {
  private final int height;
  private final int width;
  private final boolean shorterSide;
  private final int maxSize;
  private final Interpolation interpolation;

  private Resize(
      int height, int width, boolean shorterSide, int maxSize, Interpolation interpolation) {
    if (height < 1 || width < 1) {
      throw TorchException.argument("Resize", "size", height + " x " + width, "1 or more");
    }
    this.height = height;
    this.width = width;
    this.shorterSide = shorterSide;
    this.maxSize = maxSize;
    this.interpolation = interpolation;
  }

  /** The shorter side becomes {@code size}, the longer one in proportion; bilinear. */
  public Resize(int size) {
    this(size, size, true, Integer.MAX_VALUE, Interpolation.BILINEAR);
  }

  /** The shorter side becomes {@code size}, the longer one in proportion. */
  public Resize(int size, Interpolation interpolation) {
    this(size, size, true, Integer.MAX_VALUE, interpolation);
  }

  /** Exactly this size. */
  public Resize(int height, int width, Interpolation interpolation) {
    this(height, width, false, Integer.MAX_VALUE, interpolation);
  }

  /** The longer side never exceeds {@code max}, even if the shorter one gets below its size. */
  public Resize maxSize(int max) {
    if (!shorterSide || max <= height) {
      throw TorchException.argument("Resize", "max_size", max, "more than the shorter side's size");
    }
    return new Resize(height, width, true, max, interpolation);
  }

  @Override
  public Tensor apply(Tensor image) {
    Transform.check("Resize", image);
    if (image.dim() > 3) {
      Tensor flat = image.flatten(0, -3);
      Tensor resized = apply(flat);
      long[] sizes = image.shape().sizes();
      sizes[sizes.length - 2] = resized.size(1);
      sizes[sizes.length - 1] = resized.size(2);
      return resized.reshape(sizes);
    }
    int[] target = target((int) image.size(1), (int) image.size(2));
    if (target[0] == image.size(1) && target[1] == image.size(2)) {
      return image;
    }
    return switch (image.dtype()) {
      case U8 -> new U8Resizer(interpolation).apply(image, target[0], target[1]);
      case F32 -> floats(image, target[0], target[1]);
      default -> throw TorchException.type("Resize", "image", image.dtype(), "U8 or F32");
    };
  }

  private int[] target(int h, int w) {
    if (!shorterSide) {
      return new int[] {height, width};
    }
    int small = Math.min(h, w);
    int large = Math.max(h, w);
    int newSmall = height;
    int newLarge = (int) Math.min(Integer.MAX_VALUE, (long) height * large / small);
    if (newLarge > maxSize) {
      newSmall = Math.max(1, (int) ((long) maxSize * newSmall / newLarge));
      newLarge = maxSize;
    }
    return h <= w ? new int[] {newSmall, newLarge} : new int[] {newLarge, newSmall};
  }

  private Tensor floats(Tensor image, int h, int w) {
    int channels = (int) image.size(0);
    int inHeight = (int) image.size(1);
    int inWidth = (int) image.size(2);
    float[] pixels = image.toFloatArray();
    if (interpolation == Interpolation.NEAREST) {
      float[] out = new float[channels * h * w];
      int[] rows = U8Resizer.nearest(inHeight, h);
      int[] columns = U8Resizer.nearest(inWidth, w);
      for (int i = 0; i < out.length; i++) {
        out[i] = pixels[(i / w / h * inHeight + rows[i / w % h]) * inWidth + columns[i % w]];
      }
      return Torch.tensor(out, channels, h, w);
    }
    Resampling across = Resampling.of(inWidth, w, interpolation);
    Resampling down = Resampling.of(inHeight, h, interpolation);
    float[] wide = new float[channels * inHeight * w];
    for (int row = 0; row < channels * inHeight; row++) {
      for (int x = 0; x < w; x++) {
        double sum = 0;
        double[] weights = across.weights()[x];
        for (int k = 0; k < weights.length; k++) {
          sum += weights[k] * pixels[row * inWidth + across.start()[x] + k];
        }
        wide[row * w + x] = (float) sum;
      }
    }
    float[] out = new float[channels * h * w];
    for (int i = 0; i < out.length; i++) {
      int y = i / w % h;
      double sum = 0;
      double[] weights = down.weights()[y];
      int at = (i / w / h * inHeight + down.start()[y]) * w + i % w;
      for (int k = 0; k < weights.length; k++) {
        sum += weights[k] * wide[at + k * w];
      }
      out[i] = (float) sum;
    }
    return Torch.tensor(out, channels, h, w);
  }
}
