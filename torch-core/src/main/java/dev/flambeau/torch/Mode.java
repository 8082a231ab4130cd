package dev.flambeau.torch;

import dev.flambeau.torch.op.Op;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What holds for the calls made now on this thread: whether gradients are recorded, whether new
 * tensors are {@linkplain Torch#inferenceMode inference tensors}, whether the places of calls are
 * noted for {@linkplain Torch#detectAnomaly anomalies}, and, or null: who keeps what backward
 * needs, what captures the calls, and who chooses the types they compute in. A new thread starts
 * with gradients recorded and nothing else; to pass a mode on, bind what was {@link #current} there
 * by {@link #call}.
 */
public record Mode(
    boolean grad,
    boolean inference,
    boolean anomaly,
    SavedHooks savedHooks,
    Capture capture,
    Casting casting) {
  private static final ScopedValue<Mode> CURRENT = ScopedValue.newInstance();
  private static final Mode DEFAULT = new Mode(true, false, false, null, null, null);

  /** Who keeps the tensors that a backward will read. */
  public interface SavedHooks {
    /** Told of a tensor when its call is recorded; what it returns is kept instead. */
    Object pack(Tensor tensor);

    /** The tensor again, with the same shape and type, when its gradient is computed. */
    Tensor unpack(Object packed);
  }

  /** Somebody who writes down the calls made. */
  public interface Capture {
    /**
     * Told that elements are about to be read into Java. Ends the capture by an exception if they
     * depend on the function's input.
     */
    void reads(Tensor tensor, String operator);

    /**
     * Told of a whole number that decides how large a result is, such as how many elements are not
     * 0. Returns the number to go on with.
     */
    default long counts(Tensor count) {
      return count.itemLong();
    }

    /**
     * Told of a change that no operator makes, such as random numbers. Ends the capture by an
     * exception.
     */
    void changes(String operator);

    /**
     * Told of dropout that is idle, as the module is not in training. Returns the tensor to go on
     * with.
     */
    default Tensor idleDropout(Tensor input, double p) {
      return input;
    }

    /**
     * Told of {@link Torch#ifThenAll}. Somebody who writes down both branches returns what it is to
     * return; empty: the condition is read, and one branch run.
     */
    default Optional<List<Tensor>> branches(
        Tensor condition, Supplier<List<Tensor>> then, Supplier<List<Tensor>> otherwise) {
      return Optional.empty();
    }

    /** The same for {@link Torch#whileLoop}. */
    default Optional<List<Tensor>> loop(
        Function<List<Tensor>, Tensor> condition,
        UnaryOperator<List<Tensor>> body,
        List<Tensor> carried) {
      return Optional.empty();
    }
  }

  /** Who chooses the types in which operators compute. */
  public interface Casting {
    /** The operator's outputs, by {@code run} on its inputs in other types. */
    Tensor[] call(Op op, Tensor[] inputs, UnaryOperator<Tensor[]> run);

    /** A tensor in the type of matrix products, if it is a floating point one. */
    Tensor lowered(Tensor tensor);
  }

  public static Mode current() {
    return CURRENT.orElse(DEFAULT);
  }

  /** To be called before elements are read into Java. */
  public static void reading(Tensor tensor, String operator) {
    Capture capture = current().capture;
    if (capture != null) {
      capture.reads(tensor, operator);
    }
  }

  /**
   * Whether elements may be looked at just to refuse wrong ones: not in a capture, which is about
   * other elements, too.
   */
  public static boolean checking() {
    return current().capture == null;
  }

  /** The whole number in a tensor of one element, which decides how large a result is. */
  public static long counting(Tensor count) {
    Capture capture = current().capture;
    return capture == null ? count.itemLong() : capture.counts(count);
  }

  /** To be called before elements are changed by something else than an operator. */
  public static void changing(String operator) {
    Capture capture = current().capture;
    if (capture != null) {
      capture.changes(operator);
    }
  }

  /** Runs {@code body} under this mode; worker threads pass on what they captured this way. */
  public <T> T call(Supplier<T> body) {
    return this.equals(current()) ? body.get() : ScopedValue.where(CURRENT, this).call(body::get);
  }

  /** Gradients recorded or not; in inference mode they never are. */
  public Mode withGrad(boolean on) {
    return on == grad || inference
        ? this
        : new Mode(on, inference, anomaly, savedHooks, capture, casting);
  }

  /** Inference mode, which does not record; or out of it, recording. */
  public Mode withInference(boolean on) {
    return on == inference ? this : new Mode(!on, on, anomaly, savedHooks, capture, casting);
  }

  public Mode withAnomaly(boolean on) {
    return on == anomaly ? this : new Mode(grad, inference, on, savedHooks, capture, casting);
  }

  public Mode withSavedHooks(SavedHooks hooks) {
    return hooks == savedHooks ? this : new Mode(grad, inference, anomaly, hooks, capture, casting);
  }

  public Mode withCapture(Capture other) {
    return new Mode(grad, inference, anomaly, savedHooks, other, casting);
  }

  public Mode withCasting(Casting other) {
    return other == casting ? this : new Mode(grad, inference, anomaly, savedHooks, capture, other);
  }
}
