package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Real networks against ONNX Runtime on the same inputs. */
class RealModelsTest {
  private static void compare(Path file, Tensor input, double tolerance) throws Exception {
    OnnxModule module = Onnx.load(file);
    try (Peer peer = new Peer(file)) {
      Tensor expected = peer.run(Map.of(module.inputs().get(0), input));
      Tensor got = Torch.noGrad(() -> module.forward(input));
      double gap = TestData.largestDifference(got, expected);
      double scale = Math.max(1, expected.to(DType.F32).abs().amax().item());
      System.out.printf(
          "%s: largest difference %.2e, largest output %.3g%n",
          file.getFileName(), gap, expected.to(DType.F32).abs().amax().item());
      assertTrue(gap <= tolerance * scale, file.getFileName() + " differs by " + gap);
    }
  }

  @Test
  void squeezeNet() throws Exception {
    Path file = TestData.model("SqueezeNet_fp16.onnx");
    for (double contrast : new double[] {1, 20, 110}) {
      Tensor image = TestData.waves(1, 3, 224, 224).mul(contrast).to(DType.F16);
      compare(file, image, 5e-3);
    }
  }

  @Test
  void mnist() throws Exception {
    compare(TestData.model("mnist.onnx"), TestData.waves(1, 1, 28, 28).mul(255), 1e-5);
  }

  @Test
  void mnistFromPyTorch() throws Exception {
    compare(TestData.model("onnx/mnist_pytorch.onnx"), TestData.waves(1, 1, 28, 28), 1e-5);
  }

  @Test
  void faceDetector() throws Exception {
    Path file = TestData.model("onnx/face_version-RFB-320.onnx");
    compare(file, TestData.waves(1, 3, 240, 320), 1e-4);
  }

  @Test
  void yolox() throws Exception {
    Path file = TestData.model("onnx/yolox_nano.onnx");
    compare(file, TestData.waves(1, 3, 416, 416).mul(100).add(114), 1e-3);
  }

  @Test
  void miniLm() throws Exception {
    Path file = TestData.miniLm();
    long start = System.nanoTime();
    OnnxModule module = Onnx.load(file);
    System.out.printf("MiniLM imported in %.2f s%n", (System.nanoTime() - start) / 1e9);
    try (Peer peer = new Peer(file)) {
      for (long[] size : List.of(new long[] {1, 5}, new long[] {1, 17}, new long[] {3, 12})) {
        Map<String, Tensor> inputs = sentences(module, size[0], size[1]);
        Tensor got = Torch.noGrad(() -> List.copyOf(module.forward(inputs).values()).get(0));
        double gap = TestData.largestDifference(got, peer.run(inputs));
        System.out.printf("MiniLM %d x %d: largest difference %.2e%n", size[0], size[1], gap);
        assertTrue(gap < 1e-4, "differs by " + gap);
      }
    }
  }

  /** Token numbers; the later sentences of a batch are shorter. */
  static Map<String, Tensor> sentences(OnnxModule module, long batch, long length) {
    long[] ids = new long[(int) (batch * length)];
    long[] mask = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      boolean real = i % length < length - 2 * (i / length);
      ids[i] = real ? 1000 + i * 37L : 0;
      mask[i] = real ? 1 : 0;
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (String name : module.inputs()) {
      inputs.put(
          name,
          switch (name) {
            case "input_ids" -> Torch.tensor(ids, batch, length);
            case "attention_mask" -> Torch.tensor(mask, batch, length);
            default -> Torch.zeros(DType.I64, batch, length);
          });
    }
    return inputs;
  }
}
