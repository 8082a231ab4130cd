package dev.flambeau.torch.conformance;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.catalog.Arguments;
import dev.flambeau.torch.catalog.OptimizerEntries;
import dev.flambeau.torch.catalog.OptimizerEntry;
import dev.flambeau.torch.optim.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Twenty steps of an optimizer on a small problem: losses and parameters. */
final class OptimizerSection implements Section {
  private static final List<String> NAMES = List.of("W", "b");

  @Override
  public String subject(CaseFile file) {
    return file.text("optimizer");
  }

  @Override
  public Optional<String> reasonAgainst(CaseFile file, Case c) {
    return Optional.empty();
  }

  @Override
  public List<String> run(CaseFile file, Case c) {
    OptimizerEntry entry =
        OptimizerEntries.find(subject(file))
            .orElseThrow(() -> new Arguments.NotSupported("optimizer " + subject(file)));
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    c.tensors("initial").forEach((name, t) -> parameters.put(name, t.copy().requiresGrad(true)));
    Arguments defaults = c.values().arguments(List.of(), c.get("kwargs", Map.class));
    Optimizer<?> optimizer = entry.make(groups(file, c, parameters), defaults);
    Tensor x = c.tensors("data").get("x");
    Tensor y = c.tensors("data").get("y");
    boolean tanh = c.get("problem", String.class).equals("tanh");
    boolean f64 = file.dtype(c.field("dtype")) == DType.F64;
    double rough = c.number("f32_f64_max_diff_step20").orElse(0);
    double usual = f64 ? 1e-8 : Math.max(1e-5, 10 * rough);
    Differences differences = new Differences(entry.tolerance(c.id()).orElse(usual));
    Supplier<Tensor> problem =
        () -> {
          Tensor z = parameters.get("W").matmul(x).add(parameters.get("b").unsqueeze(1));
          return (tanh ? z.tanh() : z).sub(y).square().sum();
        };
    int[] calls = {0};
    List<?> losses = c.get("losses", List.class);
    Map<?, ?> after = c.get("after", Map.class);
    for (int step = 1; step <= losses.size() && differences.found().isEmpty(); step++) {
      Tensor loss =
          optimizer.step(
              () -> {
                calls[0]++;
                return problem.get();
              });
      double wanted = ((Number) losses.get(step - 1)).doubleValue();
      differences.close("loss at step " + step, loss.item(), wanted);
      if (after.get(String.valueOf(step)) instanceof Map<?, ?> theirs) {
        for (String name : NAMES) {
          differences.close(
              name + " at step " + step, parameters.get(name), file.tensor(theirs.get(name)));
        }
      }
    }
    differences.close("final loss", problem.get().item(), c.number("final_loss").orElseThrow());
    // In F32, how long a search goes on at the minimum is a matter of rounding.
    if (f64 && c.field("closure_calls") instanceof List<?> wanted) {
      long sum = wanted.stream().mapToLong(n -> (Long) n).sum();
      differences.equal("evaluations", (long) calls[0], sum);
    }
    if (c.field("state_dict") != null) {
      state(c, optimizer, f64 ? usual : 10 * usual).forEach(differences::note);
    }
    return differences.found();
  }

  /** The state at the end, and whether PyTorch's can be loaded. */
  private static List<String> state(Case c, Optimizer<?> optimizer, double tolerance) {
    Map<?, ?> theirs = (Map<?, ?>) c.values().value(c.field("state_dict"));
    // In F32 the state is rougher than the parameters, whose roughness the pack knows.
    Differences found = new Differences(tolerance);
    StateComparison.compare(optimizer.stateDict(), theirs, found);
    optimizer.loadStateDict(theirs);
    Differences exact = new Differences(0);
    StateComparison.compare(optimizer.stateDict(), theirs, exact);
    exact.found().forEach(d -> found.note("after loading, " + d));
    return found.found();
  }

  private static List<OptimizerEntry.Group> groups(
      CaseFile file, Case c, Map<String, Tensor> parameters) {
    List<OptimizerEntry.Group> groups = new ArrayList<>();
    for (Object group : c.get("groups", List.class)) {
      Map<Object, Object> overrides = new LinkedHashMap<>((Map<?, ?>) group);
      List<?> names = (List<?>) overrides.remove("params");
      List<Tensor> members = new ArrayList<>();
      names.forEach(name -> members.add(parameters.get(name)));
      groups.add(new OptimizerEntry.Group(members, c.values().arguments(List.of(), overrides)));
    }
    if (groups.isEmpty()) {
      throw file.wrong("there is no group of parameters");
    }
    return groups;
  }
}
