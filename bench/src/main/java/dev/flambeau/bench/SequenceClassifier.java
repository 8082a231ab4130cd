package dev.flambeau.bench;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.LSTM;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;

/** Two layers of LSTM, classified by the last step: (steps, N, 256) to (N, 10). */
final class SequenceClassifier extends Module {
  final LSTM lstm = new LSTM(256, 256, o -> o.numLayers(2));
  final Linear fc = new Linear(256, Input.SEQUENCES.classes);

  @Override
  public Tensor forward(Tensor x) {
    return fc.call(lstm.call(x).select(0, -1));
  }
}
