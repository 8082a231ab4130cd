package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real models as ONNX Runtime's optimizer writes them, with its own operators, against ONNX Runtime
 * on the file before.
 */
class OptimizedModelsTest {
  @TempDir Path folder;

  private Path optimized(Path file) throws Exception {
    Path out = folder.resolve(file.getFileName() + ".optimized.onnx");
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      // All beyond this lays convolutions out for this very processor.
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.EXTENDED_OPT);
      options.setOptimizedModelFilePath(out.toString());
      OrtEnvironment.getEnvironment().createSession(file.toString(), options).close();
    }
    return out;
  }

  private static Map<String, Integer> fused(Path file) throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    for (NodeProto node : model.getGraph().getNodeList()) {
      if (!node.getDomain().isEmpty() && !node.getDomain().equals("ai.onnx")) {
        counts.merge(node.getOpType(), 1, Integer::sum);
      }
    }
    return counts;
  }

  /** What both give: our module for the optimized file, ONNX Runtime for the file before. */
  private Tensor[] run(Path file, Map<String, Long> sizes, long tokens) throws Exception {
    Path fast = optimized(file);
    OnnxModule module = Onnx.load(fast);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    List<Tensor> random = module.randomInputs(sizes, new Generator(3));
    for (int i = 0; i < random.size(); i++) {
      String name = module.inputs().get(i);
      Tensor x = random.get(i);
      inputs.put(
          name,
          switch (name) {
            case "input_ids" -> Torch.randint(1000, tokens, x.shape().sizes());
            case "attention_mask" -> x.onesLike();
            default -> x;
          });
    }
    Tensor got = Torch.noGrad(() -> module.forward(inputs).values().iterator().next());
    try (Peer peer = new Peer(file)) {
      Tensor wanted = peer.run(inputs);
      double largest = wanted.to(DType.F32).abs().amax().item();
      double gap = TestData.largestDifference(got, wanted) / Math.max(1e-9, largest);
      System.out.printf("%s: %s, differs by %.1e%n", file.getFileName(), fused(fast), gap);
      return new Tensor[] {got, wanted, Torch.full(DType.F64, gap)};
    }
  }

  private void compare(Path file, Map<String, Long> sizes, double tolerance) throws Exception {
    double gap = run(file, sizes, 30000)[2].item();
    assertTrue(gap <= tolerance, file.getFileName() + " differs by " + gap);
  }

  @Test
  void miniLm() throws Exception {
    compare(TestData.miniLm(), Map.of("batch_size", 2L, "sequence_length", 9L), 1e-4);
  }

  /**
   * Of 8 bits: a sum that differs in its last bit may be rounded to another step, and from there on
   * layers differ by whole steps, so that the direction of a sentence's vector is compared.
   */
  @Test
  void miniLmQuantized() throws Exception {
    Tensor[] both =
        run(TestData.miniLm("-q"), Map.of("batch_size", 2L, "sequence_length", 9L), 30000);
    Tensor a = both[0].mean(new int[] {1}, false);
    Tensor b = both[1].mean(new int[] {1}, false);
    Tensor cosine = a.mul(b).sum(1).div(a.square().sum(1).mul(b.square().sum(1)).sqrt());
    assertTrue(cosine.amin().item() > 0.995, "cosines " + cosine);
  }

  @Test
  void pictures() throws Exception {
    compare(TestData.model("mnist.onnx"), Map.of(), 1e-4);
    compare(TestData.model("onnx/yolox_nano.onnx"), Map.of(), 1e-3);
    compare(TestData.model("onnx/face_version-RFB-320.onnx"), Map.of(), 1e-4);
    compare(TestData.model("mosaic.onnx"), Map.of(), 1e-3);
  }
}
