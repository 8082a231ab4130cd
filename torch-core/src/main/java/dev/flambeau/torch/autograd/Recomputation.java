package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A computation whose saved tensors are numbered instead of kept. The first that is asked for makes
 * the computation run again, which fills all numbers; each is handed out once, so that memory falls
 * while backward goes on, and asking again, in another backward, computes again.
 */
final class Recomputation implements Mode.SavedHooks {
  private record Numbered(int number) {}

  private final Supplier<?> again;
  private final Mode mode = Mode.current();
  private final Tensor randomState;
  private int count;
  private List<SavedTensor> computed = List.of();

  Recomputation(Supplier<?> again, boolean preserveRngState) {
    this.again = again;
    this.randomState = preserveRngState ? Generator.getDefault().state() : null;
  }

  /** Runs the computation for its result. */
  <T> T first(Supplier<T> body) {
    return mode.withSavedHooks(this).call(body);
  }

  @Override
  public synchronized Object pack(Tensor tensor) {
    return new Numbered(count++);
  }

  @Override
  public synchronized Tensor unpack(Object packed) {
    int number = ((Numbered) packed).number;
    if (number >= computed.size() || computed.get(number) == null) {
      computed = compute();
    }
    if (number >= computed.size()) {
      throw TorchException.gradient(
          "checkpoint: computed again, the function saved %d tensors, but number %d is needed;"
                  .formatted(computed.size(), number)
              + " it must do the same both times");
    }
    return computed.set(number, null).get("checkpoint", "recomputed tensor " + number);
  }

  private List<SavedTensor> compute() {
    Generator generator = Generator.getDefault();
    Tensor now = randomState == null ? null : generator.state();
    Collector collector = new Collector();
    try {
      if (randomState != null) {
        generator.setState(randomState);
      }
      mode.withSavedHooks(collector).call(again);
    } finally {
      if (now != null) {
        generator.setState(now);
      }
    }
    return collector.saved;
  }

  /** Keeps what the second run saves. */
  private static final class Collector implements Mode.SavedHooks {
    final List<SavedTensor> saved = new ArrayList<>();

    @Override
    public Object pack(Tensor tensor) {
      SavedTensor kept = new SavedTensor(tensor, tensor.storage().version(), null);
      saved.add(kept);
      return kept;
    }

    @Override
    public Tensor unpack(Object packed) {
      return ((SavedTensor) packed).get("checkpoint", "saved tensor");
    }
  }
}
