package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.DeviceMemory;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Collects what {@link OnnxInfo} tells. */
final class Inspector {
  private final ModelProto model;
  private final Map<String, Long> opsets = new LinkedHashMap<>();
  private final Map<String, Integer> operators = new TreeMap<>();
  private final Set<String> unsupported = new TreeSet<>();
  private final Set<String> functions = new HashSet<>();
  private long parameters;
  private long constants;
  private long weightBytes;
  private OptionalLong macs = OptionalLong.empty();
  private OptionalLong peak = OptionalLong.empty();
  private OptionalLong milliseconds = OptionalLong.empty();

  private Inspector(ModelProto model) {
    this.model = model;
  }

  /**
   * @param run sizes of open axes; empty: the graph is not run
   */
  static OnnxInfo inspect(Path file, Optional<Map<String, Long>> run) {
    Inspector inspector = new Inspector(Onnx.parse(file));
    inspector.structure();
    if (inspector.unsupported.isEmpty()) {
      Importer.Imported imported = Onnx.read(file);
      inspector.weights(imported);
      run.ifPresent(sizes -> inspector.run(new OnnxModule(imported, file + "", Map.of()), sizes));
    } else {
      inspector.initializers();
    }
    try {
      return inspector.info(Files.size(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
  }

  private void structure() {
    model
        .getOpsetImportList()
        .forEach(o -> opsets.put(Names.domain(o.getDomain()), o.getVersion()));
    model
        .getFunctionsList()
        .forEach(f -> functions.add(Names.domain(f.getDomain()) + "." + f.getName()));
    visit(model.getGraph());
    model.getFunctionsList().forEach(f -> f.getNodeList().forEach(this::visit));
  }

  private void visit(GraphProto graph) {
    graph.getNodeList().forEach(this::visit);
  }

  private void visit(NodeProto node) {
    String domain = Names.domain(node.getDomain());
    String name = domain.isEmpty() ? node.getOpType() : domain + "." + node.getOpType();
    operators.merge(name, 1, Integer::sum);
    long opset = opsets.getOrDefault(domain, 1L);
    boolean known =
        functions.contains(domain + "." + node.getOpType())
            || Registry.find(domain, node.getOpType(), opset).isPresent();
    if (!known) {
      unsupported.add(name + "-" + opset);
    }
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        visit(attribute.getG());
      }
      attribute.getGraphsList().forEach(this::visit);
    }
  }

  private void weights(Importer.Imported imported) {
    for (Constant constant : imported.constants()) {
      if (constant.value() instanceof OnnxValue.Numbers(Tensor t, ElementType type)) {
        boolean weight = constant.role() == Constant.Role.WEIGHT;
        parameters += weight ? t.numel() : 0;
        constants += weight ? 0 : t.numel();
        weightBytes += t.numel() * t.dtype().bytes();
      }
    }
  }

  /** What can be said without knowing how the operators take them. */
  private void initializers() {
    for (TensorProto t : model.getGraph().getInitializerList()) {
      ElementType type = ElementType.of(t.getDataType()).orElse(ElementType.STRING);
      long count = t.getDimsList().stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
      parameters += type.isFloat() ? count : 0;
      constants += type.isFloat() ? 0 : count;
      weightBytes += count * type.bits() / 8;
    }
  }

  private void run(OnnxModule module, Map<String, Long> sizes) {
    Macs counter = new Macs();
    List<OnnxValue> inputs =
        module.randomInputs(sizes, new Generator(0)).stream().map(OnnxValue::of).toList();
    DeviceMemory memory = Torch.memory(Device.CPU);
    memory.resetPeak();
    long before = memory.statistics().allocated();
    long start = System.nanoTime();
    Torch.noGrad(() -> module.run(inputs, new Run("the graph", false, counter::count)));
    milliseconds = OptionalLong.of((System.nanoTime() - start) / 1_000_000);
    peak = OptionalLong.of(memory.statistics().peak() - before);
    macs = OptionalLong.of(counter.total());
  }

  private OnnxInfo info(long bytes) {
    GraphProto graph = model.getGraph();
    Set<String> initializers = new HashSet<>();
    graph.getInitializerList().forEach(t -> initializers.add(t.getName()));
    Map<String, Long> domains = new LinkedHashMap<>();
    opsets.forEach((domain, v) -> domains.put(domain.isEmpty() ? "ai.onnx" : domain, v));
    Map<String, String> metadata = new LinkedHashMap<>();
    model.getMetadataPropsList().forEach(p -> metadata.put(p.getKey(), p.getValue()));
    return new OnnxInfo(
        bytes,
        model.getIrVersion(),
        (model.getProducerName() + " " + model.getProducerVersion()).strip(),
        domains,
        metadata,
        values(
            graph.getInputList().stream()
                .filter(v -> !initializers.contains(v.getName()))
                .toList()),
        values(graph.getOutputList()),
        operators,
        List.copyOf(unsupported),
        parameters,
        constants,
        weightBytes,
        macs,
        peak,
        milliseconds);
  }

  private static List<OnnxInfo.Value> values(List<ValueInfoProto> infos) {
    List<OnnxInfo.Value> values = new ArrayList<>();
    for (ValueInfoProto info : infos) {
      String type =
          switch (info.getType().getValueCase()) {
            case TENSOR_TYPE ->
                ElementType.of(info.getType().getTensorType().getElemType())
                    .map(ElementType::name)
                    .orElse("?");
            case SPARSE_TENSOR_TYPE -> "sparse";
            case SEQUENCE_TYPE -> "sequence";
            case OPTIONAL_TYPE -> "optional";
            case MAP_TYPE -> "map";
            case VALUE_NOT_SET -> "?";
          };
      List<String> sizes = Dims.of(info.getType()).map(Dims::sizes).orElse(List.of());
      values.add(new OnnxInfo.Value(info.getName(), type, sizes));
    }
    return values;
  }
}
