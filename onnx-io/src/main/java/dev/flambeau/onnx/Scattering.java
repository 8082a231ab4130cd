package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.op.Scatter.Reduce;
import java.util.Arrays;

/** Elements written to and read from places that are computed. */
final class Scattering {
  private Scattering() {}

  static void register(Registry r) {
    r.map("Scatter", since(9), Scattering::elements);
    r.map("ScatterElements", since(11), Scattering::elements);
    r.map("ScatterND", since(11), Scattering::slices);
    r.map("GatherND", since(11), Scattering::gather);
    r.values("Compress", since(9), Scattering::compress);
    r.plain("NonZero", since(9), c -> new Tensor[] {c.in(0).nonzero().t().contiguous()});
  }

  private static Reduce reduction(Call c) {
    return switch (c.node().s("reduction", "none")) {
      case "none" -> Reduce.SET;
      case "add" -> Reduce.SUM;
      case "mul" -> Reduce.PROD;
      case "max" -> Reduce.AMAX;
      case "min" -> Reduce.AMIN;
      default -> throw c.bad("reduction", c.node().s("reduction", ""), "none, add, mul, max, min");
    };
  }

  private static Tensor elements(Call c) {
    Tensor x = c.in(0);
    int axis = c.axis(0, x);
    Tensor index = Indexing.wrapped(c.in(1), x.size(axis));
    return x.scatterReduce(axis, index, c.in(2), reduction(c), true);
  }

  /** Row numbers of x seen as rows of the axes after the first {@code depth}. */
  private static Tensor rows(Call c, Tensor x, Tensor index, int skipped) {
    int depth = (int) index.size(-1);
    if (depth < 1 || skipped + depth > x.dim()) {
      throw c.bad("indices", index.shape(), "a last axis of 1 to " + (x.dim() - skipped));
    }
    Tensor flat = null;
    for (int i = 0; i < depth; i++) {
      long size = x.size(skipped + i);
      Tensor at = Indexing.wrapped(index.select(-1, i), size);
      boolean bad = at.numel() > 0 && (at.amin().itemLong() < 0 || at.amax().itemLong() >= size);
      if (bad) {
        throw c.bad("indices", "a place out of range", "-" + size + " to " + (size - 1));
      }
      flat = flat == null ? at : flat.mul(size).add(at);
    }
    return flat;
  }

  private static Tensor slices(Call c) {
    Tensor x = c.in(0);
    Tensor index = c.in(1);
    int depth = (int) index.size(-1);
    Tensor rows = rows(c, x, index, 0).reshape(-1, 1);
    long width = 1;
    for (int i = depth; i < x.dim(); i++) {
      width *= x.size(i);
    }
    if (x.numel() == 0) {
      return x;
    }
    Tensor all = x.reshape(x.numel() / width, width);
    Tensor source = c.in(2).reshape(rows.size(0), width);
    Tensor places = rows.expand(rows.size(0), width).contiguous();
    return all.scatterReduce(0, places, source, reduction(c), true).reshape(x.shape().sizes());
  }

  private static Tensor gather(Call c) {
    Tensor x = c.in(0);
    Tensor index = c.in(1);
    int batch = c.axis(c.node().i("batch_dims", 0));
    int depth = (int) index.size(-1);
    Tensor rows = rows(c, x, index, batch);
    long[] data = x.shape().sizes();
    long[] at = index.shape().sizes();
    long batches = product(data, 0, batch);
    long spread = product(data, batch, batch + depth);
    long width = product(data, batch + depth, data.length);
    Tensor first = Torch.arange(batches).mul(spread).reshape(-1, 1);
    Tensor flat = rows.reshape(batches, -1).add(first).reshape(-1);
    Tensor picked = x.reshape(batches * spread, width).indexSelect(0, flat);
    long[] sizes = Arrays.copyOf(at, at.length - 1 + data.length - batch - depth);
    System.arraycopy(data, batch + depth, sizes, at.length - 1, data.length - batch - depth);
    return picked.reshape(sizes);
  }

  static long product(long[] sizes, int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= sizes[i];
    }
    return product;
  }

  /** The slices whose condition holds; without axis, of the flattened input. */
  private static OnnxValue[] compress(Call c) {
    boolean flat = !c.node().has("axis");
    Tensor x = flat ? c.in(0).reshape(-1) : c.in(0);
    int axis = flat ? 0 : c.axis(0, x);
    Tensor kept = c.in(1).to(DType.BOOL).reshape(-1).nonzero().reshape(-1);
    return c.like(0, x.indexSelect(axis, kept));
  }
}
