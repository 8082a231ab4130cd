package dev.flambeau.onnx;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Recorder;
import dev.flambeau.torch.op.Composite;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.ViewScatter;
import dev.flambeau.torch.op.Views;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The calls that a function makes for an example, with the lines that make them. What calls of
 * operators do not tell (elements read into Java, random numbers, changed constants) is noted in
 * {@link #holes} and the function goes on, so that all such places are known at once.
 */
final class ExportTape implements Recorder {
  /** A call, with the numbers of its values and the line it was made from. */
  record Step(Op op, List<Integer> inputs, List<Integer> outputs, String site) {}

  /** A number that decides about a size: its value, and the size that this capture takes. */
  record Count(int value, long size) {}

  private record Seen(Layout layout, int value) {}

  private static final Pattern MACHINERY =
      Pattern.compile(
          "dev\\.flambeau\\.torch\\.(dispatch|api|op|autograd)\\..*"
              + "|dev\\.flambeau\\.torch\\.[A-Z]\\w*"
              + "|dev\\.flambeau\\.torch\\.nn\\.functional\\..*"
              + "|dev\\.flambeau\\.onnx\\.(Export|Onnx)\\w*"
              + "|java\\..*");

  final List<Step> steps = new ArrayList<>();
  final List<Meta> metas = new ArrayList<>();
  final Map<Integer, Tensor> constants = new LinkedHashMap<>();
  final Set<String> holes = new java.util.TreeSet<>();
  final List<Integer> outputs = new ArrayList<>();
  final List<Count> counts = new ArrayList<>();
  private final Map<Storage, List<Seen>> seen = new IdentityHashMap<>();
  private final Set<Storage> state;
  private final Set<Storage> written = Collections.newSetFromMap(new IdentityHashMap<>());
  private final BitSet dependent = new BitSet();

  private final int opset;
  private final boolean open;
  private final Map<Integer, Integer> factors;

  private ExportTape(Settings settings, Map<Integer, Integer> factors) {
    this.opset = settings.opset;
    this.open = settings.open;
    this.state = settings.state;
    this.factors = factors;
  }

  /**
   * What all captures of an export have in common.
   *
   * @param opset the operator set in which calls that have no form are captured as their parts
   * @param open whether there are open sizes
   * @param state the memory of parameters and buffers, which calls must not change
   */
  record Settings(int opset, boolean open, Set<Storage> state) {}

  /**
   * @param factors by which counted numbers, in the order in which they are read, are larger here
   *     than they are; what is computed is then of no use, but sizes are as they would be
   */
  static ExportTape of(
      UnaryOperator<List<Tensor>> function,
      List<Tensor> examples,
      Settings settings,
      Map<Integer, Integer> factors) {
    ExportTape tape = new ExportTape(settings, factors);
    // Copies: two examples may be one tensor, which would be one value.
    List<Tensor> given = examples.stream().map(t -> t.detach().copy()).toList();
    for (Tensor input : given) {
      int value = tape.add(input);
      tape.dependent.set(value);
    }
    List<Tensor> results =
        Mode.current().withGrad(false).withCapture(tape).call(() -> function.apply(given));
    results.forEach(t -> tape.outputs.add(tape.value(t)));
    // What was computed is no longer needed, only how.
    tape.seen.clear();
    return tape;
  }

  /** Whether a value is an output or read by a call. */
  boolean reads(int value) {
    return outputs.contains(value) || steps.stream().anyMatch(s -> s.inputs().contains(value));
  }

  private int add(Tensor tensor) {
    metas.add(tensor.meta());
    int value = metas.size() - 1;
    seen.computeIfAbsent(tensor.storage(), _ -> new ArrayList<>(1))
        .add(new Seen(tensor.layout(), value));
    return value;
  }

  private int value(Tensor tensor) {
    List<Seen> known = seen.getOrDefault(tensor.storage(), List.of());
    for (Seen s : known.reversed()) {
      if (s.layout.equals(tensor.layout()) && metas.get(s.value).dtype() == tensor.dtype()) {
        return s.value;
      }
    }
    if (written.contains(tensor.storage())
        || known.stream().anyMatch(s -> dependent.get(s.value))) {
      Seen base = known.getFirst();
      if (lies(tensor, base)) {
        return viewed(tensor, base);
      }
      hole("a view that no operator made, of shape " + tensor.shape());
    }
    int value = add(tensor);
    constants.put(value, tensor.detach());
    return value;
  }

  /** Whether all elements are among those of what was seen first of their memory. */
  private boolean lies(Tensor t, Seen base) {
    Layout whole = metas.get(base.value).layout();
    return metas.get(base.value).dtype() == t.dtype()
        && whole.isDense()
        && t.layout().offset() >= base.layout.offset()
        && t.layout().end() <= base.layout.end();
  }

  private static Views.AsStrided view(Tensor t, Seen base) {
    long offset = t.layout().offset() - base.layout.offset();
    return Views.AsStrided.of(t.shape(), t.layout().strides(), offset);
  }

  private int viewed(Tensor t, Seen base) {
    int value = add(t);
    dependent.set(value, dependent.get(base.value));
    steps.add(new Step(view(t, base), List.of(base.value), List.of(value), site()));
    return value;
  }

  private void hole(String what) {
    holes.add(what + " at " + site());
  }

  /** The nearest line that is not the machinery's. */
  private static String site() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(
                        f ->
                            !MACHINERY.matcher(f.getClassName()).matches()
                                || f.getClassName().endsWith("Test"))
                    .findFirst()
                    .map(f -> f.getClassName() + ":" + f.getLineNumber())
                    .orElse("an unknown line"));
  }

  private List<Integer> values(Tensor[] tensors) {
    List<Integer> values = new ArrayList<>(tensors.length);
    for (Tensor t : tensors) {
      values.add(value(t));
    }
    return values;
  }

  private void step(Op op, Tensor[] read, Tensor[] written) {
    List<Integer> in = values(read);
    boolean depends = in.stream().anyMatch(dependent::get);
    List<Integer> out = new ArrayList<>(written.length);
    for (Tensor t : written) {
      int value = add(t);
      out.add(value);
      dependent.set(value, depends);
    }
    steps.add(new Step(op, in, out, site()));
  }

  @Override
  public boolean takes(Composite op, Tensor[] in) {
    return ExportComposites.takes(op, in, opset, open);
  }

  @Override
  public void made(Op op, Tensor[] read, Tensor[] written) {
    Optional<Tensor[]> parts = ExportStructured.parts(op, read, opset);
    if (parts.isEmpty()) {
      step(op, read, written);
      return;
    }
    for (int k = 0; k < parts.get().length; k++) {
      int value = value(parts.get()[k]);
      seen.computeIfAbsent(written[k].storage(), _ -> new ArrayList<>(1))
          .add(new Seen(written[k].layout(), value));
    }
  }

  /**
   * What is written into becomes a new value, as does all of its memory. Inputs are copies: what is
   * written into them is seen by later calls only.
   */
  @Override
  public void overwrites(Pointwise op, Tensor[] read, Tensor[] targets) {
    List<Integer> in = values(read);
    boolean depends = in.stream().anyMatch(dependent::get);
    List<Integer> out = new ArrayList<>(targets.length);
    List<Runnable> after = new ArrayList<>();
    for (Tensor t : targets) {
      if (state.contains(t.storage())) {
        hole(op.name() + "_, which overwrites a parameter or a buffer,");
      }
      value(t);
      Seen base = seen.get(t.storage()).getFirst();
      // The constants that the memory held.
      seen.get(t.storage())
          .forEach(s -> constants.computeIfPresent(s.value, (_, held) -> held.copy()));
      seen.remove(t.storage());
      written.add(t.storage());
      boolean whole = base.layout.equals(t.layout());
      int value;
      if (whole) {
        value = add(t);
      } else {
        metas.add(t.meta());
        value = metas.size() - 1;
        after.add(() -> scattered(t, base, value));
      }
      out.add(value);
      dependent.set(value, depends);
    }
    steps.add(new Step(op, in, out, site()));
    after.forEach(Runnable::run);
  }

  /** All of the memory, after a part of it was written. */
  private void scattered(Tensor t, Seen base, int part) {
    metas.add(metas.get(base.value));
    int whole = metas.size() - 1;
    dependent.set(whole, dependent.get(base.value) || dependent.get(part));
    ViewScatter write = new ViewScatter(view(t, base));
    steps.add(new Step(write, List.of(base.value, part), List.of(whole), site()));
    seen.computeIfAbsent(t.storage(), _ -> new ArrayList<>(2))
        .addAll(List.of(new Seen(base.layout, whole), new Seen(t.layout(), part)));
  }

  @Override
  public void reads(Tensor tensor, String operator) {
    for (Seen s : seen.getOrDefault(tensor.storage(), List.of())) {
      if (dependent.get(s.value)) {
        hole(operator + ", which reads elements that depend on the input,");
        return;
      }
    }
  }

  /** Not below 2, since sizes of 1 broadcast. */
  @Override
  public long counts(Tensor count) {
    int value = value(count);
    long real = Mode.current().withCapture(null).call(count::itemLong);
    if (!dependent.get(value)) {
      return real;
    }
    long size = Math.max(real, 2) * factors.getOrDefault(counts.size(), 1);
    counts.add(new Count(value, size));
    return size;
  }

  @Override
  public void changes(String operator) {
    hole(operator + ", whose result is not determined by the input,");
  }
}
