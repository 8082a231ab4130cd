package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Trades time for memory (Chen et al. 2016): what a function's backward needs is not kept but
 * computed again when backward gets there, with the same random numbers and modes. PyTorch: {@code
 * torch.utils.checkpoint} with {@code use_reentrant=False}.
 *
 * <p>The function must do the same both times. What it changes outside, such as running means, is
 * changed twice.
 */
public final class Checkpoint {
  private Checkpoint() {}

  /** {@code function.apply(input)}, of whose calls only {@code input} is kept. */
  public static Tensor checkpoint(UnaryOperator<Tensor> function, Tensor input) {
    if (!Mode.current().grad()) {
      return function.apply(input);
    }
    SavedTensor kept = SavedTensor.of(input);
    Recomputation again =
        new Recomputation(() -> function.apply(kept.get("checkpoint", "input")), true);
    return again.first(() -> function.apply(input));
  }

  /** {@code body}, of which only what it refers to itself is kept: its inputs and parameters. */
  public static <T> T checkpoint(Supplier<T> body) {
    return checkpoint(body, true);
  }

  /**
   * The same.
   *
   * @param preserveRngState whether the default {@link Generator} gives {@code body} the same
   *     numbers again; true by default
   */
  public static <T> T checkpoint(Supplier<T> body, boolean preserveRngState) {
    return Mode.current().grad()
        ? new Recomputation(body, preserveRngState).first(body)
        : body.get();
  }

  /**
   * The functions one after the other, in {@code segments} parts of equal length of which all but
   * the last, which takes the rest, are checkpointed.
   */
  public static Tensor checkpointSequential(
      List<? extends UnaryOperator<Tensor>> functions, int segments, Tensor input) {
    if (segments < 1 || segments > functions.size()) {
      throw TorchException.argument(
          "checkpoint_sequential", "segments", segments, "1 to " + functions.size());
    }
    int length = functions.size() / segments;
    Tensor x = input;
    for (int s = 0; s < segments - 1; s++) {
      List<? extends UnaryOperator<Tensor>> part = functions.subList(s * length, (s + 1) * length);
      x = checkpoint(y -> chain(part, y), x);
    }
    return chain(functions.subList((segments - 1) * length, functions.size()), x);
  }

  private static Tensor chain(List<? extends UnaryOperator<Tensor>> functions, Tensor input) {
    Tensor x = input;
    for (UnaryOperator<Tensor> f : functions) {
      x = f.apply(x);
    }
    return x;
  }
}
