package dev.flambeau.onnx;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Other shapes and orders of the same elements. */
final class Shaping {
  private Shaping() {}

  static void register(Registry r) {
    r.map("Reshape", Shaping::reshape);
    r.map("Flatten", Shaping::flatten);
    r.map("Transpose", Shaping::transpose);
    r.map("Squeeze", Shaping::squeeze);
    r.map("Unsqueeze", Shaping::unsqueeze);
    r.map("Expand", Shaping::expand);
    r.map("Tile", Shaping::tile);
    r.map("Concat", c -> Torch.cat(List.of(c.inputs()), c.axis(c.node().i("axis", 1))));
    r.mapAll("Split", Shaping::split);
    r.map("DepthToSpace", Shaping::depthToSpace);
    r.map("SpaceToDepth", Shaping::spaceToDepth);
    r.plain("Shape", Shaping::shape);
    r.plain("Size", c -> Torch.tensor(new long[] {c.in(0).numel()}).reshape());
  }

  private static Tensor reshape(Call c) {
    Tensor x = c.in(0);
    long[] sizes = c.longs(1);
    if (c.node().i("allowzero", 0) == 0) {
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = sizes[i] == 0 ? x.size(i) : sizes[i];
      }
    }
    return x.reshape(sizes);
  }

  private static Tensor flatten(Call c) {
    Tensor x = c.in(0);
    int axis = c.axis(c.node().i("axis", 1));
    int at = axis < 0 ? axis + x.dim() : axis;
    long rows = 1;
    for (int i = 0; i < at; i++) {
      rows *= x.size(i);
    }
    long columns = 1;
    for (int i = at; i < x.dim(); i++) {
      columns *= x.size(i);
    }
    return x.reshape(rows, columns);
  }

  private static Tensor transpose(Call c) {
    Tensor x = c.in(0);
    int[] reversed = IntStream.range(0, x.dim()).map(i -> x.dim() - 1 - i).toArray();
    return x.permute(c.node().has("perm") ? c.ints(c.node().ints("perm", null)) : reversed);
  }

  private static Tensor squeeze(Call c) {
    Tensor x = c.in(0);
    int[] axes = c.axes(1);
    for (int axis : axes) {
      if (x.size(axis) != 1) {
        throw c.bad("axes", axis + " of " + x.shape(), "axes of size 1");
      }
    }
    return x.squeeze(axes);
  }

  private static Tensor unsqueeze(Call c) {
    Tensor x = c.in(0);
    int[] axes = c.axes(1);
    int rank = x.dim() + axes.length;
    for (int i = 0; i < axes.length; i++) {
      axes[i] += axes[i] < 0 ? rank : 0;
    }
    Arrays.sort(axes);
    for (int axis : axes) {
      x = x.unsqueeze(axis);
    }
    return x;
  }

  private static Tensor expand(Call c) {
    long[] sizes = c.longs(1);
    Limits.checked(c.name(), sizes);
    Tensor x = c.in(0);
    return x.expand(x.shape().broadcast(Shape.of(sizes), c.name()));
  }

  /** (a, b) -> (1, a, 1, b) -> (r, a, s, b) -> (r a, s b). */
  private static Tensor tile(Call c) {
    Tensor x = c.in(0);
    long[] repeats = c.longs(1);
    if (repeats.length != x.dim()) {
      throw c.bad("repeats", Arrays.toString(repeats), x.dim() + " numbers");
    }
    long[] apart = new long[2 * x.dim()];
    long[] spread = new long[2 * x.dim()];
    long[] sizes = new long[x.dim()];
    for (int i = 0; i < sizes.length; i++) {
      apart[2 * i] = 1;
      spread[2 * i] = repeats[i];
      apart[2 * i + 1] = x.size(i);
      spread[2 * i + 1] = x.size(i);
      sizes[i] = Math.multiplyExact(repeats[i], x.size(i));
    }
    Limits.checked(c.name(), spread);
    return x.reshape(apart).expand(spread).reshape(sizes);
  }

  private static Tensor[] split(Call c) {
    Tensor x = c.in(0);
    int axis = c.axis(0, x);
    long size = x.size(axis);
    long[] parts = c.has(1) ? c.longs(1) : c.node().ints("split", new long[0]);
    if (parts.length == 0) {
      int count = c.node().outputs().size();
      long each = Math.ceilDiv(size, count);
      parts = new long[count];
      for (int i = 0; i < count; i++) {
        parts[i] = Math.max(0, Math.min(each, size - i * each));
      }
    }
    Tensor[] out = new Tensor[parts.length];
    long start = 0;
    for (int i = 0; i < out.length; start += parts[i++]) {
      out[i] = x.narrow(axis, start, parts[i]);
    }
    return out;
  }

  private static Tensor depthToSpace(Call c) {
    Tensor x = four(c);
    long b = c.node().i("blocksize", 1);
    boolean columnRow = c.node().s("mode", "DCR").equals("CRD");
    long depth = x.size(1) / (b * b);
    long n = x.size(0);
    long h = x.size(2);
    long w = x.size(3);
    Tensor blocks =
        columnRow
            ? x.reshape(n, depth, b, b, h, w).permute(0, 1, 4, 2, 5, 3)
            : x.reshape(n, b, b, depth, h, w).permute(0, 3, 4, 1, 5, 2);
    return blocks.reshape(n, depth, h * b, w * b);
  }

  private static Tensor spaceToDepth(Call c) {
    Tensor x = four(c);
    long b = c.node().i("blocksize", 1);
    long n = x.size(0);
    long h = x.size(2) / b;
    long w = x.size(3) / b;
    Tensor blocks = x.reshape(n, x.size(1), h, b, w, b).permute(0, 3, 5, 1, 2, 4);
    return blocks.reshape(n, x.size(1) * b * b, h, w);
  }

  private static Tensor four(Call c) {
    if (c.in(0).dim() != 4 || c.node().i("blocksize", 1) < 1) {
      throw c.bad("input", c.in(0).shape(), "four axes and a positive blocksize");
    }
    return c.in(0);
  }

  private static Tensor shape(Call c) {
    int rank = c.in(0).dim();
    long first = bound(c.node().i("start", 0), rank);
    long last = Math.max(first, bound(c.node().i("end", rank), rank));
    return Torch.tensor(
        Arrays.copyOfRange(c.in(0).shape().sizes(), (int) first, (int) last), last - first);
  }

  private static long bound(long at, int rank) {
    return Math.clamp(at < 0 ? at + rank : at, 0, rank);
  }
}
