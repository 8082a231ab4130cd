package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Each element a weighted sum of a few along one axis, or along two at once: element (i, j) is the
 * sum over the taps s of the first axis and, within, t of the second of (u[s][i] w[t][j])
 * x[p[s][i], q[t][j]], in this order and rounded after each step; 16-bit types are computed in F32.
 * With the right weights that is ONNX Runtime's linear interpolation to the last bit.
 *
 * @param axes one or two
 * @param transpose the gradient of the same without: each element is added, weighted, to those it
 *     was made of
 */
public record Resample(List<Taps> axes, boolean transpose) implements Structured {
  private static final String NAME = "resample";

  /**
   * What is read along an axis. The arrays, {@code [tap][element]}, are not to be changed.
   *
   * @param size elements there are to read
   */
  public record Taps(int axis, long size, long[][] places, double[][] weights) {
    /** Checks that there is an element at each place, and a weight for it. */
    public Taps {
      int taps = places.length;
      boolean fits = taps > 0 && weights.length == taps && axis >= 0;
      for (int t = 0; fits && t < taps; t++) {
        fits =
            places[t].length == places[0].length
                && weights[t].length == places[0].length
                && Arrays.stream(places[t]).allMatch(p -> p >= 0 && p < size);
      }
      if (!fits) {
        throw TorchException.argument(
            NAME, "places", taps + " taps", "weighted places of [0, " + size + ")");
      }
    }

    /** Elements that are made. */
    public int length() {
      return places[0].length;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Taps t
          && axis == t.axis
          && size == t.size
          && Arrays.deepEquals(places, t.places)
          && Arrays.deepEquals(weights, t.weights);
    }

    @Override
    public int hashCode() {
      return 31 * axis + Arrays.deepHashCode(places) + Arrays.deepHashCode(weights);
    }
  }

  /** Checks the axes. */
  public Resample {
    axes = List.copyOf(axes);
    if (axes.isEmpty()
        || axes.size() > 2
        || axes.size() != axes.stream().mapToInt(Taps::axis).distinct().count()) {
      throw TorchException.argument(NAME, "axes", axes.size() + " axes", "one axis or two");
    }
  }

  /** Along one axis, or two at once. */
  public static Tensor along(Tensor x, Taps... axes) {
    return Dispatcher.call(new Resample(List.of(axes), false), x);
  }

  @Override
  public String name() {
    return transpose ? NAME + "_backward" : NAME;
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    if (!x.dtype().isFloat()) {
      throw TorchException.type(name(), "input", x.dtype(), "a floating point type");
    }
    long[] sizes = x.shape().sizes();
    boolean ordered = x.layout().isDense();
    long outer = Long.MAX_VALUE;
    for (Taps taps : axes) {
      int axis = taps.axis();
      long wanted = transpose ? taps.length() : taps.size();
      if (axis >= sizes.length || sizes[axis] != wanted) {
        throw TorchException.shape(
            name(), "input", x.shape(), wanted + " elements along axis " + axis);
      }
      sizes[axis] = transpose ? taps.size() : taps.length();
      ordered &= x.layout().stride(axis) <= outer;
      outer = x.layout().stride(axis);
    }
    // Kernels want the first axis outside of the second.
    Shape shape = Shape.of(sizes);
    Layout layout = ordered ? x.layout().sameOrder(shape) : Layout.contiguous(shape);
    return new Meta[] {new Meta(x.dtype(), x.device(), layout)};
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    return new Tensor[] {Dispatcher.call(new Resample(axes, !transpose), gradients[0])};
  }

  @Override
  public Optional<Tensor[]> decompose(Tensor[] inputs) {
    DType type = inputs[0].dtype();
    Tensor x = type.bytes() < Float.BYTES ? inputs[0].to(DType.F32) : inputs[0];
    return Optional.of(new Tensor[] {(transpose ? added(x) : summed(x)).to(type)});
  }

  private Tensor summed(Tensor x) {
    Taps first = axes.getFirst();
    Taps last = axes.getLast();
    Tensor sum = null;
    for (int s = 0; s < first.places().length; s++) {
      Tensor rows = read(x, first, s);
      Tensor weight = weights(x, first, s);
      for (int t = 0; t < (axes.size() == 1 ? 1 : last.places().length); t++) {
        Tensor part =
            axes.size() == 1
                ? rows.mul(weight)
                : read(rows, last, t).mul(weight.mul(weights(x, last, t)));
        sum = sum == null ? part : sum.add(part);
      }
    }
    return sum;
  }

  private Tensor added(Tensor x) {
    Tensor from = x;
    for (Taps taps : axes) {
      long[] sizes = from.shape().sizes();
      sizes[taps.axis()] = taps.size();
      Tensor sum = null;
      for (int t = 0; t < taps.places().length; t++) {
        Tensor places = Torch.tensor(taps.places()[t]);
        Tensor part = from.mul(weights(from, taps, t));
        Tensor to =
            Dispatcher.call(new IndexSelect.IndexAdd(taps.axis(), Shape.of(sizes)), places, part);
        sum = sum == null ? to : sum.add(to);
      }
      from = sum;
    }
    return from;
  }

  private static Tensor read(Tensor x, Taps taps, int tap) {
    return x.indexSelect(taps.axis(), Torch.tensor(taps.places()[tap]));
  }

  private static Tensor weights(Tensor x, Taps taps, int tap) {
    long[] shape = new long[x.dim()];
    Arrays.fill(shape, 1);
    shape[taps.axis()] = taps.length();
    return Torch.tensor(taps.weights()[tap], shape).to(x.dtype());
  }
}
