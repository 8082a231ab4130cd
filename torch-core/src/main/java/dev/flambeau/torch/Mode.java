package dev.flambeau.torch;

import java.util.function.Supplier;

/**
 * What holds for the calls made now on this thread: whether gradients are recorded, and what
 * captures the calls, or null.
 */
public record Mode(boolean grad, Capture capture) {
  private static final ScopedValue<Mode> CURRENT = ScopedValue.newInstance();
  private static final Mode DEFAULT = new Mode(true, null);

  /** Somebody who writes down the calls made. */
  public interface Capture {
    /**
     * Told that elements are about to be read into Java. Ends the capture by an exception if they
     * depend on the function's input.
     */
    void reads(Tensor tensor, String operator);

    /**
     * Told of a change that no operator makes, such as random numbers. Ends the capture by an
     * exception.
     */
    void changes(String operator);
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

  public Mode withGrad(boolean on) {
    return on == grad ? this : new Mode(on, capture);
  }

  public Mode withCapture(Capture other) {
    return new Mode(grad, other);
  }
}
