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
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.optim.Optimizer;
import java.util.ArrayList;
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
    return subject(file).equals("lstm_clip_adamw")
        ? Optional.of("LSTM is not built")
        : Optional.empty();
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
      Tensor got =
          optimizer.step(
              () -> loss.apply(model.forward(x.narrow(0, from, batch)), y.narrow(0, from, batch)));
      differences.close("loss at step " + s, got.item(), ((Number) losses.get(s)).doubleValue());
    }
    differences.close("", model.stateDict(), c.tensors("final_state"));
    model.eval();
    double last = Torch.noGrad(() -> loss.apply(model.forward(x), y)).to(DType.F64).item();
    differences.close("evaluation", last, c.number("eval_loss_full_data").orElseThrow());
    return differences.found();
  }

  private static Module model(CaseFile file, Case c) {
    Map<?, ?> model = c.get("model", Map.class);
    String name = file.get(model, "class", String.class);
    if (!name.equals("Sequential")) {
      throw new Arguments.NotSupported("model " + name);
    }
    List<Module> modules = new ArrayList<>();
    for (Object m : file.get(model, "modules", List.class)) {
      Map<?, ?> call = (Map<?, ?>) m;
      modules.add(
          ModuleCatalog.make(
              file.get(call, "class", String.class),
              c.values()
                  .arguments(
                      file.get(call, "args", List.class), file.get(call, "kwargs", Map.class))));
    }
    return new Sequential(modules);
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
