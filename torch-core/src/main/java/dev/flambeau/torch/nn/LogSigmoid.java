package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Activations;

/** log(sigmoid(x)), without overflow. PyTorch: {@code torch.nn.LogSigmoid}. */
public class LogSigmoid extends Activation {
  public LogSigmoid() {
    super(Activations.LOG_SIGMOID);
  }
}
