package dev.flambeau.torch.conformance;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.autograd.Engine;
import dev.flambeau.torch.catalog.Arguments;
import dev.flambeau.torch.catalog.ModuleCatalog;
import dev.flambeau.torch.catalog.ModuleEntry;
import dev.flambeau.torch.nn.Module;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Module classes: names in the state, outputs, buffers and gradients. */
final class ModuleSection implements Section {
  private static final double F64_TOLERANCE = 1e-10;

  @Override
  public String subject(CaseFile file) {
    return file.text("class");
  }

  @Override
  public Optional<String> reasonAgainst(CaseFile file, Case c) {
    return ModuleCatalog.find(subject(file)).flatMap(e -> e.reasonAgainst(c.id()));
  }

  @Override
  public List<String> run(CaseFile file, Case c) {
    ModuleEntry<?> entry =
        ModuleCatalog.find(subject(file))
            .orElseThrow(() -> new Arguments.NotSupported("class " + subject(file)));
    DType type = file.dtype(c.field("dtype"));
    Differences differences = new Differences(tolerance(entry, type, c));
    Values values = c.values();
    var instance = entry.make(values.arguments(List.of(), c.get("init", Map.class)));
    Module module = instance.module();
    module.to(type);
    if (c.field("becomes") instanceof String becomes) {
      Torch.noGrad(() -> instance.call("forward", call(c)));
      differences.equal("class", module.typeName(), becomes);
    }
    Map<String, Tensor> state = c.tensors("state");
    differences.equal(
        "state", List.copyOf(module.stateDict().keySet()), List.copyOf(state.keySet()));
    differences.equal(
        "parameters",
        List.copyOf(module.namedParameters().keySet()),
        c.get("parameters", List.class));
    if (!differences.found().isEmpty()) {
      return differences.found();
    }
    module.loadStateDict(state);
    if (!c.get("forward", Boolean.class)) {
      differences.close("state ", module.stateDict(), state);
      return differences.found();
    }
    module.train(c.get("training", Boolean.class));
    List<Tensor> outputs =
        instance.call(c.field("method") instanceof String m ? m : "forward", call(c));
    compare(c, module, outputs, differences);
    return differences.found();
  }

  private static double tolerance(ModuleEntry<?> entry, DType type, Case c) {
    return type == DType.F64
        ? entry.tolerance().orElse(F64_TOLERANCE)
        : Math.max(1e-5, 10 * c.number("f64_reldiff").orElse(0));
  }

  static Arguments call(Case c) {
    List<Object> args = c.values().all(c.get("args", List.class));
    if (Boolean.TRUE.equals(c.field("clone_inputs"))) {
      args.replaceAll(v -> v instanceof Tensor t ? t.copy() : v);
    }
    return new Arguments(null, args, c.values().named(c.get("kwargs", Map.class)));
  }

  private static void compare(
      Case c, Module module, List<Tensor> outputs, Differences differences) {
    List<Tensor> wanted = c.outputs();
    if (outputs.size() != wanted.size()) {
      differences.note(outputs.size() + " outputs, expected " + wanted.size());
      return;
    }
    for (int k = 0; k < wanted.size(); k++) {
      differences.close("output " + k, outputs.get(k), wanted.get(k));
    }
    differences.close("state ", module.stateDict(), c.tensors("state_after"));
    if (!c.lossOutputs().isEmpty() && differences.found().isEmpty()) {
      backward(c, outputs);
      c.gradients()
          .forEach(
              (name, gradient) ->
                  differences.close("gradient by " + name, c.input(name).grad(), gradient));
      Map<String, Tensor> theirs = c.tensors("param_grads");
      module
          .namedParameters()
          .forEach(
              (name, p) ->
                  differences.close(
                      "gradient by " + name, p.grad(), Optional.ofNullable(theirs.get(name))));
    }
  }

  private static void backward(Case c, List<Tensor> outputs) {
    List<Tensor> roots = new ArrayList<>();
    List<Tensor> weights = new ArrayList<>();
    for (int k : c.lossOutputs()) {
      if (outputs.get(k).requiresGrad()) {
        roots.add(outputs.get(k));
        weights.add(ConformanceRunner.weight(outputs.get(k), k));
      }
    }
    if (!roots.isEmpty()) {
      Engine.backward(roots.toArray(Tensor[]::new), weights.toArray(Tensor[]::new), false, false);
    }
  }
}
