package dev.flambeau.torch.graph;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Recorder;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.Pointwise;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Writes down the calls of a function while it runs on an example. A tensor is recognized by its
 * storage and layout, since there may be several Java objects for it. An overwritten tensor is a
 * new value from then on, which is refused where other layouts look at the same memory.
 */
final class Capture implements Recorder {
  private record Seen(Layout layout, int value) {}

  private final Graph graph = new Graph();
  private final Map<Storage, List<Seen>> seen = new IdentityHashMap<>();
  private final Set<Storage> made = Collections.newSetFromMap(new IdentityHashMap<>());
  private final BitSet dependent = new BitSet();

  private Capture() {}

  /**
   * The calls that {@code function} makes for {@code example}, without gradients.
   *
   * @throws Refused if it does something that calls of operators do not tell: overwrite a view or a
   *     constant, read elements that depend on the input, draw random numbers
   */
  static Graph of(UnaryOperator<Tensor> function, Tensor example) {
    Capture capture = new Capture();
    Graph graph = capture.graph;
    Tensor input = example.detach();
    graph.input(graph.add(input.meta()));
    capture.dependent.set(graph.input());
    capture.made.add(input.storage());
    capture.see(input, graph.input());
    Tensor output =
        Mode.current().withGrad(false).withCapture(capture).call(() -> function.apply(input));
    graph.output(capture.value(output));
    return graph;
  }

  private void see(Tensor tensor, int value) {
    seen.computeIfAbsent(tensor.storage(), _ -> new ArrayList<>(1))
        .add(new Seen(tensor.layout(), value));
  }

  private int value(Tensor tensor) {
    List<Seen> known = seen.getOrDefault(tensor.storage(), List.of());
    for (Seen s : known) {
      if (s.layout.equals(tensor.layout()) && graph.meta(s.value).dtype() == tensor.dtype()) {
        return s.value;
      }
    }
    if (made.contains(tensor.storage())) {
      throw refused("a view that no operator made, of shape " + tensor.shape());
    }
    int value = graph.constant(tensor);
    see(tensor, value);
    return value;
  }

  private static Refused refused(String what) {
    return new Refused(what);
  }

  private List<Integer> values(Tensor[] tensors) {
    List<Integer> values = new ArrayList<>(tensors.length);
    for (Tensor t : tensors) {
      values.add(value(t));
    }
    return values;
  }

  @Override
  public void made(Op op, Tensor[] inputs, Tensor[] outputs) {
    List<Integer> in = values(inputs);
    boolean depends = in.stream().anyMatch(dependent::get);
    List<Integer> out = new ArrayList<>(outputs.length);
    for (Tensor t : outputs) {
      int value = graph.add(t.meta());
      out.add(value);
      made.add(t.storage());
      dependent.set(value, depends);
      see(t, value);
    }
    graph.add(op, in, out);
  }

  @Override
  public void overwrites(Pointwise op, Tensor[] inputs, Tensor[] targets) {
    List<Integer> in = values(inputs);
    boolean depends = in.stream().anyMatch(dependent::get);
    List<Integer> out = new ArrayList<>(targets.length);
    for (Tensor t : targets) {
      List<Seen> known = seen.getOrDefault(t.storage(), List.of());
      if (!made.contains(t.storage())
          || known.size() != 1
          || known.getFirst().value == graph.input()) {
        throw refused(op.name() + "_, which overwrites a constant or a tensor that has views");
      }
      int value = graph.add(t.meta());
      out.add(value);
      dependent.set(value, depends);
      known.set(0, new Seen(t.layout(), value));
    }
    graph.add(op, in, out);
  }

  @Override
  public void reads(Tensor tensor, String operator) {
    for (Seen s : seen.getOrDefault(tensor.storage(), List.of())) {
      if (dependent.get(s.value)) {
        throw refused(operator + ", which reads elements that depend on the input");
      }
    }
  }

  @Override
  public void changes(String operator) {
    throw refused(operator + ", whose result is not determined by the input");
  }
}
