package dev.flambeau.torch.nn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.HookHandle;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a module is made of: its layers with the shapes of their outputs, parameters and memory, as
 * found by running it once, without gradients and as in {@link Module#eval}.
 *
 * @param layers the module itself and all below it, each before its children
 * @param parameters elements of all parameters, shared ones counted once
 * @param trainable those that require a gradient
 * @param inputBytes of the input
 * @param outputBytes of what the modules without children gave, all together
 * @param stateBytes of parameters and buffers
 */
public record Summary(
    List<Layer> layers,
    long parameters,
    long trainable,
    long inputBytes,
    long outputBytes,
    long stateBytes) {

  public Summary {
    layers = List.copyOf(layers);
  }

  /**
   * One module.
   *
   * @param path empty for the module that is summed up
   * @param outputs the shapes of what it gave when first called; empty if it was not called, or not
   *     by {@link Module#call}
   * @param parameters elements of its own parameters, without its children's
   * @param calls how often it was called
   */
  public record Layer(String path, String type, List<Shape> outputs, long parameters, int calls) {
    public Layer {
      outputs = List.copyOf(outputs);
    }

    int depth() {
      return path.isEmpty() ? 0 : (int) path.chars().filter(c -> c == '.').count() + 1;
    }
  }

  /** What the hooks saw of one module. */
  private static final class Seen {
    private List<Shape> outputs = List.of();
    private long bytes;
    private int calls;

    private List<Tensor> note(List<Tensor> given) {
      if (calls++ == 0) {
        outputs = given.stream().map(Tensor::shape).toList();
      }
      bytes += Summary.bytes(given);
      return given;
    }
  }

  static Summary of(Module module, Tensor input) {
    Map<String, Module> modules = module.namedModules();
    Map<String, Seen> seen = new LinkedHashMap<>();
    Map<Module, Boolean> training = new LinkedHashMap<>();
    List<HookHandle> hooks = new ArrayList<>();
    try {
      modules.forEach(
          (path, m) -> {
            training.put(m, m.isTraining());
            Seen notes = new Seen();
            seen.put(path, notes);
            hooks.add(m.registerForwardHook((_, _, outputs) -> notes.note(outputs)));
          });
      module.eval();
      Torch.noGrad(() -> module.call(input));
    } finally {
      hooks.forEach(HookHandle::remove);
      training.forEach(Module::setTraining);
    }
    return of(module, modules, seen, bytes(List.of(input)));
  }

  private static Summary of(
      Module module, Map<String, Module> modules, Map<String, Seen> seen, long inputBytes) {
    List<Layer> layers = new ArrayList<>();
    long outputBytes = 0;
    for (Map.Entry<String, Module> e : modules.entrySet()) {
      Module m = e.getValue();
      Seen notes = seen.get(e.getKey());
      long own = elements(List.copyOf(m.allParameters().values()));
      layers.add(new Layer(e.getKey(), m.typeName(), notes.outputs, own, notes.calls));
      outputBytes += m.allChildren().isEmpty() ? notes.bytes : 0;
    }
    List<Tensor> parameters = module.parameters();
    return new Summary(
        layers,
        elements(parameters),
        elements(parameters.stream().filter(Tensor::requiresGrad).toList()),
        inputBytes,
        outputBytes,
        bytes(parameters) + bytes(module.buffers()));
  }

  /** An input of zeros of the type that the module computes in. */
  static Tensor input(Module module, long... shape) {
    DType type =
        module.parameters().stream()
            .map(Tensor::dtype)
            .filter(DType::isFloat)
            .findFirst()
            .orElse(DType.F32);
    return Torch.zeros(type, shape);
  }

  private static long elements(List<Tensor> tensors) {
    return tensors.stream().mapToLong(Tensor::numel).sum();
  }

  private static long bytes(List<Tensor> tensors) {
    return tensors.stream().mapToLong(t -> t.numel() * t.dtype().bytes()).sum();
  }

  /** The layer at a path. */
  public Optional<Layer> layer(String path) {
    return layers.stream().filter(l -> l.path.equals(path)).findFirst();
  }

  /** A table with a line a layer, then the sums. */
  @Override
  public String toString() {
    return SummaryTable.of(this);
  }
}
