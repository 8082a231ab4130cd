package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.SparseTensorProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The elements of small tensors of numbers as expressions, so that sizes computed in the graph are
 * known: Shape, Gather, Mul, Concat, Reshape. What only moves elements is done by the operator
 * itself, on the elements' numbers; so is arithmetic on constants, on their values. Arithmetic on
 * open sizes is {@link SizeArithmetic}.
 */
final class Contents {
  /** Most elements of a tensor that is followed. */
  static final int MOST = 1024;

  /** Most of floating point numbers, which scales are, and few of them. */
  private static final int MOST_REALS = 64;

  /** Work that running an operator counts as. */
  private static final int RUN = 100;

  private Contents() {}

  /** A tensor of the file; its data are read if it is small. */
  static Known constant(TensorProto t, TensorReader reader) {
    Optional<ElementType> type = ElementType.of(t.getDataType());
    if (t.getDimsList().stream().anyMatch(d -> d < 0)) {
      return Known.of(new ValueType.Dense(type, Optional.empty()));
    }
    List<Size> sizes = t.getDimsList().stream().map(Size::of).toList();
    ValueType dense = new ValueType.Dense(type, Optional.of(sizes));
    Size count = Size.product(sizes.toArray(Size[]::new));
    long most = type.map(ElementType::isFloat).orElse(true) ? MOST_REALS : MOST;
    if (!count.isNumber() || count.number() > most || !type.map(Contents::followed).orElse(false)) {
      return Known.of(dense);
    }
    try {
      return new Known(dense, Optional.of(elements(reader.read(t))));
    } catch (TorchException e) {
      // A damaged tensor, or one in a file that is not there: nothing is known of its elements.
      return Known.of(dense);
    }
  }

  static Known sparse(SparseTensorProto t) {
    List<Size> sizes =
        t.getDimsList().stream().map(d -> d < 0 ? Size.UNKNOWN : Size.of(d)).toList();
    Optional<ElementType> type = ElementType.of(t.getValues().getDataType());
    return Known.of(new ValueType.Sparse(type, Optional.of(sizes)));
  }

  /** A constant of attributes: one number, or a list of them. */
  static Known known(ElementType type, boolean list, List<Size> values) {
    List<Size> sizes = list ? List.of(Size.of(values.size())) : List.of();
    return new Known(
        ValueType.dense(type, sizes), Optional.of(values).filter(v -> v.size() <= MOST));
  }

  private static boolean followed(ElementType type) {
    return type.stored().isPresent() && !type.isTiny();
  }

  private static List<Size> elements(OnnxValue value) {
    OnnxValue.Numbers numbers = (OnnxValue.Numbers) value;
    Tensor t = numbers.tensor().detach().contiguous();
    List<Size> out = new ArrayList<>();
    for (long i = 0; i < t.numel(); i++) {
      long address = t.address() + i * t.dtype().bytes();
      if (t.dtype().isFloat()) {
        out.add(real(Memory.real(t.dtype(), address)));
      } else {
        long v = Memory.integer(t.dtype(), address);
        // An UINT64 beyond long is held as a negative number.
        out.add(numbers.type() == ElementType.UINT64 && v < 0 ? Size.UNKNOWN : Size.of(v));
      }
    }
    java.lang.ref.Reference.reachabilityFence(t);
    return out;
  }

  /** The fraction that a floating point number is; unknown if it is infinite, NaN or very small. */
  static Size real(double value) {
    int shift = 0;
    double scaled = value;
    while (scaled != Math.rint(scaled) && shift < 52) {
      scaled *= 2;
      shift++;
    }
    boolean exact = Math.abs(scaled) < 1L << 53 && scaled == Math.rint(scaled);
    return exact ? Size.of((long) scaled).fraction(Size.of(1L << shift)) : Size.UNKNOWN;
  }

  /** Finds the elements of a node's outputs, whose types and sizes are set. */
  static void follow(ShapeInference engine, ShapeCall c) {
    if (!c.isStandard() || !small(c, 0)) {
      return;
    }
    if (ContentsRules.KEPT.contains(c.type())) {
      c.known(0).contents().ifPresent(elements -> c.contents(0, elements));
    } else if (ContentsRules.MOVED.containsKey(c.type())) {
      // Scattered numbers may also be added up.
      if (c.s("reduction", "none").equals("none") && engine.work(RUN)) {
        move(c);
      }
    } else {
      boolean constant = ContentsRules.COMPUTED.contains(c.type()) && constant(c);
      // Constant floats are rounded as the operator rounds them.
      if (engine.work(c.count() + 1) && !(constant && SizeArithmetic.isFloat(c))) {
        SizeArithmetic.follow(engine, c);
      }
      if (constant && c.result(0).contents().isEmpty() && engine.work(RUN)) {
        compute(c);
      }
    }
  }

  /** Whether an output has few elements of a type that is followed, and they are not known yet. */
  private static boolean small(ShapeCall c, int o) {
    if (o >= c.outputs()
        || c.result(o).contents().isPresent()
        || !(c.result(o).type() instanceof ValueType.Dense d)
        || d.sizes().isEmpty()
        || !d.type().map(Contents::followed).orElse(false)) {
      return false;
    }
    Size count = Size.product(d.sizes().get().toArray(Size[]::new));
    return count.isNumber() && count.number() <= MOST && d.sizes().get().size() <= 8;
  }

  private static boolean constant(ShapeCall c) {
    return IntStream.range(0, c.count())
        .filter(c::has)
        .allMatch(
            i ->
                c.known(i).contents().isPresent()
                    && c.numbers(i).stream().noneMatch(v -> Double.isNaN(v.real())));
  }

  static long[] sizes(ShapeCall c, int input) {
    Size[] sizes = c.in(input);
    long[] out = new long[sizes.length];
    for (int i = 0; i < out.length; i++) {
      if (!sizes[i].isNumber()) {
        throw new ShapeCall.Unsaid();
      }
      out[i] = sizes[i].number();
    }
    return out;
  }

  /** Runs the operator on the numbers of the elements in place of these. */
  private static void move(ShapeCall c) {
    List<Integer> data = ContentsRules.MOVED.get(c.type());
    List<Size> pool = new ArrayList<>();
    OnnxValue[] inputs = new OnnxValue[c.count()];
    for (int i = 0; i < inputs.length; i++) {
      if (!c.has(i)) {
        continue;
      }
      if (data.isEmpty() || data.contains(i)) {
        long[] numbers = new long[c.numbers(i).size()];
        int first = pool.size();
        Arrays.setAll(numbers, k -> first + k);
        pool.addAll(c.numbers(i));
        inputs[i] = OnnxValue.of(Torch.tensor(numbers, numbers.length).reshape(sizes(c, i)));
      } else {
        inputs[i] = value(c, i);
      }
    }
    OnnxValue[] results = c.run(inputs);
    for (int o = 0; o < c.outputs(); o++) {
      if (small(c, o) && results[o] instanceof OnnxValue.Numbers n) {
        c.contents(o, elements(n).stream().map(at -> pool.get((int) at.number())).toList());
      }
    }
  }

  private static void compute(ShapeCall c) {
    OnnxValue[] inputs = new OnnxValue[c.count()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = c.has(i) ? value(c, i) : null;
    }
    OnnxValue[] results = c.run(inputs);
    if (results[0] instanceof OnnxValue.Numbers) {
      c.contents(0, elements(results[0]));
    }
  }

  /** A constant input as a value. */
  private static OnnxValue value(ShapeCall c, int input) {
    List<Size> elements = c.numbers(input);
    ElementType type = c.element(input);
    DType stored = type.stored().orElseThrow(ShapeCall.Unsaid::new);
    long[] sizes = sizes(c, input);
    Tensor t;
    if (stored.isFloat()) {
      double[] reals = elements.stream().mapToDouble(Size::real).toArray();
      t = Torch.tensor(reals, reals.length);
    } else {
      t = Torch.tensor(c.longs(input), elements.size());
    }
    return new OnnxValue.Numbers(t.to(stored).reshape(sizes), type);
  }
}
