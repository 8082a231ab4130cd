package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Parameters named 0, 1, ... PyTorch: {@code torch.nn.ParameterList}. */
public class ParameterList extends Module implements Iterable<Tensor> {
  private final List<Tensor> parameters = new ArrayList<>();

  /** These tensors, which are trained from now on. */
  public ParameterList(Tensor... tensors) {
    this(List.of(tensors));
  }

  public ParameterList(List<Tensor> tensors) {
    tensors.forEach(t -> parameters.add(parameter(t)));
  }

  @Override
  protected Map<String, Tensor> ownParameters() {
    Map<String, Tensor> named = new LinkedHashMap<>();
    parameters.forEach(p -> named.put(String.valueOf(named.size()), p));
    named.putAll(super.ownParameters());
    return named;
  }

  /** The parameter at a position, from the end if it is negative. */
  public Tensor get(int index) {
    return parameters.get(Positions.at(ParameterList.class, index, parameters.size()));
  }

  /** Puts another parameter in the place of one. */
  public ParameterList set(int index, Tensor tensor) {
    parameters.set(Positions.at(ParameterList.class, index, parameters.size()), parameter(tensor));
    return this;
  }

  /** Adds a parameter at the end. */
  public ParameterList append(Tensor tensor) {
    parameters.add(parameter(tensor));
    return this;
  }

  /** Adds parameters at the end. */
  public ParameterList extend(Iterable<Tensor> tensors) {
    tensors.forEach(this::append);
    return this;
  }

  @Override
  public String toString() {
    return print("ParameterList", ownParameters());
  }

  /** Names, types and shapes as PyTorch prints them. */
  static String print(String type, Map<String, Tensor> parameters) {
    StringBuilder out = new StringBuilder(type).append('(');
    parameters.forEach(
        (name, p) ->
            out.append("\n    (")
                .append(name)
                .append("): Parameter containing: [torch.")
                .append(p.dtype().torchName())
                .append(" of size ")
                .append(
                    Arrays.stream(p.shape().sizes())
                        .mapToObj(String::valueOf)
                        .collect(Collectors.joining("x")))
                .append(']'));
    return out.append(parameters.isEmpty() ? ")" : "\n)").toString();
  }

  public int size() {
    return parameters.size();
  }

  @Override
  public Iterator<Tensor> iterator() {
    return List.copyOf(parameters).iterator();
  }
}
