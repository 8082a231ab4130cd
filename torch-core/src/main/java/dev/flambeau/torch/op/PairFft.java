package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;

/**
 * The Fourier transform {@code X[k] = sum_n x[n] exp(-2 pi i k n / N)} along an axis of complex
 * numbers, which are pairs along the last axis; the inverse has the other sign and no factor 1/N.
 */
public record PairFft(int axis, boolean inverse) implements Structured {
  @Override
  public String name() {
    return inverse ? "fft.ifft" : "fft.fft";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    if (x.rank() < 2 || x.size(x.rank() - 1) != 2 || axis == x.rank() - 1) {
      throw TorchException.shape(name(), "input", x.shape(), "pairs along the last dimension");
    }
    return new Meta[] {Meta.contiguous(x.dtype(), x.device(), x.shape())};
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    return new Tensor[] {Dispatcher.call(new PairFft(axis, !inverse), gradients[0])};
  }
}
