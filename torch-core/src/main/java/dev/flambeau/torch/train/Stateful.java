package dev.flambeau.torch.train;

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Something whose state belongs into checkpoints, such as a scheduler. */
public interface Stateful {
  /** Maps with text as keys, lists, tensors, texts, numbers, booleans. */
  Map<String, Object> stateDict();

  /** Goes on from what {@link #stateDict} gave; integers come as Long, other numbers as Double. */
  void loadStateDict(Map<String, Object> state);

  /** From two functions. */
  static Stateful of(Supplier<Map<String, Object>> save, Consumer<Map<String, Object>> load) {
    return new Stateful() {
      @Override
      public Map<String, Object> stateDict() {
        return save.get();
      }

      @Override
      public void loadStateDict(Map<String, Object> state) {
        load.accept(state);
      }
    };
  }
}
