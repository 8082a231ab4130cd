package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.conformance.RecordedCall;
import dev.flambeau.torch.conformance.RecordedModule;
import dev.flambeau.torch.nn.Module;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

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

  /** How results differ from what is wanted. */
  private interface Gap {
    Optional<String> of(List<Tensor> got, List<Tensor> wanted);
  }

  private final Path file;

  /**
   * @param file is overwritten each time
   */
  ExportedCalls(Path file) {
    this.file = file;
  }

  Result run(String name, RecordedCall call, int opset) {
    return call.inputs().isEmpty()
        ? new Result(Outcome.NOTHING, "no tensors")
        : run(name, new Nothing(), call::apply, call.inputs(), call::difference, opset);
  }

  Result run(String name, RecordedModule call, int opset) {
    Gap gap = (got, wanted) -> RecordedModule.difference(got, wanted, 1e-4);
    return run(name, call.module(), call::apply, call.inputs(), gap, opset);
  }

  private Result run(
      String name,
      Module module,
      UnaryOperator<List<Tensor>> call,
      List<Tensor> inputs,
      Gap gap,
      int opset) {
    // Some operators write into their inputs.
    List<Tensor> given = inputs.stream().map(Tensor::copy).toList();
    List<Tensor> wanted = Torch.noGrad(() -> call.apply(given));
    try {
      Onnx.export(module, call, inputs, file, o -> o.opset(opset));
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
    boolean agrees = got.isPresent() && gap.of(got.get(), wanted).isEmpty();
    if (agrees) {
      return new Result(Outcome.AGREES, "");
    }
    if (got.isPresent() && !PEERS.containsKey(name)) {
      return new Result(Outcome.WRONG, gap.of(got.get(), wanted).orElseThrow());
    }
    List<Tensor> imported = Torch.noGrad(() -> Onnx.load(file).forward(inputs));
    return gap.of(imported, wanted)
        .map(text -> new Result(Outcome.WRONG, "imported: " + text))
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
