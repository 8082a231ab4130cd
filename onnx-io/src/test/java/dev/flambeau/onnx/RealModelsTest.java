package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real networks against ONNX Runtime on the same inputs. */
class RealModelsTest {
  /** What multiplies random numbers for networks that expect pictures of other ranges. */
  private static final Map<String, double[]> CONTRAST =
      Map.of(
          "mnist.onnx", new double[] {255},
          "mosaic.onnx", new double[] {127},
          "SqueezeNet_fp16.onnx", new double[] {1, 20, 110},
          "yolox_nano.onnx", new double[] {100});

  /** Relative to the largest output; others are within 1e-5. */
  private static final Map<String, Double> TOLERANCE =
      Map.of("mosaic.onnx", 1e-3, "SqueezeNet_fp16.onnx", 1e-3, "yolox_nano.onnx", 1e-3);

  static List<Path> shared() throws IOException {
    Path folder = TestData.model("mnist.onnx").getParent();
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("shared")
  void agree(Path file) {
    OnnxModule module = Onnx.load(file);
    boolean voice = module.inputs().contains("sr");
    Map<String, Long> sizes = voice ? Map.of("sequence", 576L) : Map.of();
    List<Tensor> examples = module.randomInputs(sizes, new Generator(1));
    String name = file.getFileName().toString();
    for (double contrast : CONTRAST.getOrDefault(name, new double[] {1})) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      for (Tensor x : examples) {
        boolean real = x.dtype().isFloat();
        inputs.put(
            module.inputs().get(inputs.size()),
            real ? x.mul(contrast) : Torch.full(x.dtype(), 16000));
      }
      compare(module, file, inputs, TOLERANCE.getOrDefault(name, 1e-5));
    }
  }

  private static void compare(
      OnnxModule module, Path file, Map<String, Tensor> inputs, double tolerance) {
    Map<String, Tensor> got = Torch.noGrad(() -> module.forward(inputs));
    Map<String, Optional<Tensor>> all = Reference.run(file, "it", false, inputs);
    assertEquals(all.keySet(), got.keySet());
    all.forEach(
        (name, theirs) -> {
          Tensor expected = theirs.orElseThrow().to(DType.F32);
          double largest = expected.abs().amax().item();
          double gap = TestData.largestDifference(got.get(name), expected) / largest;
          System.out.printf("%s, %s: differs by %.1e%n", file.getFileName(), name, gap);
          assertTrue(gap <= tolerance, name + " differs by " + gap);
        });
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
