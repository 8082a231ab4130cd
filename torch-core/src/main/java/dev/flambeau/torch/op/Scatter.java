package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.api.Elementwise;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy of x into which source elements are written at {@code index} along an axis, or combined
 * with what is there; inputs: x, index, source. Where {@code includeSelf} is false, elements of x
 * that are written to do not count. PyTorch: {@code torch.scatter}, {@code scatter_add}, {@code
 * scatter_reduce}.
 */
public record Scatter(int axis, Reduce reduce, boolean includeSelf) implements Structured {
  /** What happens to elements that come to the same place. */
  public enum Reduce {
    /** The last one stays. */
    SET,
    SUM,
    PROD,
    /** Integers are rounded down. */
    MEAN,
    AMIN,
    AMAX
  }

  @Override
  public String name() {
    return switch (reduce) {
      case SET -> "scatter";
      case SUM -> "scatter_add";
      case PROD, MEAN, AMIN, AMAX -> "scatter_reduce";
    };
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    Meta index = inputs[1];
    Meta source = inputs[2];
    Gather.checkIndex(name(), x.shape(), index, axis);
    if (x.dtype() != source.dtype()) {
      throw TorchException.type(name(), "src", source.dtype(), x.dtype().toString());
    }
    boolean fits = Math.max(index.rank(), 1) == Math.max(source.rank(), 1);
    for (int i = 0; fits && i < Math.min(index.rank(), source.rank()); i++) {
      fits = index.size(i) <= source.size(i);
    }
    if (!fits && index.shape().numel() > 0) {
      throw TorchException.shape(
          name(), "src", source.shape(), "at least the sizes of index, " + index.shape());
    }
    return new Meta[] {Meta.contiguous(x.dtype(), x.device(), x.shape())};
  }

  @Override
  public Saves saves() {
    return switch (reduce) {
      case SET, SUM, MEAN -> Saves.inputs(1);
      case PROD, AMIN, AMAX -> Saves.inputs(0, 1, 2).andOutputs(0);
    };
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor g = gradients[0];
    Tensor index = saved.input(1);
    Tensor[] both =
        switch (reduce) {
          case SET, SUM -> new Tensor[] {g, g.gather(axis, index)};
          case MEAN -> meanGradients(g, index);
          case PROD -> productGradients(saved, g, index);
          case AMIN, AMAX -> extremeGradients(saved, g, index);
        };
    if (reduce == Reduce.SET || !includeSelf) {
      Tensor zeros = g.zeros(Shape.of()).expand(index.shape());
      both[0] = both[0].scatter(axis, index, zeros);
    }
    return new Tensor[] {both[0], null, padded(both[1], saved.inputMeta(2).shape())};
  }

  private Tensor[] meanGradients(Tensor g, Tensor index) {
    Tensor ones = g.detach().onesLike();
    Tensor start = includeSelf ? ones : ones.zerosLike();
    Tensor counts = start.scatterAdd(axis, index, g.zeros(Shape.of()).add(1).expand(index.shape()));
    Tensor share = g.div(counts.maximum(ones));
    return new Tensor[] {share, share.gather(axis, index)};
  }

  private Tensor[] productGradients(Saved saved, Tensor g, Tensor index) {
    Tensor x = saved.input(0);
    Tensor source = cut(saved.input(2), index.shape());
    Tensor one = g.zeros(Shape.of()).add(1);
    Tensor nonzeroX = Elementwise.where(x.eq(0), one, x);
    Tensor byX = g.mul(nonzeroX.scatterReduce(axis, index, source, reduce, includeSelf));
    Tensor zero = source.eq(0);
    Tensor zeros =
        x.detach().zerosLike().scatterAdd(axis, index, zero.to(x.dtype())).gather(axis, index);
    Tensor onlyZero = zero.logicalAnd(zeros.eq(1));
    Tensor others = Elementwise.where(onlyZero, one, source);
    Tensor withoutIt =
        g.mul(x.scatterReduce(axis, index, others, reduce, includeSelf)).gather(axis, index);
    Tensor product = x.scatterReduce(axis, index, source, reduce, includeSelf);
    Tensor bySource =
        Elementwise.where(
            onlyZero,
            withoutIt,
            g.mul(product).gather(axis, index).div(Elementwise.where(zero, one, source)));
    return new Tensor[] {byX.div(nonzeroX), bySource};
  }

  /** Equal extremes share the gradient. */
  private Tensor[] extremeGradients(Saved saved, Tensor g, Tensor index) {
    Tensor result = saved.output(0);
    Tensor hitX = saved.input(0).eq(result).to(g.dtype());
    Tensor source = cut(saved.input(2), index.shape());
    Tensor hitSource = source.eq(result.gather(axis, index)).to(g.dtype());
    Tensor counts = hitX.scatterAdd(axis, index, hitSource);
    Tensor share = g.div(counts);
    return new Tensor[] {hitX.mul(share), hitSource.mul(share.gather(axis, index))};
  }

  private static Tensor cut(Tensor source, Shape shape) {
    Tensor t = source;
    for (int i = 0; i < source.dim() && i < shape.rank(); i++) {
      t = t.size(i) == shape.size(i) ? t : t.narrow(i, 0, shape.size(i));
    }
    return t.shape().equals(shape) ? t : t.reshape(shape.sizes());
  }

  /** Zeros behind the gradient where the source is larger than the index. */
  private static Tensor padded(Tensor gradient, Shape shape) {
    if (gradient.shape().equals(shape)) {
      return gradient;
    }
    if (gradient.dim() != shape.rank()) {
      return gradient.numel() == shape.numel()
          ? gradient.reshape(shape.sizes())
          : gradient.zeros(shape);
    }
    List<Long> before = new ArrayList<>();
    List<Long> after = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      before.add(0L);
      after.add(shape.size(i) - gradient.size(i));
    }
    return Dispatcher.call(new Pad(before, after, 0), gradient);
  }

  /** Whether {@code type} can be an index: I64, or anything if there is nothing to index. */
  static boolean isIndex(Meta index) {
    return index.dtype() == DType.I64 || index.shape().numel() == 0;
  }
}
