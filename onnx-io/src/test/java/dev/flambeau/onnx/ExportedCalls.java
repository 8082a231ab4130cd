package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.conformance.RecordedCall;
import dev.flambeau.torch.nn.Module;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * PyTorch's operator samples, each exported as a function of its tensors, checked, run by ONNX
 * Runtime, or where that cannot by an import, and compared with our own result.
 */
final class ExportedCalls {
  /** How a sample ends. */
  enum Outcome {
    AGREES,
    /** ONNX Runtime has no kernel for a type, or does not know the operator set. */
    AGREES_IMPORTED,
    /** The export is refused. */
    HOLE,
    /** There are no tensors to make a function of. */
    NOTHING,
    WRONG
  }

  record Result(Outcome outcome, String detail) {}

  /** Samples whose result ONNX Runtime has its own opinion of; an import must agree. */
  private static final Map<String, String> PEERS =
      Map.of(
          "masked.argmax", "ONNX Runtime's ArgMax passes over NaN",
          "masked.argmin", "ONNX Runtime's ArgMin passes over NaN");

  private static final class Nothing extends Module {}

  private final Path file;

  /**
   * @param file is overwritten each time
   */
  ExportedCalls(Path file) {
    this.file = file;
  }

  Result run(String name, RecordedCall call, int opset) {
    List<Tensor> inputs = call.inputs();
    if (inputs.isEmpty()) {
      return new Result(Outcome.NOTHING, "no tensors");
    }
    // Some operators write into their inputs.
    List<Tensor> given = inputs.stream().map(Tensor::copy).toList();
    List<Tensor> wanted = Torch.noGrad(() -> call.apply(given));
    try {
      Onnx.export(new Nothing(), call::apply, inputs, file, o -> o.opset(opset));
    } catch (TorchException e) {
      return new Result(Outcome.HOLE, e.getMessage());
    }
    List<String> faults = Onnx.check(file);
    if (!faults.isEmpty()) {
      return new Result(Outcome.WRONG, "the checker: " + faults);
    }
    Optional<List<Tensor>> got;
    try {
      got = peer(inputs);
    } catch (TorchException e) {
      return new Result(Outcome.WRONG, e.getMessage());
    }
    boolean agrees = got.isPresent() && call.difference(got.get(), wanted).isEmpty();
    if (agrees) {
      return new Result(Outcome.AGREES, "");
    }
    if (got.isPresent() && !PEERS.containsKey(name)) {
      return new Result(Outcome.WRONG, call.difference(got.get(), wanted).orElseThrow());
    }
    List<Tensor> imported = Torch.noGrad(() -> Onnx.load(file).forward(inputs));
    return call.difference(imported, wanted)
        .map(gap -> new Result(Outcome.WRONG, "imported: " + gap))
        .orElse(new Result(Outcome.AGREES_IMPORTED, ""));
  }

  /** What ONNX Runtime gives; empty where it cannot. */
  private Optional<List<Tensor>> peer(List<Tensor> inputs) {
    Map<String, Tensor> feed = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      feed.put(i == 0 ? "input" : "input_" + i, inputs.get(i));
    }
    List<Tensor> got = new ArrayList<>();
    try {
      Reference.run(file, "it", false, feed).values().forEach(t -> got.add(t.orElseThrow()));
    } catch (TorchException e) {
      if (e.getMessage().contains("NOT_IMPLEMENTED")
          || e.getMessage().contains("ValidateOpsetForDomain")) {
        return Optional.empty();
      }
      throw e;
    }
    return Optional.of(got);
  }
}
