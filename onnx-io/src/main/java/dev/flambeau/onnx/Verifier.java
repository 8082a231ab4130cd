package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compares what this module and ONNX Runtime make of a file. */
final class Verifier {
  /** What has to be on the class path. */
  static final String COORDINATES = "com.microsoft.onnxruntime:onnxruntime:1.29.0";

  private final Path file;
  private final Map<String, Tensor> inputs;
  private final VerifyOptions options;
  private final OnnxModule module;

  Verifier(Path file, Map<String, Tensor> inputs, VerifyOptions options) {
    this.file = file;
    this.inputs = inputs;
    this.options = options;
    this.module = Onnx.load(file);
    if (!inputs.keySet().equals(Set.copyOf(module.inputs()))) {
      throw TorchException.argument(
          "Onnx.verify", "inputs", inputs.keySet(), "exactly " + module.inputs());
    }
  }

  Verification verify() {
    Map<String, Optional<Tensor>> expected = reference(file, false);
    List<Verification.Difference> layers = options.layers() ? layers() : List.of();
    List<OnnxValue> results = run(new Run(file.toString(), false));
    List<Verification.Difference> outputs = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      String name = module.outputs().get(i);
      outputs.add(difference("the graph", name, results.get(i), expected.get(name)));
    }
    return new Verification(outputs, layers, options.tolerance());
  }

  private Map<String, Optional<Tensor>> reference(Path model, boolean plain) {
    try {
      return Reference.run(model, file.toString(), plain, inputs);
    } catch (LinkageError e) {
      throw TorchException.device(
          "Onnx.verify: ONNX Runtime is not there; add the dependency "
              + COORDINATES
              + " (on the module path also --add-modules com.microsoft.onnxruntime)",
          e);
    }
  }

  private List<OnnxValue> run(Run run) {
    List<OnnxValue> given = module.inputs().stream().map(inputs::get).map(OnnxValue::of).toList();
    return Torch.noGrad(() -> module.run(given, run));
  }

  /**
   * The file with every node's results as outputs, for ONNX Runtime; ours are watched. Results that
   * nothing takes, such as Dropout's mask, are often left undefined and not compared.
   */
  private List<Verification.Difference> layers() {
    Map<String, Optional<Tensor>> expected = allValues();
    Set<Integer> used = new HashSet<>();
    module.block().steps.forEach(step -> used.addAll(Region.reads(step)));
    module.block().outputs.forEach(port -> used.add(port.slot()));
    List<Verification.Difference> layers = new ArrayList<>();
    run(
        new Run(
            file.toString(),
            false,
            (call, results) -> {
              List<String> names = call.node().outputs();
              for (int i = 0; i < names.size(); i++) {
                Integer slot = module.block().names.get(names.get(i));
                boolean outermost = slot != null && slot == call.slot(i) && used.contains(slot);
                if (outermost && expected.containsKey(names.get(i))) {
                  layers.add(
                      difference(
                          call.node().describe(),
                          names.get(i),
                          results[i],
                          expected.remove(names.get(i))));
                }
              }
            }));
    return layers;
  }

  private Map<String, Optional<Tensor>> allValues() {
    ModelProto.Builder open = Onnx.parse(file).toBuilder();
    Set<String> known = new HashSet<>();
    open.getGraph().getOutputList().forEach(o -> known.add(o.getName()));
    for (NodeProto node : open.getGraph().getNodeList()) {
      for (String name : node.getOutputList()) {
        if (!name.isEmpty() && known.add(name)) {
          open.getGraphBuilder().addOutput(ValueInfoProto.newBuilder().setName(name));
        }
      }
    }
    Path folder = file.toAbsolutePath().getParent();
    try {
      // Beside the file, as its data may lie there in files of their own.
      Path copy = Files.createTempFile(folder, ".verify", ".onnx");
      try {
        ModelFile.write(open.build(), copy, Long.MAX_VALUE);
        return reference(copy, true);
      } finally {
        Files.deleteIfExists(copy);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot write a copy of the model", e);
    }
  }

  private static Verification.Difference difference(
      String node, String name, OnnxValue got, Optional<Tensor> expected) {
    if (!(got instanceof OnnxValue.Numbers) || expected.isEmpty()) {
      // Neither strings nor sequences have a distance.
      return new Verification.Difference(node, name, got.describe() + " (not compared)", 0, 0);
    }
    Tensor ours = got.tensor(name).detach();
    Tensor theirs = expected.get();
    if (!ours.shape().equals(theirs.shape())) {
      String shapes = ours.shape() + " instead of " + theirs.shape();
      double infinite = Double.POSITIVE_INFINITY;
      return new Verification.Difference(node, name, shapes, infinite, infinite);
    }
    double[] a = Call.doubles(ours.to(DType.F64));
    double[] b = Call.doubles(theirs.to(DType.F64));
    double most = 0;
    double scale = 0;
    for (int i = 0; i < a.length; i++) {
      if (Double.compare(a[i], b[i]) != 0) {
        double gap = Math.abs(a[i] - b[i]);
        most = Math.max(most, Double.isNaN(gap) ? Double.POSITIVE_INFINITY : gap);
      }
      scale = Double.isFinite(b[i]) ? Math.max(scale, Math.abs(b[i])) : scale;
    }
    double relative = most == 0 ? 0 : most / scale;
    return new Verification.Difference(node, name, ours.shape().toString(), most, relative);
  }
}
