package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import java.util.Set;

/** Counts multiplications with additions of the nodes that run. */
final class Macs {
  private static final Set<String> PRODUCTS =
      Set.of(
          "MatMul",
          "MatMulInteger",
          "QLinearMatMul",
          "FusedMatMul",
          "TransposeMatMul",
          "FusedMatMulActivation",
          "GemmFastGelu",
          "DynamicQuantizeMatMul",
          "MatMulIntegerToFloat",
          "MatMulInteger16",
          "MatMulNBits");
  private static final Set<String> RECURRENT = Set.of("LSTM", "GRU", "RNN");

  private long total;

  long total() {
    return total;
  }

  void count(Call call, OnnxValue[] results) {
    if (results.length > 0 && results[0] instanceof OnnxValue.Numbers out) {
      total += of(call, out.tensor());
    }
  }

  private static long of(Call call, Tensor out) {
    String type = call.name();
    if (PRODUCTS.contains(type)) {
      boolean turned = call.node().flag("transA", false) && call.in(0).dim() > 1;
      return out.numel() * call.in(0).size(turned ? -2 : -1);
    }
    if (RECURRENT.contains(type)) {
      // One step of one sample multiplies by each weight once: W and R.
      long steps = call.in(0).size(0) * call.in(0).size(1);
      return steps * (call.in(1).numel() + call.in(2).numel());
    }
    return switch (type) {
      case "Gemm", "FusedGemm", "QGemm" ->
          out.numel() * call.in(0).size(call.node().flag("transA", false) ? 0 : 1);
      case "Conv", "ConvInteger", "FusedConv", "NhwcConv", "NhwcFusedConv" ->
          out.numel() * perChannel(call.in(1));
      case "QLinearConv" -> out.numel() * perChannel(call.in(3));
      case "ConvTranspose" -> call.in(0).numel() * perChannel(call.in(1));
      case "Attention", "QAttention" ->
          call.in(1).dim() == 2
              ? call.in(0).numel() * call.in(1).size(1) + 2 * out.numel() * out.size(1)
              : attention(call, out);
      case "MultiHeadAttention" ->
          call.has(1) ? attention(call, out) : 2 * out.numel() * out.size(1);
      case "GroupQueryAttention" -> 2 * out.numel() * call.scalarLong(6);
      default -> 0;
    };
  }

  /** Scores of all keys, and values by scores. */
  private static long attention(Call call, Tensor out) {
    return (call.in(0).numel() + out.numel()) * call.in(1).size(-2);
  }

  private static long perChannel(Tensor weight) {
    return weight.numel() / Math.max(1, weight.size(0));
  }
}
