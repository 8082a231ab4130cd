package dev.flambeau.torch.conformance;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.autograd.Engine;
import dev.flambeau.torch.catalog.Arguments;
import dev.flambeau.torch.catalog.Catalog;
import dev.flambeau.torch.catalog.Comparison;
import dev.flambeau.torch.catalog.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs PyTorch's operator samples: outputs, gradients and refusals, through {@link Catalog}. A case
 * is not supported only if the catalog has no entry for the operator or lists the case as absent; a
 * listed case that would pass fails.
 */
public final class ConformanceRunner {
  /** operator: argument is got; allowed: what is allowed. */
  private static final Pattern CLEAR =
      Pattern.compile("[\\w.]+: .+ (is|are) .*; allowed: .+", Pattern.DOTALL);

  private ConformanceRunner() {}

  /** The files of samples in a folder, by name. */
  public static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList();
    }
  }

  /**
   * Runs all cases of a file.
   *
   * @throws TorchException if it is not a sound file of samples
   */
  public static FileResult run(Path path) throws IOException {
    return run(path, Tensor::copy);
  }

  /** The same with inputs as {@code stored} copies them. */
  static FileResult run(Path path, UnaryOperator<Tensor> stored) throws IOException {
    CaseFile file = CaseFile.read(path);
    Optional<Entry> entry = file.entry();
    List<CaseResult> results = new ArrayList<>();
    for (Case c : file.cases(stored)) {
      results.add(
          entry
              .map(e -> run(c, e).inLightOf(e.reasonAgainst(file.variant(), c.id())))
              .orElseGet(() -> CaseResult.notSupported(c.id(), "no such operator")));
    }
    String name = path.getFileName().toString().replace(".safetensors", "");
    String operator = entry.map(Entry::name).orElse(file.operator());
    return new FileResult(name, operator, List.copyOf(results));
  }

  private static CaseResult run(Case c, Entry entry) {
    Arguments arguments;
    try {
      arguments = c.arguments();
    } catch (CaseFile.UnknownType e) {
      return CaseResult.notSupported(c.id(), e.getMessage());
    }
    try {
      List<Tensor> outputs = entry.binding().call(arguments);
      arguments.finish();
      if (c.error().isPresent()) {
        return CaseResult.failed(c.id(), "accepted, but PyTorch refuses: " + c.error().get());
      }
      return compare(c, entry, arguments, outputs);
    } catch (Arguments.NotSupported e) {
      return CaseResult.notSupported(c.id(), e.getMessage());
    } catch (Arguments.WrongType e) {
      // A call that would not compile is refused.
      return c.error().isPresent()
          ? CaseResult.passed(c.id(), false)
          : CaseResult.notSupported(c.id(), e.getMessage());
    } catch (TorchException e) {
      return refused(c, arguments, e);
    } catch (RuntimeException e) {
      return CaseResult.failed(c.id(), "no clear refusal: " + e);
    }
  }

  private static CaseResult refused(Case c, Arguments arguments, TorchException e) {
    if (c.error().isEmpty()) {
      return CaseResult.failed(c.id(), e.getMessage());
    }
    try {
      arguments.finish();
    } catch (Arguments.NotSupported unused) {
      // What is wrong may be the argument nobody has looked at.
      return CaseResult.notSupported(c.id(), unused.getMessage());
    }
    return CLEAR.matcher(e.getMessage()).matches()
        ? CaseResult.passed(c.id(), false)
        : CaseResult.failed(c.id(), "the refusal names no argument: " + e.getMessage());
  }

  private static CaseResult compare(
      Case c, Entry entry, Arguments arguments, List<Tensor> outputs) {
    List<Tensor> theirs = c.outputs();
    if (outputs.size() != theirs.size()) {
      return CaseResult.failed(c.id(), outputs.size() + " outputs, expected " + theirs.size());
    }
    List<String> differences = new ArrayList<>();
    Comparison comparison = entry.comparison();
    List<Tensor> ourPart = comparison.determined(arguments, outputs);
    List<Tensor> theirPart = comparison.determined(arguments, theirs);
    for (int k = 0; k < theirPart.size(); k++) {
      String which = theirPart.size() > 1 ? "output " + k + ": " : "";
      Closeness.difference(ourPart.get(k), theirPart.get(k), entry.tolerance())
          .ifPresent(d -> differences.add(which + d));
    }
    boolean gradient = !c.lossOutputs().isEmpty();
    if (gradient && differences.isEmpty()) {
      gradients(c, entry, outputs, theirs, differences);
    }
    return differences.isEmpty()
        ? CaseResult.passed(c.id(), gradient)
        : CaseResult.failed(c.id(), String.join("; ", differences));
  }

  private static void gradients(
      Case c, Entry entry, List<Tensor> outputs, List<Tensor> theirs, List<String> differences) {
    List<Tensor> roots = new ArrayList<>();
    List<Tensor> weights = new ArrayList<>();
    for (int k : c.lossOutputs()) {
      Tensor output = outputs.get(k);
      if (output.requiresGrad()) {
        roots.add(output);
        weights.add(entry.comparison().weight(weight(output, k), k, outputs, theirs));
      }
    }
    if (roots.isEmpty()) {
      differences.add("no gradient is recorded");
      return;
    }
    Engine.backward(roots.toArray(Tensor[]::new), weights.toArray(Tensor[]::new), false, false);
    for (Map.Entry<String, Optional<Tensor>> e : c.gradients().entrySet()) {
      Optional<Tensor> got = c.input(e.getKey()).grad();
      gradient(got, e.getValue(), entry)
          .ifPresent(d -> differences.add("gradient by " + e.getKey() + ": " + d));
    }
  }

  private static Optional<String> gradient(
      Optional<Tensor> got, Optional<Tensor> wanted, Entry entry) {
    if (wanted.isEmpty() || got.isEmpty()) {
      return got.isPresent() == wanted.isPresent()
          ? Optional.empty()
          : Optional.of(got.isPresent() ? "there is one, expected none" : "none");
    }
    return Closeness.difference(got.get(), wanted.get(), entry.tolerance());
  }

  /** cos(0.7 i + k) for element i of output k. */
  static Tensor weight(Tensor output, int k) {
    return Torch.arange(output.numel())
        .to(DType.F64)
        .mul(0.7)
        .add(k)
        .cos()
        .reshape(output.shape().sizes())
        .to(output.dtype());
  }
}
