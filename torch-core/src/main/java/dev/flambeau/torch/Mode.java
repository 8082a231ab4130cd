package dev.flambeau.torch;

import java.util.function.Supplier;

/** What holds for the calls made now on this thread: whether gradients are recorded. */
public record Mode(boolean grad) {
  private static final ScopedValue<Mode> CURRENT = ScopedValue.newInstance();
  private static final Mode DEFAULT = new Mode(true);

  public static Mode current() {
    return CURRENT.orElse(DEFAULT);
  }

  /** Runs {@code body} under this mode; worker threads pass on what they captured this way. */
  public <T> T call(Supplier<T> body) {
    return this.equals(current()) ? body.get() : ScopedValue.where(CURRENT, this).call(body::get);
  }

  public Mode withGrad(boolean on) {
    return on == grad ? this : new Mode(on);
  }
}
