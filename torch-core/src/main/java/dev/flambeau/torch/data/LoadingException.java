package dev.flambeau.torch.data;

/** A sample that could not be read; the message names its index. */
public final class LoadingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LoadingException(String message, Throwable cause) {
    super(message, cause);
  }
}
