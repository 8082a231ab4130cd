package dev.flambeau.zoo;

import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.OnnxInfo;
import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells two ONNX files apart; exit code 1 if they differ. */
@Command(
    name = "diff",
    description = "Compares two files: structure, weights, and outputs for random inputs.")
final class OnnxDiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OpenSizes open;

  @Parameters(index = "0", paramLabel = "A", description = "An ONNX file.")
  private Path a;

  @Parameters(index = "1", paramLabel = "B", description = "Another.")
  private Path b;

  @Option(
      names = "--tolerance",
      paramLabel = "X",
      defaultValue = "1e-5",
      description =
          "Largest difference, relative to the largest magnitude, that counts as none"
              + " (${DEFAULT-VALUE}).")
  private double tolerance;

  private final List<String> found = new ArrayList<>();

  @Override
  public Integer call() {
    structure(
        OnnxFiles.read(a, f -> Onnx.info(f, Optional.empty())),
        OnnxFiles.read(b, f -> Onnx.info(f, Optional.empty())));
    OnnxModule first = OnnxFiles.load(a);
    OnnxModule second = OnnxFiles.load(b);
    weights(numbers(first), numbers(second));
    outputs(first, second);
    PrintWriter out = spec.commandLine().getOut();
    found.forEach(out::println);
    out.println(found.isEmpty() ? "no difference" : found.size() + " differences");
    out.flush();
    return found.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private void structure(OnnxInfo one, OnnxInfo other) {
    compare("operator sets", one.opsets(), other.opsets());
    compare("inputs", values(one.inputs()), values(other.inputs()));
    compare("outputs", values(one.outputs()), values(other.outputs()));
    TreeSet<String> operators = new TreeSet<>(one.operators().keySet());
    operators.addAll(other.operators().keySet());
    for (String operator : operators) {
      int left = one.operators().getOrDefault(operator, 0);
      int right = other.operators().getOrDefault(operator, 0);
      compare("nodes " + operator, left, right);
    }
    compare("metadata", one.metadata(), other.metadata());
  }

  private static List<String> values(List<OnnxInfo.Value> values) {
    return values.stream().map(v -> v.name() + " " + v.type() + " " + v.sizes()).toList();
  }

  private void compare(String what, Object left, Object right) {
    if (!left.equals(right)) {
      found.add("structure: " + what + ": " + left + " against " + right);
    }
  }

  private static Map<String, Tensor> numbers(OnnxModule module) {
    Map<String, Tensor> all = new LinkedHashMap<>(module.stateDict());
    all.putAll(module.constants());
    return all;
  }

  private void weights(Map<String, Tensor> left, Map<String, Tensor> right) {
    left.forEach(
        (name, tensor) -> {
          if (!right.containsKey(name)) {
            found.add("weights: " + name + " " + tensor.shape() + " is in " + a + " alone");
          } else {
            numbers("weights: " + name, tensor, right.get(name));
          }
        });
    right.forEach(
        (name, tensor) -> {
          if (!left.containsKey(name)) {
            found.add("weights: " + name + " " + tensor.shape() + " is in " + b + " alone");
          }
        });
  }

  private void numbers(String what, Tensor left, Tensor right) {
    if (!left.shape().equals(right.shape()) || left.dtype() != right.dtype()) {
      found.add(
          what
              + ": "
              + left.dtype()
              + " "
              + left.shape()
              + " against "
              + right.dtype()
              + " "
              + right.shape());
      return;
    }
    if (left.numel() == 0) {
      return;
    }
    Tensor x = left.to(DType.F64);
    Tensor y = right.to(DType.F64);
    double gap = x.sub(y).abs().amax().item();
    double relative = gap == 0 ? 0 : gap / x.abs().amax().item();
    if (!(relative <= tolerance)) {
      found.add(
          String.format(Locale.ROOT, "%s: differs by %.3g, relative %.3g", what, gap, relative));
    }
  }

  /** On the same random inputs, where both take such. */
  private void outputs(OnnxModule first, OnnxModule second) {
    if (!first.inputs().equals(second.inputs()) || !first.outputs().equals(second.outputs())) {
      return;
    }
    Map<String, Tensor> inputs;
    Map<String, Tensor> left;
    Map<String, Tensor> right;
    try {
      inputs = OnnxRunCommand.random(first, open.sizes(), 0);
      left = Torch.noGrad(() -> first.forward(inputs));
      right = Torch.noGrad(() -> second.forward(inputs));
    } catch (TorchException e) {
      throw new UserError(
          "the outputs cannot be compared on random inputs (--size sets open sizes): "
              + e.getMessage(),
          e);
    }
    left.forEach((name, t) -> numbers("outputs: " + name, t, right.get(name)));
  }
}
