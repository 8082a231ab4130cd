package dev.flambeau.torch;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Control flow by values of tensors that an export keeps as such; used through {@link Torch}. Plain
 * {@code if} and {@code while} compute the same, but a capture sees only the way they took.
 */
class Branching extends Recording {
  Branching() {}

  /**
   * What one of two functions returns; gradients go through that one. While a function is exported
   * both are run, and become the branches of an If. PyTorch: {@code torch.cond}.
   *
   * @param condition one element; true: not 0
   */
  public static Tensor ifThen(Tensor condition, Supplier<Tensor> then, Supplier<Tensor> otherwise) {
    return ifThenAll(condition, () -> List.of(then.get()), () -> List.of(otherwise.get()))
        .getFirst();
  }

  /** As {@link #ifThen}, for functions of several results: equally many and of the same types. */
  public static List<Tensor> ifThenAll(
      Tensor condition, Supplier<List<Tensor>> then, Supplier<List<Tensor>> otherwise) {
    one("ifThen", condition);
    Optional<List<Tensor>> kept =
        Optional.ofNullable(Mode.current().capture())
            .flatMap(capture -> capture.branches(condition, then, otherwise));
    return kept.orElseGet(() -> isTrue(condition) ? then.get() : otherwise.get());
  }

  /**
   * Applies {@code body} to the carried tensors as long as {@code condition} of them is true, and
   * returns the last; gradients go through all rounds. While a function is exported it becomes a
   * Loop. PyTorch: {@code torch.while_loop}.
   *
   * @param condition gives one element; true: not 0
   * @param body gives as many tensors as it takes, of the same types
   */
  public static List<Tensor> whileLoop(
      Function<List<Tensor>, Tensor> condition,
      UnaryOperator<List<Tensor>> body,
      List<Tensor> carried) {
    Optional<List<Tensor>> kept =
        Optional.ofNullable(Mode.current().capture())
            .flatMap(capture -> capture.loop(condition, body, carried));
    return kept.orElseGet(() -> loop(condition, body, carried));
  }

  private static List<Tensor> loop(
      Function<List<Tensor>, Tensor> condition,
      UnaryOperator<List<Tensor>> body,
      List<Tensor> carried) {
    List<Tensor> now = List.copyOf(carried);
    while (isTrue(one("whileLoop", condition.apply(now)))) {
      List<Tensor> next = List.copyOf(body.apply(now));
      List<DType> types = next.stream().map(Tensor::dtype).toList();
      List<DType> allowed = now.stream().map(Tensor::dtype).toList();
      if (!types.equals(allowed)) {
        throw TorchException.argument(
            "whileLoop", "body", "results of types " + types, "those of what it takes: " + allowed);
      }
      now = next;
    }
    return now;
  }

  private static Tensor one(String function, Tensor condition) {
    if (condition.numel() != 1) {
      throw TorchException.shape(function, "condition", condition.shape(), "one element");
    }
    return condition;
  }

  private static boolean isTrue(Tensor condition) {
    return condition.detach().to(DType.F64).item() != 0;
  }
}
