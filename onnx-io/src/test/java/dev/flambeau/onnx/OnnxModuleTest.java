package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.optim.SGD;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxModuleTest {
  private static NodeProto node(String type, String input, String output) {
    return NodeProto.newBuilder().setOpType(type).addInput(input).addOutput(output).build();
  }

  private static byte[] model(NodeProto... nodes) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(
            GraphProto.newBuilder()
                .addInput(ValueInfoProto.newBuilder().setName("x"))
                .addAllNode(Arrays.asList(nodes))
                .addOutput(ValueInfoProto.newBuilder().setName("y")))
        .build()
        .toByteArray();
  }

  private static String refusal(NodeProto... nodes) {
    return assertThrows(TorchException.class, () -> Onnx.load(model(nodes), "m.onnx")).getMessage();
  }

  @Test
  void listsAllUnsupportedOperators() {
    String message = refusal(node("Frobnicate", "x", "a"), node("Wibble", "a", "y"));
    assertTrue(message.contains("ai.onnx.Frobnicate-17, ai.onnx.Wibble-17"), message);
  }

  @Test
  void refusesCyclesAndDuplicates() {
    assertTrue(refusal(node("Relu", "b", "a"), node("Relu", "a", "b")).contains("cycle"));
    assertTrue(refusal(node("Relu", "x", "x")).contains("two values are named 'x'"));
    assertTrue(refusal(node("Relu", "x", "z")).contains("'y'"));
  }

  @Test
  void aTrainingStepLowersTheLoss() {
    OnnxModule module = Onnx.load(TestData.model("mnist.onnx"));
    Tensor image = TestData.waves(1, 1, 28, 28).mul(255);
    assertFalse(module.stateDict().isEmpty());
    SGD optimizer = new SGD(module.parameters(), o -> o.lr(1e-9));
    double before = loss(module, image).item();
    loss(module, image).backward();
    optimizer.step();
    double after = loss(module, image).item();
    assertTrue(after < before, before + " then " + after);
  }

  private static Tensor loss(OnnxModule module, Tensor image) {
    return module.forward(image).square().mean();
  }

  @Test
  void metadataIsWrittenIntoACopy(@TempDir Path folder) throws Exception {
    Path source = folder.resolve("a.onnx");
    Files.write(source, model(node("Relu", "x", "y")));
    Path target = folder.resolve("b.onnx");
    Onnx.writeMetadata(source, target, Map.of(Onnx.PREPROCESS, "{\"size\":256}"));
    assertEquals("{\"size\":256}", Onnx.load(target).metadata().get(Onnx.PREPROCESS));
    assertEquals("{\"size\":256}", Onnx.preprocess(target).orElseThrow());
    assertTrue(Onnx.preprocess(source).isEmpty());
    Files.writeString(folder.resolve("a.preprocess.json"), "{\"crop\":224}");
    assertEquals("{\"crop\":224}", Onnx.preprocess(source).orElseThrow());
  }

  @Test
  void damagedFilesGiveAResultOrAClearError() throws Exception {
    byte[] good = Files.readAllBytes(TestData.model("mnist.onnx"));
    System.setProperty("flambeau.onnx.maxElements", "1000000");
    try {
      Random random = new Random(7);
      Tensor image = TestData.waves(1, 1, 28, 28);
      int refused = 0;
      for (int i = 0; i < 3000; i++) {
        byte[] bad = good.clone();
        for (int k = random.nextInt(4); k >= 0; k--) {
          // Most of the file is weights: aim at its structure as often.
          int span = random.nextBoolean() ? 2500 : bad.length;
          bad[random.nextInt(Math.min(span, bad.length))] = (byte) random.nextInt();
        }
        if (random.nextInt(10) == 0) {
          bad = Arrays.copyOf(bad, random.nextInt(bad.length));
        }
        refused += refuses(bad, image, i) ? 1 : 0;
      }
      System.out.println("3000 damaged files: " + refused + " refused");
      assertTrue(refused > 100, "only " + refused + " refused");
    } finally {
      System.clearProperty("flambeau.onnx.maxElements");
    }
  }

  private static boolean refuses(byte[] bytes, Tensor image, int number) {
    try {
      OnnxModule module = Onnx.load(bytes, "damaged");
      Torch.noGrad(() -> module.forward(image));
      return false;
    } catch (TorchException e) {
      return true;
    } catch (RuntimeException e) {
      throw new AssertionError("mutation " + number, e);
    }
  }
}
