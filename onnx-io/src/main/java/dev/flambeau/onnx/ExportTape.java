package dev.flambeau.onnx;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Recorder;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.Pointwise;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  /** What runs, in order. */
  sealed interface Entry permits Step, Kept, Idle, Choice, Repeat {}

  /** A call of an operator, with the numbers of its values and the line it was made from. */
  record Step(Op op, List<Integer> inputs, List<Integer> outputs, String site, int index)
      implements Entry {}

  /**
   * A node of an imported file that stays as it is.
   *
   * @param inputs -1: left out
   * @param types the element types it takes its inputs in; null for what is no tensor of numbers
   * @param outside for each body, the values that it uses
   * @param outputs -1: unused
   */
  record Kept(
      Block block,
      Block.Step step,
      List<Integer> inputs,
      Map<Integer, ElementType> types,
      List<List<Integer>> outside,
      List<Integer> outputs)
      implements Entry {}

  /** Dropout, which does nothing outside of training. */
  record Idle(int input, double ratio, int output) implements Entry {}

  /** Both branches of an If. */
  record Choice(int condition, Body then, Body otherwise, List<Integer> outputs, String site)
      implements Entry {}

  /** A Loop: the body computes the next values, then whether it goes on. */
  record Repeat(
      int condition, List<Integer> carried, Body body, List<Integer> outputs, String site)
      implements Entry {}

  /** Entries of their own, with the values they take and give. */
  record Body(List<Entry> entries, List<Integer> inputs, List<Integer> outputs) {}

  private record Seen(Layout layout, int value) {}

  private static final Pattern MACHINERY =
      Pattern.compile(
          "dev\\.flambeau\\.torch\\.(dispatch|api|op|autograd)\\..*"
              + "|dev\\.flambeau\\.torch\\.[A-Z]\\w*"
              + "|dev\\.flambeau\\.torch\\.nn\\.functional\\..*"
              + "|dev\\.flambeau\\.onnx\\.(Export|Onnx)\\w*"
              + "|java\\..*");

  /** All calls of operators in order, those in bodies included. */
  final List<Step> steps = new ArrayList<>();

  final List<Meta> metas = new ArrayList<>();
  final Map<Integer, Tensor> constants = new LinkedHashMap<>();

  /** Constants of imported files, by value: their names, and strings. */
  final Map<Integer, Constant> named = new HashMap<>();

  /** Element types that tensors have none of. */
  final Map<Integer, ElementType> types = new HashMap<>();

  final Set<String> holes = new java.util.TreeSet<>();
  final Set<String> warnings = new java.util.TreeSet<>();
  final List<Integer> outputs = new ArrayList<>();
  List<Entry> entries = new ArrayList<>();
  private final int opset;
  private final Map<Storage, List<Seen>> seen = new IdentityHashMap<>();
  private final Map<OnnxValue, Integer> others = new IdentityHashMap<>();
  private final Set<Integer> inputs = new HashSet<>();
  private final BitSet dependent = new BitSet();
  private final BitSet gone = new BitSet();

  private ExportTape(int opset) {
    this.opset = opset;
  }

  /**
   * @param opset that nodes are kept in
   */
  static ExportTape of(
      UnaryOperator<List<Tensor>> function, List<Tensor> examples, int opset) {
    ExportTape tape = new ExportTape(opset);
    // Copies: two examples may be one tensor, which would be one value.
    List<Tensor> given = examples.stream().map(t -> t.detach().copy()).toList();
    for (Tensor input : given) {
      tape.inputs.add(tape.input(input));
    }
    List<Tensor> results =
        Mode.current().withGrad(false).withCapture(tape).call(() -> function.apply(given));
    results.forEach(t -> tape.outputs.add(tape.value(t)));
    // What was computed is no longer needed, only how.
    tape.seen.clear();
    tape.others.clear();
    return tape;
  }

  private int input(Tensor tensor) {
    int value = add(tensor);
    dependent.set(value);
    return value;
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
        if (gone.get(s.value)) {
          hole("a tensor of shape " + tensor.shape() + " that was made inside of a branch or loop");
        }
        return s.value;
      }
    }
    if (known.stream().anyMatch(s -> dependent.get(s.value))) {
      hole("a view that no operator made, of shape " + tensor.shape());
    }
    int value = add(tensor);
    constants.put(value, tensor.detach());
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

  private List<Integer> made(List<Integer> from, Tensor[] written) {
    boolean depends = from.stream().anyMatch(value -> value >= 0 && dependent.get(value));
    List<Integer> out = new ArrayList<>(written.length);
    for (Tensor t : written) {
      int value = add(t);
      out.add(value);
      dependent.set(value, depends);
    }
    return out;
  }

  private void step(Op op, List<Integer> in, List<Integer> out) {
    Step step = new Step(op, in, out, site(), steps.size());
    steps.add(step);
    entries.add(step);
  }

  @Override
  public void made(Op op, Tensor[] read, Tensor[] written) {
    List<Integer> in = values(read);
    step(op, in, made(in, written));
  }

  @Override
  public void overwrites(Pointwise op, Tensor[] read, Tensor[] targets) {
    for (Tensor t : targets) {
      List<Seen> known = seen.getOrDefault(t.storage(), List.of());
      boolean fresh = known.size() == 1 && !constants.containsKey(known.getFirst().value);
      if (!fresh || inputs.contains(known.getFirst().value)) {
        hole(op.name() + "_, which overwrites a constant, an input or a tensor that has views,");
      }
    }
    List<Integer> in = values(read);
    for (Tensor t : targets) {
      seen.remove(t.storage());
    }
    step(op, in, made(in, targets));
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

  @Override
  public void changes(String operator) {
    hole(operator + ", whose result is not determined by the input,");
  }

  @Override
  public Tensor idleDropout(Tensor input, double p) {
    int value = value(input);
    // A tensor of its own: the input may be used beside it.
    Tensor out = copies(List.of(input)).getFirst();
    entries.add(new Idle(value, p, results(List.of(out), dependent.get(value)).getFirst()));
    return out;
  }

  /** What {@code run} records, with its results as values made in it. */
  private Body body(List<Integer> taken, Supplier<List<Tensor>> run) {
    List<Entry> around = entries;
    entries = new ArrayList<>();
    int first = taken.isEmpty() ? metas.size() : taken.getFirst();
    try {
      List<Integer> given = new ArrayList<>();
      run.get().forEach(t -> given.add(value(t)));
      for (int i = first; i < metas.size(); i++) {
        // Constants are the graph's, wherever they are met first.
        gone.set(i, !constants.containsKey(i));
      }
      return new Body(entries, taken, given);
    } finally {
      entries = around;
    }
  }

  private List<Integer> results(List<Tensor> tensors, boolean depends) {
    List<Integer> out = new ArrayList<>();
    for (Tensor t : tensors) {
      int value = add(t);
      out.add(value);
      dependent.set(value, depends);
    }
    return out;
  }

  /** New tensors: a branch may return one that has a name of its own outside. */
  private static List<Tensor> copies(List<Tensor> tensors) {
    return Mode.current()
        .withCapture(null)
        .call(() -> tensors.stream().map(t -> t.detach().copy()).toList());
  }

  @Override
  public Optional<List<Tensor>> branches(
      Tensor condition, Supplier<List<Tensor>> then, Supplier<List<Tensor>> otherwise) {
    List<List<Tensor>> both = new ArrayList<>();
    int read = value(condition);
    Body first = body(List.of(), () -> kept(both, then.get()));
    Body second = body(List.of(), () -> kept(both, otherwise.get()));
    alike("ifThen", "otherwise", both.get(0), both.get(1));
    boolean taken =
        Mode.current().withCapture(null).call(() -> condition.to(dev.flambeau.torch.DType.F64).item())
            != 0;
    List<Tensor> out = copies(both.get(taken ? 0 : 1));
    entries.add(new Choice(read, first, second, results(out, true), site()));
    return Optional.of(out);
  }

  private static List<Tensor> kept(List<List<Tensor>> all, List<Tensor> results) {
    all.add(results);
    return results;
  }

  private static void alike(String function, String argument, List<Tensor> a, List<Tensor> b) {
    List<?> wanted = a.stream().map(Tensor::dtype).toList();
    List<?> got = b.stream().map(Tensor::dtype).toList();
    if (!wanted.equals(got)) {
      throw TorchException.argument(
          function, argument, "results of types " + got, "those of the other: " + wanted);
    }
  }

  @Override
  public Optional<List<Tensor>> loop(
      Function<List<Tensor>, Tensor> condition,
      UnaryOperator<List<Tensor>> body,
      List<Tensor> carried) {
    List<Integer> start = values(carried.toArray(Tensor[]::new));
    int go = value(condition.apply(carried));
    List<Tensor> inside = copies(carried);
    List<Integer> taken = inside.stream().map(this::input).toList();
    Body round =
        body(
            taken,
            () -> {
              List<Tensor> next = body.apply(inside);
              alike("whileLoop", "body", inside, next);
              List<Tensor> all = new ArrayList<>(next);
              all.addFirst(condition.apply(next));
              return all;
            });
    List<Tensor> out =
        copies(
            Mode.current()
                .withCapture(null)
                .call(() -> dev.flambeau.torch.Torch.whileLoop(condition, body, carried)));
    entries.add(new Repeat(go, start, round, results(out, true), site()));
    return Optional.of(out);
  }

  /** Whether a node is written as it is. */
  boolean keeps(Block block, Block.Step step) {
    return Versions.canKeep(block, step, opset);
  }

  /**
   * Runs a node of an imported file and notes it as a whole.
   *
   * @param all values of the block around it, by slot
   */
  OnnxValue[] keep(Block block, Block.Step step, OnnxValue[] all, Supplier<OnnxValue[]> run) {
    Map<Integer, ElementType> wanted = new HashMap<>();
    List<Integer> in = new ArrayList<>();
    for (int slot : step.reads()) {
      in.add(slot < 0 ? -1 : value(block, slot, all[slot], wanted));
    }
    List<List<Integer>> outside = new ArrayList<>();
    for (Block.Body body : step.bodies()) {
      List<Integer> used = new ArrayList<>();
      for (int slot : body.outside()) {
        used.add(value(block, slot, all[slot], wanted));
      }
      outside.add(used);
    }
    OnnxValue[] results = Mode.current().withCapture(null).call(run);
    List<Integer> out = new ArrayList<>();
    for (int i = 0; i < step.writes().length; i++) {
      boolean there = step.writes()[i] >= 0 && i < results.length && results[i] != null;
      out.add(there ? made(results[i]) : -1);
    }
    boolean depends =
        java.util.stream.Stream.concat(
                in.stream(), outside.stream().flatMap(List::stream))
            .anyMatch(value -> value >= 0 && dependent.get(value));
    out.stream().filter(value -> value >= 0).forEach(value -> dependent.set(value, depends));
    entries.add(new Kept(block, step, in, wanted, outside, out));
    return results;
  }

  private int value(Block block, int slot, OnnxValue value, Map<Integer, ElementType> wanted) {
    int number;
    if (value instanceof OnnxValue.Numbers(Tensor tensor, ElementType type)) {
      number = value(tensor);
      wanted.put(number, type);
      if (constants.containsKey(number)) {
        types.putIfAbsent(number, type);
      }
    } else {
      number = others.computeIfAbsent(value, _ -> placeholder());
    }
    block.constant(slot).ifPresent(constant -> named.putIfAbsent(number, constant));
    return number;
  }

  private int placeholder() {
    metas.add(null);
    return metas.size() - 1;
  }

  private int made(OnnxValue value) {
    if (value instanceof OnnxValue.Numbers(Tensor tensor, ElementType type)) {
      int number = add(tensor);
      types.put(number, type);
      return number;
    }
    int number = placeholder();
    others.put(value, number);
    return number;
  }
}
