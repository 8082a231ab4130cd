package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.BatchNorm;
import dev.flambeau.torch.op.LayerNorm;
import dev.flambeau.torch.op.Pad;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Normalizations. */
final class Normalization {
  private static final double EPSILON = 1e-5f;

  private Normalization() {}

  static void register(Registry r) {
    r.mapAll("BatchNormalization", Normalization::batch);
    r.mapAll("LayerNormalization", Normalization::layer);
    r.map("RMSNormalization", Normalization::rootMeanSquare);
    r.map("InstanceNormalization", c -> instance(c));
    r.map("GroupNormalization", Normalization::group);
    r.map("LRN", Normalization::localResponse);
    r.map("LpNormalization", Normalization::lp);
    r.map("MeanVarianceNormalization", Normalization::meanVariance);
  }

  private static double eps(Call c) {
    return c.node().f("epsilon", EPSILON);
  }

  /**
   * In training the batch's statistics are used and the running ones follow with momentum: by
   * ONNX's definition with the biased variance, but where a file written for inference is trained
   * with the unbiased one, as the framework it comes from does.
   */
  private static Tensor[] batch(Call c) {
    Tensor x = c.in(0);
    boolean mode = c.node().i("training_mode", 0) != 0;
    if (!c.training() && !mode) {
      BatchNorm.Eval op = new BatchNorm.Eval(eps(c));
      return new Tensor[] {Dispatcher.call(op, x, c.in(3), c.in(4), c.in(1), c.in(2))};
    }
    BatchNorm op = new BatchNorm(eps(c));
    Tensor[] out = Dispatcher.callAll(op, x, c.in(1), c.in(2));
    double keep = c.node().f("momentum", 0.9f);
    return Torch.noGrad(
        () -> {
          double n = (double) x.numel() / Math.max(1, x.size(1));
          double unbiased = mode || n < 2 ? 1 : n / (n - 1);
          Tensor variance = out[2].detach().pow(-2).sub(eps(c)).mul(unbiased);
          Tensor mean = c.in(3).mul(keep).add(out[1].detach().mul(1 - keep));
          Tensor spread = c.in(4).mul(keep).add(variance.mul(1 - keep));
          if (c.training()) {
            c.in(3).copy_(mean);
            c.in(4).copy_(spread);
          }
          return new Tensor[] {out[0], mean, spread};
        });
  }

  private static Tensor[] layer(Call c) {
    Tensor x = c.in(0);
    int axes = x.dim() - c.axis(-1, x);
    LayerNorm op = new LayerNorm(axes, eps(c));
    long[] sizes = x.shape().sizes();
    long[] inner = Arrays.copyOfRange(sizes, sizes.length - axes, sizes.length);
    Tensor weight = c.in(1).expand(inner).contiguous();
    Tensor bias = c.has(2) ? c.in(2).expand(inner).contiguous() : weight.zerosLike();
    return Dispatcher.callAll(op, x, weight, bias);
  }

  private static Tensor rootMeanSquare(Call c) {
    Tensor x = c.in(0);
    int[] axes = IntStream.range(c.axis(-1, x), x.dim()).toArray();
    return x.mul(x.square().mean(axes, true).add(eps(c)).rsqrt()).mul(c.in(1));
  }

  private static long[] channels(Tensor x) {
    long[] sizes = new long[x.dim()];
    Arrays.fill(sizes, 1);
    sizes[1] = x.size(1);
    return sizes;
  }

  private static Tensor standardized(Tensor x, int[] axes, double eps) {
    Tensor centred = x.sub(x.mean(axes, true));
    return centred.mul(centred.square().mean(axes, true).add(eps).rsqrt());
  }

  private static Tensor instance(Call c) {
    Tensor x = c.in(0);
    if (x.dim() < 3) {
      throw c.bad("input", x.shape(), "spatial axes after batch and channels");
    }
    long[] sizes = channels(x);
    Tensor y = standardized(x, Call.spatial(x), eps(c));
    return y.mul(c.in(1).reshape(sizes)).add(c.in(2).reshape(sizes));
  }

  /** Scale and bias are one a group in operator sets 18 to 20, one a channel from 21 on. */
  private static Tensor group(Call c) {
    Tensor x = c.in(0);
    long groups = c.node().i("num_groups", 1);
    if (x.dim() < 3 || groups < 1 || x.size(1) % groups != 0) {
      throw c.bad("num_groups", groups, "a positive divisor of the channels of " + x.shape());
    }
    Tensor rows = standardized(x.reshape(x.size(0), groups, -1), new int[] {2}, eps(c));
    if (c.in(1).numel() == groups && c.opset() < 21) {
      Tensor scaled = rows.mul(c.in(1).reshape(1, groups, 1)).add(c.in(2).reshape(1, groups, 1));
      return scaled.reshape(x.shape().sizes());
    }
    long[] sizes = channels(x);
    Tensor y = rows.reshape(x.shape().sizes());
    return y.mul(c.in(1).reshape(sizes)).add(c.in(2).reshape(sizes));
  }

  /** x / (bias + alpha / size * sum of squares of the neighbouring channels) ^ beta. */
  private static Tensor localResponse(Call c) {
    Tensor x = c.in(0);
    long size = c.node().i("size", 1);
    if (x.dim() < 3 || size < 1 || size > 4096) {
      throw c.bad("size", size, "1 to 4096 channels of an input with spatial axes");
    }
    long before = (size - 1) / 2;
    List<Long> first = new ArrayList<>(Collections.nCopies(x.dim(), 0L));
    List<Long> last = new ArrayList<>(first);
    first.set(1, before);
    last.set(1, size - 1 - before);
    Tensor squares = Dispatcher.call(new Pad(first, last, 0), x.square());
    Tensor sum = squares.narrow(1, 0, x.size(1));
    for (int i = 1; i < size; i++) {
      sum = sum.add(squares.narrow(1, i, x.size(1)));
    }
    double alpha = c.node().f("alpha", 1e-4f) / size;
    Tensor scale = sum.mul(alpha).add(c.node().f("bias", 1));
    return x.div(scale.pow(c.node().f("beta", 0.75)));
  }

  private static Tensor lp(Call c) {
    Tensor x = c.in(0);
    int[] axes = {c.axis(-1, x)};
    Tensor norm =
        c.node().i("p", 2) == 1 ? x.abs().sum(axes, true) : x.square().sum(axes, true).sqrt();
    return Torch.where(norm.eq(0), x.zerosLike(), x.div(norm));
  }

  private static Tensor meanVariance(Call c) {
    Tensor x = c.in(0);
    int[] axes = c.ints(c.node().ints("axes", new long[] {0, 2, 3}));
    Tensor centred = x.sub(x.mean(axes, true));
    return centred.div(centred.square().mean(axes, true).sqrt().add(1e-9));
  }
}
