package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Inputs of declared types and sizes to try a graph with. */
final class ExampleInputs {
  private final List<Block.Port> ports;
  private final Map<String, Long> sizes;
  private final Set<String> open = new TreeSet<>();

  ExampleInputs(List<Block.Port> ports, Map<String, Long> sizes) {
    this.ports = ports;
    this.sizes = sizes;
  }

  List<Tensor> random(Generator generator) {
    List<Tensor> inputs = new ArrayList<>();
    for (Block.Port port : ports) {
      inputs.add(random(port, generator));
    }
    Set<String> unknown = new HashSet<>(sizes.keySet());
    unknown.removeAll(open);
    if (!unknown.isEmpty()) {
      throw TorchException.argument(
          "OnnxModule.randomInputs", "sizes", unknown, "open sizes: " + open);
    }
    return inputs;
  }

  private Tensor random(Block.Port port, Generator generator) {
    if (port.dims().isEmpty() || !(port.type() instanceof Declared.Elements(ElementType type))) {
      throw needed(port);
    }
    Optional<DType> stored = type.stored();
    if (stored.isEmpty()) {
      throw needed(port);
    }
    long[] shape = shape(port);
    if (type.isFloat()) {
      Tensor t = Torch.zeros(shape).normal_(0, 1, generator);
      return type == ElementType.FLOAT16 ? t.to(DType.F16) : t.to(stored.get());
    }
    return Torch.zeros(shape).bernoulli_(0.5, generator).to(stored.get());
  }

  private static TorchException needed(Block.Port port) {
    return TorchException.argument(
        "OnnxModule.randomInputs",
        "input '" + port.name() + "'",
        "a type or number of axes that random numbers are no example of",
        "a value given by you");
  }

  private long[] shape(Block.Port port) {
    List<String> declared = port.dims().orElseThrow().sizes();
    long[] shape = new long[declared.size()];
    for (int i = 0; i < shape.length; i++) {
      String size = declared.get(i);
      String place = port.name() + ":" + i;
      boolean fixed = Character.isDigit(size.charAt(0));
      open.add(place);
      if (!fixed) {
        open.add(size);
      }
      long otherwise = fixed ? Long.parseLong(size) : sizes.getOrDefault(size, 1L);
      shape[i] = sizes.getOrDefault(place, otherwise);
    }
    Limits.checked("input '" + port.name() + "'", shape);
    open.remove("?");
    return shape;
  }
}
