package dev.flambeau.zoo;

/** A mistake the user can mend: the message says what was wrong and what to do next. */
public final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UserError(String message) {
    super(message);
  }

  public UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
