package dev.flambeau.torch.graph;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.LoggerFactory;

/**
 * A function of one tensor that runs as a captured graph: its calls are written down on the first
 * input of each shape, constants are computed, batch norms folded into convolutions, bias, residual
 * and activation fused, and memory is planned. Where gradients are recorded, and where the function
 * does what calls of operators do not tell, the function itself runs. A change in place of a tensor
 * that the graph holds as a constant is noticed, and the graph made again.
 */
public final class CompiledFunction implements UnaryOperator<Tensor> {
  private static final List<Pass> PASSES =
      List.of(
          new DeadCode(),
          new ConstantFolding(),
          new BatchNormFolding(),
          new Fusion(),
          new PointwiseFusion(),
          new DeadCode());

  /** Graphs of as many shapes are kept. */
  private static final int SHAPES = 16;

  private record Constant(Tensor tensor, Storage storage, int version) {
    boolean unchanged() {
      return tensor.storage() == storage && storage.version() == version;
    }
  }

  private record Program(Executor executor, List<Constant> constants) {
    boolean current() {
      for (Constant c : constants) {
        if (!c.unchanged()) {
          return false;
        }
      }
      return true;
    }

    boolean trainable() {
      for (Constant c : constants) {
        if (c.tensor.requiresGrad()) {
          return true;
        }
      }
      return false;
    }
  }

  private final UnaryOperator<Tensor> function;
  private final Map<Meta, Program> programs = new LinkedHashMap<>(16, 0.75f, true);
  private boolean refused;

  public CompiledFunction(UnaryOperator<Tensor> function) {
    this.function = function;
  }

  @Override
  public Tensor apply(Tensor input) {
    Mode mode = Mode.current();
    if (mode.capture() != null || mode.grad() && input.requiresGrad()) {
      return function.apply(input);
    }
    Optional<Program> program = program(input);
    return program.isPresent() && !(mode.grad() && program.get().trainable())
        ? program.get().executor.run(input)
        : function.apply(input);
  }

  private synchronized Optional<Program> program(Tensor input) {
    if (refused) {
      return Optional.empty();
    }
    Program known = programs.get(input.meta());
    if (known != null && known.current()) {
      return Optional.of(known);
    }
    try {
      Program made = make(input);
      programs.put(input.meta(), made);
      if (programs.size() > SHAPES) {
        programs.remove(programs.keySet().iterator().next());
      }
      return Optional.of(made);
    } catch (Refused e) {
      LoggerFactory.getLogger(CompiledFunction.class)
          .info("not compiled, runs call by call, because of {}", e.getMessage());
      refused = true;
      return Optional.empty();
    }
  }

  private Program make(Tensor input) {
    try (Scope scope = Scope.open()) {
      Graph graph = Capture.of(function, input);
      List<Constant> constants = new ArrayList<>();
      for (Tensor t : graph.constants().values()) {
        constants.add(new Constant(t, t.storage(), t.storage().version()));
      }
      Mode.current()
          .withGrad(false)
          .call(
              () -> {
                PASSES.forEach(pass -> pass.apply(graph));
                return null;
              });
      for (Tensor t : graph.constants().values()) {
        if (scope.owns(t.storage())) {
          t.storage().escape();
        }
      }
      return new Program(new Executor(graph), constants);
    }
  }

  /**
   * How many calls a graph makes for this input, for tests and measurements; 0 if it is refused.
   */
  public int calls(Tensor input) {
    return program(input).map(p -> p.executor.calls().size()).orElse(0);
  }
}
