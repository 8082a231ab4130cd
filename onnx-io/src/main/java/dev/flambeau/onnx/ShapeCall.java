package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A node whose outputs' types are looked for: what is known of its inputs, its attributes, and what
 * has been found of its outputs. Rules read as if all were known: what is not ends them by {@link
 * Unsaid}, and what they said before that holds.
 */
final class ShapeCall extends ShapeNode {
  /** Ends a rule that lacks something. */
  static final class Unsaid extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unsaid() {
      super(null, null, false, false);
    }
  }

  private final ShapeInference engine;
  private final ShapeScope scope;
  private final Known[] inputs;
  private final Known[] outputs;

  ShapeCall(ShapeInference engine, ShapeScope scope, NodeProto node, long opset) {
    super(node, opset, scope.bound());
    this.engine = engine;
    this.scope = scope;
    this.inputs = new Known[node.getInputCount()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = scope.find(node.getInput(i));
    }
    this.outputs = new Known[node.getOutputCount()];
    Arrays.fill(outputs, Known.NOTHING);
  }

  /** An open size of its own. */
  Size fresh() {
    return engine.fresh();
  }

  Size[] fresh(int count) {
    Size[] sizes = new Size[count];
    Arrays.setAll(sizes, _ -> fresh());
    return sizes;
  }

  boolean isOpen(Size size) {
    return engine.isOpen(size);
  }

  /** What a value has in common with another that may be in its place. */
  ValueType join(ValueType a, ValueType b) {
    return engine.merge().join(a, b);
  }

  /** The type with other open sizes: those of another value of the same kind. */
  ValueType reopened(ValueType type) {
    if (type instanceof ValueType.Dense(Optional<ElementType> t, Optional<List<Size>> sizes)) {
      return new ValueType.Dense(
          t, sizes.map(all -> all.stream().map(s -> isOpen(s) ? fresh() : s).toList()));
    }
    return type;
  }

  /** The type that an attribute holds. */
  ValueType declared(TypeProto type) {
    return engine.type(type);
  }

  // Inputs.

  int count() {
    return inputs.length;
  }

  boolean has(int i) {
    return i < inputs.length && !node().getInput(i).isEmpty();
  }

  Known known(int i) {
    return has(i) ? inputs[i] : Known.NOTHING;
  }

  ValueType type(int i) {
    return known(i).type();
  }

  /** The sizes of a tensor. */
  Size[] in(int i) {
    if (type(i) instanceof ValueType.Dense(_, Optional<List<Size>> sizes) && sizes.isPresent()) {
      return sizes.get().toArray(Size[]::new);
    }
    throw new Unsaid();
  }

  boolean shaped(int i) {
    return type(i) instanceof ValueType.Dense d && d.sizes().isPresent();
  }

  int rank(int i) {
    return in(i).length;
  }

  /** As {@link #in}, which must have this many axes. */
  Size[] in(int i, int rank) {
    Size[] sizes = in(i);
    if (sizes.length != rank) {
      throw bad("input " + i, Arrays.toString(sizes), rank + " axes");
    }
    return sizes;
  }

  Size[] inAtLeast(int i, int rank) {
    Size[] sizes = in(i);
    if (sizes.length < rank) {
      throw bad("input " + i, Arrays.toString(sizes), rank + " axes or more");
    }
    return sizes;
  }

  ElementType element(int i) {
    if (type(i) instanceof ValueType.Dense(Optional<ElementType> type, _) && type.isPresent()) {
      return type.get();
    }
    throw new Unsaid();
  }

  /** The elements of a small tensor, row-major; some may be unknown. */
  List<Size> numbers(int i) {
    return known(i).contents().orElseThrow(Unsaid::new);
  }

  /** The elements of a small tensor, which must all be numbers. */
  long[] longs(int i) {
    List<Size> numbers = numbers(i);
    if (!numbers.stream().allMatch(Size::isNumber)) {
      throw new Unsaid();
    }
    return numbers.stream().mapToLong(Size::number).toArray();
  }

  Size scalar(int i) {
    List<Size> numbers = numbers(i);
    if (numbers.size() != 1) {
      throw bad("input " + i, numbers.size() + " elements", "one");
    }
    return numbers.getFirst();
  }

  /** Axes by attribute in older versions, by input in newer ones; within a rank, not negative. */
  int[] axes(int input, int rank) {
    return axes(has(input) ? longs(input) : ints("axes", new long[0]), rank);
  }

  int[] axes(long[] axes, int rank) {
    return Arrays.stream(axes).mapToInt(a -> axis(a, rank)).toArray();
  }

  int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw bad("axis", axis, "an axis of " + rank);
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** What a body gives for these inputs. */
  List<Known> body(String name, List<Known> given) {
    AttributeProto body = attribute(name).filter(AttributeProto::hasG).orElseThrow(Unsaid::new);
    return engine.graph(body.getG(), Optional.of(given), scope.inside());
  }

  /** What a body without inputs gives, which may never run: sizes that do not fit are no fault. */
  List<Known> branch(String name, boolean runs) {
    return runs ? body(name, List.of()) : engine.doubtful(() -> body(name, List.of()));
  }

  Known constant(TensorProto tensor) {
    return Contents.constant(tensor, engine.reader());
  }

  /** What the operator gives for values, by number. */
  OnnxValue[] run(OnnxValue[] values) {
    Registry.Operator operator = Registry.find("", type(), opset()).orElseThrow(Unsaid::new);
    int[] reads = new int[values.length];
    for (int i = 0; i < reads.length; i++) {
      reads[i] = values[i] == null ? -1 : i;
    }
    int[] writes = new int[outputs.length];
    for (int o = 0; o < writes.length; o++) {
      writes[o] = wants(o) ? o : -1;
    }
    try {
      Node read = new Node(node(), opset(), engine.reader(), scope.bound());
      Block.Step step = new Block.Step(read, operator, reads, writes, List.of());
      Call call = new Call(step, values, new Run(type(), false));
      return Torch.noGrad(() -> operator.apply(call));
    } catch (TorchException
        | ArithmeticException
        | IndexOutOfBoundsException
        | NegativeArraySizeException
        | IllegalArgumentException e) {
      throw new Unsaid();
    }
  }

  // Outputs.

  int outputs() {
    return outputs.length;
  }

  boolean wants(int o) {
    return o < outputs.length && !node().getOutput(o).isEmpty();
  }

  Known result(int o) {
    return outputs[o];
  }

  void set(int o, ValueType type) {
    set(o, Known.of(type));
  }

  void set(int o, Known value) {
    if (o < outputs.length) {
      boolean deep = value.type().depth() > ValueType.DEEPEST;
      outputs[o] = deep ? Known.NOTHING : value;
    }
  }

  /** The element type of an output. */
  void type(int o, ElementType type) {
    if (o < outputs.length) {
      boolean shaped = outputs[o].type() instanceof ValueType.Dense;
      set(
          o,
          shaped
              ? new ValueType.Dense(
                  Optional.of(type), ((ValueType.Dense) outputs[o].type()).sizes())
              : ValueType.dense(type));
    }
  }

  /** The sizes of an output; unknown ones become open sizes. */
  void out(int o, Size... sizes) {
    if (o >= outputs.length) {
      return;
    }
    List<Size> list = new ArrayList<>();
    for (Size size : sizes) {
      if (size.most() < 0) {
        throw bad("output " + o, Arrays.toString(sizes), "sizes of 0 or more");
      }
      list.add(size.isInteger() ? size : fresh());
    }
    Optional<ElementType> type =
        outputs[o].type() instanceof ValueType.Dense d ? d.type() : Optional.empty();
    set(o, new ValueType.Dense(type, Optional.of(list)));
  }

  /** An output of this many axes of unknown size. */
  void rank(int o, int rank) {
    Size[] sizes = new Size[rank];
    Arrays.fill(sizes, Size.UNKNOWN);
    out(o, sizes);
  }

  /** An output as large as an input. */
  void like(int o, int i) {
    out(o, in(i));
  }

  void contents(int o, List<Size> contents) {
    if (o < outputs.length && contents.size() <= Contents.MOST) {
      outputs[o] = new Known(outputs[o].type(), Optional.of(List.copyOf(contents)));
    }
  }

  /** Whether sizes that must be equal may be; a contradiction names what they are of. */
  void equal(String what, Size a, Size b) {
    if (a.differs(b)) {
      throw bad(what, a + " and " + b, "equal sizes");
    }
  }

  /** The sizes to which both are broadcast. */
  Size[] broadcast(Size[] a, Size[] b) {
    int rank = Math.max(a.length, b.length);
    Size[] out = new Size[rank];
    for (int i = 0; i < rank; i++) {
      Size x = i < rank - a.length ? Size.ONE : a[i - rank + a.length];
      Size y = i < rank - b.length ? Size.ONE : b[i - rank + b.length];
      if (x.differs(y) && !x.is(1) && !y.is(1)) {
        throw bad(
            "inputs",
            Arrays.toString(a) + " and " + Arrays.toString(b),
            "sizes that are equal or 1, from the last axis on");
      }
      out[i] = x.broadcast(y);
    }
    return out;
  }
}
