package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.LayerNorm;
import dev.flambeau.torch.op.Pointwise;
import java.util.stream.IntStream;

/**
 * Normalizations of com.microsoft, with the sums before and the activations after them. Source:
 * onnxruntime, docs/ContribOperators.md.
 */
final class MicrosoftNormalization {
  private static final double SKIP_EPSILON = 1e-12f;

  private MicrosoftNormalization() {}

  static void register(Registry r) {
    r.mapAll("SkipLayerNormalization", MicrosoftNormalization::skip);
    r.mapAll("SkipSimplifiedLayerNormalization", MicrosoftNormalization::skipSimplified);
    r.values("EmbedLayerNormalization", MicrosoftNormalization::embed);
    r.values("QEmbedLayerNormalization", MicrosoftNormalization::embedQuantized);
    r.map("GroupNorm", c -> group(c, c.in(0)));
    r.mapAll("SkipGroupNorm", MicrosoftNormalization::skipGroup);
    r.map("GatedRMSNorm", MicrosoftNormalization::gated);
  }

  /** What ONNX Runtime adds to ONNX's own domain. */
  static void registerStandard(Registry r) {
    r.mapAll("SimplifiedLayerNormalization", MicrosoftNormalization::simplified);
  }

  /**
   * x - mean over its standard deviation along the last axis, times gamma plus beta; statistics.
   */
  private static Tensor[] layer(Call c, Tensor x, Tensor gamma, Tensor beta) {
    LayerNorm op = new LayerNorm(1, c.node().f("epsilon", SKIP_EPSILON));
    Tensor shift = beta == null ? gamma.detach().zerosLike() : beta;
    return Dispatcher.callAll(op, x, gamma.contiguous(), shift.contiguous());
  }

  private static Tensor sum(Call c, int bias) {
    Tensor sum = c.in(0).add(c.in(1));
    return c.has(bias) ? sum.add(c.in(bias)) : sum;
  }

  private static Tensor[] skip(Call c) {
    Tensor sum = sum(c, 4);
    Tensor[] out = layer(c, sum, c.in(2), c.has(3) ? c.in(3) : null);
    return new Tensor[] {out[0], out[1], out[2], sum};
  }

  private static Tensor[] skipSimplified(Call c) {
    Tensor sum = sum(c, 3);
    Tensor scale = rootMeanSquare(sum, new int[] {-1}, c.node().f("epsilon", SKIP_EPSILON));
    return new Tensor[] {sum.mul(scale).mul(c.in(2)), null, scale, sum};
  }

  /** 1 / sqrt(mean of squares + eps). */
  static Tensor rootMeanSquare(Tensor x, int[] axes, double eps) {
    return x.square().mean(axes, true).add(eps).rsqrt();
  }

  private static Tensor[] simplified(Call c) {
    Tensor x = c.in(0);
    int[] axes = IntStream.range(c.axis(-1, x), x.dim()).toArray();
    Tensor scale = rootMeanSquare(x, axes, c.node().f("epsilon", 1e-5f));
    return new Tensor[] {x.mul(scale).mul(c.in(1)), scale};
  }

  /** x / rms * scale * SiLU(gate) over groups of as many last features as scale has. */
  private static Tensor gated(Call c) {
    Tensor x = c.in(0);
    long width = c.in(1).numel();
    if (c.in(1).dim() != 1 || width == 0 || x.size(-1) % width != 0) {
      throw c.bad("scale", c.in(1).shape(), "a divisor of the last axis of " + x.shape());
    }
    Tensor rows = x.unflatten(x.dim() - 1, -1, width);
    Tensor scale = rootMeanSquare(rows, new int[] {-1}, c.node().f("epsilon", 1e-5f));
    Tensor y = rows.mul(scale).mul(c.in(1)).reshape(x.shape().sizes());
    return y.mul(c.in(2).apply(Pointwise.SILU));
  }

  /** Words, their places and their segments looked up and added; how many words each mask has. */
  private static OnnxValue[] embed(Call c) {
    return embedded(c, new int[] {2, 3, 4}, c.in(5), c.in(6), 7, c.has(8) ? c.in(8) : null);
  }

  private static OnnxValue[] embedded(
      Call c, int[] tables, Tensor gamma, Tensor beta, int mask, Tensor places) {
    Tensor ids = c.in(0);
    if (ids.dim() != 2) {
      throw c.bad("input_ids", ids.shape(), "(batch, length)");
    }
    Tensor at = places == null ? Torch.arange(ids.size(1)).unsqueeze(0) : places;
    Tensor sum = rows(c, tables[0], ids).add(rows(c, tables[1], at));
    if (c.has(tables[2])) {
      sum = sum.add(rows(c, tables[2], c.in(1)));
    }
    Tensor y = layer(c, sum, gamma, beta)[0];
    Tensor words =
        c.has(mask)
            ? c.in(mask).eq(1).to(DType.I32).sum(new int[] {1}).to(DType.I32)
            : Torch.zeros(DType.I32, ids.size(0));
    int table = tables[0];
    return new OnnxValue[] {like(c, table, y), OnnxValue.of(words), like(c, table, sum)};
  }

  private static OnnxValue like(Call c, int input, Tensor t) {
    return c.element(input).isFloat() ? c.like(input, t)[0] : OnnxValue.of(t);
  }

  private static Tensor rows(Call c, int table, Tensor ids) {
    Tensor weight = table(c, table);
    if (weight.dim() != 2 || ids.dim() != 2) {
      throw c.bad("embedding", weight.shape() + " for " + ids.shape(), "(rows, size), (N, L)");
    }
    Tensor rows = weight.indexSelect(0, ids.to(DType.I64).reshape(-1));
    return rows.reshape(ids.size(0), ids.size(1), weight.size(1));
  }

  /** An input, dequantized where it consists of integers: scales are inputs 8 on, zeros 13 on. */
  private static Tensor table(Call c, int input) {
    Tensor x = c.in(input);
    if (x.dtype().isFloat()) {
      return x;
    }
    Tensor zero = c.in(input + 11).reshape().to(DType.F32);
    return x.to(DType.F32).sub(zero).mul(c.in(input + 6).reshape());
  }

  private static OnnxValue[] embedQuantized(Call c) {
    return embedded(c, new int[] {2, 3, 4}, table(c, 5), table(c, 6), 7, null);
  }

  private static Tensor[] skipGroup(Call c) {
    Tensor skip = c.in(3);
    if (skip.dim() == 2) {
      skip = lastChannels(c) ? skip.unsqueeze(1).unsqueeze(1) : skip.unsqueeze(-1).unsqueeze(-1);
    }
    Tensor sum = c.in(0).add(skip);
    if (c.has(4)) {
      sum = sum.add(perChannel(c, c.in(4)));
    }
    return new Tensor[] {group(c, sum), sum};
  }

  private static boolean lastChannels(Call c) {
    return c.node().flag("channels_last", true);
  }

  private static Tensor perChannel(Call c, Tensor vector) {
    return lastChannels(c) ? vector : vector.reshape(-1, 1, 1);
  }

  /** Groups of channels standardized, the last axis being the channels unless said otherwise. */
  private static Tensor group(Call c, Tensor x) {
    long groups = c.node().i("groups", 0);
    Tensor planes = lastChannels(c) ? x.movedim(-1, 1) : x;
    if (x.dim() != 4 || groups < 1 || planes.size(1) % groups != 0) {
      throw c.bad("groups", groups, "a positive divisor of the channels of " + x.shape());
    }
    Tensor rows = planes.reshape(x.size(0), groups, -1);
    Tensor centred = rows.sub(rows.mean(new int[] {2}, true));
    Tensor scale = rootMeanSquare(centred, new int[] {2}, c.node().f("epsilon", 1e-5f));
    Tensor y = centred.mul(scale).reshape(planes.shape().sizes());
    Tensor back = lastChannels(c) ? y.movedim(1, -1) : y;
    Tensor scaled = back.mul(perChannel(c, c.in(1))).add(perChannel(c, c.in(2)));
    return switch ((int) c.node().i("activation", 0)) {
      case 0 -> scaled;
      case 1 -> scaled.apply(Pointwise.SILU);
      default -> throw c.bad("activation", c.node().i("activation", 0), "0 (none), 1 (SiLU)");
    };
  }
}
