package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Module;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An imported ONNX graph as a module. Floating point initializers used as weights are its
 * parameters, running statistics its buffers, under the initializers' names (characters other than
 * letters, digits, dot, dash and underscore become underscores); the rest are constants. {@code
 * train()} lets Dropout drop and BatchNormalization use the batch. Half precision is computed in
 * F32; outputs get the type the file declares.
 */
public final class OnnxModule extends Module {
  private final Program program;
  private final Map<String, String> metadata;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();

  OnnxModule(Program program, Map<String, String> metadata) {
    this.program = program;
    this.metadata = Collections.unmodifiableMap(metadata);
    program.constants.forEach(
        (name, tensor) ->
            program
                .stateRole(name)
                .ifPresent(
                    role -> {
                      String key = freshName(name);
                      if (role == Program.Role.WEIGHT) {
                        parameters.put(key, parameter(tensor));
                      } else {
                        buffers.put(key, tensor);
                      }
                    }));
    eval();
  }

  private String freshName(String name) {
    String legal = name.replaceAll("[^A-Za-z0-9_.-]", "_");
    String fresh = legal;
    for (int i = 1; parameters.containsKey(fresh) || buffers.containsKey(fresh); i++) {
      fresh = legal + "_" + i;
    }
    return fresh;
  }

  @Override
  protected Map<String, Tensor> ownParameters() {
    return parameters;
  }

  @Override
  protected Map<String, Tensor> ownBuffers(boolean persistentOnly) {
    return buffers;
  }

  /** What the file says beside the graph: {@code metadata_props}. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Names of the inputs in the order of {@link #forward(List)}. */
  public List<String> inputs() {
    return program.inputs.stream().map(Program.Port::name).toList();
  }

  /** Names of the outputs in the order in which {@code forward} gives them. */
  public List<String> outputs() {
    return program.outputs.stream().map(Program.Port::name).toList();
  }

  /** The first output for a graph with one input. */
  @Override
  public Tensor forward(Tensor input) {
    return forward(List.of(input)).get(0);
  }

  /** All outputs in order for the inputs in order. */
  public List<Tensor> forward(List<Tensor> inputs) {
    if (inputs.size() != program.inputs.size()) {
      throw TorchException.argument(
          "OnnxModule.forward",
          "inputs",
          inputs.size() + " tensors",
          program.inputs.size() + " tensors: " + inputs());
    }
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      named.put(program.inputs.get(i).name(), inputs.get(i));
    }
    return List.copyOf(forward(named).values());
  }

  /** All outputs by name, in the file's order, for the inputs by name. */
  public Map<String, Tensor> forward(Map<String, Tensor> inputs) {
    if (!inputs.keySet().equals(java.util.Set.copyOf(inputs()))) {
      throw TorchException.argument(
          "OnnxModule.forward", "inputs", inputs.keySet(), "exactly " + inputs());
    }
    Tensor[] values = new Tensor[program.slotCount()];
    program.constants.forEach((name, tensor) -> values[program.slot(name)] = tensor);
    for (Program.Port port : program.inputs) {
      values[port.slot()] = checkedInput(port, inputs.get(port.name()));
    }
    for (Program.Step step : program.steps) {
      execute(step, values);
    }
    Map<String, Tensor> out = new LinkedHashMap<>();
    for (Program.Port port : program.outputs) {
      Tensor value = values[port.slot()];
      boolean half = port.elementType().orElse(0) == 10 && value.dtype() == DType.F32;
      out.put(port.name(), half ? value.to(DType.F16) : value);
    }
    return out;
  }

  private static Tensor checkedInput(Program.Port port, Tensor value) {
    if (port.elementType().isEmpty()) {
      return Program.widened(value);
    }
    DType declared =
        TensorReader.require(port.elementType().getAsInt(), "input '" + port.name() + "'");
    boolean half = declared == DType.F16 && value.dtype() == DType.F32;
    if (value.dtype() != declared && !half) {
      throw TorchException.type("OnnxModule.forward", port.name(), value.dtype(), "" + declared);
    }
    return Program.widened(value);
  }

  private void execute(Program.Step step, Tensor[] values) {
    Tensor[] inputs = new Tensor[step.reads().length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = step.reads()[i] < 0 ? null : values[step.reads()[i]];
    }
    Call call = new Call(step.node(), inputs, isTraining());
    Tensor[] results;
    try {
      results = step.operator().apply(call);
    } catch (ArithmeticException | IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw TorchException.format(
          program.file, step.node().describe() + " has impossible sizes or attributes", e);
    }
    for (int i = 0; i < step.writes().length; i++) {
      int slot = step.writes()[i];
      if (slot >= 0) {
        if (i >= results.length || results[i] == null) {
          throw TorchException.format(
              program.file, step.node().describe() + ": output " + i + " is not supported");
        }
        values[slot] = results[i];
      }
    }
    for (int slot : step.frees()) {
      values[slot] = null;
    }
  }
}
