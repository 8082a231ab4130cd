package dev.flambeau.torch.train;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.amp.Autocast;
import dev.flambeau.torch.amp.GradScaler;
import dev.flambeau.torch.optim.Optimizer;
import java.util.Map;
import java.util.function.Supplier;

/** Autocast, and for F16 scaled gradients. */
final class Mixed implements Precision {
  private final Autocast autocast;
  private final GradScaler scaler;

  Mixed(DType type) {
    autocast = Autocast.autocast(type);
    scaler = new GradScaler(o -> o.enabled(type == DType.F16));
  }

  @Override
  public Outcome forward(Supplier<Outcome> body) {
    return autocast.run(body);
  }

  @Override
  public void backward(Tensor loss) {
    scaler.scale(loss).backward();
  }

  @Override
  public void unscale(Optimizer<?> optimizer) {
    scaler.unscale(optimizer);
  }

  @Override
  public void step(Optimizer<?> optimizer) {
    scaler.step(optimizer);
    scaler.update();
  }

  @Override
  public Map<String, Object> stateDict() {
    return scaler.stateDict();
  }

  @Override
  public void loadStateDict(Map<String, Object> state) {
    scaler.loadStateDict(state);
  }
}
