package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** If, Loop and Scan as control flow of Java; gradients go through whatever was executed. */
final class ControlFlow {
  private ControlFlow() {}

  static void register(Registry r) {
    r.values("If", c -> c.body(c.truth(0) ? "then_branch" : "else_branch"));
    r.values("Loop", ControlFlow::loop);
    r.values("Scan", since(8), c -> c.opset() < 9 ? batches(c) : scan(c));
  }

  /** (trips, condition, state...) -> (state..., what each trip gave, stacked). */
  private static OnnxValue[] loop(Call c) {
    long most = c.has(0) ? c.scalarLong(0) : Long.MAX_VALUE;
    boolean go = !c.has(1) || c.truth(1);
    int states = c.count() - 2;
    int stacked = c.bodyOutputs("body").size() - 1 - states;
    if (stacked < 0) {
      throw c.bad("body", c.bodyOutputs("body").size() + " outputs", states + 1 + " or more");
    }
    OnnxValue[] state = new OnnxValue[states];
    for (int i = 0; i < states; i++) {
      state[i] = c.has(i + 2) ? c.value(i + 2) : new OnnxValue.Nothing();
    }
    List<List<OnnxValue>> rows = rows(stacked);
    for (long trip = 0; go && trip < most; trip++) {
      OnnxValue[] given = new OnnxValue[states + 2];
      given[0] = OnnxValue.of(Torch.full(DType.I64, trip));
      given[1] = OnnxValue.of(Torch.ones(DType.BOOL));
      System.arraycopy(state, 0, given, 2, states);
      OnnxValue[] results = c.body("body", given);
      go = truth(c, results[0]);
      System.arraycopy(results, 1, state, 0, states);
      for (int i = 0; i < stacked; i++) {
        rows.get(i).add(results[1 + states + i]);
      }
    }
    OnnxValue[] out = Arrays.copyOf(state, states + stacked);
    for (int i = 0; i < stacked; i++) {
      out[states + i] = stack(c, rows.get(i), 1 + states + i, 0, false);
    }
    return out;
  }

  private static boolean truth(Call c, OnnxValue value) {
    if (value instanceof OnnxValue.Numbers n && n.tensor().numel() == 1) {
      return n.tensor().detach().to(DType.F64).item() != 0;
    }
    throw c.bad("condition", value.describe(), "one truth value");
  }

  private static List<List<OnnxValue>> rows(int count) {
    List<List<OnnxValue>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(new ArrayList<>());
    }
    return rows;
  }

  /**
   * What one output of the body gave each time, along a new axis.
   *
   * @param output its number, which says what nothing at all would have been
   */
  private static OnnxValue stack(
      Call c, List<OnnxValue> rows, int output, int axis, boolean reversed) {
    if (rows.isEmpty()) {
      return nothing(c, output, axis);
    }
    TextTable table = new TextTable(rows);
    List<Tensor> tensors = new ArrayList<>();
    for (OnnxValue row : reversed ? rows.reversed() : rows) {
      if (!(table.places(row) instanceof OnnxValue.Numbers n)) {
        throw c.bad("body's output", row.describe(), "a tensor, to be stacked");
      }
      tensors.add(n.tensor());
    }
    Limits.checked(c.name(), tensors.size(), tensors.get(0).numel());
    ElementType type = ((OnnxValue.Numbers) table.places(rows.get(0))).type();
    OnnxValue all = new OnnxValue.Numbers(Torch.stack(tensors, axis), type);
    return rows.get(0) instanceof OnnxValue.Texts ? table.texts(all, c) : all;
  }

  /** No rows of the declared type and sizes; those not said are 0. */
  private static OnnxValue nothing(Call c, int output, int axis) {
    Block.Port port = c.bodyOutputs("body").get(output);
    ElementType type = port.type().element().orElse(ElementType.FLOAT);
    List<Long> sizes = new ArrayList<>();
    port.dims().map(Dims::sizes).orElse(List.of()).forEach(size -> sizes.add(fixed(size)));
    sizes.add(axis < 0 ? axis + sizes.size() + 1 : axis, 0L);
    long[] all = sizes.stream().mapToLong(Long::longValue).toArray();
    return type == ElementType.STRING
        ? new OnnxValue.Texts(List.of(), Shape.of(all))
        : new OnnxValue.Numbers(Torch.zeros(type.require(c.name()), all), type);
  }

  private static long fixed(String size) {
    return Character.isDigit(size.charAt(0)) ? Long.parseLong(size) : 0;
  }

  /** Operator set 9: (state..., sequences...) -> (state..., stacked outputs...). */
  private static OnnxValue[] scan(Call c) {
    int sequences = scanned(c);
    OnnxValue[] inputs = new OnnxValue[c.count()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = c.value(i);
    }
    return scan(
        c,
        Arrays.copyOf(inputs, inputs.length - sequences),
        Arrays.copyOfRange(inputs, inputs.length - sequences, inputs.length));
  }

  private static int scanned(Call c) {
    int count = c.axisCount("num_scan_inputs");
    if (count < 1 || count > c.count()) {
      throw c.bad("num_scan_inputs", count, "1 to " + c.count());
    }
    return count;
  }

  private static OnnxValue[] scan(Call c, OnnxValue[] state, OnnxValue[] sequences) {
    long[] axes = c.node().ints("scan_input_axes", new long[sequences.length]);
    boolean[] back = flags(c, "scan_input_directions", "directions", sequences.length);
    int stacked = c.bodyOutputs("body").size() - state.length;
    if (stacked < 0 || axes.length != sequences.length) {
      throw c.bad("body", c.bodyOutputs("body").size() + " outputs", state.length + " or more");
    }
    TextTable table = new TextTable(List.of(sequences));
    OnnxValue.Numbers[] all = new OnnxValue.Numbers[sequences.length];
    long length = -1;
    for (int i = 0; i < sequences.length; i++) {
      all[i] = numbers(c, table.places(sequences[i]));
      long size = all[i].tensor().size(c.axis(axes[i]));
      if (length >= 0 && size != length) {
        throw c.bad("scan inputs", "lengths " + length + " and " + size, "one length");
      }
      length = size;
    }
    List<List<OnnxValue>> rows = rows(stacked);
    OnnxValue[] now = state.clone();
    for (long t = 0; t < length; t++) {
      OnnxValue[] given = Arrays.copyOf(now, now.length + sequences.length);
      for (int i = 0; i < sequences.length; i++) {
        Tensor part = all[i].tensor().select(c.axis(axes[i]), back[i] ? length - 1 - t : t);
        OnnxValue row = new OnnxValue.Numbers(part, all[i].type());
        boolean texts = sequences[i] instanceof OnnxValue.Texts;
        given[now.length + i] = texts ? table.texts(row, c) : row;
      }
      OnnxValue[] results = c.body("body", given);
      System.arraycopy(results, 0, now, 0, now.length);
      for (int i = 0; i < stacked; i++) {
        rows.get(i).add(results[now.length + i]);
      }
    }
    long[] outAxes = c.node().ints("scan_output_axes", new long[stacked]);
    boolean[] outBack = flags(c, "scan_output_directions", "", stacked);
    OnnxValue[] out = Arrays.copyOf(now, now.length + stacked);
    for (int i = 0; i < stacked; i++) {
      int axis = c.axis(outAxes[i]);
      out[now.length + i] = stack(c, rows.get(i), now.length + i, axis, outBack[i]);
    }
    return out;
  }

  private static OnnxValue.Numbers numbers(Call c, OnnxValue value) {
    if (value instanceof OnnxValue.Numbers n) {
      return n;
    }
    throw c.bad("scan input", value.describe(), "a tensor");
  }

  private static boolean[] flags(Call c, String name, String old, int count) {
    long[] given = c.node().ints(c.opset() < 9 ? old : name, new long[count]);
    if (given.length != count) {
      throw c.bad(name, given.length + " numbers", count + " numbers");
    }
    boolean[] out = new boolean[count];
    for (int i = 0; i < count; i++) {
      out[i] = given[i] != 0;
    }
    return out;
  }

  /** Operator set 8 has the lengths as first input and a batch axis in front of everything. */
  private static OnnxValue[] batches(Call c) {
    int sequences = scanned(c);
    int states = c.count() - 1 - sequences;
    Tensor first = c.in(1);
    long[] lengths = c.has(0) ? c.longs(0) : new long[0];
    List<OnnxValue[]> results = new ArrayList<>();
    for (long b = 0; b < first.size(0); b++) {
      OnnxValue[] state = new OnnxValue[states];
      for (int i = 0; i < states; i++) {
        state[i] = OnnxValue.of(c.in(1 + i).select(0, b));
      }
      OnnxValue[] given = new OnnxValue[sequences];
      for (int i = 0; i < sequences; i++) {
        Tensor all = c.in(1 + states + i).select(0, b);
        given[i] = OnnxValue.of(lengths.length == 0 ? all : all.narrow(0, 0, lengths[(int) b]));
      }
      results.add(scan(c, state, given));
    }
    OnnxValue[] out = new OnnxValue[c.bodyOutputs("body").size()];
    for (int i = 0; i < out.length; i++) {
      int at = i;
      out[i] = stack(c, results.stream().map(r -> r[at]).toList(), i, 0, false);
    }
    return out;
  }
}
