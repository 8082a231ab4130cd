package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.api.Elementwise;
import java.util.List;
import java.util.Optional;

/**
 * (sum |x|^p)^(1/p) over axes counted from the front; p = 0 counts, infinity is the largest, minus
 * infinity the smallest. The gradient is 0 where the norm is not differentiable, and equal extremes
 * share it, as in PyTorch: {@code torch.linalg.vector_norm}.
 */
public record VectorNorm(double p, List<Integer> axes, boolean keepdim) implements Structured {
  @Override
  public String name() {
    return "linalg.vector_norm";
  }

  private int[] axesArray() {
    return axes.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    if (!x.dtype().isFloat()) {
      throw TorchException.type(name(), "x", x.dtype(), "a floating point type");
    }
    boolean needsElements = p < 0 || Double.isInfinite(p);
    for (int axis : axes) {
      if (needsElements && axis < x.rank() && x.size(axis) == 0) {
        throw TorchException.shape(
            name(), "x", x.shape(), "elements along the reduced dimensions for ord " + p);
      }
    }
    return new Meta[] {Matrices.like(x, x.shape().reduce(axesArray(), keepdim))};
  }

  @Override
  public Saves saves() {
    return new Saves(1, 1);
  }

  @Override
  public Optional<Tensor[]> decompose(Tensor[] inputs) {
    Tensor x = inputs[0];
    int[] over = axesArray();
    if (x.dtype() != DType.F64) {
      // Sums of powers in double, so that the rounding is the result's alone.
      Tensor wide = norm(x.to(DType.F64), over);
      return Optional.of(new Tensor[] {wide.to(x.dtype())});
    }
    return Optional.of(new Tensor[] {norm(x, over)});
  }

  private Tensor norm(Tensor x, int[] over) {
    if (over.length == 0) {
      return p == 0 ? x.ne(0).to(x.dtype()) : x.abs();
    }
    if (p == Double.POSITIVE_INFINITY) {
      return x.abs().amax(over, keepdim);
    }
    if (p == Double.NEGATIVE_INFINITY) {
      return x.abs().amin(over, keepdim);
    }
    if (p == 0) {
      return x.ne(0).to(x.dtype()).sum(over, keepdim);
    }
    if (p == 1) {
      return x.abs().sum(over, keepdim);
    }
    return p == 2
        ? x.square().sum(over, keepdim).sqrt()
        : x.abs().pow(p).sum(over, keepdim).pow(1 / p);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor x = saved.input(0);
    Shape kept = x.shape().reduce(axesArray(), true);
    Tensor g = gradients[0].reshape(kept.sizes());
    Tensor norm = saved.output(0).reshape(kept.sizes());
    if (p == 0) {
      return new Tensor[] {x.zerosLike()};
    }
    if (p == 1) {
      return new Tensor[] {g.mul(x.sign())};
    }
    if (Double.isInfinite(p)) {
      Tensor hits = x.abs().eq(norm).logicalOr(x.isnan().logicalAnd(norm.isnan()));
      Tensor share = hits.to(x.dtype());
      Tensor count = axes.isEmpty() ? share : share.sum(axesArray(), true);
      return new Tensor[] {x.sign().mul(share.div(count)).mul(g)};
    }
    Tensor safe = Elementwise.where(norm.eq(0), norm.onesLike(), norm);
    Tensor used = Elementwise.where(norm.eq(0), g.zerosLike(), g);
    if (p == 2) {
      return new Tensor[] {used.mul(x.div(safe))};
    }
    Tensor zero = x.eq(0);
    Tensor size = Elementwise.where(zero, x.onesLike(), x.abs());
    Tensor power = x.sign().mul(size.pow(p - 1));
    return new Tensor[] {
      p < 1 ? power.mul(g).mul(norm.pow(1 - p)) : power.mul(used.div(safe.pow(p - 1)))
    };
  }
}
