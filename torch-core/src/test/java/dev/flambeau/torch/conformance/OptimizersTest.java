package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.optim.Adam;
import dev.flambeau.torch.optim.AdamFamily;
import dev.flambeau.torch.optim.AdamW;
import dev.flambeau.torch.optim.Optimizer;
import dev.flambeau.torch.optim.SGD;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Twenty steps of each optimizer on small problems, as PyTorch takes them. Options come first for
 * the constructor, then for each group.
 */
class OptimizersTest {
  private static final Map<String, BiFunction<List<List<Tensor>>, List<JsonNode>, Optimizer<?>>>
      KNOWN =
          Map.of(
              "SGD", OptimizersTest::sgd,
              "Adam", (p, o) -> adam(new Adam(p.get(0), x -> set(x, o.get(0))), p, o),
              "AdamW", (p, o) -> adam(new AdamW(p.get(0), x -> set(x, o.get(0))), p, o));

  @Test
  void sameStepsAsPyTorch() {
    List<String> failures = new ArrayList<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Path file : Pack.files("nn/optim")) {
      Pack pack = Pack.read(file);
      for (JsonNode c : pack.cases()) {
        String optimizer = c.get("optimizer").asText();
        if (!KNOWN.containsKey(optimizer)) {
          counts.merge("not supported", 1, Integer::sum);
          continue;
        }
        String problem = run(pack, c, KNOWN.get(optimizer));
        counts.merge(problem.isEmpty() ? "passed" : "failed", 1, Integer::sum);
        if (!problem.isEmpty()) {
          failures.add(optimizer + " " + c.get("id").asText() + ": " + problem);
        }
      }
    }
    System.out.println("optimizers: " + counts);
    assertEquals(List.of(), failures);
    assertTrue(counts.getOrDefault("passed", 0) > 0, "no case found");
  }

  private static String run(
      Pack pack,
      JsonNode c,
      BiFunction<List<List<Tensor>>, List<JsonNode>, Optimizer<?>> constructor) {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    for (String name : List.of("W", "b")) {
      Tensor start = pack.tensor(c.get("initial").get(name));
      parameters.put(name, start.copy().requiresGrad(true));
    }
    List<List<Tensor>> groups = new ArrayList<>();
    List<JsonNode> options = new ArrayList<>(List.of(c.get("kwargs")));
    for (JsonNode group : c.get("groups")) {
      List<Tensor> members = new ArrayList<>();
      group.get("params").forEach(name -> members.add(parameters.get(name.asText())));
      groups.add(members);
      options.add(group);
    }
    Optimizer<?> optimizer = constructor.apply(groups, options);
    Tensor x = pack.tensor(c.get("data").get("x"));
    Tensor y = pack.tensor(c.get("data").get("y"));
    boolean tanh = c.get("problem").asText().equals("tanh");
    double tolerance =
        c.get("dtype").asText().equals("F64")
            ? 1e-8
            : Math.max(1e-5, 10 * c.get("f32_f64_max_diff_step20").asDouble());
    for (int step = 1; step <= 20; step++) {
      Tensor loss =
          optimizer.step(
              () -> {
                Tensor z = parameters.get("W").matmul(x).add(parameters.get("b").unsqueeze(1));
                return (tanh ? z.tanh() : z).sub(y).square().sum();
              });
      double wanted = c.get("losses").get(step - 1).asDouble();
      if (!(Math.abs(loss.item() - wanted) <= tolerance * (1 + Math.abs(wanted)))) {
        return "loss " + loss.item() + " at step " + step + ", expected " + wanted;
      }
      JsonNode after = c.get("after").get(String.valueOf(step));
      for (String name : after == null ? List.<String>of() : List.of("W", "b")) {
        String difference =
            Pack.difference(parameters.get(name), pack.tensor(after.get(name)), tolerance);
        if (!difference.isEmpty()) {
          return name + " at step " + step + ": " + difference;
        }
      }
    }
    return "";
  }

  private static Optimizer<?> sgd(List<List<Tensor>> groups, List<JsonNode> options) {
    SGD sgd = new SGD(groups.get(0), o -> set(o, options.get(0)));
    for (int i = 1; i < groups.size(); i++) {
      JsonNode own = options.get(i + 1);
      sgd.addGroup(groups.get(i), o -> set(o, own));
    }
    set(sgd.groups().get(0).options(), options.get(1));
    return sgd;
  }

  private static void set(SGD.Options o, JsonNode values) {
    number(values, "lr", o::lr);
    number(values, "momentum", o::momentum);
    number(values, "dampening", o::dampening);
    number(values, "weight_decay", o::weightDecay);
    flag(values, "nesterov", o::nesterov);
    flag(values, "maximize", o::maximize);
  }

  private static Optimizer<?> adam(
      AdamFamily adam, List<List<Tensor>> groups, List<JsonNode> options) {
    for (int i = 1; i < groups.size(); i++) {
      JsonNode own = options.get(i + 1);
      adam.addGroup(groups.get(i), o -> set(o, own));
    }
    set(adam.groups().get(0).options(), options.get(1));
    return adam;
  }

  private static void set(AdamFamily.Options o, JsonNode values) {
    number(values, "lr", o::lr);
    number(values, "eps", o::epsilon);
    number(values, "weight_decay", o::weightDecay);
    flag(values, "amsgrad", o::amsgrad);
    flag(values, "maximize", o::maximize);
    JsonNode betas = values.path("betas").path("tuple");
    if (betas.isArray()) {
      o.betas(betas.get(0).asDouble(), betas.get(1).asDouble());
    }
  }

  private static void number(JsonNode values, String name, Consumer<Double> setter) {
    if (values.has(name)) {
      setter.accept(values.get(name).asDouble());
    }
  }

  private static void flag(JsonNode values, String name, Consumer<Boolean> setter) {
    if (values.has(name)) {
      setter.accept(values.get(name).asBoolean());
    }
  }
}
