package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.Activations;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.op.Pointwise;
import java.util.Locale;

/**
 * Activations of com.microsoft, and products with what ONNX Runtime's optimizer fuses to them.
 * Source: onnxruntime, docs/ContribOperators.md.
 */
final class MicrosoftFused {
  private static final double QUICK = 1.702f;

  private MicrosoftFused() {}

  static void register(Registry r) {
    r.standard("Gelu", 20);
    r.map("FastGelu", c -> plusBias(c, 0, 1).apply(Pointwise.GELU_TANH));
    r.map("BiasGelu", c -> c.in(0).add(c.in(1)).apply(Pointwise.GELU));
    r.map("QuickGelu", c -> Attention.swish(c.in(0), c.node().f("alpha", QUICK)));
    r.map("BiasSplitGelu", MicrosoftFused::splitGelu);
    r.map("BiasAdd", c -> c.in(0).add(c.in(1)).add(c.in(2)));
    r.map("BiasSoftmax", MicrosoftFused::softmax);
    r.mapAll("BiasDropout", MicrosoftFused::dropout);
    r.map("FusedMatMul", MicrosoftFused::matMul);
    r.map("TransposeMatMul", MicrosoftFused::matMul);
    r.map("FusedMatMulActivation", c -> activated(c, matMul(c)));
    r.map("FusedGemm", c -> activated(c, Linear.gemm(c)));
    r.map("GemmFastGelu", MicrosoftFused::gemmGelu);
    r.map("FusedConv", c -> residual(c, Convolution.conv(c)));
    r.map("NhwcConv", c -> channelsLast(Convolution.conv(channelsFirst(c))));
    r.map("NhwcFusedConv", c -> residual(c, channelsLast(Convolution.conv(channelsFirst(c)))));
  }

  private static Tensor plusBias(Call c, int input, int bias) {
    return c.has(bias) ? c.in(input).add(c.in(bias)) : c.in(input);
  }

  /** The first half of the features times the GELU of the second. */
  private static Tensor splitGelu(Call c) {
    Tensor x = c.in(0).add(c.in(1));
    long half = x.size(-1) / 2;
    if (x.size(-1) != 2 * half) {
      throw c.bad("X", x.shape(), "an even number of features");
    }
    int last = x.dim() - 1;
    return x.narrow(last, 0, half).mul(x.narrow(last, half, half).apply(Pointwise.GELU));
  }

  /** All axes from {@code axis} on count as one. */
  private static Tensor softmax(Call c) {
    Tensor x = c.in(0).add(c.in(1));
    int axis = c.axis(1, x);
    return x.flatten(axis).softmax(axis).reshape(x.shape().sizes());
  }

  private static Tensor[] dropout(Call c) {
    Tensor x = c.in(0).add(c.in(1));
    double ratio = c.optionalScalar(3).orElse(0.5);
    boolean drop = ratio > 0 && (c.training() || c.has(4) && c.truth(4));
    Tensor kept = F.dropout(x.detach().onesLike(), ratio, drop);
    Tensor y = drop ? x.mul(kept) : x;
    return new Tensor[] {c.has(2) ? y.add(c.in(2)) : y, kept.ne(0)};
  }

  /** alpha A B, where the axes of A and B are reordered first as attributes say. */
  private static Tensor matMul(Call c) {
    Tensor a = turned(c, c.in(0), "A");
    Tensor b = turned(c, c.in(1), "B");
    double alpha = c.node().f("alpha", 1);
    Tensor y = a.matmul(b);
    return alpha == 1 ? y : y.mul(alpha);
  }

  /** transBatch: (M, batch..., K) as (batch..., M, K); trans: then the last two exchanged. */
  private static Tensor turned(Call c, Tensor x, String which) {
    int rank = x.dim();
    if (rank < 2) {
      return x;
    }
    if (c.node().flag("transBatch" + which, false)) {
      x = x.movedim(0, rank - 2);
    }
    return c.node().flag("trans" + which, false) ? x.mT() : x;
  }

  private static Tensor gemmGelu(Call c) {
    Tensor y = c.in(0).matmul(c.in(1));
    return (c.has(2) ? y.add(c.in(2)) : y).apply(Pointwise.GELU_TANH);
  }

  /** Z is added before the activation. */
  private static Tensor residual(Call c, Tensor y) {
    return activated(c, c.has(3) ? y.add(c.in(3)) : y);
  }

  private static Call channelsFirst(Call c) {
    return c.on(c.in(0).movedim(-1, 1), c.in(1), c.has(2) ? c.in(2) : null);
  }

  private static Tensor channelsLast(Tensor y) {
    return y.movedim(1, -1);
  }

  /** The function that {@code activation} names; its numbers are in one attribute or in three. */
  private static Tensor activated(Call c, Tensor x) {
    String name = c.node().s("activation", "");
    double[] given = c.node().floats("activation_params", new double[0]);
    String[] attributes = {"activation_alpha", "activation_beta", "activation_gamma"};
    double[] p = new double[3];
    for (int i = 0; i < p.length; i++) {
      p[i] = i < given.length ? given[i] : c.node().f(attributes[i], Double.NaN);
    }
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "" -> x;
      case "relu" -> x.relu();
      case "tanh" -> x.tanh();
      case "sigmoid" -> x.sigmoid();
      case "softplus" -> x.apply(Pointwise.SOFTPLUS);
      case "softsign" -> x.apply(Activations.SOFTSIGN);
      case "hardswish" -> x.hardswish();
      case "gelu" -> x.apply(Pointwise.GELU);
      case "quickgelu" -> Attention.swish(x, or(p[0], QUICK));
      case "leakyrelu" -> x.apply(Pointwise.leakyRelu(or(p[0], 0.01f)));
      case "elu" -> x.apply(Activations.elu(or(p[0], 1)));
      case "celu" -> x.apply(Activations.celu(or(p[0], 1)));
      case "thresholdedrelu" -> x.apply(Activations.threshold(or(p[0], 1), 0));
      case "clip" -> x.clamp(or(p[0], -Float.MAX_VALUE), or(p[1], Float.MAX_VALUE));
      case "hardsigmoid" -> x.mul(or(p[0], 0.2f)).add(or(p[1], 0.5)).clamp(0, 1);
      case "scaledtanh" -> x.mul(or(p[1], 1)).tanh().mul(or(p[0], 1));
      case "selu" ->
          x.apply(Activations.elu(or(p[0], 1.67326319217681884765625)))
              .mul(or(p[1], 1.05070102214813232421875));
      case "softmax" -> x.softmax(c.axis(c.node().i("activation_axis", -1)));
      default -> throw c.bad("activation", name, "Relu, Tanh, Sigmoid, LeakyRelu, Clip, ...");
    };
  }

  private static double or(double given, double fallback) {
    return Double.isNaN(given) ? fallback : given;
  }
}
