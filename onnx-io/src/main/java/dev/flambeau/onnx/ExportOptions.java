package dev.flambeau.onnx;

import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * How a module is exported: operator set 21 and fixed shapes unless said otherwise; inputs are
 * named {@code input}, {@code input_1}, ..., outputs {@code output}, {@code output_1}, ..., those
 * of an imported module as in its file, whose metadata are kept, too.
 */
public final class ExportOptions {
  static final int OLDEST = 13;
  static final int NEWEST = 27;

  record DynamicAxis(int input, int axis, String name) {}

  private int opset = 21;
  private List<String> inputNames = List.of();
  private List<String> outputNames = List.of();
  private List<Optional<ElementType>> inputTypes = List.of();
  private List<Optional<ElementType>> outputTypes = List.of();
  private final List<DynamicAxis> dynamic = new ArrayList<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private Consumer<String> warnings = LoggerFactory.getLogger(Onnx.class)::warn;
  private long largestFile = ModelFile.LARGEST;

  ExportOptions() {}

  /** The version of ONNX's operators to write, 13 to 27. */
  public ExportOptions opset(int version) {
    if (version < OLDEST || version > NEWEST) {
      throw TorchException.argument("Onnx.export", "opset", version, OLDEST + " to " + NEWEST);
    }
    opset = version;
    return this;
  }

  /** Names of the inputs in order. */
  public ExportOptions inputNames(String... names) {
    inputNames = List.of(names);
    return this;
  }

  /** Names of the outputs in order. */
  public ExportOptions outputNames(String... names) {
    outputNames = List.of(names);
    return this;
  }

  /** Leaves the size of this axis of every input open; all sizes of one name are equal. */
  public ExportOptions dynamicAxis(int axis, String name) {
    return dynamicAxis(-1, axis, name);
  }

  /** Leaves the size of an axis of one input, counted from 0, open. */
  public ExportOptions dynamicAxis(int input, int axis, String name) {
    dynamic.add(new DynamicAxis(input, axis, name));
    return this;
  }

  /**
   * Who is told of Java code that decided by values of tensors, with its line: another input may
   * take another way. Default: the log.
   */
  public ExportOptions onWarning(Consumer<String> listener) {
    warnings = listener;
    return this;
  }

  /** An entry of the file's {@code metadata_props}. */
  public ExportOptions metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /** Puts the weights into a file of their own where they have more bytes; default 1 GB. */
  public ExportOptions externalDataAbove(long bytes) {
    largestFile = ModelFile.checked("Onnx.export", bytes);
    return this;
  }

  long largestFile() {
    return largestFile;
  }

  /** The names and metadata of an imported module, unless said otherwise. */
  ExportOptions names(OnnxModule module) {
    inputNames = module.inputs();
    outputNames = module.outputs();
    inputTypes = types(module.block().inputs);
    outputTypes = types(module.block().outputs);
    metadata.putAll(module.metadata());
    return this;
  }

  private static List<Optional<ElementType>> types(List<Block.Port> ports) {
    return ports.stream()
        .map(port -> port.type() instanceof Declared.Elements(ElementType type) ? type : null)
        .map(Optional::ofNullable)
        .toList();
  }

  List<Optional<ElementType>> inputTypes() {
    return inputTypes;
  }

  List<Optional<ElementType>> outputTypes() {
    return outputTypes;
  }

  Consumer<String> warnings() {
    return warnings;
  }

  int opset() {
    return opset;
  }

  List<String> inputNames() {
    return inputNames;
  }

  List<String> outputNames() {
    return outputNames;
  }

  List<DynamicAxis> dynamic() {
    return dynamic;
  }

  Map<String, String> metadata() {
    return metadata;
  }
}
