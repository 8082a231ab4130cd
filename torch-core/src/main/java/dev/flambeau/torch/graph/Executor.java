package dev.flambeau.torch.graph;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Backends;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a graph on inputs of one shape. Intermediate results lie in memory that is allocated once
 * and used again as soon as its last reader is done, which also keeps it in the caches.
 */
final class Executor {
  private final Graph graph;
  private final Tensor[] tensors;
  private final int[][] inputs;
  private final int[][] outputs;

  /** Which call makes the result, in new memory every time; none if it is a view or a constant. */
  private int last = -1;

  Executor(Graph graph) {
    this.graph = graph;
    this.tensors = new Tensor[graph.values()];
    this.inputs = new int[graph.calls().size()][];
    this.outputs = new int[graph.calls().size()][];
    graph.constants().forEach((value, tensor) -> tensors[value] = tensor);
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = ints(graph.calls().get(i).inputs());
      outputs[i] = ints(graph.calls().get(i).outputs());
    }
    new Placement().run();
  }

  private static int[] ints(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The function's result in memory of its own. Calls take turns. */
  synchronized Tensor run(Tensor input) {
    tensors[graph.input()] = input;
    for (int i = 0; i < inputs.length; i++) {
      Call call = graph.calls().get(i);
      if (i == last) {
        tensors[graph.output()] = Backends.allocate(graph.meta(graph.output()));
      }
      if (call.op() instanceof View) {
        int to = outputs[i][0];
        tensors[to] = tensors[inputs[i][0]].viewed(graph.meta(to).layout(), false);
      } else {
        Dispatcher.compute(call.op(), all(inputs[i]), all(outputs[i]));
      }
    }
    Tensor result = tensors[graph.output()];
    tensors[graph.input()] = null;
    if (last < 0) {
      return result.copy();
    }
    tensors[graph.output()] = null;
    return result;
  }

  private Tensor[] all(int[] values) {
    Tensor[] all = new Tensor[values.length];
    for (int k = 0; k < all.length; k++) {
      all[k] = tensors[values[k]];
    }
    return all;
  }

  /** Gives each result its memory: blocks whose last reader has run are used again. */
  private final class Placement {
    private final Map<Integer, Integer> roots = new HashMap<>();
    private final Map<Integer, Integer> lastUse = new HashMap<>();
    private final Map<Integer, Storage> storages = new HashMap<>();
    private final List<Storage> free = new ArrayList<>();

    void run() {
      for (int i = 0; i < inputs.length; i++) {
        if (graph.calls().get(i).op() instanceof View) {
          roots.put(outputs[i][0], root(inputs[i][0]));
        }
        for (int value : inputs[i]) {
          lastUse.put(root(value), i);
        }
        for (int value : outputs[i]) {
          lastUse.merge(root(value), i, Math::max);
        }
      }
      lastUse.put(root(graph.output()), Integer.MAX_VALUE);
      for (int i = 0; i < inputs.length; i++) {
        if (!(graph.calls().get(i).op() instanceof View)) {
          for (int value : outputs[i]) {
            if (value == graph.output()) {
              last = i;
            } else {
              place(value);
            }
          }
        }
        release(i);
      }
    }

    private int root(int value) {
      return roots.getOrDefault(value, value);
    }

    private void place(int value) {
      Meta meta = graph.meta(value);
      long bytes = meta.shape().numel() * meta.dtype().bytes();
      Storage best = null;
      for (Storage s : free) {
        boolean fits = s.bytes() >= bytes && s.bytes() <= 4 * bytes + 4096;
        best = fits && (best == null || s.bytes() < best.bytes()) ? s : best;
      }
      if (best == null) {
        Tensor fresh = Backends.allocate(meta);
        // Made for all later calls, whatever scope is open in this one.
        fresh.storage().escape();
        best = fresh.storage();
      }
      free.remove(best);
      storages.put(value, best);
      tensors[value] = new Tensor(best, meta.layout(), meta.dtype());
    }

    private void release(int call) {
      for (int[] values : List.of(inputs[call], outputs[call])) {
        for (int value : values) {
          int root = root(value);
          if (lastUse.get(root) == call && storages.containsKey(root)) {
            free.add(storages.remove(root));
          }
        }
      }
    }
  }

  /** The element type and layout of the input that this was made for. */
  Meta input() {
    return graph.meta(graph.input());
  }

  List<Call> calls() {
    return graph.calls();
  }
}
