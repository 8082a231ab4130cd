package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.List;

/**
 * The inverse Fourier transform of the real half of a Hermitian spectrum, without its factor 1/N:
 * {@code out[n] = scale * sum_k w[k] x[k] cos(2 pi sum_d k_d n_d / N_d)}, where k runs to N/2 along
 * the last of {@code axes} and w is 2 except at both ends of the full spectrum, where it is 1. The
 * adjoint goes the other way: {@code out[k] = scale * w[k] sum_n x[n] cos(...)}.
 *
 * @param length N of the last of the axes
 */
public record HalfFft(List<Integer> axes, long length, boolean adjoint, double scale)
    implements Structured {
  @Override
  public String name() {
    return "fft.irfftn";
  }

  /** The axis that is halved. */
  public int last() {
    return axes.get(axes.size() - 1);
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    long[] sizes = inputs[0].shape().sizes();
    sizes[last()] = adjoint ? length / 2 + 1 : length;
    return new Meta[] {Meta.contiguous(inputs[0].dtype(), inputs[0].device(), Shape.of(sizes))};
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    HalfFft other = new HalfFft(axes, length, !adjoint, scale);
    return new Tensor[] {Dispatcher.call(other, gradients[0])};
  }
}
