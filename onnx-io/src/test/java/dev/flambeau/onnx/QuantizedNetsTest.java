package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real networks in 8 bits against ONNX Runtime, and against the same computed in floats. */
class QuantizedNetsTest {
  @TempDir Path folder;

  /** The operators that run, those of joined steps by the name of their class. */
  static Map<String, Integer> running(OnnxModule module) {
    Map<String, Integer> count = new TreeMap<>();
    for (Block.Step step : IntegerPlan.of(module.block()).steps) {
      boolean joined = step.operator() instanceof JoinedStep;
      String name = joined ? step.operator().getClass().getSimpleName() : step.node().type();
      count.merge(name, 1, Integer::sum);
    }
    return count;
  }

  /** Step by step, as the file says. */
  static Tensor apart(OnnxModule module, Tensor input) {
    Run run = new Run("model", false, (_, _) -> {});
    return Torch.noGrad(
        () -> module.run(List.of(OnnxValue.of(input)), run).getFirst().tensor("output"));
  }

  private Path write(ModelProto model, String name) throws Exception {
    Path file = folder.resolve(name);
    Files.write(file, model.toByteArray());
    assertEquals(List.of(), Onnx.check(file));
    return file;
  }

  /** SqueezeNet in F32. */
  private ModelProto squeezeNet() {
    Path file = folder.resolve("squeezenet.onnx");
    Onnx.convertPrecision(
        TestData.model("SqueezeNet_fp16.onnx"), file, DType.F32, o -> o.keepIo(false));
    Onnx.export(Onnx.load(file), List.of(image(0)), file, o -> o.opset(17));
    Onnx.simplify(file, file, _ -> {});
    return Onnx.parse(file);
  }

  private static Tensor image(int seed) {
    Torch.manualSeed(seed);
    Tensor coarse = Torch.randn(1, 3, 14, 14).repeatInterleave(16, 2).repeatInterleave(16, 3);
    return coarse.mul(40).add(TestData.waves(1, 3, 224, 224).mul(30));
  }

  /**
   * A sum beside a half may be rounded either way, in one of 26 layers; such a step of one element
   * moves probabilities by a thousandth, where quantization itself moves them by up to a tenth.
   */
  @Test
  void squeezeNetInBothForms() throws Exception {
    ModelProto floats = squeezeNet();
    OnnxModule exact = Onnx.load(floats.toByteArray(), "floats");
    for (boolean operators : new boolean[] {false, true}) {
      String name = operators ? "squeezenet QLinearConv" : "squeezenet QDQ";
      Path file = write(QuantizedCopy.of(floats, image(1), operators), "quantized.onnx");
      OnnxModule module = Onnx.load(file);
      Map<String, Integer> running = running(module);
      assertEquals(26, running.get(operators ? "QLinearConv" : "JoinedProduct"), "" + running);
      assertEquals(8, running.get("JoinedElements"), "" + running);
      assertNull(running.get("Conv"), "" + running);
      try (Peer peer = new Peer(file)) {
        for (int seed = 1; seed < 4; seed++) {
          Tensor x = image(seed);
          Tensor got = Torch.noGrad(() -> module.forward(x));
          double gap =
              TestData.largestDifference(got, peer.run(Map.of(module.inputs().getFirst(), x)));
          double apart = TestData.largestDifference(got, apart(module, x));
          double whole = TestData.largestDifference(got, Torch.noGrad(() -> exact.forward(x)));
          System.out.printf(
              "%s: differs from ONNX Runtime by %.2g, from the steps apart by %.2g, from F32 by"
                  + " %.2g%n",
              name, gap, apart, whole);
          assertTrue(gap < 0.01 && apart < 0.01, gap + ", " + apart);
        }
      }
    }
  }

  private static double cosine(Tensor a, Tensor b) {
    Tensor x = a.mean(1).reshape(-1);
    Tensor y = b.mean(1).reshape(-1);
    double both = x.square().sum().item() * y.square().sum().item();
    return x.mul(y).sum().item() / Math.sqrt(both);
  }

  /**
   * Rounding that goes the other way in one layer is made larger by those after it: ONNX Runtime's
   * results with and without its optimizations differ by up to 0.26, ours from those without by as
   * much, or by 1e-6 where nothing lies beside a half. So it is sentences' embeddings that are
   * compared: they must be much nearer than those of the network in F32 are.
   */
  @Test
  void miniLm() throws Exception {
    Path file = TestData.miniLm("-q");
    OnnxModule module = Onnx.load(file);
    assertEquals(36, running(module).get("JoinedProduct"));
    OnnxModule exact = Onnx.load(TestData.miniLm(""));
    for (long[] size : List.of(new long[] {1, 8}, new long[] {1, 128}, new long[] {3, 12})) {
      Map<String, Tensor> inputs = RealModelsTest.sentences(module, size[0], size[1]);
      Tensor got = first(module, inputs);
      Tensor floats = first(exact, inputs);
      for (boolean plain : new boolean[] {false, true}) {
        Tensor theirs =
            Reference.run(file, "MiniLM", plain, inputs).values().iterator().next().orElseThrow();
        double near = 1 - cosine(got, theirs);
        double far = 1 - cosine(theirs, floats);
        System.out.printf(
            "MiniLM in 8 bits, %d x %d, plain %b: largest difference %.2e, embeddings %.1e apart,"
                + " from F32 %.1e%n",
            size[0], size[1], plain, TestData.largestDifference(got, theirs), near, far);
        assertTrue(near < far / 2, near + ", " + far);
      }
    }
  }

  private static Tensor first(OnnxModule module, Map<String, Tensor> inputs) {
    return Torch.noGrad(() -> module.forward(inputs).values().iterator().next());
  }
}
