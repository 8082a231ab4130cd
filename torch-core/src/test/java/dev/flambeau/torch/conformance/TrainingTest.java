package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;
import dev.flambeau.torch.optim.Adam;
import dev.flambeau.torch.optim.Optimizer;
import dev.flambeau.torch.optim.SGD;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thirty training steps from PyTorch's starting weights lead to PyTorch's losses and weights. */
class TrainingTest {
  private static final Map<String, List<String>> POSITIONAL =
      Map.of(
          "Linear", List.of("in_features", "out_features"),
          "Conv2d", List.of("in_channels", "out_channels", "kernel_size"),
          "BatchNorm2d", List.of("num_features"),
          "MaxPool2d", List.of("kernel_size"),
          "AdaptiveAvgPool2d", List.of("output_size"));

  @ParameterizedTest
  @ValueSource(strings = {"cnn_bn_sgd", "mlp_adam"})
  void sameAsPyTorch(String loop) {
    Pack pack = Pack.read(Pack.folder("nn/training").resolve(loop + ".safetensors"));
    List<String> failures = new ArrayList<>();
    for (JsonNode c : pack.cases()) {
      String problem = run(pack, c);
      if (!problem.isEmpty()) {
        failures.add(c.get("id").asText() + ": " + problem);
      }
    }
    assertEquals(List.of(), failures);
  }

  private static String run(Pack pack, JsonNode c) {
    DType type = DType.valueOf(c.get("dtype").asText());
    double tolerance = type == DType.F64 ? 1e-9 : 1e-4;
    Module model = model(pack, c.get("model").get("modules"));
    model.to(type);
    model.loadStateDict(state(pack, c.get("initial_state")));
    Optimizer<?> optimizer = optimizer(c.get("optimizer"), model.parameters());
    Tensor x = pack.tensor(c.get("data").get("x"));
    Tensor y = pack.tensor(c.get("data").get("y"));
    long batch = c.get("batch_size").asLong();
    for (int s = 0; s < c.get("steps").asInt(); s++) {
      long from = s * batch % x.size(0);
      Tensor loss =
          optimizer.step(
              () ->
                  loss(
                      c.get("loss"),
                      model.forward(x.narrow(0, from, batch)),
                      y.narrow(0, from, batch)));
      double wanted = c.get("losses").get(s).asDouble();
      if (!(Math.abs(loss.item() - wanted) <= tolerance * (1 + Math.abs(wanted)))) {
        return "loss " + loss.item() + " at step " + s + ", expected " + wanted;
      }
    }
    Map<String, Tensor> got = model.stateDict();
    List<String> problems = new ArrayList<>();
    state(pack, c.get("final_state"))
        .forEach(
            (name, wanted) -> {
              String difference = Pack.difference(got.get(name), wanted, tolerance);
              if (!difference.isEmpty()) {
                problems.add(name + ": " + difference);
              }
            });
    model.eval();
    double last = Torch.noGrad(() -> loss(c.get("loss"), model.forward(x), y)).to(DType.F64).item();
    double wanted = c.get("eval_loss_full_data").asDouble();
    if (!(Math.abs(last - wanted) <= tolerance * (1 + Math.abs(wanted)))) {
      problems.add("evaluation " + last + ", expected " + wanted);
    }
    return String.join("; ", problems);
  }

  private static Module model(Pack pack, JsonNode modules) {
    ModuleCases cases = new ModuleCases(new Values(pack));
    List<Module> built = new ArrayList<>();
    for (JsonNode m : modules) {
      String name = m.get("class").asText();
      ObjectNode init = new ObjectNode(JsonNodeFactory.instance);
      for (int i = 0; i < m.get("args").size(); i++) {
        init.set(POSITIONAL.get(name).get(i), m.get("args").get(i));
      }
      m.get("kwargs").properties().forEach(e -> init.set(e.getKey(), e.getValue()));
      built.add(cases.construct(name, init));
    }
    return new Sequential(built);
  }

  private static Map<String, Tensor> state(Pack pack, JsonNode pairs) {
    Map<String, Tensor> state = new LinkedHashMap<>();
    pairs.forEach(p -> state.put(p.get(0).asText(), pack.tensor(p.get(1).get("tensor"))));
    return state;
  }

  private static Tensor loss(JsonNode loss, Tensor output, Tensor target) {
    double smoothing = loss.get("kwargs").path("label_smoothing").asDouble();
    return switch (loss.get("class").asText()) {
      case "CrossEntropyLoss" -> F.crossEntropy(output, target, o -> o.labelSmoothing(smoothing));
      case "MSELoss" -> F.mseLoss(output, target, LossReduction.MEAN);
      default -> throw new IllegalArgumentException(loss.toString());
    };
  }

  private static Optimizer<?> optimizer(JsonNode optimizer, List<Tensor> parameters) {
    JsonNode o = optimizer.get("kwargs");
    double lr = o.get("lr").asDouble();
    return switch (optimizer.get("class").asText()) {
      case "SGD" ->
          new SGD(
              parameters,
              s ->
                  s.lr(lr)
                      .momentum(o.path("momentum").asDouble())
                      .weightDecay(o.path("weight_decay").asDouble())
                      .nesterov(o.path("nesterov").asBoolean()));
      case "Adam" -> new Adam(parameters, a -> a.lr(lr));
      default -> throw new IllegalArgumentException(optimizer.toString());
    };
  }
}
