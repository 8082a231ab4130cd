package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Tensor;
import java.security.CodeSource;
import java.util.List;

/**
 * Where in the user's program a call was made: all frames that are not this library's inner ones.
 */
final class CallSite {
  private static final CodeSource LIBRARY = source(Tensor.class);
  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private final List<StackTraceElement> frames;

  private CallSite(List<StackTraceElement> frames) {
    this.frames = frames;
  }

  static CallSite here() {
    return new CallSite(
        WALKER.walk(
            all ->
                all.dropWhile(f -> isOurs(f.getDeclaringClass()))
                    .map(StackWalker.StackFrame::toStackTraceElement)
                    .toList()));
  }

  private static boolean isOurs(Class<?> type) {
    CodeSource source = source(type);
    // Classes of the JDK have none: it only passes calls on here.
    return source == null || source.equals(LIBRARY);
  }

  private static CodeSource source(Class<?> type) {
    return type.getProtectionDomain().getCodeSource();
  }

  /** The innermost frame outside the library. */
  @Override
  public String toString() {
    return frames.isEmpty() ? "an unknown place" : frames.getFirst().toString();
  }

  /** Something to attach to an exception that prints all frames. */
  Throwable trace(String operator) {
    Throwable trace = new ForwardCall(operator);
    trace.setStackTrace(frames.toArray(StackTraceElement[]::new));
    return trace;
  }

  /** Shows where the call was made whose backward failed. */
  private static final class ForwardCall extends Exception {
    private static final long serialVersionUID = 1L;

    ForwardCall(String operator) {
      super("the forward call of " + operator + " was made here", null, false, true);
    }
  }
}
