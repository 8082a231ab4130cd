package dev.flambeau.onnx;

import dev.flambeau.torch.TorchException;
import java.util.Arrays;
import java.util.function.Supplier;

/** Bounds that keep a file from asking for more than a machine has. */
final class Limits {
  /** Most nodes, values and initializers of a graph. */
  static final int NODES = 1_000_000;

  /** Most nodes executed in one forward, those in loops counted each time. */
  static final String EXECUTIONS = "flambeau.onnx.maxExecutions";

  /** Bytes of Java's heap that the strings, sequences and maps made in one forward may take. */
  static final String HEAP = "flambeau.onnx.maxHeap";

  private static final String ELEMENTS = "flambeau.onnx.maxElements";

  /** Bounds for what is tried out while a file is changed. */
  private record Other(long elements, long executions) {}

  private static final ScopedValue<Other> OTHER = ScopedValue.newInstance();

  private Limits() {}

  static long heap() {
    return Long.getLong(HEAP, Runtime.getRuntime().maxMemory() / 4);
  }

  /** Runs {@code body} under other bounds, for tensors of a size asked for and nodes executed. */
  static <T> T within(long elements, long executions, Supplier<T> body) {
    return ScopedValue.where(OTHER, new Other(elements, executions)).call(body::get);
  }

  static long executions() {
    return OTHER.isBound() ? OTHER.get().executions : Long.getLong(EXECUTIONS, 100_000_000L);
  }

  private static long elements() {
    return OTHER.isBound() ? OTHER.get().elements : Long.getLong(ELEMENTS, 1L << 31);
  }

  /** Refuses what would take much longer than a pass over the largest tensor there may be. */
  static void steps(String operator, long... factors) {
    double steps = 1;
    for (long factor : factors) {
      steps *= factor;
    }
    if (steps > 64.0 * elements()) {
      throw TorchException.argument(
          operator,
          "work",
          steps + " steps",
          "at most 64 times as many as elements (property " + ELEMENTS + ")");
    }
  }

  /**
   * The product of sizes, refused where it exceeds system property {@code
   * flambeau.onnx.maxElements}.
   */
  static long checked(String operator, long... sizes) {
    long total = 1;
    long most = elements();
    for (long size : sizes) {
      if (size < 0 || size > most || Math.multiplyHigh(total, size) != 0 || total * size > most) {
        throw TorchException.argument(
            operator,
            "output sizes",
            Arrays.toString(sizes),
            "sizes of 0 or more, at most " + most + " elements in all (property " + ELEMENTS + ")");
      }
      total *= size;
    }
    return total;
  }
}
