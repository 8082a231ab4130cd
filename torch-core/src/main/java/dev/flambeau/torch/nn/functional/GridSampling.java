package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Samples at given places, made of gathers and products, so that gradients by input and places
 * follow (Jaderberg et al. 2015, "Spatial transformer networks").
 */
final class GridSampling {
  private final Padding padding;
  private final boolean align;
  private final long[] sizes;
  private final Tensor flat;

  private GridSampling(Tensor input, Padding padding, boolean align) {
    this.padding = padding;
    this.align = align;
    this.sizes = Arrays.copyOfRange(input.shape().sizes(), 2, input.dim());
    this.flat = input.flatten(2);
  }

  static Tensor sample(
      Tensor input, Tensor grid, Interpolation mode, Padding padding, boolean align) {
    int axes = input.dim() - 2;
    boolean fits =
        (axes == 2 || axes == 3)
            && grid.dim() == input.dim()
            && grid.size(-1) == axes
            && grid.size(0) == input.size(0);
    if (!fits) {
      throw TorchException.shape(
          "grid_sample",
          "grid",
          grid.shape(),
          "(N, ..., 2 or 3) for an input with as many spatial axes, here " + input.shape());
    }
    if (grid.dtype() != input.dtype()) {
      throw TorchException.type("grid_sample", "grid", grid.dtype(), "the type of the input");
    }
    if (mode == Interpolation.AREA || mode == Interpolation.CUBIC && axes != 2) {
      throw TorchException.argument(
          "grid_sample", "mode", mode, "NEAREST, LINEAR, or CUBIC for 4-d input");
    }
    GridSampling sampling = new GridSampling(input, padding, align);
    long points = grid.numel() / Math.max(grid.size(0) * axes, 1);
    List<Tensor> places = new ArrayList<>();
    for (int i = 0; i < axes; i++) {
      // The first coordinate belongs to the last axis.
      Tensor c = grid.select(-1, axes - 1 - i).reshape(grid.size(0), points);
      long size = sampling.sizes[i];
      places.add(
          align ? c.add(1).mul((size - 1) / 2.0) : c.add(1).mul((double) size).sub(1).mul(0.5));
    }
    Tensor out =
        switch (mode) {
          case LINEAR -> sampling.linear(places);
          case CUBIC -> sampling.cubic(places);
          case NEAREST, NEAREST_EXACT, AREA -> sampling.nearest(places);
        };
    long[] shape = grid.shape().sizes();
    long[] result = input.shape().sizes();
    System.arraycopy(shape, 1, result, 2, axes);
    return out.reshape(result);
  }

  /** A coordinate brought inside, where the padding says so; 0 gradient where it is clipped. */
  private Tensor inside(Tensor c, int axis) {
    long size = sizes[axis];
    Tensor at = c;
    if (padding == Padding.REFLECT) {
      double low = align ? 0 : -0.5;
      double span = align ? size - 1 : size;
      if (span == 0) {
        return c.mul(0);
      }
      Tensor from = c.sub(low).abs();
      Tensor flips = from.detach().div(span).floor();
      Tensor extra = from.sub(flips.mul(span));
      Tensor odd = flips.remainder(2).ne(0);
      at = Torch.where(odd, extra.rsub(span), extra).add(low);
    }
    if (padding == Padding.CONSTANT) {
      return at;
    }
    Tensor most = at.detach().fullLike(size - 1);
    Tensor low = Torch.where(at.gt(0), at, at.detach().zerosLike());
    return Torch.where(low.lt((double) size - 1), low, most);
  }

  /** Elements at whole coordinates times weights; 0 outside. */
  private Tensor gather(List<Tensor> at, Tensor weight) {
    Tensor index = null;
    Tensor within = null;
    for (int i = 0; i < sizes.length; i++) {
      Tensor c = at.get(i).detach();
      Tensor ok = c.ge(0).logicalAnd(c.le((double) sizes[i] - 1));
      Tensor place = Torch.where(ok, c, c.zerosLike()).to(DType.I64);
      within = within == null ? ok : within.logicalAnd(ok);
      index = index == null ? place : index.mul(sizes[i]).add(place);
    }
    Shape all = Shape.of(flat.size(0), flat.size(1), index.size(1));
    Tensor values = flat.gather(2, index.unsqueeze(1).expand(all));
    Tensor used = Torch.where(within, weight, weight.detach().zerosLike());
    return values.mul(used.unsqueeze(1));
  }

  private Tensor nearest(List<Tensor> places) {
    List<Tensor> at = new ArrayList<>();
    Tensor weight = null;
    for (int i = 0; i < sizes.length; i++) {
      Tensor rounded = inside(places.get(i), i).round();
      at.add(rounded);
      // 1 with the gradient of rounding, which is 0.
      Tensor one = rounded.sub(rounded.detach()).add(1);
      weight = weight == null ? one : weight.mul(one);
    }
    return gather(at, weight);
  }

  private Tensor linear(List<Tensor> places) {
    int axes = sizes.length;
    List<Tensor> at = new ArrayList<>();
    List<Tensor> low = new ArrayList<>();
    for (int i = 0; i < axes; i++) {
      at.add(inside(places.get(i), i));
      low.add(at.get(i).detach().floor());
    }
    Tensor sum = null;
    for (int corner = 0; corner < 1 << axes; corner++) {
      List<Tensor> place = new ArrayList<>();
      Tensor weight = null;
      for (int i = 0; i < axes; i++) {
        boolean high = (corner >> i & 1) != 0;
        Tensor part = at.get(i).sub(low.get(i));
        Tensor w = high ? part : part.rsub(1);
        place.add(high ? low.get(i).add(1) : low.get(i));
        weight = weight == null ? w : weight.mul(w);
      }
      Tensor value = gather(place, weight);
      sum = sum == null ? value : sum.add(value);
    }
    return sum;
  }

  private Tensor cubic(List<Tensor> places) {
    Tensor lowY = places.get(0).detach().floor();
    Tensor lowX = places.get(1).detach().floor();
    List<Tensor> weightsY = cubicWeights(places.get(0).sub(lowY));
    List<Tensor> weightsX = cubicWeights(places.get(1).sub(lowX));
    Tensor sum = null;
    for (int i = 0; i < 4; i++) {
      Tensor y = inside(lowY.add(i - 1), 0);
      for (int j = 0; j < 4; j++) {
        Tensor x = inside(lowX.add(j - 1), 1);
        Tensor value = gather(List.of(y, x), weightsY.get(i).mul(weightsX.get(j)));
        sum = sum == null ? value : sum.add(value);
      }
    }
    return sum;
  }

  /** Keys' (1981) weights with a = -3/4 of the elements at -1, 0, 1 and 2. */
  private static List<Tensor> cubicWeights(Tensor t) {
    Tensor back = t.rsub(1);
    return List.of(outer(t.add(1)), inner(t), inner(back), outer(back.add(1)));
  }

  private static Tensor inner(Tensor d) {
    return d.mul(1.25).sub(2.25).mul(d).mul(d).add(1);
  }

  private static Tensor outer(Tensor d) {
    return d.sub(5).mul(d).add(8).mul(d).sub(4).mul(-0.75);
  }
}
