package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;

/** Losses over classes: scores (N, C, ...), labels (N, ...). */
final class Losses {
  private Losses() {}

  static void register(Registry r) {
    r.map("NegativeLogLikelihoodLoss", since(12), c -> loss(c, c.in(0)));
    r.mapAll(
        "SoftmaxCrossEntropyLoss",
        since(12),
        c -> {
          Tensor logarithms = c.in(0).logSoftmax(1);
          return new Tensor[] {loss(c, logarithms), logarithms};
        });
  }

  private static Tensor loss(Call c, Tensor logarithms) {
    Tensor labels = c.in(1).to(DType.I64);
    Tensor keep =
        c.node().has("ignore_index") ? labels.ne(c.node().i("ignore_index", 0)) : labels.eq(labels);
    Tensor known = Torch.where(keep, labels, labels.zerosLike());
    Tensor weights = keep.to(logarithms.dtype());
    if (c.has(2)) {
      Tensor each = c.in(2).indexSelect(0, known.reshape(-1)).reshape(known.shape().sizes());
      weights = weights.mul(each);
    }
    Tensor picked = logarithms.gather(1, known.unsqueeze(1)).squeeze(1);
    Tensor losses = picked.neg().mul(weights);
    return switch (c.node().s("reduction", "mean")) {
      case "none" -> losses;
      case "sum" -> losses.sum();
      case "mean" -> losses.sum().div(weights.sum());
      default -> throw c.bad("reduction", c.node().s("reduction", ""), "none, sum, mean");
    };
  }
}
