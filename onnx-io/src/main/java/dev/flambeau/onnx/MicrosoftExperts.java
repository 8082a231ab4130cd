package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.op.Pointwise;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Mixtures of experts of com.microsoft (Shazeer et al. 2017): each token (hidden) goes through the
 * k of E small networks that the router's scores (tokens, E) name, and their results are added by
 * weight. Source: onnxruntime, docs/ContribOperators.md.
 */
final class MicrosoftExperts {
  /** How near to the best score others have to be to take part in SparseMixer's softmax. */
  private static final double NEAR = 0.02;

  private final Call c;

  /** Input of the first weights of layers 1, 2 and 3, of the biases, and of the zero points. */
  private final int[] weights;

  private final int[] biases;
  private final boolean quantized;
  private final long experts;

  static void register(Registry r) {
    r.map("MoE", c -> new MicrosoftExperts(c, false).run());
    r.map("QMoE", c -> new MicrosoftExperts(c, true).run());
  }

  private MicrosoftExperts(Call c, boolean quantized) {
    this.c = c;
    this.quantized = quantized;
    weights = quantized ? new int[] {2, 5, 8} : new int[] {2, 4, 6};
    biases = quantized ? new int[] {4, 7, 10} : new int[] {3, 5, 7};
    experts = c.in(1).size(-1);
    if (quantized && !c.node().s("quant_type", "int").equals("int")) {
      throw c.bad("quant_type", c.node().s("quant_type", ""), "int");
    }
    if (quantized && c.node().i("weights_prepacked", -1) == 1) {
      throw c.bad("weights_prepacked", 1, "0, -1");
    }
    for (int i = 0; i < 3; i++) {
      if (c.has(weights[i])
          && (c.in(weights[i]).dim() != 3 || c.in(weights[i]).size(0) != experts)) {
        throw c.bad("input " + weights[i], c.in(weights[i]).shape(), "(" + experts + ", out, in)");
      }
    }
  }

  private Tensor run() {
    Tensor x = c.in(0).reshape(-1, c.in(0).size(-1));
    long k = c.node().i("k", 1);
    if (k < 1 || k > experts || c.in(1).numel() != x.size(0) * experts) {
      throw c.bad("k", k, "1 to " + experts + " experts, with scores for each of " + x.size(0));
    }
    Tensor scores = c.in(1).reshape(-1, experts);
    boolean sparse = c.node().flag("use_sparse_mixer", false);
    Tensor[] routes = sparse ? sparse(scores, k) : best(scores, k);
    long[] chosen = routes[0].contiguous().reshape(-1).toLongArray();
    Tensor shares = routes[1].reshape(-1);
    Tensor out = x.detach().zerosLike();
    for (long e = 0; e < experts; e++) {
      long expert = e;
      long[] hits =
          IntStream.range(0, chosen.length)
              .filter(i -> chosen[i] == expert)
              .mapToLong(i -> i)
              .toArray();
      if (hits.length > 0) {
        Tensor at = Torch.tensor(hits);
        Tensor tokens = at.floorDivide(k);
        Tensor y = expert(x.indexSelect(0, tokens), e);
        out = out.indexAdd(0, tokens, y.mul(shares.indexSelect(0, at).unsqueeze(1)));
      }
    }
    return out.reshape(c.in(0).shape().sizes());
  }

  /**
   * Experts and their weights, (tokens, k) each. QMoE without weights of its own normalizes always,
   * as ONNX Runtime's CPU provider does.
   */
  private Tensor[] best(Tensor scores, long k) {
    boolean given = quantized && c.has(14);
    Tensor all = given ? c.in(14).reshape(-1, experts) : scores.softmax(-1);
    Tensor which = scores.detach().sort(-1, true).indices().narrow(1, 0, k);
    Tensor shares = all.gather(1, which);
    boolean sum = c.node().flag("normalize_routing_weights", false) || quantized && !given;
    return new Tensor[] {which, sum ? shares.div(shares.sum(new int[] {1}, true)) : shares};
  }

  /** Each is chosen among those left, and weighed by those near to it (Liu et al. 2023). */
  private Tensor[] sparse(Tensor scores, long k) {
    if (k != 2) {
      throw c.bad("k", k, "2, with use_sparse_mixer");
    }
    Tensor never = Torch.full(scores.dtype(), Double.NEGATIVE_INFINITY);
    Tensor left = scores;
    Tensor[] which = new Tensor[2];
    Tensor[] shares = new Tensor[2];
    for (int i = 0; i < 2; i++) {
      Tensor most = left.detach().amax(new int[] {1}, true);
      which[i] = left.detach().max(1, true).indices();
      Tensor far = most.sub(scores).div(scores.abs().maximum(most)).gt(NEAR);
      shares[i] = Torch.where(far, never, left).softmax(1).gather(1, which[i]);
      Tensor taken = Torch.arange(experts).eq(which[i]);
      left = Torch.where(taken, never, left);
    }
    return new Tensor[] {Torch.cat(List.of(which), 1), Torch.cat(List.of(shares), 1)};
  }

  /** One expert's network: layer 2 of the activation of layer 1, perhaps times layer 3. */
  private Tensor expert(Tensor x, long e) {
    Tensor first = layer(x, 0, e);
    Tensor third = c.has(weights[2]) ? layer(x, 2, e) : null;
    String name = c.node().s("activation_type", "relu");
    Tensor hidden =
        switch (name) {
          case "relu" -> first.relu();
          case "gelu" -> first.apply(Pointwise.GELU_TANH);
          case "silu" -> first.apply(Pointwise.SILU);
          case "identity" -> first;
          case "swiglu" -> swiglu(first, third);
          default -> throw c.bad("activation_type", name, "relu, gelu, silu, swiglu, identity");
        };
    return layer(third == null || name.equals("swiglu") ? hidden : hidden.mul(third), 1, e);
  }

  /** Gate and line from two layers, or from one where they alternate (1) or follow (2). */
  private Tensor swiglu(Tensor first, Tensor third) {
    long fusion = c.node().i("swiglu_fusion", 0);
    Tensor gate = first;
    Tensor line = third;
    long half = first.size(1) / 2;
    if (fusion == 1) {
      gate = first.slice(1, 0, 2 * half, 2);
      line = first.slice(1, 1, 2 * half, 2);
    } else if (fusion == 2) {
      gate = first.narrow(1, 0, half);
      line = first.narrow(1, half, half);
    } else if (third == null) {
      throw c.bad("swiglu_fusion", fusion, "1, 2, or fc3_experts_weights");
    }
    if (c.node().has("swiglu_limit")) {
      double limit = c.node().f("swiglu_limit", 0);
      gate = gate.clampMax(limit);
      line = line.clamp(-limit, limit);
    }
    double alpha = c.node().f("activation_alpha", 1);
    return Attention.swish(gate, alpha).mul(line.add(c.node().f("activation_beta", 0)));
  }

  private Tensor layer(Tensor x, int i, long e) {
    Tensor weight = quantized ? unpacked(i, e) : c.in(weights[i]).select(0, e);
    Tensor y = x.matmul(weight.to(x.dtype()).t());
    return c.has(biases[i]) ? y.add(c.in(biases[i]).select(0, e)) : y;
  }

  /** One expert's weight (out, in) from packed integers with a scale a row or a block. */
  private Tensor unpacked(int i, long e) {
    long given = c.node().i("expert_weight_bits", 4);
    if (given != 2 && given != 4 && given != 8) {
      throw c.bad("expert_weight_bits", given, "2, 4, 8");
    }
    int bits = (int) given;
    Tensor bytes = c.in(weights[i]).select(0, e);
    Tensor codes = BlockQuantized.unpacked(bytes, bits, bytes.size(1) * (8 / bits));
    Tensor scales = c.in(weights[i] + 1).select(0, e);
    boolean rows = scales.dim() == 1;
    Tensor scale = rows ? scales.unsqueeze(1) : scales;
    Tensor zeros = Torch.full(DType.F32, BlockQuantized.middle(bits));
    if (c.has(11 + i)) {
      Tensor packed = c.in(11 + i).select(0, e);
      long count = rows ? scales.size(0) : scale.size(1);
      Tensor unpacked = BlockQuantized.unpacked(packed, bits, count);
      zeros = rows ? unpacked.unsqueeze(1) : unpacked;
    }
    long block = rows ? codes.size(1) : c.node().i("block_size", 0);
    if (block < 1 || scale.size(1) * block < codes.size(1)) {
      throw c.bad("block_size", block, codes.size(1) + " weights in " + scale.size(1) + " blocks");
    }
    return BlockQuantized.dequantized(codes, scale, zeros, 1, block);
  }
}
