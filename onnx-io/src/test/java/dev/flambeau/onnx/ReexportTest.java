package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real files in, out again, and through ONNX Runtime. */
class ReexportTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "mnist.onnx, 1, 28, 28, 255",
    "SqueezeNet_fp16.onnx, 3, 224, 224, 1",
    "onnx/mnist_pytorch.onnx, 1, 28, 28, 1",
    "onnx/face_version-RFB-320.onnx, 3, 240, 320, 1",
    "onnx/yolox_nano.onnx, 3, 416, 416, 100"
  })
  void importedModelsAreExported(String name, int channels, int height, int width, double scale)
      throws Exception {
    OnnxModule module = Onnx.load(TestData.model(name));
    Tensor image = TestData.waves(1, channels, height, width).mul(scale);
    Path file = folder.resolve("again.onnx");
    Onnx.export(module, List.of(image), file, _ -> {});
    assertEquals(List.of(), Onnx.check(file));
    Tensor expected = Torch.noGrad(() -> module.forward(image));
    try (Peer peer = new Peer(file)) {
      Tensor got = peer.run(Map.of("input", image));
      double gap = expected.sub(got).abs().max().item();
      assertTrue(gap <= 1e-3 * expected.abs().max().item(), name + " differs by " + gap);
    }
  }

  /** Any number of sentences, of the example's length. */
  @Test
  void miniLm() throws Exception {
    OnnxModule module = Onnx.load(TestData.miniLm());
    Path file = folder.resolve("again.onnx");
    String[] names = module.inputs().toArray(String[]::new);
    Onnx.export(
        module, sentences(module, 1), file, o -> o.inputNames(names).dynamicAxis(0, "batch"));
    assertEquals(List.of(), Onnx.check(file));
    List<Tensor> three = sentences(module, 3);
    Tensor expected = Torch.noGrad(() -> module.forward(three)).getFirst();
    Map<String, Tensor> feed = new LinkedHashMap<>();
    for (int i = 0; i < names.length; i++) {
      feed.put(names[i], three.get(i));
    }
    try (Peer peer = new Peer(file)) {
      double gap = expected.sub(peer.run(feed)).abs().max().item();
      assertTrue(gap <= 1e-4, "differs by " + gap);
    }
  }

  private static List<Tensor> sentences(OnnxModule module, long batch) {
    Tensor ids = Torch.arange(8 * batch).mul(37).add(1000).reshape(batch, 8);
    return module.inputs().stream()
        .map(
            name ->
                switch (name) {
                  case "input_ids" -> ids;
                  case "attention_mask" -> ids.onesLike();
                  default -> ids.zerosLike();
                })
        .toList();
  }
}
