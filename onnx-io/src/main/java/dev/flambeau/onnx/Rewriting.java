package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Reads a model, lets it be changed, checks what came of it, measures how far that is from the
 * original, and writes it.
 *
 * @param measure whether both are run, on {@code samples}, or else on random inputs
 * @param largest most bytes of weights in the model's own file
 */
record Rewriting(
    boolean measure,
    Optional<Iterable<Map<String, Tensor>>> samples,
    long largest,
    Consumer<String> progress) {

  /**
   * What was done to a model.
   *
   * @param before the model whose layers' results are compared with the result's; empty if none are
   * @param layers the names of results in it, and of those that stand for them
   */
  record Change(QuantizeReport report, Optional<ModelProto> before, Map<String, String> layers) {}

  /**
   * @throws TorchException if the result is no correct model; then nothing is written
   */
  QuantizeReport run(Path source, Path target, Function<ModelEdit, Change> change) {
    String file = source.toString();
    try (MappedFile mapped = MappedFile.open(source);
        ExternalData external = ExternalData.of(mapped, source)) {
      ModelProto original = Onnx.parse(mapped, source);
      ModelEdit model = ModelEdit.of(original, file, external);
      refuseGradients(model, file);
      Change done = change.apply(model);
      QuantizeReport report = done.report;
      ModelProto result = model.build();
      check(original, result, file);
      Fidelity.Result fidelity = measure(original, result, file, external);
      ModelFile.write(result, target, largest);
      List<String> warnings = new ArrayList<>(fidelity.overflows());
      warnings.addAll(report.warnings());
      return new QuantizeReport(
          report.changed(),
          report.kept(),
          warnings,
          Math.max(ModelFile.size(original), external.size()),
          ModelFile.size(result),
          fidelity.outputs(),
          layers(done, result, file),
          fidelity.reason());
    }
  }

  /** They differentiate by values that are going to be others. */
  private static void refuseGradients(ModelEdit model, String file) {
    for (NodeEdit node : model.graph().allNodes()) {
      if (!node.named().isEmpty()) {
        throw TorchException.format(
            file, node.describe() + " trains the model: only networks for inference are converted");
      }
    }
  }

  private List<QuantizeReport.Deviation> layers(Change done, ModelProto result, String file) {
    if (!measure || done.before.isEmpty()) {
      return List.of();
    }
    ExternalData none = new ExternalData(Optional.empty());
    try {
      OnnxModule before = Onnx.module(done.before.get(), file, none);
      return Fidelity.layers(before, Onnx.module(result, file, none), samples, done.layers);
    } catch (TorchException e) {
      progress.accept("layers cannot be compared: " + e.getMessage());
      return List.of();
    }
  }

  /** Faults that the original has, too, are not the result's. */
  static void check(ModelProto original, ModelProto result, String file) {
    Set<String> faults = new HashSet<>(Checker.check(result));
    faults.removeAll(Checker.check(original));
    // What is written for ONNX Runtime need not be known here.
    faults.removeIf(fault -> fault.endsWith("of '" + Registry.MICROSOFT + "'"));
    if (!faults.isEmpty()) {
      throw TorchException.format(file, "the result would be wrong: " + String.join("; ", faults));
    }
  }

  private Fidelity.Result measure(
      ModelProto original, ModelProto result, String file, ExternalData external) {
    if (!measure) {
      return Fidelity.Result.none("not asked for");
    }
    OnnxModule before;
    OnnxModule after;
    try {
      before = Onnx.module(original, file, external);
      after = Onnx.module(result, file, external);
    } catch (TorchException e) {
      return Fidelity.Result.none("it cannot be run here: " + e.getMessage());
    }
    progress.accept("comparing with the original");
    return Fidelity.measure(before, after, samples);
  }
}
