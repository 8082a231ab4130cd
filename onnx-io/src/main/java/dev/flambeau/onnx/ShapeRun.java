package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Backends;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model run without data for one choice of its open sizes. The choices are far apart, beyond what
 * files divide or cut off by; most are multiples of 32, as pictures' sizes often have to be, two
 * are small, since large ones are often refused. Of integers that follow from sizes only what is
 * computed by {@link #SMOOTH} operators is kept, since a minimum or a comparison may come out equal
 * by chance.
 */
final class ShapeRun {
  static final int COUNT = 5;

  private static final int[] PRIMES = {
    11, 13, 7, 5, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97
  };

  private static final Set<String> SMOOTH =
      Set.of(
          "Shape",
          "Size",
          "Gather",
          "Concat",
          "Slice",
          "Squeeze",
          "Unsqueeze",
          "Reshape",
          "Flatten",
          "Transpose",
          "Identity",
          "Cast",
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Neg",
          "Split",
          "ReduceProd",
          "ReduceSum",
          "Floor",
          "Ceil",
          "ConstantOfShape");

  /** Most elements of a tensor whose data is kept. */
  private static final int SMALL = 256;

  private final ModelEdit model;
  private final Map<String, OnnxValue> values = new HashMap<>();

  /** Values with data that follows from sizes. */
  private final Set<String> tainted = new HashSet<>();

  /**
   * @param run which choice, below {@link #COUNT}
   */
  ShapeRun(ModelEdit model, int run) {
    this.model = model;
    Map<String, Long> open = new HashMap<>();
    for (ValueInfoProto input : model.inputs()) {
      input(input, run, open);
    }
    model.graph().sorted().forEach(this::step);
  }

  private void input(ValueInfoProto input, int run, Map<String, Long> open) {
    Optional<Dims> dims = Dims.of(input.getType());
    Optional<ElementType> type =
        ElementType.of(input.getType().getTensorType().getElemType())
            .filter(t -> t.stored().isPresent());
    if (dims.isEmpty() || type.isEmpty()) {
      return;
    }
    List<String> declared = dims.get().sizes();
    long[] sizes = new long[declared.size()];
    for (int i = 0; i < sizes.length; i++) {
      String name = declared.get(i);
      boolean fixed = Character.isDigit(name.charAt(0));
      String key = name.equals("?") ? input.getName() + ":" + i : name;
      sizes[i] =
          fixed ? Long.parseLong(name) : open.computeIfAbsent(key, _ -> size(run, open.size()));
    }
    values.put(input.getName(), without(type.get(), Shape.of(sizes)));
  }

  private static final long[] FACTORS = {32 * 61, 32, 32, 1, 1};

  private static long size(int run, int open) {
    int at = 2 * open + run % 2;
    int last = PRIMES.length - 1;
    long prime = at <= last ? PRIMES[at] : PRIMES[last] + 2L * (at - last);
    return FACTORS[run] * prime;
  }

  static OnnxValue without(ElementType type, Shape shape) {
    DType stored = type.require("value");
    Tensor t = Backends.allocate(Meta.contiguous(stored, Device.META, shape));
    return new OnnxValue.Numbers(t, type);
  }

  /** What is known of a value; null if nothing is. */
  OnnxValue value(String name) {
    OnnxValue known = values.get(name);
    if (known == null && model.constants.has(name)) {
      known = constant(name);
      if (known != null) {
        values.put(name, known);
      }
    }
    return known;
  }

  private OnnxValue constant(String name) {
    Optional<TensorProto> tensor = model.constants.tensor(name);
    if (tensor.isPresent()) {
      String where = model.reader().file() + ", tensor '" + name + "'";
      Shape shape = Shape.of(TensorReader.sizes(tensor.get().getDimsList(), where));
      Optional<ElementType> type = ElementType.of(tensor.get().getDataType());
      if (shape.numel() > SMALL) {
        boolean numbers = type.flatMap(ElementType::stored).isPresent();
        return numbers ? without(type.get(), shape) : null;
      }
    }
    return model
        .constants
        .numbers(name)
        .map(n -> n.tensor().numel() <= SMALL ? n : Evaluator.withoutData(n))
        .orElse(null);
  }

  private void step(NodeEdit node) {
    if (node.is("If")) {
      branches(node);
    } else if (node.is("Loop")) {
      loop(node);
    } else if (node.bodies().isEmpty() && Evaluator.isKnown(model, node)) {
      operator(node);
    }
  }

  private void operator(NodeEdit node) {
    List<OnnxValue> inputs = new ArrayList<>();
    boolean follows = node.is("Shape", "Size");
    for (String input : node.inputs()) {
      OnnxValue value = input.isEmpty() ? null : value(input);
      if (value == null && !input.isEmpty()) {
        return;
      }
      follows |= tainted.contains(input);
      inputs.add(value);
    }
    boolean smooth = !follows || node.domain().isEmpty() && SMOOTH.contains(node.type());
    boolean keeps = smooth && Evaluator.isDeterministic(node);
    OnnxValue[] results =
        Evaluator.infer(model, node, inputs)
            .or(() -> special(node, inputs))
            .orElse(new OnnxValue[0]);
    for (int i = 0; i < Math.min(results.length, node.outputs().size()); i++) {
      String output = node.outputs().get(i);
      if (!output.isEmpty() && results[i] instanceof OnnxValue.Numbers n) {
        boolean kept = keeps && n.tensor().numel() <= SMALL;
        values.put(output, kept ? n : Evaluator.withoutData(n));
        if (follows && kept) {
          tainted.add(output);
        }
      }
    }
  }

  /** What some operators give that only tell by their data or by making something large. */
  private static Optional<OnnxValue[]> special(NodeEdit node, List<OnnxValue> inputs) {
    if (inputs.isEmpty() || !(inputs.getFirst() instanceof OnnxValue.Numbers x)) {
      return Optional.empty();
    }
    Shape shape = x.tensor().shape();
    if (node.is("DynamicQuantizeLinear")) {
      OnnxValue scale = without(ElementType.FLOAT, Shape.of());
      OnnxValue zero = without(ElementType.UINT8, Shape.of());
      return Optional.of(new OnnxValue[] {without(ElementType.UINT8, shape), scale, zero});
    }
    if (node.is("ConstantOfShape") && Evaluator.hasData(x) && shape.rank() == 1) {
      int type =
          node.attribute("value").map(a -> a.getT().getDataType()).orElse(ElementType.FLOAT.code());
      return ElementType.of(type)
          .filter(t -> t.stored().isPresent())
          .flatMap(t -> filled(t, x.tensor().toLongArray()));
    }
    return Optional.empty();
  }

  private static Optional<OnnxValue[]> filled(ElementType type, long[] sizes) {
    try {
      return Optional.of(new OnnxValue[] {without(type, Shape.of(sizes))});
    } catch (TorchException e) {
      // Sizes below 0, or more elements than there can be.
      return Optional.empty();
    }
  }

  /** What both branches of If agree in. */
  private void branches(NodeEdit node) {
    List<GraphEdit> bodies = List.copyOf(node.bodies().values());
    bodies.forEach(body -> body.sorted().forEach(this::step));
    for (int i = 0; i < node.outputs().size(); i++) {
      OnnxValue.Numbers common = null;
      boolean same = true;
      for (GraphEdit body : bodies) {
        if (i < body.outputs().size()
            && value(body.outputs().get(i).getName()) instanceof OnnxValue.Numbers n) {
          same &= common == null || alike(common, n);
          common = n;
        } else {
          same = false;
        }
      }
      if (same && common != null && !node.outputs().get(i).isEmpty()) {
        values.put(node.outputs().get(i), Evaluator.withoutData(common));
      }
    }
  }

  private static boolean alike(OnnxValue.Numbers a, OnnxValue.Numbers b) {
    return a.type() == b.type() && a.tensor().shape().equals(b.tensor().shape());
  }

  /**
   * What Loop carries has the shape it starts with if one round keeps it; else nothing is known of
   * the body.
   */
  private void loop(NodeEdit node) {
    GraphEdit body = node.bodies().get("body");
    if (body == null || body.inputs.size() < 2) {
      return;
    }
    values.put(body.inputs.get(0).getName(), without(ElementType.INT64, Shape.of()));
    values.put(body.inputs.get(1).getName(), without(ElementType.BOOL, Shape.of()));
    boolean same = true;
    for (int i = 2; i < body.inputs.size(); i++) {
      if (value(node.input(i)) instanceof OnnxValue.Numbers n) {
        values.put(body.inputs.get(i).getName(), Evaluator.withoutData(n));
      } else {
        same = false;
      }
    }
    body.sorted().forEach(this::step);
    for (int i = 2; same && i < body.inputs.size() && i - 1 < body.outputs().size(); i++) {
      same =
          value(body.inputs.get(i).getName()) instanceof OnnxValue.Numbers before
              && value(body.outputs().get(i - 1).getName()) instanceof OnnxValue.Numbers after
              && alike(before, after);
    }
    if (!same) {
      body.allNodes().forEach(inner -> values.keySet().removeAll(inner.outputs()));
      body.inputs.forEach(input -> values.remove(input.getName()));
      return;
    }
    for (int i = 2; i < body.inputs.size() && i - 2 < node.outputs().size(); i++) {
      if (!node.outputs().get(i - 2).isEmpty()) {
        values.put(node.outputs().get(i - 2), values.get(body.inputs.get(i).getName()));
      }
    }
  }
}
