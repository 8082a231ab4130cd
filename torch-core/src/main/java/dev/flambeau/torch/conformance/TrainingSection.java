package dev.flambeau.torch.conformance;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.catalog.Arguments;
import dev.flambeau.torch.catalog.ModuleCatalog;
import dev.flambeau.torch.catalog.ModuleEntry;
import dev.flambeau.torch.catalog.OptimizerEntries;
import dev.flambeau.torch.catalog.OptimizerEntry;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.ModuleDict;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.nn.utils.Clipping;
import dev.flambeau.torch.optim.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;

/** Small trainings: losses step by step, and the weights they lead to. */
final class TrainingSection implements Section {
  @Override
  public String subject(CaseFile file) {
    return file.text("loop");
  }

  @Override
  public Optional<String> reasonAgainst(CaseFile file, Case c) {
    return Optional.empty();
  }

  @Override
  public List<String> run(CaseFile file, Case c) {
    DType type = file.dtype(c.field("dtype"));
    Differences differences = new Differences(type == DType.F64 ? 1e-9 : 1e-4);
    Module model = model(file, c);
    model.to(type);
    model.loadStateDict(c.tensors("initial_state"));
    BinaryOperator<Tensor> loss = loss(file, c);
    Optimizer<?> optimizer = optimizer(file, c, model.parameters());
    Tensor x = c.tensors("data").get("x");
    Tensor y = c.tensors("data").get("y");
    long batch = c.get("batch_size", Long.class);
    List<?> losses = c.get("losses", List.class);
    for (int s = 0; s < losses.size() && differences.found().isEmpty(); s++) {
      long from = s * batch % x.size(0);
      optimizer.zeroGrad();
      Tensor got = loss.apply(model.call(x.narrow(0, from, batch)), y.narrow(0, from, batch));
      got.backward();
      differences.close("loss at step " + s, got.item(), real(losses.get(s)));
      if (s == 0) {
        gradients(c, model, differences);
      }
      clip(c, model, s, differences);
      optimizer.step();
    }
    differences.close("", model.stateDict(), c.tensors("final_state"));
    model.eval();
    double last = Torch.noGrad(() -> loss.apply(model.forward(x), y)).to(DType.F64).item();
    differences.close("evaluation", last, c.number("eval_loss_full_data").orElseThrow());
    return differences.found();
  }

  private static double real(Object number) {
    return ((Number) number).doubleValue();
  }

  private static void gradients(Case c, Module model, Differences differences) {
    Map<String, Tensor> wanted = c.tensors("first_grads");
    wanted.forEach(
        (name, gradient) ->
            differences.close(
                "first gradient of " + name,
                model.getParameter(name).grad(),
                Optional.of(gradient)));
  }

  private static void clip(Case c, Module model, int step, Differences differences) {
    c.number("clip_grad_norm")
        .ifPresent(
            most -> {
              double norm = Clipping.clipGradNorm_(model.parameters(), most).item();
              double wanted = real(c.get("grad_norms", List.class).get(step));
              differences.close("norm at step " + step, norm, wanted);
            });
  }

  /** {@code fc(lstm(emb(x))[0][:, -1])}. */
  private static final class Classifier extends ModuleDict<Module> {
    Classifier(Map<String, Module> modules) {
      super(modules);
    }

    @Override
    public Tensor forward(Tensor input) {
      return get("fc").call(get("lstm").call(get("emb").call(input)).select(1, -1));
    }
  }

  private static Module model(CaseFile file, Case c) {
    Map<?, ?> model = c.get("model", Map.class);
    String name = file.get(model, "class", String.class);
    return switch (name) {
      case "Sequential" -> {
        List<Module> modules = new ArrayList<>();
        for (Object call : file.get(model, "modules", List.class)) {
          modules.add(module(file, c, (Map<?, ?>) call));
        }
        yield new Sequential(modules);
      }
      case "LSTMClassifier" -> {
        Map<String, Module> modules = new LinkedHashMap<>();
        Map<?, ?> calls = file.get(model, "modules", Map.class);
        calls.forEach((key, call) -> modules.put((String) key, module(file, c, (Map<?, ?>) call)));
        yield new Classifier(modules);
      }
      default -> throw new Arguments.NotSupported("model " + name);
    };
  }

  private static Module module(CaseFile file, Case c, Map<?, ?> call) {
    return ModuleCatalog.make(
        file.get(call, "class", String.class),
        c.values()
            .arguments(file.get(call, "args", List.class), file.get(call, "kwargs", Map.class)));
  }

  private static BinaryOperator<Tensor> loss(CaseFile file, Case c) {
    Map<?, ?> loss = c.get("loss", Map.class);
    String name = file.get(loss, "class", String.class);
    ModuleEntry<?> entry =
        ModuleCatalog.find(name).orElseThrow(() -> new Arguments.NotSupported("loss " + name));
    var instance = entry.make(c.values().arguments(List.of(), file.get(loss, "kwargs", Map.class)));
    return (output, target) ->
        instance.call("forward", new Arguments(null, List.of(output, target), Map.of())).get(0);
  }

  private static Optimizer<?> optimizer(CaseFile file, Case c, List<Tensor> parameters) {
    Map<?, ?> optimizer = c.get("optimizer", Map.class);
    String name = file.get(optimizer, "class", String.class);
    Values values = c.values();
    return OptimizerEntries.find(name)
        .orElseThrow(() -> new Arguments.NotSupported("optimizer " + name))
        .make(
            List.of(new OptimizerEntry.Group(parameters, values.arguments(List.of(), Map.of()))),
            values.arguments(List.of(), file.get(optimizer, "kwargs", Map.class)));
  }
}
