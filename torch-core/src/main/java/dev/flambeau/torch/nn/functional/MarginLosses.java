package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.Optional;

/** The single losses behind {@link LossFunctions}. */
final class MarginLosses {
  private static final double EPSILON = 1e-12;

  private MarginLosses() {}

  private static Tensor or0(Tensor condition, Tensor x) {
    return Torch.where(condition, x, x.detach().zerosLike());
  }

  static Tensor hinge(Tensor x, Tensor target, double margin) {
    Tensor gap = x.neg().add(margin).clampMin(0);
    return or0(target.ne(1), gap).add(or0(target.ne(-1), x));
  }

  static Tensor soft(Tensor x, Tensor target) {
    // log(1 + exp(z)) without overflow.
    Tensor z = target.neg().mul(x);
    return z.clampMin(0).add(z.abs().neg().exp().log1p());
  }

  static Tensor cosine(Tensor first, Tensor second, Tensor target, double margin) {
    if (first.dim() != target.dim() + 1 || second.dim() != first.dim()) {
      throw TorchException.shape(
          "cosine_embedding_loss",
          "target",
          target.shape(),
          "one dimension less than both inputs, " + first.shape() + " and " + second.shape());
    }
    Tensor a = first.dtype().isFloat() ? first : first.to(DType.F32);
    Tensor b = second.dtype().isFloat() ? second : second.to(DType.F32);
    Tensor lengths = a.square().sum(-1).add(EPSILON).mul(b.square().sum(-1).add(EPSILON)).sqrt();
    Tensor cosine = a.mul(b).sum(-1).div(lengths);
    return or0(target.eq(1), cosine.rsub(1))
        .add(or0(target.eq(-1), cosine.sub(margin).clampMin(0)));
  }

  static Tensor multi(Tensor input, Tensor target, int p, double margin, Optional<Tensor> weight) {
    if (p != 1 && p != 2) {
      throw TorchException.argument("multi_margin_loss", "p", p, "1 or 2");
    }
    boolean single = input.dim() < 2;
    Tensor x = single ? input.reshape(1, -1) : input;
    long classes = x.size(-1);
    if (x.dim() != 2 || classes == 0 || target.numel() != x.size(0) || target.dim() > 1) {
      throw TorchException.shape(
          "multi_margin_loss",
          "input and target",
          input.shape() + " and " + target.shape(),
          "(N, C) and (N), or (C) and one class");
    }
    Tensor at = classes("multi_margin_loss", target, classes).reshape(-1, 1);
    Tensor gap = x.sub(x.gather(1, at)).add(margin).clampMin(0);
    Tensor losses = p == 1 ? gap : gap.square();
    if (weight.isPresent()) {
      losses = losses.mul(weight.get().indexSelect(0, at.reshape(-1)).unsqueeze(1));
    }
    Tensor others = Torch.arange(classes).ne(at);
    Tensor means = or0(others, losses).mean(1);
    return single ? means.reshape() : means;
  }

  private static Tensor classes(String operator, Tensor target, long classes) {
    if (target.dtype() != DType.I64) {
      throw TorchException.type(operator, "target", target.dtype(), "int64");
    }
    if (Mode.checking()
        && target.numel() > 0
        && (target.amin().itemLong() < 0 || target.amax().itemLong() >= classes)) {
      throw TorchException.argument(
          operator, "target", target, "classes in [0, " + (classes - 1) + "]");
    }
    return target;
  }

  static Tensor multilabel(Tensor input, Tensor target) {
    String name = "multilabel_margin_loss";
    if (!input.shape().equals(target.shape()) || input.dim() > 2) {
      throw TorchException.shape(
          name, "target", target.shape(), "the input's shape, (N, C) or (C): " + input.shape());
    }
    boolean single = input.dim() < 2;
    Tensor x = single ? input.reshape(1, -1) : input;
    Tensor valid = target.reshape(x.shape().sizes()).ne(-1).to(DType.I64).cumprod(1);
    Tensor at = target.reshape(x.shape().sizes()).mul(valid);
    classes(name, at, x.size(1));
    Tensor none = at.zerosLike().scatterAdd(1, at, valid).eq(0);
    // (N, target, class)
    Tensor gap = x.unsqueeze(1).sub(x.gather(1, at).unsqueeze(2)).add(1).clampMin(0);
    Tensor counted = valid.ne(0).unsqueeze(2).logicalAnd(none.unsqueeze(1));
    Tensor losses = or0(counted, gap).sum(1, 2).div(x.size(1));
    return single ? losses.reshape() : losses;
  }

  static Tensor poisson(Tensor x, Tensor target, boolean logInput, boolean full, double eps) {
    Tensor losses = logInput ? x.exp().sub(target.mul(x)) : x.sub(target.mul(x.add(eps).log()));
    if (!full) {
      return losses;
    }
    Tensor large = target.gt(1);
    Tensor t = Torch.where(large, target, target.detach().onesLike());
    Tensor stirling = t.mul(t.log()).sub(t).add(t.mul(2 * Math.PI).log().mul(0.5));
    return losses.add(or0(large, stirling));
  }

  static Tensor gaussian(Tensor input, Tensor target, Tensor variance, boolean full, double eps) {
    Tensor v = variance;
    if (!v.shape().equals(input.shape()) && v.dim() == input.dim() - 1) {
      v = v.unsqueeze(-1);
    }
    boolean fits = v.dim() == input.dim();
    for (int i = 0; fits && i < v.dim(); i++) {
      fits = v.size(i) == input.size(i) || i == v.dim() - 1 && v.size(i) == 1;
    }
    if (!fits) {
      throw TorchException.shape(
          "gaussian_nll_loss", "var", variance.shape(), "that of the input, " + input.shape());
    }
    if (Mode.checking() && v.numel() > 0 && v.detach().amin().item() < 0) {
      throw TorchException.argument(
          "gaussian_nll_loss", "var", v.detach().amin().item(), "0 or more");
    }
    // The bound has no part in the gradient.
    Tensor bounded = v.add(v.detach().clampMin(eps).sub(v.detach()));
    Tensor losses = bounded.log().add(input.sub(target).square().div(bounded)).mul(0.5);
    return full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses;
  }
}
