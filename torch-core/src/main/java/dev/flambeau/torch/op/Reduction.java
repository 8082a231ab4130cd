package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.api.Elementwise;
import java.util.Arrays;
import java.util.List;

/** Combines the elements along {@code axes} (counted from the front; all of them listed). */
public record Reduction(Fold fold, List<Integer> axes, boolean keepdim) implements Op {

  public static Reduction of(Fold fold, int[] axes, boolean keepdim) {
    return new Reduction(fold, Arrays.stream(axes).boxed().toList(), keepdim);
  }

  @Override
  public String name() {
    return fold.name();
  }

  public int[] axesArray() {
    return axes.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Number of elements combined into one. */
  public long count(Shape shape) {
    long count = 1;
    for (int axis : axes) {
      count *= axis < shape.rank() ? shape.size(axis) : 1;
    }
    return count;
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta in = inputs[0];
    if (fold.needsElements() && count(in.shape()) == 0) {
      throw TorchException.shape(
          name(), "input", in.shape(), "at least one element along the reduced dimensions");
    }
    if ((fold == Fold.MEAN || name().equals("var")) && !in.dtype().isFloat()) {
      throw TorchException.type(name(), "input", in.dtype(), "a floating point type");
    }
    Shape shape = in.shape().reduce(axesArray(), keepdim);
    DType type = fold.resultType().apply(in.dtype());
    Meta out = Meta.contiguous(type, in.device(), shape);
    return fold.finish().size() == 1
        ? new Meta[] {out}
        : new Meta[] {out, Meta.contiguous(DType.I64, in.device(), shape)};
  }

  @Override
  public Saves saves() {
    return switch (name()) {
      case "prod", "amax", "amin" -> new Saves(1, 1);
      case "max", "min" -> Saves.outputs(1);
      case "var" -> Saves.inputs(0);
      default -> Saves.NOTHING;
    };
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    if (gradients[0] == null) {
      return new Tensor[1];
    }
    Shape shape = saved.inputMeta(0).shape();
    Tensor g = restore(gradients[0], shape);
    return new Tensor[] {
      switch (name()) {
        case "sum" -> g.expand(shape);
        case "mean" -> g.div(count(shape)).expand(shape);
        case "var" -> varianceGradient(saved.input(0), g, shape);
        case "prod" -> productGradient(saved, g, shape);
        case "amax", "amin" -> sharedGradient(saved, g, shape);
        case "max", "min" -> indexGradient(saved, g, shape);
        default -> throw TorchException.gradient(name() + ": the derivative is not defined");
      }
    };
  }

  /** Puts the reduced axes back with size 1. */
  private Tensor restore(Tensor reduced, Shape shape) {
    return reduced.reshape(shape.reduce(axesArray(), true).sizes());
  }

  private Tensor varianceGradient(Tensor x, Tensor g, Shape shape) {
    Tensor centred = x.sub(x.mean(axesArray(), true));
    return g.mul(centred).mul(2 / (count(shape) - fold.correction()));
  }

  private Tensor productGradient(Saved saved, Tensor g, Shape shape) {
    Tensor x = saved.input(0);
    Tensor zeros = x.eq(0);
    Tensor count = zeros.sum(axesArray(), true);
    Tensor others = Elementwise.where(zeros, x.onesLike(), x).prod(axesArray(), true);
    Tensor plain = restore(saved.output(0), shape).div(x);
    Tensor atZero = others.mul(count.eq(1).to(x.dtype()));
    return g.mul(Elementwise.where(zeros, atZero, plain));
  }

  /** Equal extremes share the gradient, as PyTorch's amax and amin. */
  private Tensor sharedGradient(Saved saved, Tensor g, Shape shape) {
    Tensor hits = saved.input(0).eq(restore(saved.output(0), shape)).to(g.dtype());
    return hits.mul(g.div(hits.sum(axesArray(), true)));
  }

  private Tensor indexGradient(Saved saved, Tensor g, Shape shape) {
    Tensor zeros = g.zeros(shape);
    if (shape.rank() == 0) {
      return g;
    }
    return zeros.scatterAdd(axes.get(0), restore(saved.output(1), shape), g);
  }
}
