package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import java.util.Set;

/** Counts multiplications with additions of the nodes that run. */
final class Macs {
  private static final Set<String> PRODUCTS = Set.of("MatMul", "MatMulInteger", "QLinearMatMul");
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
      return out.numel() * call.in(0).size(-1);
    }
    if (RECURRENT.contains(type)) {
      // One step of one sample multiplies by each weight once: W and R.
      long steps = call.in(0).size(0) * call.in(0).size(1);
      return steps * (call.in(1).numel() + call.in(2).numel());
    }
    return switch (type) {
      case "Gemm" -> out.numel() * call.in(0).size(call.node().flag("transA", false) ? 0 : 1);
      case "Conv", "ConvInteger" -> out.numel() * perChannel(call.in(1));
      case "QLinearConv" -> out.numel() * perChannel(call.in(3));
      case "ConvTranspose" -> call.in(0).numel() * perChannel(call.in(1));
      case "Attention" -> (call.in(0).numel() + out.numel()) * call.in(1).size(-2);
      default -> 0;
    };
  }

  private static long perChannel(Tensor weight) {
    return weight.numel() / Math.max(1, weight.size(0));
  }
}
