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
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The calls that a function makes for an example, with the lines that make them. What cannot be
 * exported (random numbers, changed constants) is noted in {@link #holes}, elements read into Java,
 * by which the calls may differ, in {@link #warnings}; the function goes on, so that all such
 * places are known at once.
 */
final class ExportTape implements Recorder {
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

  /** All calls of operators in order, those in bodies included. */
  final List<ExportEntry.Step> steps = new ArrayList<>();

  final List<Meta> metas = new ArrayList<>();
  final Map<Integer, Tensor> constants = new LinkedHashMap<>();
  final Set<String> holes = new TreeSet<>();
  final Set<String> warnings = new TreeSet<>();
  final ExportKeeping kept = new ExportKeeping(this);
  final List<Integer> outputs = new ArrayList<>();
  final List<Count> counts = new ArrayList<>();
  private final Map<Storage, List<Seen>> seen = new IdentityHashMap<>();
  private final Set<Storage> state;
  private final Set<Storage> written = Collections.newSetFromMap(new IdentityHashMap<>());
  private final BitSet dependent = new BitSet();
  private final BitSet gone = new BitSet();
  private final ExportControl control = new ExportControl(this);
  private List<ExportEntry> entries = new ArrayList<>();
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
    given.forEach(tape::input);
    List<Tensor> results =
        Mode.current().withGrad(false).withCapture(tape).call(() -> function.apply(given));
    results.forEach(t -> tape.outputs.add(tape.value(t)));
    // What was computed is no longer needed, only how.
    tape.seen.clear();
    tape.kept.forget();
    return tape;
  }

  int opset() {
    return opset;
  }

  List<ExportEntry> entries() {
    return entries;
  }

  void entry(ExportEntry entry) {
    entries.add(entry);
  }

  /** Whether a value is an output or read by a call. */
  boolean reads(int value) {
    return outputs.contains(value) || entries.stream().anyMatch(e -> e.reads(value));
  }

  boolean depends(int value) {
    return dependent.get(value);
  }

  /** New values, which depend on the inputs or not. */
  List<Integer> made(List<Tensor> tensors, boolean depends) {
    List<Integer> out = new ArrayList<>(tensors.size());
    for (Tensor t : tensors) {
      int value = add(t);
      out.add(value);
      dependent.set(value, depends);
    }
    return out;
  }

  /** A new value that is no tensor. */
  int made(boolean depends) {
    metas.add(null);
    dependent.set(metas.size() - 1, depends);
    return metas.size() - 1;
  }

  /** A new value that is given. */
  int input(Tensor tensor) {
    return made(List.of(tensor), true).getFirst();
  }

  /**
   * What {@code run} notes, with its results as values made in it.
   *
   * @param taken values given to it, the first ones made for it
   */
  ExportEntry.Body body(List<Integer> taken, Supplier<List<Tensor>> run) {
    List<ExportEntry> around = entries;
    entries = new ArrayList<>();
    int first = taken.isEmpty() ? metas.size() : taken.getFirst();
    try {
      List<Integer> given = new ArrayList<>();
      run.get().forEach(t -> given.add(value(t)));
      for (int i = first; i < metas.size(); i++) {
        // Constants are the graph's, wherever they are met first.
        gone.set(i, !constants.containsKey(i));
      }
      return new ExportEntry.Body(entries, taken, given);
    } finally {
      entries = around;
    }
  }

  private int add(Tensor tensor) {
    metas.add(tensor.meta());
    int value = metas.size() - 1;
    seen.computeIfAbsent(tensor.storage(), _ -> new ArrayList<>(1))
        .add(new Seen(tensor.layout(), value));
    return value;
  }

  /** The number of a tensor; one that is new here is a constant. */
  int value(Tensor tensor) {
    List<Seen> known = seen.getOrDefault(tensor.storage(), List.of());
    for (Seen s : known.reversed()) {
      if (s.layout.equals(tensor.layout()) && metas.get(s.value).dtype() == tensor.dtype()) {
        if (gone.get(s.value)) {
          hole("a tensor of shape " + tensor.shape() + " that was made inside of a branch or loop");
        }
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
    step(view(t, base), List.of(base.value), List.of(value));
    return value;
  }

  private void hole(String what) {
    holes.add(what + " at " + site());
  }

  /** The nearest line that is not the machinery's. */
  static String site() {
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

  List<Integer> values(Tensor... tensors) {
    List<Integer> values = new ArrayList<>(tensors.length);
    for (Tensor t : tensors) {
      values.add(value(t));
    }
    return values;
  }

  private void step(Op op, List<Integer> in, List<Integer> out) {
    ExportEntry.Step step = new ExportEntry.Step(op, in, out, site(), steps.size());
    steps.add(step);
    entries.add(step);
  }

  @Override
  public boolean takes(Composite op, Tensor[] in) {
    return ExportComposites.takes(op, in, opset, open);
  }

  @Override
  public void made(Op op, Tensor[] read, Tensor[] written) {
    Optional<Tensor[]> parts = ExportStructured.parts(op, read, opset);
    if (parts.isEmpty()) {
      List<Integer> in = values(read);
      step(op, in, made(List.of(written), in.stream().anyMatch(dependent::get)));
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
    step(op, in, out);
    after.forEach(Runnable::run);
  }

  /** All of the memory, after a part of it was written. */
  private void scattered(Tensor t, Seen base, int part) {
    metas.add(metas.get(base.value));
    int whole = metas.size() - 1;
    dependent.set(whole, dependent.get(base.value) || dependent.get(part));
    ViewScatter write = new ViewScatter(view(t, base));
    step(write, List.of(base.value, part), List.of(whole));
    seen.computeIfAbsent(t.storage(), _ -> new ArrayList<>(2))
        .addAll(List.of(new Seen(base.layout, whole), new Seen(t.layout(), part)));
  }

  @Override
  public void reads(Tensor tensor, String operator) {
    for (Seen s : seen.getOrDefault(tensor.storage(), List.of())) {
      if (dependent.get(s.value)) {
        warnings.add(
            operator
                + " reads elements that depend on the input; what follows from them is exported as"
                + " it is for the example (ifThen and whileLoop are kept) at "
                + site());
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

  @Override
  public Tensor idleDropout(Tensor input, double p) {
    return control.dropout(input, p);
  }

  @Override
  public Optional<List<Tensor>> branches(
      Tensor condition, Supplier<List<Tensor>> then, Supplier<List<Tensor>> otherwise) {
    return Optional.of(control.branches(condition, then, otherwise));
  }

  @Override
  public Optional<List<Tensor>> loop(
      Function<List<Tensor>, Tensor> condition,
      UnaryOperator<List<Tensor>> body,
      List<Tensor> carried) {
    return Optional.of(control.loop(condition, body, carried));
  }
}
