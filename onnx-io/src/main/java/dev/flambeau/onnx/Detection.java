package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Boxes: which to keep, and what a picture has inside them. */
final class Detection {
  private Detection() {}

  static void register(Registry r) {
    r.plain("NonMaxSuppression", since(10), c -> new Tensor[] {suppressed(c)});
    r.map("RoiAlign", since(10), Detection::align);
    r.map("MaxRoiPool", Detection::maxPool);
  }

  /** A box by its corners. */
  private record Box(double y1, double x1, double y2, double x2) {
    static Box of(double[] all, int at, boolean centre) {
      double a = all[at];
      double b = all[at + 1];
      double p = all[at + 2];
      double q = all[at + 3];
      return centre
          ? new Box(b - q / 2, a - p / 2, b + q / 2, a + p / 2)
          : new Box(Math.min(a, p), Math.min(b, q), Math.max(a, p), Math.max(b, q));
    }

    double area() {
      return (y2 - y1) * (x2 - x1);
    }

    double overlap(Box other) {
      double h = Math.min(y2, other.y2) - Math.max(y1, other.y1);
      double w = Math.min(x2, other.x2) - Math.max(x1, other.x1);
      double common = Math.max(0, h) * Math.max(0, w);
      return common <= 0 ? 0 : common / (area() + other.area() - common);
    }
  }

  /** boxes (N, B, 4), scores (N, C, B) -> (kept, 3): sample, class, box; best boxes first. */
  private static Tensor suppressed(Call c) {
    Tensor boxes = c.in(0);
    Tensor scores = c.in(1);
    if (boxes.dim() != 3
        || boxes.size(2) != 4
        || scores.dim() != 3
        || scores.size(0) != boxes.size(0)
        || scores.size(2) != boxes.size(1)) {
      throw c.bad("boxes, scores", boxes.shape() + ", " + scores.shape(), "(N, B, 4), (N, C, B)");
    }
    long most = c.has(2) ? c.scalarLong(2) : 0;
    double overlap = c.optionalScalar(3).orElse(0);
    double least = c.optionalScalar(4).orElse(Double.NEGATIVE_INFINITY);
    boolean centre = c.node().flag("center_point_box", false);
    double[] places = c.doubles(0);
    double[] points = c.doubles(1);
    int count = (int) boxes.size(1);
    int classes = (int) scores.size(1);
    List<Long> kept = new ArrayList<>();
    for (int n = 0; n < boxes.size(0); n++) {
      for (int k = 0; k < classes; k++) {
        int row = (n * classes + k) * count;
        List<Box> chosen = new ArrayList<>();
        int[] order =
            IntStream.range(0, count)
                .filter(i -> points[row + i] > least)
                .boxed()
                .sorted((i, j) -> Double.compare(points[row + j], points[row + i]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int i : order) {
          if (chosen.size() >= most) {
            break;
          }
          Box box = Box.of(places, (n * count + i) * 4, centre);
          if (chosen.stream().noneMatch(other -> other.overlap(box) > overlap)) {
            chosen.add(box);
            kept.addAll(List.of((long) n, (long) k, (long) i));
          }
        }
      }
    }
    long[] out = kept.stream().mapToLong(Long::longValue).toArray();
    return Torch.tensor(out, out.length / 3, 3);
  }

  /** x (N, C, H, W), boxes (R, 4) as x1 y1 x2 y2, samples (R) -> (R, C, h, w) (He et al. 2017). */
  private static Tensor align(Call c) {
    Tensor x = c.in(0);
    double[] rois = c.doubles(1);
    long[] samples = c.longs(2);
    boolean half =
        c.node()
            .s(
                "coordinate_transformation_mode",
                c.opset() < 16 ? "output_half_pixel" : "half_pixel")
            .equals("half_pixel");
    double scale = c.node().f("spatial_scale", 1);
    double offset = half ? 0.5 : 0;
    if (x.dim() != 4 || rois.length != 4 * samples.length) {
      throw c.bad("X, rois", x.shape() + ", " + c.in(1).shape(), "(N, C, H, W) and (R, 4)");
    }
    List<Tensor> out = new ArrayList<>();
    for (int r = 0; r < samples.length; r++) {
      double left = rois[4 * r] * scale - offset;
      double top = rois[4 * r + 1] * scale - offset;
      double width = rois[4 * r + 2] * scale - offset - left;
      double height = rois[4 * r + 3] * scale - offset - top;
      if (!half) {
        width = Math.max(width, 1);
        height = Math.max(height, 1);
      }
      Grid rows = Grid.of(c, "output_height", top, height, x.size(2));
      Grid columns = Grid.of(c, "output_width", left, width, x.size(3));
      out.add(pooled(c, x.select(0, samples[r]), rows, columns));
    }
    if (out.isEmpty()) {
      long h = c.node().i("output_height", 1);
      return Torch.zeros(x.dtype(), 0, x.size(1), h, c.node().i("output_width", 1));
    }
    return Torch.stack(out, 0);
  }

  /** Where the samples of the bins lie along an axis: two places and the weight of the second. */
  private record Grid(long bins, int each, double[] low, double[] high, long size) {
    static Grid of(Call c, String attribute, double start, double length, long size) {
      long bins = c.node().i(attribute, 1);
      long ratio = c.node().i("sampling_ratio", 0);
      int each = (int) (ratio > 0 ? ratio : Math.max(1, Math.ceil(length / bins)));
      Limits.checked(c.name(), bins, each, size);
      int count = Math.toIntExact(bins * each);
      double[] low = new double[Math.toIntExact(count * size)];
      double[] high = new double[low.length];
      for (int i = 0; i < count; i++) {
        int bin = i / each;
        double at = start + bin * length / bins + (i % each + 0.5) * length / bins / each;
        if (at < -1 || at > size) {
          continue;
        }
        at = Math.max(at, 0);
        int floor = (int) Math.min(Math.floor(at), size - 1.0);
        int next = (int) Math.min(floor + 1, size - 1);
        double share = floor == size - 1 ? 0 : at - floor;
        low[(int) (i * size + floor)] = 1 - share;
        high[(int) (i * size + next)] += share;
      }
      return new Grid(bins, each, low, high, size);
    }

    Tensor matrix(double[] weights, DType type) {
      return Torch.tensor(weights, bins * each, size).to(type);
    }
  }

  private static Tensor pooled(Call c, Tensor x, Grid rows, Grid columns) {
    DType type = x.dtype();
    Tensor lowRows = rows.matrix(rows.low, type);
    Tensor highRows = rows.matrix(rows.high, type);
    Tensor lowColumns = columns.matrix(columns.low, type).t();
    Tensor highColumns = columns.matrix(columns.high, type).t();
    long[] bins = {x.size(0), rows.bins, rows.each, columns.bins, columns.each};
    int[] inner = {2, 4};
    if (!c.node().s("mode", "avg").equals("max")) {
      Tensor samples = lowRows.add(highRows).matmul(x).matmul(lowColumns.add(highColumns));
      return samples.reshape(bins).mean(inner, false);
    }
    // The operator takes the largest of the four weighted neighbours, not of their sums.
    Tensor best = lowRows.matmul(x).matmul(lowColumns);
    best = best.maximum(lowRows.matmul(x).matmul(highColumns));
    best = best.maximum(highRows.matmul(x).matmul(lowColumns));
    best = best.maximum(highRows.matmul(x).matmul(highColumns));
    return best.reshape(bins).amax(inner, false);
  }

  /** x (N, C, H, W), boxes (R, 5): sample, x1, y1, x2, y2 with both ends (Girshick 2015). */
  private static Tensor maxPool(Call c) {
    Tensor x = c.in(0);
    long[] shape = c.node().ints("pooled_shape", new long[0]);
    double scale = c.node().f("spatial_scale", 1);
    double[] rois = c.doubles(1);
    if (x.dim() != 4 || shape.length != 2 || rois.length % 5 != 0) {
      throw c.bad("X, rois, pooled_shape", x.shape(), "(N, C, H, W), (R, 5), two numbers");
    }
    Limits.checked(c.name(), rois.length / 5, x.size(1), shape[0], shape[1]);
    List<Tensor> out = new ArrayList<>();
    for (int r = 0; r < rois.length; r += 5) {
      Tensor picture = x.select(0, (long) rois[r]);
      long left = Math.round(rois[r + 1] * scale);
      long top = Math.round(rois[r + 2] * scale);
      double width = Math.max(1, Math.round(rois[r + 3] * scale) - left + 1) / (double) shape[1];
      double height = Math.max(1, Math.round(rois[r + 4] * scale) - top + 1) / (double) shape[0];
      for (long i = 0; i < shape[0]; i++) {
        Tensor rows = part(picture, 1, top, i, height);
        for (long j = 0; j < shape[1]; j++) {
          Tensor bin = part(rows, 2, left, j, width);
          boolean none = bin.numel() == 0;
          out.add(none ? Torch.zeros(x.dtype(), x.size(1)) : bin.amax(new int[] {1, 2}, false));
        }
      }
    }
    return Torch.stack(out, 0)
        .reshape(rois.length / 5, shape[0], shape[1], x.size(1))
        .permute(0, 3, 1, 2);
  }

  private static Tensor part(Tensor x, int axis, long start, long bin, double size) {
    long from = Math.clamp((long) Math.floor(bin * size) + start, 0, x.size(axis));
    long to = Math.clamp((long) Math.ceil((bin + 1) * size) + start, 0, x.size(axis));
    return x.narrow(axis, from, Math.max(0, to - from));
  }
}
