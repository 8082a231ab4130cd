package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.OnnxConformance.Outcome;
import dev.flambeau.onnx.OnnxConformance.Result;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Simplified models give what the original ones do. */
class SimplifiedModelsTest {
  @TempDir Path folder;

  private static OnnxModule simplified(Path file) {
    ExternalData data = new ExternalData(Optional.of(file.getParent()));
    SimplifyOptions all = new SimplifyOptions().verify(false).fuseBatchNorm(true).fuseGemm(true);
    Simplifier.Result result = Simplifier.simplify(Onnx.parse(file), "" + file, data, all);
    return Onnx.module(result.model(), "" + file, data);
  }

  /** ONNX's backend tests: what passes as it is passes simplified. */
  @Test
  void backendTests() throws Exception {
    Path root = ConformanceTest.unpacked(TestData.conformance());
    int passed = 0;
    List<Result> broken = new ArrayList<>();
    for (Path test : OnnxConformance.tests(root)) {
      Result result = OnnxConformance.run(root, test, SimplifiedModelsTest::simplified);
      if (result.outcome() == Outcome.PASSED) {
        passed++;
      } else if (OnnxConformance.run(root, test).outcome() == Outcome.PASSED) {
        broken.add(result);
      }
    }
    System.out.printf("simplified: %d of %d%n", passed, passed + broken.size());
    assertEquals(List.of(), broken);
    assertTrue(passed > 1000, "only " + passed);
  }

  /** In ONNX Runtime, where original and result are optimized again. */
  @ParameterizedTest
  @CsvSource({
    "mnist.onnx, 1, 28, 28, 255, 11",
    "SqueezeNet_fp16.onnx, 3, 224, 224, 1, 65",
    "onnx/mnist_pytorch.onnx, 1, 28, 28, 1, 13",
    "onnx/face_version-RFB-320.onnx, 3, 240, 320, 1, 173",
    "onnx/yolox_nano.onnx, 3, 416, 416, 100, 367"
  })
  void realModels(String name, int channels, int height, int width, double scale, int nodes)
      throws Exception {
    Path file = TestData.model(name);
    Path out = folder.resolve("out.onnx");
    Simplification done = Onnx.simplify(file, out, _ -> {});
    assertEquals(0, done.difference().orElseThrow());
    assertTrue(done.nodesAfter() <= nodes, done::toString);
    assertEquals(List.of(), Onnx.check(out));
    Tensor image = TestData.waves(1, channels, height, width).mul(scale);
    String input = Onnx.load(file).inputs().getFirst();
    Tensor x = name.contains("fp16") ? image.to(DType.F16) : image;
    try (Peer before = new Peer(file);
        Peer after = new Peer(out)) {
      Tensor expected = before.run(Map.of(input, x)).to(DType.F32);
      double gap = TestData.largestDifference(expected, after.run(Map.of(input, x)));
      assertTrue(gap <= 1e-5 * expected.abs().amax().item(), "differs by " + gap);
    }
  }

  /** Sizes stay open. */
  @Test
  void miniLm() throws Exception {
    Path file = TestData.miniLm();
    Path out = folder.resolve("out.onnx");
    Simplification done = Onnx.simplify(file, out, _ -> {});
    System.out.println("MiniLM: " + done);
    assertTrue(done.nodesAfter() <= 335, done::toString);
    assertEquals(1, done.after().get("Shape"));
    OnnxModule module = Onnx.load(file);
    OnnxModule simple = Onnx.load(out);
    assertEquals(module.namedParameters().size(), simple.namedParameters().size());
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    Tensor ids = Torch.arange(3 * 7).mul(37).add(1000).reshape(3, 7);
    for (String name : module.inputs()) {
      inputs.put(
          name,
          name.equals("input_ids")
              ? ids
              : name.equals("attention_mask") ? ids.onesLike() : ids.zerosLike());
    }
    Tensor expected = Torch.noGrad(() -> module.forward(inputs)).get("last_hidden_state");
    try (Peer peer = new Peer(out)) {
      assertTrue(TestData.largestDifference(expected, peer.run(inputs)) < 1e-4);
    }
    Tensor got = Torch.noGrad(() -> simple.forward(inputs)).get("last_hidden_state");
    assertEquals(0, TestData.largestDifference(expected, got));
  }
}
