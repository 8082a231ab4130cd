package dev.flambeau.vision.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.vision.Conformance;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Names, shapes, outputs and a training step of torchvision's models. */
class ModelsTest {
  private static final Map<String, LongFunction<Module>> MODELS =
      Map.of(
          "resnet18", ResNet::resnet18,
          "resnet34", ResNet::resnet34,
          "mobilenet_v3_small", MobileNetV3::small);

  @TestFactory
  Stream<DynamicTest> matchTorchvision() {
    return MODELS.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> check(e.getKey(), e.getValue())));
  }

  private static void check(String name, LongFunction<Module> builder) throws IOException {
    Conformance data = Conformance.read("models/" + name);
    Module model = builder.apply(1000);
    List<String> expected = new ArrayList<>();
    data.file().get("state_dict").forEach(e -> expected.add(e.get(0).asText() + " " + e.get(1)));
    List<String> actual = new ArrayList<>();
    model
        .stateDict()
        .forEach((key, t) -> actual.add(key + " " + t.shape().toString().replace(" ", "")));
    assertEquals(expected, actual);
    assertEquals(
        data.file().get("num_params").asLong(),
        model.parameters().stream().mapToLong(Tensor::numel).sum());
    ReferenceWeights.fill(model, data.file().get("gain").asDouble());
    model.eval();
    for (JsonNode c : data.cases()) {
      Tensor input = ReferenceWeights.input(c.get("inputs").get(0));
      Tensor logits = Torch.noGrad(() -> model.forward(input));
      Tensor wanted = data.image(c.get("outputs").get("logits"));
      close(name + " " + c.get("id").asText(), wanted, logits, 2e-5);
      Tensor compiled = Torch.noGrad(() -> model.compile().apply(input));
      close(name + " compiled, " + c.get("id").asText(), wanted, compiled, 2e-5);
    }
  }

  /** Within {@code tolerance} times the largest expected value. */
  private static void close(String what, Tensor expected, Tensor actual, double tolerance) {
    assertEquals(expected.shape(), actual.shape(), what);
    double scale = expected.abs().amax().item();
    double off = expected.sub(actual).abs().amax().item();
    assertTrue(off <= tolerance * scale, what + ": off by " + off + " of " + scale);
  }

  @Test
  void resnet18TrainsAsTorchvision() throws IOException {
    Conformance data = Conformance.read("train/resnet18");
    JsonNode c = data.cases().get(0);
    JsonNode expected = c.get("f64");
    Module model = ResNet.resnet18(10);
    ReferenceWeights.fill(model, data.file().get("gain").asDouble());
    model.to(DType.F64);
    model.train();
    Tensor input = ReferenceWeights.input(c.get("inputs").get(0)).to(DType.F64);
    Tensor labels = data.tensors().get(c.get("labels").asText()).to(DType.I64);
    Tensor loss = F.crossEntropy(model.forward(input), labels);
    assertEquals(expected.get("loss").asDouble(), loss.item(), 1e-9);
    loss.backward();
    double slack = 1e-7 * c.get("check").get("grad_norm").asDouble();
    model
        .namedParameters()
        .forEach(
            (name, parameter) -> {
              JsonNode g = expected.get("grads").get(name);
              Tensor gradient = parameter.grad().orElseThrow();
              assertEquals(
                  g.get("sum").asDouble(),
                  gradient.sum().item(),
                  1e-8 * g.get("abs_sum").asDouble() + slack,
                  name);
              assertEquals(
                  g.get("norm").asDouble(), gradient.square().sum().sqrt().item(), slack, name);
            });
    model
        .namedBuffers()
        .forEach(
            (name, buffer) -> {
              JsonNode b = expected.get("buffers_after_forward").get(name);
              if (b != null && buffer.dtype() == DType.F64) {
                double bound = 1e-8 * (1 + b.get("abs_sum").asDouble());
                assertEquals(b.get("sum").asDouble(), buffer.sum().item(), bound, name);
              }
            });
  }
}
