package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.Interpolation;
import java.util.ArrayList;
import java.util.List;

/** Pictures read at places that are computed, and put together from patches. */
final class Sampling {
  private Sampling() {}

  static void register(Registry r) {
    r.map("GridSample", since(16), Sampling::gridSample);
    r.map(
        "AffineGrid",
        since(20),
        c -> F.affineGrid(c.in(0), c.longs(1), c.node().flag("align_corners", false)));
    r.map("Col2Im", since(18), Sampling::imageOfColumns);
    r.map("DeformConv", since(19), Sampling::deformable);
  }

  private static Tensor gridSample(Call c) {
    String mode = c.node().s("mode", "linear");
    String padding = c.node().s("padding_mode", "zeros");
    Interpolation how =
        switch (mode) {
          case "linear", "bilinear" -> Interpolation.LINEAR;
          case "cubic", "bicubic" -> Interpolation.CUBIC;
          case "nearest" -> Interpolation.NEAREST;
          default -> throw c.bad("mode", mode, "linear, nearest, cubic");
        };
    var outside =
        switch (padding) {
          case "zeros" -> dev.flambeau.torch.nn.functional.Padding.CONSTANT;
          case "border" -> dev.flambeau.torch.nn.functional.Padding.REPLICATE;
          case "reflection" -> dev.flambeau.torch.nn.functional.Padding.REFLECT;
          default -> throw c.bad("padding_mode", padding, "zeros, border, reflection");
        };
    return F.gridSample(c.in(0), c.in(1), how, outside, c.node().flag("align_corners", false));
  }

  /** Columns (N, C * patch, positions) added up to pictures (N, C, ...); the adjoint of im2col. */
  private static Tensor imageOfColumns(Call c) {
    long[] image = c.longs(1);
    long[] block = c.longs(2);
    int axes = image.length;
    long[] dilations = c.node().ints("dilations", Windows.ones(axes));
    long[] pads = c.node().ints("pads", new long[2 * axes]);
    long[] strides = c.node().ints("strides", Windows.ones(axes));
    long patch = Limits.checked(c.name(), block);
    Tensor x = c.in(0);
    if (x.dim() != 3 || patch < 1 || x.size(1) % patch != 0) {
      throw c.bad("input", x.shape(), "(N, channels * " + patch + ", positions)");
    }
    long[] padded = new long[axes];
    Tensor place = Torch.arange(1).reshape(1, 1);
    for (int i = 0; i < axes; i++) {
      padded[i] = image[i] + pads[i] + pads[i + axes];
      long steps = (padded[i] - dilations[i] * (block[i] - 1) - 1) / strides[i] + 1;
      Tensor line =
          Torch.arange(block[i])
              .mul(dilations[i])
              .unsqueeze(1)
              .add(Torch.arange(steps).mul(strides[i]));
      // (blocks, positions) of the axes so far, crossed with those of this one.
      Tensor crossed = place.mul(padded[i]).unsqueeze(1).unsqueeze(3);
      place =
          crossed
              .add(line.unsqueeze(0).unsqueeze(2))
              .reshape(place.size(0) * line.size(0), place.size(1) * line.size(1));
    }
    long channels = x.size(1) / patch;
    long area = Limits.checked(c.name(), padded);
    Limits.checked(c.name(), x.size(0), channels, area);
    if (place.size(1) != x.size(2)) {
      throw c.bad("input", x.shape(), place.size(1) + " positions");
    }
    Tensor values = x.reshape(x.size(0), channels, -1);
    Tensor index = place.reshape(1, 1, -1).expand(values.shape()).contiguous();
    Tensor out = Torch.zeros(x.dtype(), x.size(0), channels, area).scatterAdd(2, index, values);
    long[] sizes = new long[axes + 2];
    sizes[0] = x.size(0);
    sizes[1] = channels;
    System.arraycopy(padded, 0, sizes, 2, axes);
    out = out.reshape(sizes);
    for (int i = 0; i < axes; i++) {
      out = out.narrow(i + 2, pads[i], image[i]);
    }
    return out;
  }

  /** A convolution whose taps are moved by offsets and weighted by a mask (Dai 2017, Zhu 2019). */
  private static Tensor deformable(Call c) {
    Tensor x = c.in(0);
    Tensor weight = c.in(1);
    Tensor offset = c.in(2);
    if (x.dim() != 4 || weight.dim() != 4 || offset.dim() != 4) {
      throw c.bad("X, W, offset", x.shape() + ", " + weight.shape(), "four axes each");
    }
    long groups = c.node().i("offset_group", 1);
    long[] dilations = c.node().ints("dilations", Windows.ones(2));
    long[] strides = c.node().ints("strides", Windows.ones(2));
    long[] pads = c.node().ints("pads", new long[4]);
    long taps = weight.size(2) * weight.size(3);
    long h = offset.size(2);
    long w = offset.size(3);
    Tensor moves = offset.reshape(x.size(0), groups, taps, 2, h, w);
    Tensor row = Torch.arange(h).mul(strides[0]).sub(pads[0]).to(x.dtype()).unsqueeze(1);
    Tensor column = Torch.arange(w).mul(strides[1]).sub(pads[1]).to(x.dtype());
    List<Tensor> columns = new ArrayList<>();
    long each = x.size(1) / groups;
    for (long t = 0; t < taps; t++) {
      List<Tensor> parts = new ArrayList<>();
      for (long g = 0; g < groups; g++) {
        Tensor move = moves.select(1, g).select(1, t);
        Tensor y = row.add(t / weight.size(3) * dilations[0]).add(move.select(1, 0));
        Tensor at = column.add(t % weight.size(3) * dilations[1]).add(move.select(1, 1));
        Tensor part = sampled(x.narrow(1, g * each, each), y, at);
        if (c.has(4)) {
          Tensor mask = c.in(4).reshape(x.size(0), groups, taps, h, w);
          part = part.mul(mask.select(1, g).select(1, t).unsqueeze(1));
        }
        parts.add(part);
      }
      columns.add(Torch.cat(parts, 1));
    }
    return product(c, Torch.stack(columns, 2), weight);
  }

  /** Linear between the elements, zero outside; y and x count elements. */
  private static Tensor sampled(Tensor picture, Tensor y, Tensor x) {
    Tensor down = y.mul(2).add(1).div(picture.size(2)).sub(1);
    Tensor right = x.mul(2).add(1).div(picture.size(3)).sub(1);
    Tensor grid = Torch.stack(List.of(right, down), 3);
    return F.gridSample(
        picture,
        grid,
        Interpolation.LINEAR,
        dev.flambeau.torch.nn.functional.Padding.CONSTANT,
        false);
  }

  /** columns (N, C, taps, h, w) with weight (K, C / group, ...) -> (N, K, h, w). */
  private static Tensor product(Call c, Tensor columns, Tensor weight) {
    long group = c.node().i("group", 1);
    long n = columns.size(0);
    long h = columns.size(3);
    long w = columns.size(4);
    Tensor lines = columns.reshape(n, group, -1, h * w);
    Tensor rows = weight.reshape(group, weight.size(0) / group, -1);
    Tensor y = rows.matmul(lines).reshape(n, weight.size(0), h, w);
    return c.has(3) ? y.add(c.in(3).reshape(-1, 1, 1)) : y;
  }
}
