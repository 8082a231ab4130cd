package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Module;
import java.util.ArrayList;
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
  private final Block block;
  private final String file;
  private final Map<String, String> metadata;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();

  OnnxModule(Importer.Imported imported, String file, Map<String, String> metadata) {
    this.block = imported.block();
    this.file = file;
    this.metadata = Collections.unmodifiableMap(metadata);
    for (Constant constant : imported.constants()) {
      if (constant.role() != Constant.Role.CONSTANT
          && constant.value() instanceof OnnxValue.Numbers n) {
        String key = freshName(constant.name());
        if (constant.role() == Constant.Role.WEIGHT) {
          parameters.put(key, parameter(n.tensor()));
        } else {
          buffers.put(key, n.tensor());
        }
      }
    }
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
    return block.inputs.stream().map(Block.Port::name).toList();
  }

  /** Names of the outputs in the order in which {@code forward} gives them. */
  public List<String> outputs() {
    return block.outputs.stream().map(Block.Port::name).toList();
  }

  Declared inputType(int i) {
    return block.inputs.get(i).type();
  }

  Declared outputType(int i) {
    return block.outputs.get(i).type();
  }

  /** The first output for a graph with one input. */
  @Override
  public Tensor forward(Tensor input) {
    return forward(List.of(input)).get(0);
  }

  /** All outputs in order for the inputs in order; all must be tensors of numbers. */
  public List<Tensor> forward(List<Tensor> inputs) {
    List<OnnxValue> results = run(inputs.stream().map(OnnxValue::of).toList());
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      out.add(results.get(i).tensor(outputs().get(i)));
    }
    return out;
  }

  /** All outputs by name, in the file's order, for the inputs by name. */
  public Map<String, Tensor> forward(Map<String, Tensor> inputs) {
    if (!inputs.keySet().equals(java.util.Set.copyOf(inputs()))) {
      throw TorchException.argument(
          "OnnxModule.forward", "inputs", inputs.keySet(), "exactly " + inputs());
    }
    List<Tensor> results = forward(inputs().stream().map(inputs::get).toList());
    Map<String, Tensor> out = new LinkedHashMap<>();
    for (int i = 0; i < results.size(); i++) {
      out.put(outputs().get(i), results.get(i));
    }
    return out;
  }

  /** All outputs in order for the inputs in order, of whatever kind they are. */
  public List<OnnxValue> run(List<OnnxValue> inputs) {
    if (inputs.size() != block.inputs.size()) {
      throw TorchException.argument(
          "OnnxModule.forward",
          "inputs",
          inputs.size() + " values",
          block.inputs.size() + " values: " + inputs());
    }
    OnnxValue[] given = new OnnxValue[inputs.size()];
    for (int i = 0; i < given.length; i++) {
      Block.Port port = block.inputs.get(i);
      given[i] = port.type().check(inputs.get(i), port.name());
    }
    return List.of(block.run(new Run(file, isTraining()), given, new OnnxValue[0]));
  }
}
