package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Products with weights of a few bits in blocks, which are constants: {@link BlockQuantized} says
 * how they lie. They are computed with the weights as floats, which {@link WeightCache} keeps.
 * Source: onnxruntime, docs/ContribOperators.md.
 */
final class MicrosoftBlocks {
  /** 4-bit floats: three bits in an order of their own, then the sign (Dettmers et al. 2023). */
  private static final double[] FLOAT4 = {
    0, 0.0052083333, 2 / 3.0, 1, 1 / 3.0, 0.5, 1 / 6.0, 0.25,
  };

  /** Quantiles of the normal distribution, for equally frequent codes (Dettmers et al. 2023). */
  private static final double[] NORMAL4 = {
    -1,
    -0.6961928009986877,
    -0.5250730514526367,
    -0.39491748809814453,
    -0.28444138169288635,
    -0.18477343022823334,
    -0.09105003625154495,
    0,
    0.07958029955625534,
    0.16093020141124725,
    0.24611230194568634,
    0.33791524171829224,
    0.44070982933044434,
    0.5626170039176941,
    0.7229568362236023,
    1
  };

  private MicrosoftBlocks() {}

  static void register(Registry r) {
    r.map("MatMulNBits", MicrosoftBlocks::matMul);
    r.map("MatMulBnb4", MicrosoftBlocks::matMul4);
    r.values("GatherBlockQuantized", MicrosoftBlocks::gather);
  }

  private static long block(Call c, long fallback) {
    long block = c.node().i("block_size", fallback);
    if (block < 16 || Long.bitCount(block) != 1) {
      throw c.bad("block_size", block, "a power of two, 16 or more");
    }
    return block;
  }

  private static int bits(Call c) {
    long bits = c.node().i("bits", 4);
    if (bits != 2 && bits != 4 && bits != 8) {
      throw c.bad("bits", bits, "2, 4, 8");
    }
    return (int) bits;
  }

  private static Tensor kept(Call c, long numbers, int[] inputs, Supplier<Tensor> make) {
    Map<String, AttributeProto> how = c.node().attributes();
    List<Tensor> from = new ArrayList<>();
    for (int i : inputs) {
      if (c.has(i)) {
        from.add(c.in(i));
      }
    }
    return WeightCache.of(make, how, 4 * numbers, from.toArray(Tensor[]::new));
  }

  /** A (..., K), weight (N, K) -> (..., N). */
  private static Tensor matMul(Call c) {
    long n = c.node().i("N", 0);
    long k = c.node().i("K", 0);
    if (c.node().i("weight_prepacked", 0) != 0) {
      throw c.bad("weight_prepacked", c.node().i("weight_prepacked", 0), "0");
    }
    Limits.checked(c.name(), n, k);
    Tensor weight = kept(c, n * k, new int[] {1, 2, 3, 4}, () -> weight(c, n, k));
    Tensor y = c.in(0).matmul(weight.to(c.in(0).dtype()).t());
    return c.has(5) ? y.add(c.in(5)) : y;
  }

  private static Tensor weight(Call c, long n, long k) {
    int bits = bits(c);
    long block = block(c, 0);
    long blocks = Math.ceilDiv(k, block);
    Tensor bytes = sized(c, 1, n, blocks * block * bits / 8);
    Tensor scales = sized(c, 2, n, blocks);
    Tensor zeros = Torch.full(DType.F32, BlockQuantized.middle(bits));
    if (c.has(3) && c.in(3).dtype().isFloat()) {
      zeros = sized(c, 3, n, blocks);
    } else if (c.has(3)) {
      zeros = BlockQuantized.unpacked(sized(c, 3, n, Math.ceilDiv(blocks * bits, 8)), bits, blocks);
    }
    boolean trained = scales.requiresGrad() || zeros.requiresGrad();
    if (!c.has(4) && !trained && scales.dtype() == DType.F32) {
      return BlockQuantized.floats(bytes, bits, k, scales, zeros, block);
    }
    Tensor codes = BlockQuantized.unpacked(bytes, bits, k);
    if (!c.has(4)) {
      return BlockQuantized.dequantized(codes, scales, zeros, 1, block);
    }
    // Each column says itself which block's scale it takes.
    Tensor which = Indexing.wrapped(c.in(4).reshape(-1), blocks).narrow(0, 0, k);
    Tensor zero = zeros.dim() == 0 ? zeros : zeros.indexSelect(1, which).to(scales.dtype());
    return codes.to(scales.dtype()).sub(zero).mul(scales.indexSelect(1, which));
  }

  private static Tensor sized(Call c, int input, long rows, long columns) {
    Tensor x = c.in(input);
    if (x.numel() != rows * columns) {
      throw c.bad("input " + input, x.shape(), rows + " times " + columns + " elements");
    }
    return x.reshape(rows, columns);
  }

  /** The elements (N K) lie one after another, two in a byte, the first in the high bits. */
  private static Tensor matMul4(Call c) {
    long n = c.node().i("N", 0);
    long k = c.node().i("K", 0);
    long count = Limits.checked(c.name(), n, k);
    Tensor weight = kept(c, count, new int[] {1, 2}, () -> weight4(c, count)).reshape(n, k);
    Tensor typed = weight.to(c.in(0).dtype());
    return c.in(0).matmul(c.node().flag("transB", true) ? typed.t() : typed);
  }

  private static Tensor weight4(Call c, long count) {
    long block = block(c, 0);
    Tensor bytes = sized(c, 1, 1, Math.ceilDiv(count, 2)).reshape(-1);
    Tensor scales = sized(c, 2, 1, Math.ceilDiv(count, block)).reshape(-1);
    Tensor codes = BlockQuantized.unpacked(bytes, 4, 2 * bytes.numel());
    Tensor order = codes.reshape(-1, 2).flip(1).reshape(-1).narrow(0, 0, count);
    Tensor values =
        switch ((int) c.node().i("quant_type", 0)) {
          case 0 -> {
            Tensor positive = Torch.tensor(FLOAT4);
            yield Torch.cat(List.of(positive, positive.neg()), 0);
          }
          case 1 -> Torch.tensor(NORMAL4);
          default -> throw c.bad("quant_type", c.node().i("quant_type", 0), "0 (FP4), 1 (NF4)");
        };
    Tensor table = values.to(scales.dtype());
    Tensor weight = table.indexSelect(0, order.to(DType.I64));
    return weight.mul(BlockQuantized.stretched(scales, 0, block, count));
  }

  /** Slices of a table, then made floats; a table of bytes is packed along its last axis. */
  private static OnnxValue[] gather(Call c) {
    Tensor table = c.in(0);
    int axis = c.axis(c.node().i("gather_axis", 0));
    axis = table.shape().axis(axis);
    int along = table.shape().axis(c.axis(c.node().i("quantize_axis", 1)));
    Tensor index = Indexing.wrapped(c.in(1), table.size(axis)).reshape(-1);
    boolean bytes = c.element(0) == ElementType.UINT8;
    int bits = bytes ? bits(c) : 4;
    if (axis == along || bytes && axis == table.dim() - 1) {
      throw c.bad("gather_axis", axis, "another axis than quantize_axis, and not the packed one");
    }
    Tensor codes = table.indexSelect(axis, index);
    Tensor scales = c.in(2).indexSelect(axis, index);
    Tensor zeros = Torch.full(DType.F32, bytes ? BlockQuantized.middle(bits) : 0);
    long block = block(c, 128);
    if (c.has(3)) {
      zeros = c.in(3).indexSelect(axis, index);
    }
    if (bytes) {
      codes = BlockQuantized.unpacked(codes, bits, codes.size(-1) * (8 / bits));
      zeros = c.has(3) ? BlockQuantized.unpacked(zeros, bits, scales.size(-1)) : zeros;
    }
    Tensor y = BlockQuantized.dequantized(codes, scales, zeros, along, block);
    long[] sizes = y.shape().sizes();
    List<Long> out = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      if (i == axis) {
        out.addAll(Windows.list(c.in(1).shape().sizes()));
      } else {
        out.add(sizes[i]);
      }
    }
    return c.like(2, y.reshape(out.stream().mapToLong(Long::longValue).toArray()));
  }
}
