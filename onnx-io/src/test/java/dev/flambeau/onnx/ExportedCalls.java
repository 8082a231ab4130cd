package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.catalog.Arguments;
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
 * Runtime, or where that has no kernel by us, and compared with what was exported.
 */
final class ExportedCalls {
  /** How a sample ends. */
  enum Outcome {
    AGREES,
    /** ONNX Runtime has no kernel for a type; an import agrees. */
    AGREES_IMPORTED,
    HOLE,
    /** Nothing to export: no tensors, or refused here. */
    NONE,
    WRONG
  }

  record Result(String file, String id, int opset, Outcome outcome, String detail) {}

  private static final class Nothing extends Module {}

  private final Path file;

  /** {@code file} is overwritten each time. */
  ExportedCalls(Path file) {
    this.file = file;
  }

  Result run(String name, RecordedCall call, int opset) {
    Outcome[] outcome = {Outcome.WRONG};
    String detail = run(call, opset, outcome);
    return new Result(name, call.id(), opset, outcome[0], detail);
  }

  private String run(RecordedCall call, int opset, Outcome[] outcome) {
    List<Tensor> inputs = call.inputs();
    List<Tensor> wanted;
    try {
      wanted = Torch.noGrad(() -> call.apply(inputs.stream().map(Tensor::copy).toList()));
    } catch (Arguments.NotSupported | Arguments.WrongType | TorchException e) {
      outcome[0] = Outcome.NONE;
      return e.toString();
    }
    if (inputs.isEmpty() || wanted.isEmpty()) {
      outcome[0] = Outcome.NONE;
      return "no tensors";
    }
    try {
      Onnx.export(new Nothing(), call::apply, inputs, file, o -> o.opset(opset));
    } catch (TorchException e) {
      outcome[0] = Outcome.HOLE;
      return e.getMessage();
    } catch (RuntimeException e) {
      java.io.StringWriter w = new java.io.StringWriter();
      e.printStackTrace(new java.io.PrintWriter(w));
      return "export: " + w;
    }
    try {
      List<String> faults = Onnx.check(file);
      if (!faults.isEmpty()) {
        return "checker: " + faults;
      }
      return compare(call, inputs, wanted, outcome);
    } catch (RuntimeException e) {
      return "running: " + e;
    }
  }

  private String compare(
      RecordedCall call, List<Tensor> inputs, List<Tensor> wanted, Outcome[] outcome) {
    Map<String, Tensor> feed = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      feed.put(i == 0 ? "input" : "input_" + i, inputs.get(i));
    }
    String why = "";
    List<Tensor> got = new ArrayList<>();
    try {
      for (Optional<Tensor> t : Reference.run(file, "it", false, feed).values()) {
        got.add(t.orElseThrow());
      }
    } catch (TorchException e) {
      // It has no kernel for a type, or does not know the operator set.
      if (!e.getMessage().contains("NOT_IMPLEMENTED")
          && !e.getMessage().contains("ValidateOpsetForDomain")) {
        return e.getMessage();
      }
      why = e.getMessage();
      got = Onnx.load(file).forward(inputs);
    }
    Optional<String> gap = call.difference(got, wanted);
    outcome[0] =
        gap.isPresent() ? Outcome.WRONG : why.isEmpty() ? Outcome.AGREES : Outcome.AGREES_IMPORTED;
    return gap.map(g -> "differs: " + g).orElse(why);
  }
}
