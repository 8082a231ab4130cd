package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** One execution of a node: its attributes, its inputs' values and how the module behaves. */
final class Call {
  private final Node node;
  private final Tensor[] inputs;
  private final boolean training;

  Call(Node node, Tensor[] inputs, boolean training) {
    this.node = node;
    this.inputs = inputs;
    this.training = training;
  }

  Node node() {
    return node;
  }

  String name() {
    return node.type();
  }

  long opset() {
    return node.opset();
  }

  boolean training() {
    return training;
  }

  int count() {
    return inputs.length;
  }

  boolean has(int input) {
    return input < inputs.length && inputs[input] != null;
  }

  Tensor in(int input) {
    if (!has(input)) {
      throw bad("input", "input " + input + " missing", "a tensor");
    }
    return inputs[input];
  }

  Tensor[] inputs() {
    return inputs;
  }

  /** Integers of an input, row-major. */
  long[] longs(int input) {
    Tensor t = in(input);
    if (t.dtype().isFloat()) {
      throw bad("input " + input, t.dtype(), "integers");
    }
    Tensor dense = t.contiguous();
    int count = Math.toIntExact(Limits.checked(name(), dense.numel()));
    long[] out = new long[count];
    for (int i = 0; i < count; i++) {
      out[i] = Memory.integer(dense.dtype(), dense.address() + (long) i * dense.dtype().bytes());
    }
    java.lang.ref.Reference.reachabilityFence(dense);
    return out;
  }

  /** Numbers of an input, row-major. */
  double[] doubles(int input) {
    Tensor dense = in(input).contiguous();
    double[] out = new double[Math.toIntExact(Limits.checked(name(), dense.numel()))];
    for (int i = 0; i < out.length; i++) {
      out[i] = Memory.real(dense.dtype(), dense.address() + (long) i * dense.dtype().bytes());
    }
    java.lang.ref.Reference.reachabilityFence(dense);
    return out;
  }

  long scalarLong(int input) {
    long[] values = longs(input);
    if (values.length != 1) {
      throw bad("input " + input, values.length + " elements", "one");
    }
    return values[0];
  }

  double scalar(int input) {
    double[] values = doubles(input);
    if (values.length != 1) {
      throw bad("input " + input, values.length + " elements", "one");
    }
    return values[0];
  }

  OptionalDouble optionalScalar(int input) {
    return has(input) ? OptionalDouble.of(scalar(input)) : OptionalDouble.empty();
  }

  /** Axes from an attribute in older versions, from an input in newer ones. */
  int[] axes(int input) {
    long[] axes = has(input) ? longs(input) : node.ints("axes", new long[0]);
    return ints(axes);
  }

  int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(this::axis).toArray();
  }

  int axis(long value) {
    if (value < -64 || value > 64) {
      throw bad("axis", value, "an axis of the input");
    }
    return (int) value;
  }

  int axis(long fallback, Tensor x) {
    return x.shape().axis(axis(node.i("axis", fallback)));
  }

  /** All spatial axes: 2 and on. */
  static int[] spatial(Tensor x) {
    return IntStream.range(2, x.dim()).toArray();
  }

  TorchException bad(String argument, Object got, String allowed) {
    return TorchException.argument("ONNX " + node.describe(), argument, got, allowed);
  }
}
