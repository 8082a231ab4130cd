package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.Module;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every module class we have, against PyTorch's: state, outputs, buffers and gradients. */
class ModulesTest {
  private static final double F64_TOLERANCE = 1e-10;

  /** PyTorch's gradient of hardsigmoid multiplies by the F32 number next to 1/6. */
  private static final Map<String, Double> WIDER = Map.of("Hardsigmoid", 1e-8);

  @Test
  void sameAsPyTorch() {
    List<String> failures = new ArrayList<>();
    Map<String, Integer> counts = new TreeMap<>();
    Map<String, Integer> unsupported = new TreeMap<>();
    for (Path file : Pack.files("nn/modules")) {
      Pack pack = Pack.read(file);
      String name = pack.header().get("class").asText();
      for (JsonNode c : pack.cases()) {
        Values values = new Values(pack);
        ModuleCases cases = new ModuleCases(values);
        String result;
        try {
          result = cases.knows(name) ? run(pack, c, values, cases) : "not supported";
        } catch (Values.Unsupported e) {
          unsupported.merge(name + ": " + e.getMessage(), 1, Integer::sum);
          result = "not supported";
        } catch (RuntimeException e) {
          result = e.toString();
        }
        String outcome =
            result.isEmpty() ? "passed" : result.equals("not supported") ? result : "failed";
        counts.merge(outcome, 1, Integer::sum);
        if (outcome.equals("failed")) {
          failures.add(name + " " + c.get("id").asText() + ": " + result);
        }
      }
    }
    System.out.println("modules: " + counts + ", of classes we have: " + unsupported);
    assertTrue(counts.getOrDefault("passed", 0) > 0, "no case found");
    assertEquals("", String.join("\n", failures));
  }

  private static String run(Pack pack, JsonNode c, Values values, ModuleCases cases) {
    Module module = cases.construct(c.get("class").asText(), c.get("init"));
    module.to(DType.valueOf(c.get("dtype").asText()));
    Map<String, Tensor> state = new LinkedHashMap<>();
    c.get("state").forEach(p -> state.put(p.get(0).asText(), pack.tensor(p.get(1).get("tensor"))));
    List<String> keys = new ArrayList<>(module.stateDict().keySet());
    if (!keys.equals(new ArrayList<>(state.keySet()))) {
      return "state keys " + keys + ", expected " + state.keySet();
    }
    module.loadStateDict(state);
    List<String> parameters = new ArrayList<>();
    c.get("parameters").forEach(p -> parameters.add(p.asText()));
    if (!parameters.equals(new ArrayList<>(module.namedParameters().keySet()))) {
      return "parameters " + module.namedParameters().keySet() + ", expected " + parameters;
    }
    if (!c.get("forward").asBoolean()) {
      return "";
    }
    if (c.has("method") || !c.get("kwargs").isEmpty()) {
      throw new Values.Unsupported("methods and keywords");
    }
    module.train(c.get("training").asBoolean());
    List<Tensor> inputs = new ArrayList<>();
    for (JsonNode value : c.get("args")) {
      Tensor t = values.tensor(value);
      inputs.add(c.path("clone_inputs").asBoolean() ? t.copy() : t);
    }
    if (c.get("outputs").size() != 1) {
      throw new Values.Unsupported("several outputs");
    }
    Tensor output = forward(module, inputs);
    return compare(pack, c, values, module, output);
  }

  private static Tensor forward(Module module, List<Tensor> inputs) {
    Class<?>[] types = new Class<?>[inputs.size()];
    Arrays.fill(types, Tensor.class);
    try {
      return (Tensor)
          module.getClass().getMethod("forward", types).invoke(module, inputs.toArray());
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String compare(
      Pack pack, JsonNode c, Values values, Module module, Tensor output) {
    double tolerance =
        c.get("dtype").asText().equals("F64")
            ? WIDER.getOrDefault(c.get("class").asText(), F64_TOLERANCE)
            : Math.max(1e-5, 10 * c.path("f64_reldiff").asDouble());
    Differences differences = new Differences(tolerance);
    differences.add("output", output, pack.tensor(c.get("outputs").get(0)));
    for (Map.Entry<String, JsonNode> e : c.get("state_after").properties()) {
      differences.add(
          "state " + e.getKey(), module.stateDict().get(e.getKey()), pack.tensor(e.getValue()));
    }
    if (c.has("grads") && c.get("loss_outputs").size() == 1) {
      output.backward(cotangent(output), false, false);
      c.get("grads")
          .properties()
          .forEach(
              e ->
                  differences.add(
                      "gradient by " + e.getKey(),
                      values.named(e.getKey()).grad(),
                      pack.tensor(e.getValue())));
      Map<String, Tensor> parameters = module.namedParameters();
      c.get("param_grads")
          .properties()
          .forEach(
              e ->
                  differences.add(
                      "gradient by " + e.getKey(),
                      parameters.get(e.getKey()).grad(),
                      pack.tensor(e.getValue())));
    }
    return String.join("; ", differences.found);
  }

  /** cos(0.7 i), the packs' weights of output 0. */
  static Tensor cotangent(Tensor output) {
    return Torch.arange(output.numel())
        .to(DType.F64)
        .mul(0.7)
        .cos()
        .reshape(output.shape().sizes())
        .to(output.dtype());
  }

  private static final class Differences {
    private final double tolerance;
    private final List<String> found = new ArrayList<>();

    Differences(double tolerance) {
      this.tolerance = tolerance;
    }

    void add(String what, Tensor got, Tensor wanted) {
      String difference = Pack.difference(got, wanted, tolerance);
      if (!difference.isEmpty()) {
        found.add(what + ": " + difference);
      }
    }

    void add(String what, Optional<Tensor> got, Tensor wanted) {
      if (got.isEmpty()) {
        found.add(what + ": none");
      } else {
        add(what, got.get(), wanted);
      }
    }
  }
}
