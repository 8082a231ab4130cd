package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** One execution of a node: its attributes, its inputs' values and how the module behaves. */
final class Call {
  /** Bytes that an object takes, with a reference to it. */
  private static final long OBJECT = 64;

  private final Block.Step step;
  private final OnnxValue[] values;
  private final Run run;
  private final long opset;
  private final OnnxValue[] inputs;

  /**
   * @param values of all slots of the block around the node
   */
  Call(Block.Step step, OnnxValue[] values, Run run) {
    this(step, values, run, step.node().opset(), null);
  }

  private Call(Block.Step step, OnnxValue[] values, Run run, long opset, OnnxValue[] inputs) {
    this.step = step;
    this.values = values;
    this.run = run;
    this.opset = opset;
    this.inputs = inputs;
  }

  /** The same execution by the rules of another operator set. */
  Call by(long otherOpset) {
    return new Call(step, values, run, otherOpset, inputs);
  }

  /** The same execution on other inputs; null stands for one left out. */
  Call on(Tensor... others) {
    return new Call(step, values, run, opset, plain(others));
  }

  Node node() {
    return step.node();
  }

  String name() {
    return node().type();
  }

  long opset() {
    return opset;
  }

  boolean training() {
    return run.training();
  }

  /** Number of outputs the node names, left out ones in between included. */
  int outputs() {
    return step.writes().length;
  }

  /** Whether somebody uses output {@code i}. */
  boolean wants(int i) {
    return i < step.writes().length && step.writes()[i] >= 0;
  }

  /** The slot that output {@code i} goes to; -1 if nobody uses it. */
  int slot(int i) {
    return wants(i) ? step.writes()[i] : -1;
  }

  int count() {
    return inputs == null ? step.reads().length : inputs.length;
  }

  boolean has(int input) {
    return input < count() && (inputs == null ? step.reads()[input] >= 0 : inputs[input] != null);
  }

  /** An input of any kind. */
  OnnxValue value(int input) {
    if (!has(input)) {
      throw bad("input", "input " + input + " missing", "a value");
    }
    return inputs == null ? values[step.reads()[input]] : inputs[input];
  }

  private OnnxValue.Numbers numbers(int input) {
    if (value(input) instanceof OnnxValue.Numbers n) {
      return n;
    }
    throw bad("input " + input, value(input).describe(), "a tensor of numbers");
  }

  Tensor in(int input) {
    return numbers(input).tensor();
  }

  /** Notes that a result of integers stands for these floats, through which gradients pass. */
  void straight(Tensor integers, Tensor floats) {
    run.straight(integers, floats);
  }

  /** The floats that an input of integers stands for, where gradients are to pass through it. */
  Optional<Tensor> straight(int input) {
    return run.straight(in(input));
  }

  /** An input that may be left out. */
  Optional<Tensor> maybe(int input) {
    return has(input) ? Optional.of(in(input)) : Optional.empty();
  }

  ElementType element(int input) {
    return value(input) instanceof OnnxValue.Texts ? ElementType.STRING : numbers(input).type();
  }

  OnnxValue.Texts texts(int input) {
    if (value(input) instanceof OnnxValue.Texts t) {
      return t;
    }
    throw bad("input " + input, value(input).describe(), "strings");
  }

  OnnxValue.Sequence sequence(int input) {
    if (value(input) instanceof OnnxValue.Sequence s) {
      return s;
    }
    throw bad("input " + input, value(input).describe(), "a sequence");
  }

  /** All inputs as tensors; those left out are null. */
  Tensor[] inputs() {
    return IntStream.range(0, count()).mapToObj(i -> has(i) ? in(i) : null).toArray(Tensor[]::new);
  }

  /** The second operand; below operator set 7 its axes are matched as attributes say. */
  Tensor second() {
    Tensor b = in(1);
    if (opset() >= 7 || !node().flag("broadcast", false) || !node().has("axis")) {
      return b;
    }
    int rank = in(0).dim();
    int first = axis(node().i("axis", 0)) + (node().i("axis", 0) < 0 ? rank : 0);
    for (int i = first + b.dim(); i < rank; i++) {
      b = b.unsqueeze(-1);
    }
    return b;
  }

  /** The body of a control-flow node with the values it uses from around. */
  OnnxValue[] body(String attribute, OnnxValue... given) {
    for (Block.Body body : step.bodies()) {
      if (body.attribute().equals(attribute)) {
        if (given.length != body.block().inputs.size()) {
          throw bad(attribute, body.block().inputs.size() + " inputs", given.length + " inputs");
        }
        OnnxValue[] around = new OnnxValue[body.outside().length];
        for (int i = 0; i < around.length; i++) {
          around[i] = values[body.outside()[i]];
        }
        return body.block().run(run, given, around);
      }
    }
    throw bad(attribute, "missing", "a graph");
  }

  /** What other steps make of the same inputs, those left out not counted. */
  OnnxValue[] by(Block block) {
    int[] given = Arrays.stream(step.reads()).filter(slot -> slot >= 0).toArray();
    OnnxValue[] inputs = Arrays.stream(given).mapToObj(s -> values[s]).toArray(OnnxValue[]::new);
    return block.run(run, inputs, new OnnxValue[0]);
  }

  /** What a body gives. */
  List<Block.Port> bodyOutputs(String attribute) {
    Block block = node().bodies().get(attribute);
    if (block == null) {
      throw bad(attribute, "missing", "a graph");
    }
    return block.outputs;
  }

  /** The same node with other values for its inputs. */
  Call with(UnaryOperator<OnnxValue> change) {
    OnnxValue[] others = values.clone();
    for (int slot : step.reads()) {
      if (slot >= 0) {
        others[slot] = change.apply(values[slot]);
      }
    }
    return new Call(step, others, run);
  }

  /**
   * Notes objects on Java's heap that the results hold.
   *
   * @param objects strings made, items of sequences, entries of maps
   * @param bytes what they hold beside
   */
  void takes(long objects, long bytes) {
    run.heap(Math.addExact(Math.multiplyExact(objects, OBJECT), bytes));
  }

  /** The results with the element type of an input, where they are held in the same type. */
  OnnxValue[] like(int input, Tensor... results) {
    boolean numbers = has(input) && value(input) instanceof OnnxValue.Numbers;
    ElementType type = numbers ? element(input) : null;
    OnnxValue[] out = new OnnxValue[results.length];
    for (int i = 0; i < out.length; i++) {
      Tensor t = results[i];
      if (t != null) {
        boolean same = numbers && type.stored().filter(s -> s == t.dtype()).isPresent();
        out[i] = same ? new OnnxValue.Numbers(type.wrap(t), type) : OnnxValue.of(t);
      }
    }
    return out;
  }

  /** The results with the element types they have by themselves. */
  static OnnxValue[] plain(Tensor... results) {
    OnnxValue[] out = new OnnxValue[results.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = results[i] == null ? null : OnnxValue.of(results[i]);
    }
    return out;
  }

  /** The result as elements of {@code type}, brought into its range. */
  static OnnxValue[] typed(Tensor result, ElementType type) {
    return new OnnxValue[] {new OnnxValue.Numbers(type.wrap(result), type)};
  }

  /** Integers of an input, row-major. */
  long[] longs(int input) {
    Tensor t = in(input);
    if (t.dtype().isFloat()) {
      throw bad("input " + input, t.dtype(), "integers");
    }
    Tensor dense = t.contiguous();
    int count = Math.toIntExact(Limits.checked(name(), dense.numel()));
    // Before room is made: a tensor without data may be of any size.
    long address = dense.address();
    long[] out = new long[count];
    for (int i = 0; i < count; i++) {
      out[i] = Memory.integer(dense.dtype(), address + (long) i * dense.dtype().bytes());
    }
    java.lang.ref.Reference.reachabilityFence(dense);
    return out;
  }

  /** Numbers of an input, row-major. */
  double[] doubles(int input) {
    return doubles(in(input));
  }

  static double[] doubles(Tensor t) {
    Tensor dense = t.detach().contiguous();
    int count = Math.toIntExact(Limits.checked("tensor", dense.numel()));
    long address = dense.address();
    double[] out = new double[count];
    for (int i = 0; i < count; i++) {
      out[i] = Memory.real(dense.dtype(), address + (long) i * dense.dtype().bytes());
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

  boolean truth(int input) {
    return scalar(input) != 0;
  }

  OptionalDouble optionalScalar(int input) {
    return has(input) ? OptionalDouble.of(scalar(input)) : OptionalDouble.empty();
  }

  /** Axes from an attribute in older versions, from an input in newer ones. */
  int[] axes(int input) {
    long[] axes = has(input) ? longs(input) : node().ints("axes", new long[0]);
    return ints(axes);
  }

  int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(this::axis).toArray();
  }

  /** An attribute that counts something. */
  int axisCount(String attribute) {
    return Math.clamp(node().i(attribute, 0), -1, Integer.MAX_VALUE);
  }

  int axis(long value) {
    if (value < -64 || value > 64) {
      throw bad("axis", value, "an axis of the input");
    }
    return (int) value;
  }

  int axis(long fallback, Tensor x) {
    return x.shape().axis(axis(node().i("axis", fallback)));
  }

  /** All spatial axes: 2 and on. */
  static int[] spatial(Tensor x) {
    return IntStream.range(2, x.dim()).toArray();
  }

  /** The type of tensors that hold what attribute {@code name} names. */
  DType dtype(String name, ElementType fallback) {
    return node().dtype(name, fallback);
  }

  TorchException bad(String argument, Object got, String allowed) {
    return TorchException.argument("ONNX " + node().describe(), argument, got, allowed);
  }
}
