package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.ElementType;
import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Networks of 8 bits that others publish agree with ONNX Runtime within a quantization step, the
 * 255th part of the range of a tensor.
 */
class QuantizedModelsTest {
  private static final String FORCED = "forced ";

  @TempDir Path folder;

  private static double steps(Tensor got, Tensor expected) {
    double step = (expected.max().item() - expected.min().item()) / 255;
    return got.sub(expected).abs().max().item() / step;
  }

  /** Its layers are sums of integers, and floats between them are added in one order. */
  @Test
  void background() throws Exception {
    Path file = PackedModels.isnet("small", folder);
    Map<String, Tensor> input = Map.of("input", OnnxModelsTest.photo(1, 1024, 1024));
    Map<String, Tensor> got = Torch.noGrad(() -> Onnx.load(file).forward(input));
    try (OrtPeer peer = new OrtPeer(file)) {
      peer.run(input)
          .forEach(
              (name, expected) -> {
                double steps = steps(got.get(name), expected);
                System.out.printf("isnet in 8 bits, %s: %.5f steps%n", name, steps);
                assertTrue(steps <= 1, name + " differs by " + steps + " quantization steps");
              });
    }
  }

  /**
   * A float that differs in its last bit may be quantized to the next step, which moves all that
   * follows: ONNX Runtime differs from itself by several steps at another level of optimization. So
   * each layer goes on from what ONNX Runtime quantized there.
   */
  @ParameterizedTest
  @CsvSource({
    "all-minilm-l6-v2-q:1.20.0-beta30!all-minilm-l6-v2-q.onnx, "
        + "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1, 3, 17",
    "all-minilm-l6-v2-q:1.20.0-beta30!all-minilm-l6-v2-q.onnx, "
        + "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1, 2, 128",
    "bge-small-en-v15-q:1.20.0-beta30!bge-small-en-v1.5-q.onnx, "
        + "6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4, 2, 32"
  })
  void sentences(String source, String sha, long batch, long length) throws Exception {
    Path file = RealModelsTest.fetched(OnnxModelsTest.TEXT + source, sha);
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    Map<String, Tensor> inputs = OnnxModelsTest.sentences(batch, length);
    Map<String, Tensor> expected;
    try (OrtPeer peer = new OrtPeer(write("open.onnx", quantized(model, false)))) {
      expected = peer.run(inputs);
    }
    OnnxModule forced = Onnx.load(write("forced.onnx", quantized(model, true)));
    Map<String, Tensor> given = new LinkedHashMap<>(inputs);
    forced.inputs().stream()
        .filter(name -> name.startsWith(FORCED))
        .forEach(name -> given.put(name, expected.get(name.substring(FORCED.length()))));
    Map<String, Tensor> got = Torch.noGrad(() -> forced.forward(given));
    double most = 0;
    for (String name : got.keySet()) {
      double steps = steps(got.get(name), expected.get(name));
      assertTrue(steps <= 1, name + " differs by " + steps + " quantization steps");
      most = Math.max(most, steps);
    }
    double whole = cosine(file, inputs, expected);
    System.out.printf(
        "%s: %d layers, at most %.5f steps; sentences at a cosine of %.4f%n",
        file.getFileName(), got.size(), most, whole);
    assertTrue(got.size() > 20, "few layers: " + got.keySet());
    assertTrue(whole > 0.98, "sentences at a cosine of " + whole);
  }

  private Path write(String name, ModelProto model) throws IOException {
    return Files.write(folder.resolve(name), model.toByteArray());
  }

  /**
   * With what is quantized as further outputs and, if {@code forced}, inputs in place of these
   * where they are quantized.
   */
  private static ModelProto quantized(ModelProto original, boolean forced) {
    ModelProto.Builder model = original.toBuilder();
    GraphProto.Builder graph = model.getGraphBuilder();
    Set<String> floats = new LinkedHashSet<>();
    for (NodeProto.Builder node : graph.getNodeBuilderList()) {
      if (node.getOpType().equals("DynamicQuantizeLinear")) {
        floats.add(node.getInput(0));
        node.setInput(0, (forced ? FORCED : "") + node.getInput(0));
      }
    }
    for (String name : floats) {
      graph.addOutput(value(name));
      if (forced) {
        graph.addInput(value(FORCED + name));
      }
    }
    return model.build();
  }

  private static ValueInfoProto value(String name) {
    ValueInfoProto.Builder value = ValueInfoProto.newBuilder().setName(name);
    value.getTypeBuilder().getTensorTypeBuilder().setElemType(ElementType.FLOAT.code());
    return value.build();
  }

  /** Of the mean vectors of the last layer, the smallest over the batch. */
  private static double cosine(
      Path file, Map<String, Tensor> inputs, Map<String, Tensor> expected) {
    Map<String, Tensor> got = Torch.noGrad(() -> Onnx.load(file).forward(inputs));
    Tensor mask = inputs.get("attention_mask").to(DType.F32).unsqueeze(2);
    Tensor a = got.get("last_hidden_state").mul(mask).sum(1);
    Tensor b = expected.get("last_hidden_state").mul(mask).sum(1);
    return a.mul(b).sum(1).div(a.square().sum(1).mul(b.square().sum(1)).sqrt()).min().item();
  }
}
