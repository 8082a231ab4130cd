package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The operators we have against PyTorch's samples: values, gradients, refusals. */
class OperatorsTest {
  /** What we do not offer, by "name id" prefix; each is asserted to fail. */
  private static final Map<String, String> ABSENT =
      Map.of(
          "nn.functional.conv1d i64", "convolution of integers",
          "nn.functional.conv2d i64", "convolution of integers",
          "nn.functional.avg_pool1d i64", "means of integers",
          "nn.functional.avg_pool2d i64", "means of integers",
          "gather i643", "an empty index of another type",
          "gather bool3", "an empty index of another type",
          "neg f32e", "the refusal of bool",
          "logical_or f32e", "the sample needs a second device",
          "logical_xor f32e", "the sample needs a second device",
          "minimum f32e", "the sample needs a second device");

  /** Squares of bool stay bool here; PyTorch's pow makes them integers. */
  private static final String BOOL_SQUARE = "square bool";

  /**
   * Where PyTorch's own F32 rounding is worse than assert_close allows (layer_norm: axes of size
   * 1).
   */
  private static final Map<String, Double> WIDER =
      Map.of("asin", 1e-5, "pow", 3e-5, "nn.functional.layer_norm", 1e-4);

  @Test
  void sameAsPyTorch() {
    List<String> failures = new ArrayList<>();
    Map<String, Integer> counts = new TreeMap<>();
    for (Path file : Pack.files("ops")) {
      Pack pack = Pack.read(file);
      String name = pack.header().get("op").asText();
      Optional<OperatorCases.Body> body = OperatorCases.find(name);
      for (JsonNode c : pack.cases()) {
        String result =
            body.isEmpty() ? "not supported" : run(pack, c, new Values(pack), body.get());
        String id = name + " " + c.get("id").asText();
        boolean absent =
            id.startsWith(BOOL_SQUARE) || ABSENT.keySet().stream().anyMatch(id::startsWith);
        if (absent && body.isPresent() && !result.equals("not supported")) {
          result = result.isEmpty() ? "passes, but is listed as absent" : "not supported";
        }
        String outcome =
            result.isEmpty() ? "passed" : result.equals("not supported") ? result : "failed";
        counts.merge(outcome, 1, Integer::sum);
        if (outcome.equals("failed")) {
          failures.add(
              file.getFileName().toString().replace(".safetensors", "")
                  + " "
                  + c.get("id").asText()
                  + ": "
                  + result);
        }
      }
    }
    System.out.println("operators: " + counts);
    assertTrue(counts.getOrDefault("passed", 0) > 0, "no case found");
    assertEquals("", String.join("\n", failures));
  }

  private static String run(Pack pack, JsonNode c, Values values, OperatorCases.Body body) {
    OperatorCases.Call call = new OperatorCases.Call(values, c);
    try {
      Tensor output = body.run(call);
      if (c.has("error")) {
        return "accepted, but PyTorch refuses: " + c.get("error").get("regex").asText();
      }
      return compare(pack, c, values, output);
    } catch (Values.Unsupported e) {
      return "not supported";
    } catch (TorchException e) {
      return c.has("error") ? "" : e.toString();
    } catch (RuntimeException e) {
      return "no clear refusal: " + e;
    }
  }

  private static String compare(Pack pack, JsonNode c, Values values, Tensor output) {
    if (c.get("outputs").size() != 1) {
      return "not supported";
    }
    String difference = close(pack, output, c.get("outputs").get(0));
    if (!difference.isEmpty() || !c.has("grads")) {
      return difference;
    }
    if (!output.requiresGrad()) {
      return "no gradient is recorded";
    }
    output.backward(ModulesTest.cotangent(output), false, false);
    List<String> found = new ArrayList<>();
    for (Map.Entry<String, JsonNode> e : c.get("grads").properties()) {
      Optional<Tensor> gradient = values.named(e.getKey()).grad();
      String problem = gradient.map(g -> close(pack, g, e.getValue())).orElse("none");
      if (!problem.isEmpty()) {
        found.add("gradient by " + e.getKey() + ": " + problem);
      }
    }
    return String.join("; ", found);
  }

  /** PyTorch's assert_close for the type. */
  private static String close(Pack pack, Tensor got, JsonNode name) {
    Tensor wanted = pack.tensor(name);
    double wider = WIDER.getOrDefault(pack.header().get("op").asText(), 1.3e-6);
    return switch (wanted.dtype()) {
      case F32 -> Pack.difference(got, wanted, wider, Math.max(wider, 1e-5));
      case F64 -> Pack.difference(got, wanted, 1e-7, 1e-7);
      case F16 -> Pack.difference(got, wanted, 1e-3, 1e-5);
      case BF16 -> Pack.difference(got, wanted, 1.6e-2, 1e-5);
      case BOOL, U8, I8, I16, I32, I64 -> Pack.difference(got, wanted, 0, Double.MIN_NORMAL);
    };
  }
}
