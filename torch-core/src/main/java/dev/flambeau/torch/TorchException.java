package dev.flambeau.torch;

/**
 * What went wrong in a call: the operator, the argument, what was got and what is allowed. The
 * subclasses say which kind of mistake it was.
 */
public abstract sealed class TorchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private TorchException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Sizes do not fit together. */
  public static final class ShapeError extends TorchException {
    private static final long serialVersionUID = 1L;

    private ShapeError(String message) {
      super(message, null);
    }
  }

  /** An element type is not allowed here. */
  public static final class TypeError extends TorchException {
    private static final long serialVersionUID = 1L;

    private TypeError(String message) {
      super(message, null);
    }
  }

  /** An argument's value is outside its range. */
  public static final class ArgumentError extends TorchException {
    private static final long serialVersionUID = 1L;

    private ArgumentError(String message) {
      super(message, null);
    }
  }

  /** A gradient was asked for that cannot be computed. */
  public static final class GradientError extends TorchException {
    private static final long serialVersionUID = 1L;

    private GradientError(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Native memory is used up, or was used after its release. */
  public static final class MemoryError extends TorchException {
    private static final long serialVersionUID = 1L;

    private MemoryError(String message) {
      super(message, null);
    }
  }

  /** A device or a native library cannot do what was asked. */
  public static final class DeviceError extends TorchException {
    private static final long serialVersionUID = 1L;

    private DeviceError(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** A file is not what it should be. */
  public static final class FormatError extends TorchException {
    private static final long serialVersionUID = 1L;

    private FormatError(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static String text(String operator, String argument, Object got, String allowed) {
    return operator + ": " + argument + " is " + got + "; allowed: " + allowed;
  }

  public static TorchException shape(String operator, String argument, Object got, String allowed) {
    return new ShapeError(text(operator, argument, got, allowed));
  }

  public static TorchException type(String operator, String argument, Object got, String allowed) {
    return new TypeError(text(operator, argument, got, allowed));
  }

  public static TorchException argument(
      String operator, String argument, Object got, String allowed) {
    return new ArgumentError(text(operator, argument, got, allowed));
  }

  public static TorchException gradient(String message) {
    return new GradientError(message, null);
  }

  public static TorchException gradient(String message, Throwable cause) {
    return new GradientError(message, cause);
  }

  public static TorchException memory(String message) {
    return new MemoryError(message);
  }

  public static TorchException device(String message, Throwable cause) {
    return new DeviceError(message, cause);
  }

  /** {@code file} names the file or its part, {@code message} what is wrong with it. */
  public static TorchException format(String file, String message) {
    return new FormatError(file + ": " + message, null);
  }

  public static TorchException format(String file, String message, Throwable cause) {
    return new FormatError(file + ": " + message, cause);
  }
}
