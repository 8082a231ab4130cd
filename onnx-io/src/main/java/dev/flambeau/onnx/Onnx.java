package dev.flambeau.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.StringStringEntryProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Module;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Reads ONNX files (operator sets 7 and newer) as modules that can be trained, and writes modules
 * as ONNX files.
 */
public final class Onnx {
  /** The key under which an image model's file carries its preprocessing card (JSON). */
  public static final String PREPROCESS = "flambeau.preprocess";

  private static final int DEEPEST = 64;

  private Onnx() {}

  /**
   * The model in a file, in inference behaviour.
   *
   * @throws TorchException if it is damaged, or naming all operators in it that are not supported
   * @throws UncheckedIOException if it cannot be read
   */
  public static OnnxModule load(Path file) {
    return load(file, _ -> {});
  }

  /** As above, where the options say what is trained. */
  public static OnnxModule load(Path file, Consumer<ImportOptions> options) {
    ImportOptions o = new ImportOptions();
    options.accept(o);
    try (MappedFile mapped = MappedFile.open(file);
        ExternalData data = ExternalData.of(mapped, file)) {
      return module(parse(mapped, file), file.toString(), data, o);
    }
  }

  static OnnxModule module(ModelProto model, String name, ExternalData external) {
    return module(model, name, external, new ImportOptions());
  }

  static OnnxModule load(byte[] model, String name) {
    ModelProto parsed = parse(UnsafeByteOperations.unsafeWrap(model), name);
    return module(parsed, name, new ExternalData(Optional.empty()), new ImportOptions());
  }

  private static OnnxModule module(
      ModelProto model, String name, ExternalData external, ImportOptions options) {
    return new OnnxModule(Importer.read(model, name, external, options), name, metadata(model));
  }

  /**
   * An image model's preprocessing card (JSON): from the file's metadata, else from a file beside
   * it, {@code model.preprocess.json} for {@code model.onnx}.
   */
  public static Optional<String> preprocess(Path file) {
    String inside = readMetadata(file).get(PREPROCESS);
    if (inside != null) {
      return Optional.of(inside);
    }
    String name = file.getFileName().toString().replaceFirst("\\.onnx$", "");
    Path beside = file.resolveSibling(name + ".preprocess.json");
    try {
      return Files.isRegularFile(beside) ? Optional.of(Files.readString(beside)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(beside + ": " + e.getMessage(), e);
    }
  }

  /** The {@code metadata_props} of a file. */
  public static Map<String, String> readMetadata(Path file) {
    return metadata(parse(file));
  }

  /**
   * Writes a copy of {@code source} with these {@code metadata_props} added or replaced; {@code
   * target} appears whole or not at all, and may be {@code source}.
   */
  public static void writeMetadata(Path source, Path target, Map<String, String> properties) {
    ModelProto model = parse(source);
    Map<String, String> all = metadata(model);
    all.putAll(properties);
    ModelProto.Builder copy = model.toBuilder().clearMetadataProps();
    all.forEach(
        (key, value) ->
            copy.addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    ModelFile.write(copy.build(), target, Long.MAX_VALUE);
  }

  /**
   * Writes what the module's {@code forward} does to the example, in inference behaviour, as an
   * ONNX file that appears whole or not at all; weights of more than 1 GB together lie in a file of
   * that name and {@code .data} beside it. Parameters and buffers keep their names in the state.
   *
   * @throws TorchException naming everything that has no form in ONNX and the lines that call it
   * @throws UncheckedIOException if the file cannot be written
   */
  public static void export(
      Module module, List<Tensor> examples, Path file, Consumer<ExportOptions> options) {
    Consumer<ExportOptions> all = options;
    if (module instanceof OnnxModule imported) {
      all = o -> options.accept(o.names(imported));
    }
    UnaryOperator<List<Tensor>> forward =
        switch (module) {
          case OnnxModule imported -> imported::forward;
          case Module m when examples.size() == 1 -> in -> List.of(m.call(in.getFirst()));
          case Module _ ->
              throw TorchException.argument(
                  "Onnx.export",
                  "examples",
                  examples.size() + " tensors",
                  "one; pass the function of several inputs");
        };
    export(module, forward, examples, file, all);
  }

  /**
   * Writes an imported module again, with its parameters as they are now: the file's nodes, names
   * and sizes, in the operator set asked for. Nothing is run, so values of any kind may go in and
   * out.
   *
   * @throws TorchException naming the nodes that mean something else in that operator set, and
   *     parts that were replaced: those are exported with examples
   */
  public static void export(OnnxModule module, Path file, Consumer<ExportOptions> options) {
    ExportOptions o = new ExportOptions();
    options.accept(o.names(module));
    write(Exporter.export(module, o), file, o);
  }

  /** As above, for a function of several tensors that uses the module's state. */
  public static void export(
      Module module,
      UnaryOperator<List<Tensor>> forward,
      List<Tensor> examples,
      Path file,
      Consumer<ExportOptions> options) {
    ExportOptions o = new ExportOptions();
    options.accept(o);
    write(Exporter.export(module, forward, examples, o), file, o);
  }

  private static void write(ModelProto model, Path file, ExportOptions o) {
    List<String> faults = Checker.check(model);
    if (!faults.isEmpty()) {
      throw TorchException.format(file.toString(), String.join("; ", faults));
    }
    ModelFile.write(model, file, o.largestFile());
  }

  /**
   * What is wrong with a file by ONNX's specification, a line each; empty for a correct one. That
   * an operator cannot be checked, since its domain is not known here, is such a line, too.
   *
   * @throws TorchException if it is damaged
   */
  public static List<String> check(Path file) {
    try (MappedFile mapped = MappedFile.open(file);
        ExternalData data = ExternalData.of(mapped, file)) {
      return Checker.check(parse(mapped, file), file, data);
    }
  }

  /**
   * Writes a copy of a file in which every value has the type and shape that follow from the
   * inputs': open sizes keep their names, others are expressions such as {@code batch*2}. The copy
   * appears whole or not at all, and may be the file itself.
   *
   * @return what contradicts, a line each; the values concerned stay as the file declares them
   * @throws TorchException if it is damaged, or would lose the data that lie beside it
   */
  public static List<String> inferShapes(Path in, Path out) {
    try (MappedFile mapped = MappedFile.open(in);
        ExternalData data = ExternalData.of(mapped, in)) {
      ModelProto model = parse(mapped, in);
      boolean moved = !Objects.equals(folder(in), folder(out));
      if (moved && model.getGraph().getInitializerList().stream().anyMatch(Onnx::isExternal)) {
        throw TorchException.argument(
            "Onnx.inferShapes", "out", out, "a file in " + folder(in) + ", where its data lie");
      }
      ShapeInference inference = ShapeInference.of(model, new TensorReader(in + "", data));
      ModelFile.write(inference.annotated(), out, Long.MAX_VALUE);
      return inference.faults();
    }
  }

  /**
   * The type and shape of every value of a file's graph, as {@link #inferShapes} finds them: a text
   * such as {@code float [batch, 64, floor((h+1)/2)]} by name, in the order of the graph.
   */
  public static Map<String, String> shapes(Path file) {
    try (MappedFile mapped = MappedFile.open(file);
        ExternalData data = ExternalData.of(mapped, file)) {
      ModelProto model = parse(mapped, file);
      Map<String, Known> found =
          ShapeInference.of(model, new TensorReader(file + "", data)).values();
      Map<String, String> out = new LinkedHashMap<>();
      model.getGraph().getInputList().forEach(v -> describe(v.getName(), found, out));
      for (NodeProto node : model.getGraph().getNodeList()) {
        node.getOutputList().forEach(name -> describe(name, found, out));
      }
      return out;
    }
  }

  private static void describe(String name, Map<String, Known> found, Map<String, String> out) {
    if (found.containsKey(name)) {
      out.put(name, found.get(name).type().describe());
    }
  }

  private static Path folder(Path file) {
    return file.toAbsolutePath().normalize().getParent();
  }

  private static boolean isExternal(TensorProto tensor) {
    return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
  }

  /**
   * What a file holds.
   *
   * @param run if there, the graph is run once on random inputs to count operations and memory,
   *     with these sizes for open axes, by name or {@code input:axis}; those it lacks are 1
   * @throws TorchException if the file is damaged or cannot be run on such inputs
   */
  public static OnnxInfo info(Path file, Optional<Map<String, Long>> run) {
    return Inspector.inspect(file, run);
  }

  /**
   * Draws a file's graph with those of its bodies and functions: as a page in which a click on a
   * node shows its attributes, inputs and outputs, or, if {@code target} ends in {@code .svg}, as a
   * picture alone.
   */
  public static void draw(Path file, Path target) {
    String title = file.getFileName().toString();
    Drawing drawing = new Drawing(parse(file), title);
    boolean picture = target.toString().endsWith(".svg");
    String text = picture ? DrawingPage.svg(drawing) : DrawingPage.html(drawing, title);
    ModelFile.write(text.getBytes(StandardCharsets.UTF_8), target);
  }

  /**
   * Writes a model that does the same in inference with fewer nodes: constants folded, what does
   * nothing or is computed twice taken out, functions and constant branches put in their place.
   * Operator sets, inputs and outputs are kept; {@code target} appears whole or not at all, and may
   * be {@code source}.
   *
   * @throws TorchException if the file is damaged, or the result does not agree with it on random
   *     inputs; then nothing is written
   * @throws UncheckedIOException if a file cannot be read or written
   */
  public static Simplification simplify(
      Path source, Path target, Consumer<SimplifyOptions> options) {
    SimplifyOptions o = new SimplifyOptions();
    options.accept(o);
    try (MappedFile mapped = MappedFile.open(source);
        ExternalData data = ExternalData.of(mapped, source)) {
      Simplifier.Result result =
          Simplifier.simplify(parse(mapped, source), source.toString(), data, o);
      ModelFile.write(result.model(), target, o.largestFile());
      return result.report();
    }
  }

  /**
   * Writes a model that holds and computes FLOAT as F16 or BF16, or these as F32: constants,
   * attributes, bodies of control flow. Operators that ONNX does not define for the type are left.
   * {@code target} appears whole or not at all, and may be {@code source}.
   *
   * @throws TorchException for another type, or if the file is damaged
   * @throws UncheckedIOException if a file cannot be read or written
   */
  public static QuantizeReport convertPrecision(
      Path source, Path target, DType type, Consumer<PrecisionOptions> options) {
    if (type != DType.F16 && type != DType.BF16 && type != DType.F32) {
      throw TorchException.argument("Onnx.convertPrecision", "type", type, "F16, BF16 or F32");
    }
    PrecisionOptions o = new PrecisionOptions();
    options.accept(o);
    return new Rewriting(o.measures(), o.samples(), o.largestFile(), o::tell)
        .run(
            source,
            target,
            model ->
                new Rewriting.Change(
                    Precision.convert(model, ElementType.of(type), o), Optional.empty(), Map.of()));
  }

  /**
   * Writes a model with weights, and activations where asked for, in 8- or 4-bit integers. {@code
   * target} appears whole or not at all, and may be {@code source}.
   *
   * {@snippet :
   * Onnx.quantize(file, small, o -> o.dynamic().embeddings(true));
   * Onnx.quantize(file, small, o -> o.calibrated(photos).keep("head*"));
   * Onnx.quantize(file, small, o -> o.int4().blockSize(64));
   * }
   *
   * @throws TorchException if the options fit neither one another nor the file
   * @throws UncheckedIOException if a file cannot be read or written
   */
  public static QuantizeReport quantize(
      Path source, Path target, Consumer<QuantizeOptions> options) {
    QuantizeOptions o = new QuantizeOptions();
    options.accept(o);
    o.mode();
    return new Rewriting(o.measures(), o.samples(), o.largestFile(), o::tell)
        .run(source, target, model -> Quantizer.quantize(model, o));
  }

  static Importer.Imported read(Path file) {
    try (MappedFile mapped = MappedFile.open(file);
        ExternalData data = ExternalData.of(mapped, file)) {
      return Importer.read(parse(mapped, file), file.toString(), data, new ImportOptions());
    }
  }

  /**
   * Runs a file on these inputs, by name, in ONNX Runtime and as a module, and tells how far the
   * outputs are apart. ONNX Runtime is an optional dependency.
   *
   * @throws TorchException if it is not there, naming what to add, or one of the two cannot run it
   */
  public static Verification verify(Path file, Map<String, Tensor> inputs) {
    return verify(file, inputs, _ -> {});
  }

  /** As above; with {@code o.layers(true)} also every node's results. */
  public static Verification verify(
      Path file, Map<String, Tensor> inputs, Consumer<VerifyOptions> options) {
    VerifyOptions o = new VerifyOptions();
    options.accept(o);
    return new Verifier(file, inputs, o).verify();
  }

  private static Map<String, String> metadata(ModelProto model) {
    Map<String, String> out = new LinkedHashMap<>();
    model.getMetadataPropsList().forEach(p -> out.put(p.getKey(), p.getValue()));
    return out;
  }

  static ModelProto parse(Path file) {
    try (MappedFile mapped = MappedFile.open(file)) {
      return parse(mapped, file);
    }
  }

  /** Initializers are slices of the mapping. */
  static ModelProto parse(MappedFile mapped, Path file) {
    if (mapped.bytes().byteSize() > Integer.MAX_VALUE) {
      throw TorchException.format(file.toString(), "larger than 2 GB, ONNX's limit for one file");
    }
    return parse(UnsafeByteOperations.unsafeWrap(mapped.bytes().asByteBuffer()), file.toString());
  }

  private static ModelProto parse(ByteString bytes, String name) {
    try {
      CodedInputStream in = bytes.newCodedInput();
      in.enableAliasing(true);
      in.setRecursionLimit(DEEPEST);
      ModelProto model = ModelProto.parseFrom(in);
      in.checkLastTagWas(0);
      return model;
    } catch (InvalidProtocolBufferException e) {
      throw TorchException.format(name, "not an ONNX model, or damaged: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(name + ": " + e.getMessage(), e);
    }
  }
}
