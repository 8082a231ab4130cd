package dev.flambeau.onnx;

import java.util.List;

/**
 * A part of an imported network.
 *
 * @param path such as {@code encoder.layer.0}
 * @param nodes its nodes, each with its operator and name
 * @param parameters names of the parameters it uses
 * @param inputs values it takes from outside, constants left out
 * @param outputs values of it that are used outside
 */
public record Submodule(
    String path,
    List<String> nodes,
    List<String> parameters,
    List<String> inputs,
    List<String> outputs) {
  public Submodule {
    nodes = List.copyOf(nodes);
    parameters = List.copyOf(parameters);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
