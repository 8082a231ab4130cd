package dev.flambeau.vision.transforms;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;

/** Pillow's 8-bit resampling: columns first, then rows, each rounded to 8 bits. */
record U8Resizer(Interpolation interpolation) {
  private static final int HALF = 1 << (Resampling.BITS - 1);

  Tensor apply(Tensor image, int height, int width) {
    int channels = (int) image.size(0);
    int inHeight = (int) image.size(1);
    int inWidth = (int) image.size(2);
    byte[] pixels = image.toByteArray();
    byte[] out = new byte[channels * height * width];
    if (interpolation == Interpolation.NEAREST) {
      int[] rows = nearest(inHeight, height);
      int[] columns = nearest(inWidth, width);
      for (int i = 0; i < out.length; i++) {
        int row = i / width / height * inHeight + rows[i / width % height];
        out[i] = pixels[row * inWidth + columns[i % width]];
      }
    } else {
      byte[] wide = width == inWidth ? pixels : across(pixels, channels * inHeight, inWidth, width);
      out = height == inHeight ? wide : down(wide, channels, inHeight, height, width);
    }
    return Torch.tensor(out, channels, height, width);
  }

  /**
   * For each output index of an axis the input pixel in which its centre lies. Pillow adds up the
   * step, so where a centre falls on an edge rounding decides, and it is the same rounding here.
   */
  static int[] nearest(int in, int out) {
    int[] index = new int[out];
    double step = (double) in / out;
    double at = step * 0.5;
    for (int i = 0; i < out; i++, at += step) {
      index[i] = Math.min((int) at, in - 1);
    }
    return index;
  }

  private byte[] across(byte[] in, int rows, int inWidth, int width) {
    Resampling resampling = Resampling.of(inWidth, width, interpolation);
    int[][] fixed = resampling.fixed();
    byte[] out = new byte[rows * width];
    for (int row = 0; row < rows; row++) {
      for (int x = 0; x < width; x++) {
        int[] weights = fixed[x];
        int at = row * inWidth + resampling.start()[x];
        int sum = HALF;
        for (int k = 0; k < weights.length; k++) {
          sum += (in[at + k] & 0xff) * weights[k];
        }
        out[row * width + x] = clip(sum);
      }
    }
    return out;
  }

  private byte[] down(byte[] in, int channels, int inHeight, int height, int width) {
    Resampling resampling = Resampling.of(inHeight, height, interpolation);
    int[][] fixed = resampling.fixed();
    byte[] out = new byte[channels * height * width];
    int[] sums = new int[width];
    for (int row = 0; row < channels * height; row++) {
      int y = row % height;
      int[] weights = fixed[y];
      int at = (row / height * inHeight + resampling.start()[y]) * width;
      Arrays.fill(sums, HALF);
      for (int k = 0; k < weights.length; k++) {
        for (int x = 0; x < width; x++) {
          sums[x] += (in[at + k * width + x] & 0xff) * weights[k];
        }
      }
      for (int x = 0; x < width; x++) {
        out[row * width + x] = clip(sums[x]);
      }
    }
    return out;
  }

  private static byte clip(int sum) {
    return (byte) Math.clamp(sum >> Resampling.BITS, 0, 255);
  }
}
