package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.api.Elementwise;
import dev.flambeau.torch.dispatch.Dispatcher;

/** What the elements of an axis up to each of them combine to; {@code reverse}: from the end. */
public record Scan(Kind kind, int axis, boolean reverse) implements Structured {
  /** How elements are combined. */
  public enum Kind {
    SUM("cumsum"),
    PROD("cumprod"),
    /** With a second output: where the last of equal maxima is (I64); NaN is largest. */
    MAX("cummax"),
    /** With a second output: where the last of equal minima is (I64); NaN is smallest. */
    MIN("cummin"),
    LOGSUMEXP("logcumsumexp");

    private final String torchName;

    Kind(String torchName) {
      this.torchName = torchName;
    }

    /** Whether places are an output, too. */
    public boolean indexed() {
      return this == MAX || this == MIN;
    }
  }

  @Override
  public String name() {
    return kind.torchName;
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    if (kind == Kind.LOGSUMEXP && !x.dtype().isFloat()) {
      throw TorchException.type(name(), "input", x.dtype(), "a floating point type");
    }
    Meta values = Meta.contiguous(x.dtype(), x.device(), x.shape());
    return kind.indexed()
        ? new Meta[] {values, Meta.contiguous(DType.I64, x.device(), x.shape())}
        : new Meta[] {values};
  }

  @Override
  public Saves saves() {
    return switch (kind) {
      case SUM -> Saves.NOTHING;
      case PROD, LOGSUMEXP -> new Saves(1, 1);
      case MAX, MIN -> Saves.outputs(1);
    };
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor g = gradients[0];
    if (g == null) {
      return new Tensor[1];
    }
    return new Tensor[] {
      switch (kind) {
        case SUM -> back(g);
        case PROD -> product(saved.input(0), saved.output(0), g);
        case MAX, MIN -> picked(saved, g);
        case LOGSUMEXP -> logarithmic(saved.input(0), saved.output(0), g);
      }
    };
  }

  /** The sum of what comes at and after each element, in the order of this scan. */
  private Tensor back(Tensor g) {
    return new Scan(Kind.SUM, axis, !reverse).of(g);
  }

  private Tensor of(Tensor x) {
    return Dispatcher.call(this, x);
  }

  /**
   * Sum of g y from each element on, over that element. After a line's first 0 all products are 0;
   * at it they are those of the other elements.
   */
  private Tensor product(Tensor x, Tensor y, Tensor g) {
    Tensor zeros = x.detach().eq(0);
    Tensor plain = back(g.mul(y)).div(Elementwise.where(zeros, x.onesLike(), x));
    Tensor count = new Scan(Kind.SUM, axis, reverse).of(zeros.to(DType.I64));
    Tensor first = zeros.logicalAnd(count.eq(1));
    Tensor others = of(Elementwise.where(first, x.onesLike(), x));
    return Elementwise.where(
        first, back(g.mul(others)), Elementwise.where(zeros, x.zerosLike(), plain));
  }

  private Tensor picked(Saved saved, Tensor g) {
    Tensor zeros = g.zeros(saved.inputMeta(0).shape());
    return g.dim() == 0 ? g : zeros.scatterAdd(axis, saved.output(1), g);
  }

  /** Sum of g exp(x - y), of its positive and negative part by logarithms. */
  private Tensor logarithmic(Tensor x, Tensor y, Tensor g) {
    // Where y is minus infinity, so is x, and the factor exp(x - y) counts as 0.
    Tensor none = y.detach().eq(Double.NEGATIVE_INFINITY);
    Tensor finite = Elementwise.where(none, y.zerosLike(), y);
    return positive(x, finite, g).sub(positive(x, finite, g.neg()));
  }

  private Tensor positive(Tensor x, Tensor y, Tensor g) {
    Tensor nothing = g.detach().fullLike(Double.NEGATIVE_INFINITY);
    Tensor log = Elementwise.where(g.detach().gt(0), g.log(), nothing);
    return new Scan(kind, axis, !reverse).of(log.sub(y)).add(x).exp();
  }
}
