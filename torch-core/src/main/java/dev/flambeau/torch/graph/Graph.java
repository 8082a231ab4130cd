package dev.flambeau.torch.graph;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A program in single assignment form: numbered values, each the input, a constant or the result of
 * one call, and the calls in an order in which they can be run. Passes replace its calls.
 */
final class Graph {
  private final List<Meta> metas = new ArrayList<>();
  private final Map<Integer, Tensor> constants = new HashMap<>();
  private List<Call> calls = new ArrayList<>();
  private int input;
  private int output;

  /** A new value. */
  int add(Meta meta) {
    metas.add(meta);
    return metas.size() - 1;
  }

  int constant(Tensor tensor) {
    int value = add(tensor.meta());
    constants.put(value, tensor);
    return value;
  }

  /** Makes the value, the result of a call until now, a constant. */
  void constant(int value, Tensor tensor) {
    constants.put(value, tensor);
  }

  void add(Op op, List<Integer> inputs, List<Integer> outputs) {
    calls.add(new Call(op, List.copyOf(inputs), List.copyOf(outputs)));
  }

  List<Call> calls() {
    return calls;
  }

  void calls(List<Call> replaced) {
    calls = replaced;
  }

  Map<Integer, Tensor> constants() {
    return constants;
  }

  Meta meta(int value) {
    return metas.get(value);
  }

  int values() {
    return metas.size();
  }

  int input() {
    return input;
  }

  void input(int value) {
    input = value;
  }

  int output() {
    return output;
  }

  void output(int value) {
    output = value;
  }

  /** The calls that read each value; the output has one reader more than calls. */
  Map<Integer, List<Call>> readers() {
    Map<Integer, List<Call>> readers = new HashMap<>();
    for (Call call : calls) {
      for (int value : call.inputs()) {
        readers.computeIfAbsent(value, _ -> new ArrayList<>()).add(call);
      }
    }
    return readers;
  }

  /** The only call that reads {@code value}, if there is just one and it is not the output. */
  Optional<Call> onlyReader(int value, Map<Integer, List<Call>> readers) {
    List<Call> all = readers.getOrDefault(value, List.of());
    return value != output && all.size() == 1 ? Optional.of(all.getFirst()) : Optional.empty();
  }
}
